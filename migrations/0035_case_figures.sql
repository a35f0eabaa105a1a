-- What the overview of the desk counts of cases: when one was opened, when it was first
-- decided, and whether the decision on an appeal was another one. The database works them out
-- of the facts, which are under the MAC, so that they cannot say something else, and keeps
-- them in an index, so that twelve weeks are counted without reading a record. Of facts that
-- are none it knows nothing: whoever reads the record finds that out.

-- +goose Up
-- +goose StatementBegin
CREATE FUNCTION case_moment(facts text, VARIADIC path text[]) RETURNS timestamptz LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN cast(cast(facts AS jsonb) #>> path AS timestamptz); -- it says its offset: no setting of a session makes it another one
EXCEPTION WHEN OTHERS THEN
    RETURN NULL;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION case_overturned(facts text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    was jsonb := cast(facts AS jsonb) -> 'first';
    now jsonb := cast(facts AS jsonb) -> 'decision';
BEGIN
    RETURN was -> 'outcome' <> now -> 'outcome' OR coalesce(was -> 'amount', '0') <> coalesce(now -> 'amount', '0'); -- null: there was no first one
END $$;
-- +goose StatementEnd

ALTER TABLE cases
    ADD COLUMN opened_at timestamptz GENERATED ALWAYS AS (case_moment(facts, 'opened_at')) STORED,
    ADD COLUMN decided_at timestamptz GENERATED ALWAYS AS (coalesce(case_moment(facts, 'first', 'at'), case_moment(facts, 'decision', 'at'))) STORED,
    ADD COLUMN overturned boolean GENERATED ALWAYS AS (CASE WHEN case_moment(facts, 'first', 'at') IS NOT NULL THEN case_overturned(facts) END) STORED;
CREATE INDEX cases_decided ON cases (decided_at) INCLUDE (opened_at, overturned) WHERE decided_at IS NOT NULL;
