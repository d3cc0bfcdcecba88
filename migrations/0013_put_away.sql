-- +goose Up
-- What was put away stays away. A month that was is not made again: its transfers could be written once more, with
-- entries that follow from where their accounts still stand.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION make_month(month date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    suffix text := to_char(month, '_YYYY_MM');
    letter text := 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';    -- as core.Receipt has them, A is 2013 and January
    begins text := substr(letter, (extract(year FROM month)::integer - 2013) % 31 + 1, 1)
        || substr(letter, extract(month FROM month)::integer, 1);
    first  bigint := first_id_of(month::timestamp AT TIME ZONE 'UTC');
    next   bigint := first_id_of((month + interval '1 month')::timestamp AT TIME ZONE 'UTC');
BEGIN
    IF month <> date_trunc('month', month) OR month > current_date + interval '3 years' THEN
        RAISE EXCEPTION 'no month begins on %, or it is too far away', month USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('make_month', 0));
    IF to_regclass('public.transfers' || suffix) IS NOT NULL THEN
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM closings WHERE transfer_id >= first) THEN
        RAISE EXCEPTION 'the month of % was put away, or a later one was', month USING ERRCODE = 'invalid_parameter_value';
    END IF;
    EXECUTE format('CREATE TABLE public.transfers%1$s (LIKE transfers INCLUDING CONSTRAINTS,
            PRIMARY KEY (id),
            CONSTRAINT one_transfer_per_receipt%1$s UNIQUE (receipt),
            CONSTRAINT receipt_tells_the_month CHECK (receipt LIKE %2$L));
        CREATE TABLE public.entries%1$s (LIKE entries INCLUDING CONSTRAINTS,
            CONSTRAINT one_entry_per_version%1$s PRIMARY KEY (account_id, version),
            CONSTRAINT one_entry_per_line%1$s UNIQUE (transfer_id, line))', suffix, begins || '%');
    EXECUTE format('ALTER TABLE transfers ATTACH PARTITION transfers%1$s FOR VALUES FROM (%2$s) TO (%3$s)', suffix, first, next);
    EXECUTE format('ALTER TABLE entries ATTACH PARTITION entries%1$s FOR VALUES FROM (%2$s) TO (%3$s)', suffix, first, next);
    CALL guard(('public.transfers' || suffix)::regclass, 'transfers');
    CALL guard(('public.entries' || suffix)::regclass, 'entries');
END $$;

-- Nor are entries written again that were put away, of an account that does not know its last transfer: closings
-- know how far they went.
CREATE OR REPLACE FUNCTION entries_follow_each_other() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT f.account_id INTO wrong
    FROM (
        SELECT
            account_id,
            version,
            transfer_id,
            amount,
            balance,
            lag(version) OVER w AS version_before,
            lag(balance) OVER w AS balance_before,
            lead(version) OVER w AS version_after
        FROM fresh
        WINDOW w AS (PARTITION BY account_id ORDER BY version)
    ) f
    LEFT JOIN accounts a ON a.id = CASE WHEN f.version_before IS NULL OR f.version_after IS NULL THEN f.account_id END
    WHERE f.version IS DISTINCT FROM coalesce(f.version_before, a.version_before) + 1
       OR f.balance IS DISTINCT FROM coalesce(f.balance_before, a.balance_before) + f.amount
       OR (f.version_after IS NULL AND (f.version IS DISTINCT FROM a.version OR f.balance IS DISTINCT FROM a.balance
            OR f.transfer_id <> a.last_transfer))
       OR (f.version_after IS NULL AND a.last_transfer IS NULL AND (
            EXISTS (SELECT FROM entries e
                WHERE e.account_id = f.account_id AND e.version = f.version AND e.transfer_id <> f.transfer_id)
            OR EXISTS (SELECT FROM closings c
                WHERE c.account_id = f.account_id AND c.version >= f.version)))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'an entry of account % does not follow the last', wrong
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
