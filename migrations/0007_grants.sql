-- A grant belongs to one disclosure and is written with it: as columns of its
-- row it costs neither a row nor an index of its own. No release has known the
-- table that this takes away.

-- +goose Up
ALTER TABLE disclosures
    ADD COLUMN state      smallint,       -- 0 live, 1 suspended, 2 revoked; null without a grant; expiry is a comparison
    ADD COLUMN views_left smallint,
    ADD COLUMN version    bigint,
    ADD COLUMN mac        bytea,
    ADD CONSTRAINT grant_views CHECK (views_left >= 0),
    ADD CONSTRAINT grant_whole CHECK (num_nulls(state, views_left, version, mac) = CASE WHEN decision = 2 THEN 0 ELSE 4 END) NOT VALID,
    SET (fillfactor = 90);                -- a view changes the row in place
UPDATE disclosures SET state = g.state, views_left = g.views_left, version = g.version, mac = g.mac
    FROM grants g WHERE g.disclosure = disclosures.id;
ALTER TABLE disclosures VALIDATE CONSTRAINT grant_whole;
DROP TABLE grants;

-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta') THEN
        GRANT UPDATE (state, views_left, version, mac) ON disclosures TO bauta;
    END IF;
END $$;
-- +goose StatementEnd
