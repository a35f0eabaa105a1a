-- A transaction's facts become bytes, as a party's are: reading them as JSON took
-- a twentieth of a disclosure. What is there stays as it is, byte for byte, for
-- the row's MAC covers it; a row gets the new form with its next version.

-- +goose Up
ALTER TABLE transactions ALTER COLUMN facts TYPE bytea USING convert_to(facts, 'UTF8');
