-- Policy sets are kept with their text, so that every broker decides by the one in
-- force, whatever it was started with. A set that newly reveals anything is only
-- proposed, until somebody approves it.
--
-- These rows need no MAC: the statement of their entry says version, state and
-- comparison, and a version is the hash of the text. Rows of the release before have
-- no text.

-- +goose Up
ALTER TABLE policies ADD COLUMN permits text, ADD COLUMN floor text, ADD CONSTRAINT policy_whole CHECK ((permits IS NULL) = (floor IS NULL));

-- The newest row is open while it says proposed and is newer than the set in force.
CREATE TABLE policy_proposals (
    id      bigint PRIMARY KEY,       -- the index of its entry
    version text     NOT NULL,
    state   smallint NOT NULL,        -- 0 proposed, 1 withdrawn
    permits text     NOT NULL,
    floor   text     NOT NULL,
    diff    text     NOT NULL,        -- names the comparison with the set in force
    CONSTRAINT proposal_state CHECK (state IN (0, 1))
);

-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta') THEN
        GRANT SELECT, INSERT ON policy_proposals TO bauta;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta_reader') THEN
        GRANT SELECT ON policy_proposals TO bauta_reader;
    END IF;
END $$;
-- +goose StatementEnd
