-- What lies open before one of the staff at the desk, so that two do not work on one
-- thing without knowing of each other. It is no history and grants nothing: whoever
-- writes to it can at most send somebody one step around. A crash may empty it.

-- +goose Up
CREATE UNLOGGED TABLE desk_holds (
    thing   text COLLATE "C" PRIMARY KEY, -- a case or a disclosure
    account text COLLATE "C" NOT NULL,
    until   timestamptz NOT NULL
);

-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON desk_holds TO bauta;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta_reader') THEN
        GRANT SELECT ON desk_holds TO bauta_reader;
    END IF;
END $$;
-- +goose StatementEnd
