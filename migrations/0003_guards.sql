-- +goose Up
-- The guards of the ledger. They hold for everybody, the tables' owner included. Each names itself as the
-- constraint that was violated. The guards that ask something keep to indexes, whatever the tables looked
-- like when their plans were made, and to the tables of this schema: PostgreSQL looks for a name among the
-- session's own temporary tables first, unless their place in the path is named.

-- What is written is never changed or removed.
CREATE TRIGGER entries_are_forever BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse();
CREATE TRIGGER transfers_are_forever BEFORE UPDATE OR DELETE OR TRUNCATE ON transfers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse();
CREATE TRIGGER requests_are_forever BEFORE UPDATE OR DELETE OR TRUNCATE ON requests
    FOR EACH STATEMENT EXECUTE FUNCTION refuse();
CREATE TRIGGER holds_are_kept BEFORE DELETE OR TRUNCATE ON holds
    FOR EACH STATEMENT EXECUTE FUNCTION refuse();
CREATE TRIGGER accounts_are_kept BEFORE DELETE OR TRUNCATE ON accounts
    FOR EACH STATEMENT EXECUTE FUNCTION refuse();

-- The entries of a transfer sum to zero and are all there: as many as the transfer says, numbered from 1.
-- None can come later, since their numbers are taken.
-- +goose StatementBegin
CREATE FUNCTION entries_must_balance() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT f.transfer_id INTO wrong
    FROM (SELECT transfer_id, count(*) AS lines, max(line) AS last, sum(amount) AS total
          FROM fresh GROUP BY transfer_id) f
    LEFT JOIN transfers t ON t.id = f.transfer_id
    WHERE f.total <> 0 OR f.last <> f.lines OR t.lines IS DISTINCT FROM f.lines
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the entries of transfer % do not balance or are not all there', wrong
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER entries_must_balance AFTER INSERT ON entries REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION entries_must_balance();

-- An entry takes its account's next version, adds to the balance before it, and its account has moved
-- along. That the account has moved to its last entry and no further is for balance_is_the_last_entry.
-- +goose StatementBegin
CREATE FUNCTION entries_follow_each_other() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT f.account_id INTO wrong
    FROM fresh f
    LEFT JOIN entries p ON p.account_id = f.account_id AND p.version = f.version - 1
    LEFT JOIN accounts a ON a.id = f.account_id
    WHERE f.balance <> coalesce(p.balance, 0) + f.amount
       OR (f.version > 1 AND p.version IS NULL)
       OR a.id IS NULL OR a.version < f.version
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'an entry of account % does not follow the last', wrong
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER entries_follow_each_other AFTER INSERT ON entries REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION entries_follow_each_other();

-- A balance is what the account's last entry says.
-- +goose StatementBegin
CREATE FUNCTION balance_is_the_last_entry() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT a.id INTO wrong
    FROM fresh a
    LEFT JOIN LATERAL (
        SELECT version, balance FROM entries
        WHERE account_id = a.id ORDER BY version DESC LIMIT 1
    ) e ON true
    WHERE a.version <> coalesce(e.version, 0) OR a.balance <> coalesce(e.balance, 0)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the balance of account % is not its last entry''s', wrong
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER balance_is_the_last_entry AFTER UPDATE ON accounts REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION balance_is_the_last_entry();
CREATE TRIGGER accounts_begin_at_zero BEFORE INSERT ON accounts
    FOR EACH ROW WHEN (NEW.balance <> 0 OR NEW.held <> 0 OR NEW.version <> 0) EXECUTE FUNCTION refuse();

-- A transfer has entries (the guard above sees that it has them all) and is its request's outcome.
-- +goose StatementBegin
CREATE FUNCTION transfers_have_entries() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT t.id INTO wrong
    FROM fresh t
    LEFT JOIN entries e ON e.transfer_id = t.id AND e.line = 1
    LEFT JOIN requests r ON r.id = t.request_id
    WHERE e.line IS NULL OR r.transfer_id IS DISTINCT FROM t.id
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer % has no entries, or is not its request''s', wrong
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER transfers_have_entries AFTER INSERT ON transfers REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION transfers_have_entries();

-- An outcome names a transfer of its own, if any, and a hold that there is.
-- +goose StatementBegin
CREATE FUNCTION outcome_names_what_was_done() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT coalesce(r.transfer_id, r.hold_id) INTO wrong
    FROM fresh r
    LEFT JOIN transfers t ON t.id = r.transfer_id
    LEFT JOIN holds h ON h.id = r.hold_id
    WHERE (r.transfer_id IS NOT NULL AND t.request_id IS DISTINCT FROM r.id)
       OR (r.hold_id IS NOT NULL AND h.id IS NULL)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer or hold % is not its request''s', wrong
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER outcome_names_what_was_done AFTER INSERT ON requests REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION outcome_names_what_was_done();

-- Held is what the running holds of the account come to, seen from both sides. A hold ends once.
-- +goose StatementBegin
CREATE FUNCTION held_is_what_is_on_hold() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT a.id INTO wrong
    FROM fresh a
    WHERE a.held <> (SELECT coalesce(sum(h.amount), 0) FROM holds h WHERE h.account_id = a.id AND h.ended IS NULL)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'account % does not hold what is on hold', wrong
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION holds_are_held() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT h.id INTO wrong
    FROM fresh h
    LEFT JOIN accounts a ON a.id = h.account_id
    WHERE a.held IS DISTINCT FROM
        (SELECT coalesce(sum(o.amount), 0) FROM holds o WHERE o.account_id = h.account_id AND o.ended IS NULL)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'hold % is not held by its account', wrong
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER held_is_what_is_on_hold AFTER UPDATE ON accounts REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION held_is_what_is_on_hold();
CREATE TRIGGER new_holds_are_held AFTER INSERT ON holds REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION holds_are_held();
CREATE TRIGGER ended_holds_are_given_back AFTER UPDATE ON holds REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION holds_are_held();
CREATE TRIGGER holds_end_once BEFORE UPDATE ON holds
    FOR EACH ROW WHEN (OLD.ended IS NOT NULL OR (NEW.id, NEW.account_id, NEW.to_account, NEW.amount, NEW.counted, NEW.day)
        IS DISTINCT FROM (OLD.id, OLD.account_id, OLD.to_account, OLD.amount, OLD.counted, OLD.day))
    EXECUTE FUNCTION refuse();

-- A party's accounts close with her, which closed_at_balance_zero allows at balance zero only. A posting
-- that waited for the account's lock meanwhile finds it closed in the very row that it locks.
-- +goose StatementBegin
CREATE FUNCTION close_accounts() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE accounts SET closed_at = NEW.closed_at WHERE party_id = NEW.id;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER accounts_close_with_their_party AFTER UPDATE ON parties
    FOR EACH ROW WHEN (NEW.status = 'closed' AND OLD.status <> 'closed') EXECUTE FUNCTION close_accounts();
