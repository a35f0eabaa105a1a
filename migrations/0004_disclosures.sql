-- Disclosures, their grants, and what makes a retry harmless. What was decided
-- is not here: it is the statement of the disclosure's ledger entry, so there
-- is no second copy that could say something else. These rows only find it.

-- +goose Up
CREATE TABLE disclosures (
    id             uuid     PRIMARY KEY,  -- 48 bits of time first, so that rows arrive in order
    entry          bigint   NOT NULL,
    transaction_id bigint   NOT NULL,
    requester      bigint   NOT NULL,
    subject        bigint   NOT NULL,
    decision       smallint NOT NULL,     -- 0 refused, 1 pending, 2 granted
    CONSTRAINT decision_known CHECK (decision BETWEEN 0 AND 2)
);
CREATE INDEX disclosures_transaction ON disclosures (transaction_id, id);
CREATE INDEX disclosures_requester ON disclosures (requester, id);
CREATE INDEX disclosures_subject ON disclosures (subject, id);

CREATE TABLE grants (
    disclosure     uuid     PRIMARY KEY,
    transaction_id bigint   NOT NULL,
    state          smallint NOT NULL,     -- 0 live, 1 suspended, 2 revoked; expiry is a comparison
    views_left     smallint NOT NULL,
    version        bigint   NOT NULL,
    mac            bytea    NOT NULL,
    CONSTRAINT grant_views CHECK (views_left >= 0)
) WITH (fillfactor = 85);

CREATE TABLE views (
    entry      bigint PRIMARY KEY,
    disclosure uuid   NOT NULL,
    at         timestamptz NOT NULL
);
CREATE INDEX views_disclosure ON views (disclosure, entry);

-- By day first: today's keys stay together, and old ones go by range.
CREATE TABLE outcomes (
    day    date  NOT NULL,
    key    bytea NOT NULL,
    body   bytea NOT NULL,
    kind   text  NOT NULL,
    id     text  NOT NULL,
    at     timestamptz NOT NULL,
    entry  bigint NOT NULL,
    mac    bytea NOT NULL,            -- a replay shows values again, so the row grants power
    PRIMARY KEY (day, key)
);

-- Requests of one requester on one day. All commits are in one order, so the
-- count that a commit reads is exact, and one row a requester is enough.
CREATE TABLE budgets (
    day       date   NOT NULL,
    requester bigint NOT NULL,
    used      integer NOT NULL,
    PRIMARY KEY (day, requester)
) WITH (fillfactor = 70);
