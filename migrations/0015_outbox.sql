-- What is to be said, and who is told. A row goes in with the commit that it is
-- about, or not at all; it holds ids and codes, and what it says is read from
-- the ledger when it is sent. No rows are evidence, and none grants anything.

-- +goose Up
CREATE TABLE webhooks (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kinds       smallint[]  NOT NULL,  -- of notices; empty: all of them
    sealed      bytea       NOT NULL,  -- URL and secrets, bound to id and kinds
    created_at  timestamptz NOT NULL,
    disabled_at timestamptz            -- it answered 410 Gone
);

CREATE TABLE outbox (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- commits come one after the other, and so do these
    endpoint       bigint      NOT NULL,  -- of webhooks; 0: a timer of the broker's own
    kind           smallint    NOT NULL,
    transaction_id bigint      NOT NULL,  -- 0: of none
    disclosure     uuid,
    entry          bigint      NOT NULL,  -- that it is about
    due_at         timestamptz NOT NULL,
    next_at        timestamptz NOT NULL,  -- not before; whoever takes a row moves it on, so that nobody else takes it meanwhile
    attempts       smallint    NOT NULL DEFAULT 0,
    state          smallint    NOT NULL DEFAULT 0,  -- 0 waiting, 1 done, 2 given up, 3 there was nothing to say any more
    status         smallint    NOT NULL DEFAULT 0,  -- of the last answer; 0: there was none
    done_at        timestamptz,
    CONSTRAINT outbox_state CHECK (state BETWEEN 0 AND 3),
    CONSTRAINT outbox_done CHECK ((state = 0) = (done_at IS NULL))
);
CREATE INDEX outbox_due ON outbox (endpoint, next_at) WHERE state = 0;
CREATE INDEX outbox_order ON outbox (transaction_id, endpoint, id) WHERE state = 0;
CREATE INDEX outbox_tried ON outbox (endpoint) WHERE state = 0 AND attempts > 0; -- what has its time yet to come is counted by neither
CREATE INDEX outbox_given_up ON outbox (endpoint) WHERE state = 2;
CREATE INDEX outbox_done ON outbox (done_at) WHERE state <> 0;

-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON webhooks, outbox TO bauta;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'bauta_reader') THEN
        GRANT SELECT ON webhooks, outbox TO bauta_reader;
    END IF;
END $$;
-- +goose StatementEnd
