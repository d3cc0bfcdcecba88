-- +goose Up
-- Months: transfers and entries in partitions, made ahead, so that indexes stay small and a month can be put away.
--
-- A transfer's id begins with its time: milliseconds since 1970, in UTC, times 2^20, and a number. So the id alone
-- leads to the month, of the transfer and of its entries; ids and the indexes on them grow at their right edge.
-- Earlier ids were small numbers: all that came before is one partition.
--
-- An entry's predecessor may lie in any month, even in one that was put away. So an account remembers the
-- transfer of its last entry and how it stood before the statement that moved it last, and no guard ever has to
-- look for an entry in more than one month.

-- +goose StatementBegin
CREATE FUNCTION first_id_of(month timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog, public, pg_temp
    RETURN (extract(epoch FROM month) * 1000)::bigint << 20;
-- +goose StatementEnd

-- What moves an account writes these; NULL and 0 are of one without entries.
ALTER TABLE accounts
    ADD COLUMN last_transfer  bigint NULL,               -- of its last entry
    ADD COLUMN version_before bigint NOT NULL DEFAULT 0, -- before the statement that moved it last
    ADD COLUMN balance_before bigint NOT NULL DEFAULT 0;
UPDATE accounts a SET last_transfer = e.transfer_id, version_before = e.version - 1, balance_before = e.balance - e.amount
FROM entries e
WHERE e.account_id = a.id AND e.version = a.version;

-- How accounts stood at the end of the last month that was put away.
CREATE TABLE closings (
    account_id  bigint      NOT NULL,
    version     bigint      NOT NULL,
    balance     bigint      NOT NULL,
    transfer_id bigint      NOT NULL,                    -- of the last entry that was put away
    closed_at   timestamptz NOT NULL,
    CONSTRAINT one_closing_per_account PRIMARY KEY (account_id)
);
GRANT SELECT ON closings TO piga_app;

ALTER TABLE transfers RENAME TO transfers_before_months;
ALTER TABLE entries RENAME TO entries_before_months;
ALTER INDEX transfers_pkey RENAME TO transfers_before_months_pkey;
ALTER INDEX one_transfer_per_receipt RENAME TO one_transfer_per_receipt_before_months;
ALTER INDEX one_entry_per_version RENAME TO one_entry_per_version_before_months;
ALTER INDEX one_entry_per_line RENAME TO one_entry_per_line_before_months;

-- A receipt begins with its date in UTC, and an account's versions follow each other, so that a unique index in
-- each month is enough for both.
CREATE TABLE transfers (LIKE transfers_before_months INCLUDING CONSTRAINTS) PARTITION BY RANGE (id);
ALTER TABLE transfers ADD PRIMARY KEY (id);
CREATE TABLE entries (LIKE entries_before_months INCLUDING CONSTRAINTS) PARTITION BY RANGE (transfer_id);
ALTER TABLE entries ADD CONSTRAINT one_entry_per_line UNIQUE (transfer_id, line);

REVOKE ALL ON transfers_before_months, entries_before_months FROM piga_app;
GRANT SELECT, INSERT ON transfers, entries TO piga_app;

-- guard gives a table of entries or transfers its guards: the whole one, whose guards see what is written to it by
-- its name, and each of its months, for whoever writes to one by its own.
-- +goose StatementBegin
CREATE PROCEDURE guard(of regclass, kind text) LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION refuse()',
        kind || '_are_forever', of);
    IF kind = 'entries' THEN
        EXECUTE format('CREATE TRIGGER entries_must_balance AFTER INSERT ON %s REFERENCING NEW TABLE AS fresh
            FOR EACH STATEMENT EXECUTE FUNCTION entries_must_balance()', of);
        EXECUTE format('CREATE TRIGGER entries_follow_each_other AFTER INSERT ON %s REFERENCING NEW TABLE AS fresh
            FOR EACH STATEMENT EXECUTE FUNCTION entries_follow_each_other()', of);
    ELSE
        EXECUTE format('CREATE TRIGGER transfers_have_entries AFTER INSERT ON %s REFERENCING NEW TABLE AS fresh
            FOR EACH STATEMENT EXECUTE FUNCTION transfers_have_entries()', of);
    END IF;
END $$;

-- make_month makes the partitions of one month, named by its first day, if they are not there. The application may:
-- it does so ahead, and when a clock was moved. What was put away is not made again: its transfers could be written
-- once more, with entries that follow from where their accounts still stand. ATTACH, unlike CREATE TABLE PARTITION OF, lets postings go on.
CREATE FUNCTION make_month(month date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
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

DO $$
DECLARE
    this date := date_trunc('month', now() AT TIME ZONE 'UTC');
BEGIN
    EXECUTE format('ALTER TABLE transfers ATTACH PARTITION transfers_before_months FOR VALUES FROM (MINVALUE) TO (%s)',
        first_id_of(this::timestamp AT TIME ZONE 'UTC'));
    EXECUTE format('ALTER TABLE entries ATTACH PARTITION entries_before_months FOR VALUES FROM (MINVALUE) TO (%s)',
        first_id_of(this::timestamp AT TIME ZONE 'UTC'));
    CALL guard('transfers', 'transfers');
    CALL guard('entries', 'entries');
    FOR ahead IN 0..2 LOOP
        PERFORM make_month((this + ahead * interval '1 month')::date);
    END LOOP;
END $$;
-- +goose StatementEnd

REVOKE ALL ON PROCEDURE guard FROM PUBLIC;
REVOKE ALL ON FUNCTION make_month FROM PUBLIC;
GRANT EXECUTE ON FUNCTION make_month TO piga_app;

-- A version moves with the balance, and what was before it is remembered. This writes it down for whoever moves an
-- account and says nothing of it, as binaries did that knew these columns not; of them the last transfer is not known.
-- +goose StatementBegin
CREATE FUNCTION accounts_remember() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    NEW.version_before := OLD.version;
    NEW.balance_before := OLD.balance;
    IF NEW.last_transfer IS NOT DISTINCT FROM OLD.last_transfer THEN
        NEW.last_transfer := NULL;
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER accounts_remember BEFORE UPDATE ON accounts
    FOR EACH ROW WHEN (NEW.version <> OLD.version AND (NEW.version_before <> OLD.version OR NEW.balance_before <> OLD.balance
        OR NEW.last_transfer IS NOT DISTINCT FROM OLD.last_transfer))
    EXECUTE FUNCTION accounts_remember();
CREATE TRIGGER balances_move_with_entries BEFORE UPDATE ON accounts
    FOR EACH ROW WHEN (NEW.version < OLD.version OR (NEW.version = OLD.version
        AND (NEW.balance <> OLD.balance OR NEW.version_before <> OLD.version_before OR NEW.balance_before <> OLD.balance_before
            OR NEW.last_transfer IS DISTINCT FROM OLD.last_transfer)))
    EXECUTE FUNCTION refuse();

-- Entries take their account's next versions, each adds to the balance before it, and the account has moved along
-- with all of them, from where it stood: so none can be written twice.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION entries_follow_each_other() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
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

-- A balance is what the account's last entry says, or the closing of the month with which that was put away.
CREATE OR REPLACE FUNCTION balance_is_the_last_entry() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT a.id INTO wrong
    FROM fresh a
    LEFT JOIN entries e ON e.account_id = a.id AND e.version = a.version AND e.transfer_id = a.last_transfer
    WHERE e.balance IS DISTINCT FROM a.balance
      AND (a.version <> 0 OR a.balance <> 0)
      AND (a.last_transfer IS NOT NULL OR NOT EXISTS (
            SELECT FROM entries o WHERE o.account_id = a.id AND o.version = a.version AND o.balance = a.balance))
      AND a.balance IS DISTINCT FROM (SELECT c.balance FROM closings c WHERE c.account_id = a.id AND c.version = a.version)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the balance of account % is not its last entry''s', wrong
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

-- A guard looks for single rows by their keys. Two indexes at once, each for a part of a key, would be more and
-- more work.
ALTER FUNCTION entries_must_balance SET enable_bitmapscan = off;
ALTER FUNCTION entries_follow_each_other SET enable_bitmapscan = off;
ALTER FUNCTION balance_is_the_last_entry SET enable_bitmapscan = off;
ALTER FUNCTION transfers_have_entries SET enable_bitmapscan = off;
ALTER FUNCTION outcome_names_what_was_done SET enable_bitmapscan = off;
ALTER FUNCTION holds_are_held SET enable_bitmapscan = off;

GRANT UPDATE (last_transfer, version_before, balance_before) ON accounts TO piga_app;
