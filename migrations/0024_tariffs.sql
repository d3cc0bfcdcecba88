-- +goose Up
-- Tariffs that administrators save, and take back before their time.

-- The time by the clock of whoever asks. Development and tests move theirs, and say by how much in piga.clock_ahead, in
-- microseconds, for one transaction; in production nobody does.
-- +goose StatementBegin
CREATE FUNCTION told_at() RETURNS timestamptz LANGUAGE sql STABLE
    SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT transaction_timestamp()
        + coalesce(nullif(current_setting('piga.clock_ahead', true), ''), '0')::bigint * interval '1 microsecond'
$$;
-- +goose StatementEnd

-- As before, history is not written afterwards.
DROP TRIGGER prices_are_told_before ON bands;
CREATE TRIGGER prices_are_told_before BEFORE INSERT ON bands
    FOR EACH ROW WHEN (NEW.effective_at < told_at()
        AND NOT pg_has_role(current_user, 'pg_database_owner', 'USAGE')) EXECUTE FUNCTION refuse();

-- A tariff is saved by one statement, from just under the smallest amount without a gap: KES 10, of a withdrawal KES 1. That
-- its bands do not overlap is one_band_to_each_amount's; so they leave no gap if all together are as wide as from the first to the last.
-- How far up they must go hangs on the limits, and is looked at when either is saved.
-- +goose StatementBegin
CREATE FUNCTION tariffs_are_whole() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    wrong text;
BEGIN
    SELECT concat_ws(' ', f.operation, f.from_kind, f.to_kind, f.effective_at) INTO wrong
    FROM (
        SELECT operation, from_kind, to_kind, effective_at, count(*) AS bands
        FROM fresh
        GROUP BY operation, from_kind, to_kind, effective_at
    ) f
    JOIN bands b USING (operation, from_kind, to_kind, effective_at)
    GROUP BY f.operation, f.from_kind, f.to_kind, f.effective_at, f.bands
    HAVING count(*) <> f.bands
        OR sum(b.up_to - b.over) <> max(b.up_to) - min(b.over)
        OR min(b.over) <> CASE f.operation WHEN 'withdraw' THEN 99 ELSE 999 END
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the tariff % has a gap, or was there in part before', wrong
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER tariffs_are_whole AFTER INSERT ON bands REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION tariffs_are_whole();

-- Bands are for ever: that a tariff is not to come into force after all is a row of its own. A copy of before does not read it.
CREATE TABLE tariffs_taken_back (
    operation    text        NOT NULL,
    from_kind    text        NOT NULL,
    to_kind      text        NOT NULL,
    effective_at timestamptz NOT NULL,
    at           timestamptz NOT NULL,
    CONSTRAINT tariffs_are_taken_back_once PRIMARY KEY (operation, from_kind, to_kind, effective_at)
);
CREATE TRIGGER taken_back_is_forever BEFORE UPDATE OR DELETE OR TRUNCATE ON tariffs_taken_back
    FOR EACH STATEMENT EXECUTE FUNCTION refuse();
CREATE TRIGGER what_began_is_not_taken_back BEFORE INSERT ON tariffs_taken_back
    FOR EACH ROW WHEN (NEW.effective_at <= told_at()) EXECUTE FUNCTION refuse();
GRANT SELECT, INSERT ON tariffs_taken_back TO piga_app;
