-- Parties, transactions and what was performed. Names of parties and
-- transactions are the marketplace's own, and compare as bytes; inside, rows refer to each other by
-- numbers from one sequence, which grow with time and so keep indexes warm.
--
-- facts is what a decision depends on (a transaction's as JSON, a party's as
-- bytes: it is read far more often); mac covers it with the row's
-- names, under a key that the database does not have: writing here is not
-- enough to be shown anything. There are no foreign keys between these tables:
-- every row comes through the committer, whose guards have just read what the row
-- refers to, and the checks took a third of an import's time.

-- +goose Up
CREATE SEQUENCE row_ids CACHE 1;

CREATE TABLE parties (
    id      bigint PRIMARY KEY,
    name    text   COLLATE "C" NOT NULL UNIQUE,
    version bigint NOT NULL,
    oldest  bigint NOT NULL,           -- of the cards that still hold a current value
    facts   bytea  NOT NULL,
    masks   bytea  NOT NULL,           -- of all current values, sealed as one blob
    mac     bytea  NOT NULL,
    tags    bigint[] NOT NULL,         -- of every e-mail and phone there ever was
    CONSTRAINT party_version CHECK (version > 0 AND oldest >= 0)
);

-- A keyed index, cut to 48 bits: a hit is a hint, which only opening settles. It
-- answers leak reports; no caller can search it. Such reports are rare, so the
-- index is one that costs little on the way in.
CREATE INDEX parties_tags ON parties USING gin (tags);

CREATE TABLE transactions (
    id      bigint PRIMARY KEY,
    name    text   COLLATE "C" NOT NULL UNIQUE,
    buyer   bigint NOT NULL,
    seller  bigint NOT NULL,
    version bigint NOT NULL,
    facts   text   NOT NULL,
    mac     bytea  NOT NULL,
    CONSTRAINT transaction_version CHECK (version > 0),
    CONSTRAINT two_sides CHECK (buyer <> seller)
);
CREATE INDEX transactions_buyer ON transactions (buyer, id);
CREATE INDEX transactions_seller ON transactions (seller, id);

-- What an owner gave at one time: values, sealed one by one, with their
-- commitments. Cards are never changed: a new value is a new card.
CREATE TABLE cards (
    owner   bigint   NOT NULL,         -- a party, or a transaction for its own contacts
    side    smallint NOT NULL,         -- 0 a party's own, 1 the buyer's part, 2 the seller's
    version bigint   NOT NULL,
    sealed  bytea    NOT NULL,
    PRIMARY KEY (owner, side, version)
);
ALTER TABLE cards ALTER COLUMN sealed SET STORAGE EXTERNAL;

CREATE TABLE performances (
    transaction_id bigint      NOT NULL,
    obligation     text        COLLATE "C" NOT NULL,
    reversal       boolean     NOT NULL,
    reference      bytea       NOT NULL, -- a keyed hash: callers put telephone numbers into references, too
    quantity       bigint      NOT NULL, -- minor units, or a count
    performed_at   timestamptz NOT NULL,
    by_party       text        NOT NULL, -- empty: the platform
    source         text        NOT NULL,
    afterwards     text        NOT NULL, -- debtor, due, done and state of the obligation, for the same answer again
    entry          bigint      NOT NULL,
    PRIMARY KEY (transaction_id, obligation, reversal, reference),
    CONSTRAINT something_performed CHECK (quantity > 0)
);

-- Free text, sealed under the transaction's key; its commitment is in the entry.
CREATE TABLE notes (
    entry  bigint PRIMARY KEY,
    owner  bigint NOT NULL,
    sealed bytea  NOT NULL
);
