-- What the migrations add up to, for reading. Written by go test ./store -run Schema -rewrite.

CREATE TYPE public.textrange AS RANGE (
    subtype = text,
    multirange_type_name = public.textmultirange
);

CREATE FUNCTION public.accounts_remember() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    NEW.version_before := OLD.version;
    NEW.balance_before := OLD.balance;
    IF NEW.last_transfer IS NOT DISTINCT FROM OLD.last_transfer THEN
        NEW.last_transfer := NULL;
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION public.balance_is_the_last_entry() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT a.id INTO wrong
    FROM fresh a
    LEFT JOIN LATERAL (
        SELECT e.balance
        FROM entries e
        WHERE e.account_id = a.id AND e.version = a.version AND e.transfer_id = a.last_transfer
        OFFSET 0
    ) e ON true
    WHERE CASE WHEN e.balance = a.balance THEN false ELSE -- as always; what follows is not even looked at
            (a.version <> 0 OR a.balance <> 0)
            AND (a.last_transfer IS NOT NULL OR NOT EXISTS (
                SELECT FROM entries o WHERE o.account_id = a.id AND o.version = a.version AND o.balance = a.balance OFFSET 0))
            AND a.balance IS DISTINCT FROM (SELECT c.balance FROM closings c WHERE c.account_id = a.id AND c.version = a.version)
          END
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the balance of account % is not its last entry''s', wrong
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.cash_is_as_its_money() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT c.id INTO wrong
    FROM fresh c
    LEFT JOIN LATERAL (SELECT h.amount, h.ended, h.transfer_id FROM holds h WHERE h.id = c.hold_id OFFSET 0) h ON true
    LEFT JOIN LATERAL (SELECT t.operation, t.amount FROM transfers t WHERE t.id = c.transfer_id OFFSET 0) t ON true
    WHERE (c.hold_id IS NOT NULL AND (
            h.amount IS DISTINCT FROM c.amount + c.fee
            OR (h.ended IS NULL) <> (c.ended IS NULL)
            OR h.transfer_id IS DISTINCT FROM c.transfer_id))
       OR (c.transfer_id IS NOT NULL AND (t.operation, t.amount) IS DISTINCT FROM (c.operation, c.amount))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'cash request % is not as its money is', wrong
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.cash_is_between_parties() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT c.id INTO wrong
    FROM (SELECT customer_id AS id FROM fresh UNION SELECT agent_id FROM fresh) c
    LEFT JOIN LATERAL (SELECT p.id FROM parties p WHERE p.id = c.id OFFSET 0) p ON true
    WHERE p.id IS NULL
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a cash request is of party %, which there is not', wrong
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.close_accounts() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    UPDATE accounts SET closed_at = NEW.closed_at WHERE party_id = NEW.id;
    RETURN NULL;
END $$;

CREATE FUNCTION public.done_did_something() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
DECLARE
    wrong text;
BEGIN
    SELECT r.id INTO wrong
    FROM fresh r
    WHERE r.code IS NULL AND r.transfer_id IS NULL AND r.hold_id IS NULL
        AND NOT EXISTS (SELECT FROM cash_requests c WHERE c.request_id = r.id OFFSET 0)
        AND NOT EXISTS (SELECT FROM cash_requests c WHERE c.ended_by = r.id OFFSET 0)
        AND NOT EXISTS (SELECT FROM reversal_steps s WHERE s.request_id = r.id OFFSET 0)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'request % was carried out and has nothing to show', wrong
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.entries_follow_each_other() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
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
    LEFT JOIN LATERAL (
        SELECT a.version, a.balance, a.last_transfer, a.version_before, a.balance_before
        FROM accounts a
        WHERE a.id = CASE WHEN f.version_before IS NULL OR f.version_after IS NULL THEN f.account_id END
        OFFSET 0
    ) a ON true
    WHERE f.version IS DISTINCT FROM coalesce(f.version_before, a.version_before) + 1
       OR f.balance IS DISTINCT FROM coalesce(f.balance_before, a.balance_before) + f.amount
       OR (f.version_after IS NULL AND (f.version IS DISTINCT FROM a.version OR f.balance IS DISTINCT FROM a.balance
            OR f.transfer_id <> a.last_transfer))
       OR (f.version_after IS NULL AND a.last_transfer IS NULL AND (
            EXISTS (SELECT FROM entries e
                WHERE e.account_id = f.account_id AND e.version = f.version AND e.transfer_id <> f.transfer_id OFFSET 0)
            OR EXISTS (SELECT FROM closings c
                WHERE c.account_id = f.account_id AND c.version >= f.version)))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'an entry of account % does not follow the last', wrong
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.entries_must_balance() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT f.transfer_id INTO wrong
    FROM (SELECT transfer_id, count(*) AS lines, max(line) AS last, sum(amount) AS total
          FROM fresh GROUP BY transfer_id) f
    LEFT JOIN LATERAL (SELECT t.lines FROM transfers t WHERE t.id = f.transfer_id OFFSET 0) t ON true
    WHERE f.total <> 0 OR f.last <> f.lines OR t.lines IS DISTINCT FROM f.lines
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the entries of transfer % do not balance or are not all there', wrong
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.first_id_of(month timestamp with time zone) RETURNS bigint
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    RETURN (((EXTRACT(epoch FROM month) * (1000)::numeric))::bigint << 20);

CREATE PROCEDURE public.guard(IN of regclass, IN kind text)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION public.held_is_what_is_on_hold() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    IF NEW.held <> (SELECT coalesce(sum(h.amount), 0) FROM holds h WHERE h.account_id = NEW.id AND h.ended IS NULL) THEN
        RAISE EXCEPTION 'account % does not hold what is on hold', NEW.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.holds_are_held() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT h.id INTO wrong
    FROM fresh h
    LEFT JOIN LATERAL (SELECT a.held FROM accounts a WHERE a.id = h.account_id OFFSET 0) a ON true
    WHERE a.held IS DISTINCT FROM
        (SELECT coalesce(sum(o.amount), 0) FROM holds o WHERE o.account_id = h.account_id AND o.ended IS NULL)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'hold % is not held by its account', wrong
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.holds_end_with_their_cash() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT h.id INTO wrong
    FROM fresh h, LATERAL (SELECT c.ended FROM cash_requests c WHERE c.hold_id = h.id OFFSET 0) c
    WHERE (h.ended IS NULL) <> (c.ended IS NULL)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'hold % does not end with its cash request', wrong
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.make_month(month date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $_$
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
END $_$;

CREATE FUNCTION public.messages_tell_the_truth() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT m.transfer_id INTO wrong
    FROM (SELECT DISTINCT transfer_id FROM fresh WHERE transfer_id IS NOT NULL) m
    LEFT JOIN LATERAL (SELECT t.id FROM transfers t WHERE t.id = m.transfer_id OFFSET 0) t ON true
    WHERE t.id IS NULL
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a message tells of transfer %, which there is not', wrong
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.outcome_names_what_was_done() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT coalesce(r.transfer_id, r.hold_id) INTO wrong
    FROM fresh r
    LEFT JOIN LATERAL (SELECT t.request_id FROM transfers t WHERE t.id = r.transfer_id OFFSET 0) t ON true
    LEFT JOIN LATERAL (SELECT h.id FROM holds h WHERE h.id = r.hold_id OFFSET 0) h ON true
    WHERE (r.transfer_id IS NOT NULL AND t.request_id IS DISTINCT FROM r.id)
       OR (r.hold_id IS NOT NULL AND h.id IS NULL)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer or hold % is not its request''s', wrong
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.refuse() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    RAISE EXCEPTION '%: % of %', TG_NAME, TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
END $$;

CREATE FUNCTION public.reversals_undo_transfers() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM transfers t
        WHERE t.id = NEW.transfer_id
            AND (t.operation, t.receipt, t.from_account, t.to_account, t.amount, t.fee)
                = (NEW.operation, NEW.receipt, NEW.from_account, NEW.to_account, NEW.amount, NEW.fee)
            AND NEW.earned = (
                SELECT coalesce(sum(e.amount), 0) FROM entries e
                WHERE e.transfer_id = t.id AND e.account_id = NEW.commission_account)
    ) THEN
        RAISE EXCEPTION 'reversal % is not of its transfer', NEW.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.steps_are_as_their_money() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM requests r
            WHERE r.id = NEW.request_id AND r.code IS NULL AND r.transfer_id IS NOT DISTINCT FROM NEW.transfer_id)
        OR NEW.transfer_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM transfers t WHERE t.id = NEW.transfer_id AND t.operation = 'reverse'
                AND NEW.held = (SELECT coalesce(sum(e.amount), 0) FROM entries e WHERE e.transfer_id = t.id AND e.account_id = 4))
    THEN
        RAISE EXCEPTION 'a step of reversal % is not as its money is', NEW.reversal_id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.suspense_holds_what_was_taken() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    AS $$
BEGIN
    IF (SELECT r.taken FROM reversals r WHERE r.id = NEW.id)
        IS DISTINCT FROM (SELECT sum(s.held)::bigint FROM reversal_steps s WHERE s.reversal_id = NEW.id) THEN
        RAISE EXCEPTION 'reversal % has not taken what its steps have', NEW.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.tariffs_are_whole() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION public.told_at() RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT transaction_timestamp()
        + coalesce(nullif(current_setting('piga.clock_ahead', true), ''), '0')::bigint * interval '1 microsecond'
$$;

CREATE FUNCTION public.transfers_have_entries() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_bitmapscan TO 'off'
    AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT t.id INTO wrong
    FROM fresh t
    LEFT JOIN LATERAL (SELECT e.line FROM entries e WHERE e.transfer_id = t.id AND e.line = 1 OFFSET 0) e ON true
    LEFT JOIN LATERAL (SELECT r.transfer_id FROM requests r WHERE r.id = t.request_id OFFSET 0) r ON true
    WHERE e.line IS NULL OR r.transfer_id IS DISTINCT FROM t.id
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer % has no entries, or is not its request''s', wrong
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.young_ones_stay() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    young boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM gone WHERE %I > clock_timestamp() - %L::interval)', TG_ARGV[0], TG_ARGV[1]) INTO young;
    IF young THEN
        RAISE EXCEPTION '%: % of %', TG_NAME, TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;

CREATE TABLE public.accounts (
    id bigint NOT NULL,
    party_id bigint,
    kind text NOT NULL,
    balance bigint DEFAULT 0 NOT NULL,
    held bigint DEFAULT 0 NOT NULL,
    floor bigint DEFAULT 0,
    version bigint DEFAULT 0 NOT NULL,
    spent_day integer DEFAULT 0 NOT NULL,
    spent_today bigint DEFAULT 0 NOT NULL,
    spent_month bigint DEFAULT 0 NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    reset_until timestamp with time zone,
    reset_version bigint DEFAULT 0 NOT NULL,
    stripe integer DEFAULT 0 NOT NULL,
    last_transfer bigint,
    version_before bigint DEFAULT 0 NOT NULL,
    balance_before bigint DEFAULT 0 NOT NULL,
    CONSTRAINT account_kind_is_known CHECK ((kind = ANY (ARRAY['wallet'::text, 'float'::text, 'till'::text, 'commission'::text, 'trust'::text, 'fees'::text, 'commission_expense'::text, 'suspense'::text]))),
    CONSTRAINT balance_within_floor CHECK (((balance - held) >= floor)),
    CONSTRAINT closed_at_balance_zero CHECK (((closed_at IS NULL) OR ((balance = 0) AND (held = 0)))),
    CONSTRAINT held_not_negative CHECK ((held >= 0)),
    CONSTRAINT people_have_a_floor CHECK ((((party_id IS NULL) = (floor IS NULL)) AND (floor >= 0))),
    CONSTRAINT stripes_are_the_systems CHECK (((stripe = 0) OR (kind = ANY (ARRAY['fees'::text, 'commission_expense'::text])))),
    CONSTRAINT system_accounts_have_no_party CHECK (((party_id IS NULL) = (kind = ANY (ARRAY['trust'::text, 'fees'::text, 'commission_expense'::text, 'suspense'::text]))))
)
WITH (fillfactor='75');

CREATE SEQUENCE public.account_ids
    START WITH 1001
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.account_ids OWNED BY public.accounts.id;

CREATE TABLE public.administrators (
    id bigint NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    password text NOT NULL,
    roles text[] NOT NULL,
    status text DEFAULT 'active'::text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    CONSTRAINT admin_has_a_name CHECK ((name <> ''::text)),
    CONSTRAINT admin_has_an_address CHECK (((email ~ '^[^@[:space:]]+@[^@[:space:]]+$'::text) AND (email = lower(email)))),
    CONSTRAINT admin_has_roles CHECK (((cardinality(roles) > 0) AND (roles <@ '{care,finance,it}'::text[]))),
    CONSTRAINT admin_password_is_hashed CHECK ((password ~~ '$argon2id$%'::text)),
    CONSTRAINT admin_status_is_known CHECK ((status = ANY (ARRAY['active'::text, 'closed'::text]))),
    CONSTRAINT closed_admin_has_a_date CHECK (((status = 'closed'::text) = (closed_at IS NOT NULL)))
);

ALTER TABLE public.administrators ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.administrators_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.audit_log (
    id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    admin_id bigint NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    subject_id bigint NOT NULL,
    before jsonb,
    after jsonb,
    reason text,
    address text NOT NULL,
    CONSTRAINT deed_has_a_subject CHECK ((subject <> ''::text)),
    CONSTRAINT deed_has_an_action CHECK ((action ~ '^[a-z_]+\.[a-z_]+$'::text)),
    CONSTRAINT deed_has_an_address CHECK ((address <> ''::text))
);

ALTER TABLE public.audit_log ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.bands (
    operation text NOT NULL,
    from_kind text NOT NULL,
    to_kind text NOT NULL,
    effective_at timestamp with time zone NOT NULL,
    over bigint NOT NULL,
    up_to bigint NOT NULL,
    fee bigint NOT NULL,
    CONSTRAINT band_not_empty CHECK (((over >= 0) AND (up_to > over))),
    CONSTRAINT price_not_negative CHECK ((fee >= 0)),
    CONSTRAINT priced_kinds_are_known CHECK (((from_kind = ANY (ARRAY['subscriber'::text, 'agent'::text, 'super_agent'::text, 'merchant'::text])) AND (to_kind = ANY (ARRAY['subscriber'::text, 'agent'::text, 'super_agent'::text, 'merchant'::text])))),
    CONSTRAINT priced_operation_is_known CHECK ((operation = ANY (ARRAY['deposit'::text, 'withdraw'::text, 'send'::text, 'pay'::text])))
);

CREATE TABLE public.cash_requests (
    id bigint NOT NULL,
    request_id text NOT NULL,
    operation text NOT NULL,
    customer_id bigint NOT NULL,
    agent_id bigint NOT NULL,
    amount bigint NOT NULL,
    fee bigint NOT NULL,
    hold_id bigint,
    ref integer NOT NULL,
    code text NOT NULL,
    wrong integer DEFAULT 0 NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended text,
    ended_at timestamp with time zone,
    ended_by text,
    transfer_id bigint,
    CONSTRAINT cash_above_zero CHECK (((amount > 0) AND (fee >= 0))),
    CONSTRAINT cash_ends_somehow CHECK ((ended = ANY (ARRAY['confirmed'::text, 'refused'::text, 'cancelled'::text, 'expired'::text, 'codes'::text]))),
    CONSTRAINT cash_goes_in_or_out CHECK ((operation = ANY (ARRAY['deposit'::text, 'withdraw'::text]))),
    CONSTRAINT code_is_four_digits CHECK ((code ~ '^[0-9]{4}$'::text)),
    CONSTRAINT confirmed_cash_has_moved CHECK (((NOT (ended IS DISTINCT FROM 'confirmed'::text)) = (transfer_id IS NOT NULL))),
    CONSTRAINT counter_is_not_ones_own CHECK ((customer_id <> agent_id)),
    CONSTRAINT ended_cash_has_a_date CHECK ((((ended IS NULL) = (ended_at IS NULL)) AND ((ended IS NULL) = (ended_by IS NULL)))),
    CONSTRAINT three_wrong_codes_at_most CHECK (((wrong >= 0) AND (wrong <= 3))),
    CONSTRAINT withdrawals_are_on_hold CHECK (((operation = 'withdraw'::text) = (hold_id IS NOT NULL)))
)
WITH (fillfactor='80');

CREATE SEQUENCE public.cash_request_ids
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.cash_request_ids OWNED BY public.cash_requests.id;

CREATE TABLE public.checks (
    party_id bigint NOT NULL,
    began_at timestamp with time zone NOT NULL,
    count integer NOT NULL
)
WITH (fillfactor='80');

CREATE TABLE public.closings (
    account_id bigint NOT NULL,
    version bigint NOT NULL,
    balance bigint NOT NULL,
    transfer_id bigint NOT NULL,
    closed_at timestamp with time zone NOT NULL
);

CREATE TABLE public.delivery_reports (
    id bigint NOT NULL,
    provider text NOT NULL,
    provider_id text NOT NULL,
    status text NOT NULL,
    reason text NOT NULL,
    delivered boolean NOT NULL,
    failed boolean NOT NULL,
    at timestamp with time zone NOT NULL
);

ALTER TABLE public.delivery_reports ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.delivery_reports_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.deposit_commissions (
    agent_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    day integer NOT NULL,
    earned bigint NOT NULL,
    returned bigint DEFAULT 0 NOT NULL,
    CONSTRAINT commission_within_a_day CHECK (((earned >= 1) AND ((returned >= 0) AND (returned <= earned)) AND ((earned - returned) <= 5000)))
)
WITH (fillfactor='80');

CREATE TABLE public.entries (
    account_id bigint NOT NULL,
    version bigint NOT NULL,
    transfer_id bigint NOT NULL,
    line smallint NOT NULL,
    amount bigint NOT NULL,
    balance bigint NOT NULL,
    CONSTRAINT amount_not_zero CHECK ((amount <> 0)),
    CONSTRAINT lines_begin_at_one CHECK ((line >= 1)),
    CONSTRAINT versions_begin_at_one CHECK ((version >= 1))
)
PARTITION BY RANGE (transfer_id);

CREATE TABLE public.entries_before_months (
    account_id bigint NOT NULL,
    version bigint NOT NULL,
    transfer_id bigint NOT NULL,
    line smallint NOT NULL,
    amount bigint NOT NULL,
    balance bigint NOT NULL,
    CONSTRAINT amount_not_zero CHECK ((amount <> 0)),
    CONSTRAINT lines_begin_at_one CHECK ((line >= 1)),
    CONSTRAINT versions_begin_at_one CHECK ((version >= 1))
);

CREATE SEQUENCE public.hold_ids
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE public.holds (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    to_account bigint,
    amount bigint NOT NULL,
    counted bigint NOT NULL,
    day integer NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    request_id text NOT NULL,
    ended text,
    ended_at timestamp with time zone,
    transfer_id bigint,
    CONSTRAINT captured_by_a_transfer CHECK (((NOT (ended IS DISTINCT FROM 'capture'::text)) = (transfer_id IS NOT NULL))),
    CONSTRAINT ended_has_a_date CHECK (((ended IS NULL) = (ended_at IS NULL))),
    CONSTRAINT held_above_zero CHECK (((amount > 0) AND (counted >= 0) AND (counted <= amount))),
    CONSTRAINT hold_ends_somehow CHECK ((ended = ANY (ARRAY['capture'::text, 'release'::text, 'expire'::text])))
)
WITH (fillfactor='80');

CREATE TABLE public.inbound_messages (
    provider text NOT NULL,
    provider_id text NOT NULL,
    phone text NOT NULL,
    kind text NOT NULL,
    text text NOT NULL,
    sent_at timestamp with time zone,
    taken_at timestamp with time zone NOT NULL,
    held_until timestamp with time zone NOT NULL,
    done_at timestamp with time zone,
    outcome text,
    reply text,
    CONSTRAINT done_has_an_outcome CHECK (((done_at IS NULL) = (outcome IS NULL))),
    CONSTRAINT reply_when_done CHECK (((reply IS NULL) OR (done_at IS NOT NULL)))
);

CREATE TABLE public.intents (
    request_id text NOT NULL,
    party_id bigint NOT NULL,
    turn text NOT NULL,
    errand text NOT NULL,
    args jsonb NOT NULL,
    operation text NOT NULL,
    from_account bigint NOT NULL,
    to_account bigint NOT NULL,
    amount bigint NOT NULL,
    hold_id bigint,
    created_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    seen_at timestamp with time zone
)
WITH (fillfactor='80');

CREATE TABLE public.limits (
    tier text NOT NULL,
    effective_at timestamp with time zone NOT NULL,
    one_transaction bigint NOT NULL,
    a_day bigint,
    a_month bigint,
    largest_balance bigint,
    CONSTRAINT limits_make_sense CHECK (((one_transaction > 0) AND (a_day >= one_transaction) AND (a_month >= COALESCE(a_day, one_transaction)) AND (largest_balance >= one_transaction)))
);

CREATE TABLE public.limits_taken_back (
    tier text NOT NULL,
    effective_at timestamp with time zone NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE public.lookups (
    party_id bigint NOT NULL,
    numbers text[] NOT NULL,
    times timestamp with time zone[] NOT NULL
)
WITH (fillfactor='80');

CREATE TABLE public.messages (
    id bigint NOT NULL,
    party_id bigint,
    phone text NOT NULL,
    lang text NOT NULL,
    key text NOT NULL,
    args jsonb NOT NULL,
    transfer_id bigint,
    text text,
    created_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    leased_until timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    sent_at timestamp with time zone,
    dead_at timestamp with time zone,
    provider text,
    provider_id text,
    last_error text,
    delivered_at timestamp with time zone,
    failed_at timestamp with time zone,
    renewed_at timestamp with time zone,
    CONSTRAINT message_has_a_key CHECK ((key <> ''::text)),
    CONSTRAINT message_has_a_phone CHECK ((phone <> ''::text))
)
WITH (fillfactor='80');

CREATE SEQUENCE public.message_ids
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.message_ids OWNED BY public.messages.id;

CREATE TABLE public.parties (
    id bigint NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    tier text NOT NULL,
    name text NOT NULL,
    phone text NOT NULL,
    number text,
    id_number text,
    lang text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    email text,
    auto_confirm boolean DEFAULT false NOT NULL,
    CONSTRAINT closed_has_a_date CHECK (((status = 'closed'::text) = (closed_at IS NOT NULL))),
    CONSTRAINT email_is_an_address CHECK (((email ~ '^[^@[:space:]]+@[^@[:space:]]+$'::text) AND (email = lower(email)))),
    CONSTRAINT kind_is_known CHECK ((kind = ANY (ARRAY['subscriber'::text, 'agent'::text, 'super_agent'::text, 'merchant'::text]))),
    CONSTRAINT lang_is_known CHECK ((lang = ANY (ARRAY['en'::text, 'sw'::text]))),
    CONSTRAINT number_is_digits CHECK ((number ~ '^[0-9]{5,7}$'::text)),
    CONSTRAINT only_agents_confirm CHECK (((NOT auto_confirm) OR (kind = ANY (ARRAY['agent'::text, 'super_agent'::text])))),
    CONSTRAINT only_trade_is_approved CHECK (((status <> 'pending'::text) OR (kind <> 'subscriber'::text))),
    CONSTRAINT party_has_a_name CHECK ((name <> ''::text)),
    CONSTRAINT phone_is_international CHECK ((phone ~ '^\+[0-9]{7,15}$'::text)),
    CONSTRAINT status_is_known CHECK ((status = ANY (ARRAY['active'::text, 'pending'::text, 'suspended'::text, 'dormant'::text, 'closed'::text]))),
    CONSTRAINT trade_has_a_number CHECK (((kind = 'subscriber'::text) = (number IS NULL)))
);

CREATE SEQUENCE public.party_ids
    START WITH 1001
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.party_ids OWNED BY public.parties.id;

CREATE TABLE public.passwords (
    party_id bigint NOT NULL,
    hash text NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    proved_at timestamp with time zone,
    CONSTRAINT password_is_hashed CHECK ((hash ~~ '$argon2id$%'::text))
);

CREATE TABLE public.pins (
    party_id bigint NOT NULL,
    key_id text NOT NULL,
    sealed bytea NOT NULL,
    turns text[] DEFAULT '{}'::text[] NOT NULL,
    wrong text[] DEFAULT '{}'::text[] NOT NULL,
    tried_at timestamp with time zone,
    locked_until timestamp with time zone,
    changed_at timestamp with time zone NOT NULL
)
WITH (fillfactor='80');

CREATE TABLE public.requests (
    id text NOT NULL,
    content text NOT NULL,
    code text,
    transfer_id bigint,
    hold_id bigint,
    at timestamp with time zone NOT NULL,
    CONSTRAINT refused_moves_nothing CHECK (((code IS NULL) OR ((transfer_id IS NULL) AND (hold_id IS NULL)))),
    CONSTRAINT request_id_is_short CHECK (((length(id) >= 1) AND (length(id) <= 200)))
);

CREATE TABLE public.reversal_steps (
    request_id text NOT NULL,
    reversal_id bigint NOT NULL,
    step text NOT NULL,
    transfer_id bigint,
    held bigint NOT NULL,
    admin_id bigint NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT held_by_a_transfer CHECK (((transfer_id IS NOT NULL) OR (held = 0))),
    CONSTRAINT reversal_step_is_known CHECK ((step = ANY (ARRAY['collect'::text, 'settle'::text, 'give_back'::text])))
);

CREATE TABLE public.reversals (
    id bigint NOT NULL,
    transfer_id bigint NOT NULL,
    operation text NOT NULL,
    receipt text NOT NULL,
    from_account bigint NOT NULL,
    to_account bigint NOT NULL,
    amount bigint NOT NULL,
    fee bigint NOT NULL,
    commission_account bigint,
    earned bigint NOT NULL,
    reason text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    taken bigint NOT NULL,
    returned bigint NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT commission_has_an_account CHECK (((commission_account IS NULL) = (earned = 0))),
    CONSTRAINT ended_reversal_has_a_date CHECK (((state = 'open'::text) = (ended_at IS NULL))),
    CONSTRAINT ended_reversal_keeps_nothing CHECK (((state = 'open'::text) OR (taken = 0))),
    CONSTRAINT open_reversal_returned_nothing CHECK (((state = ANY (ARRAY['whole'::text, 'settled'::text])) OR (returned = 0))),
    CONSTRAINT returned_within_paid CHECK (((returned >= 0) AND (returned <= (amount + fee)))),
    CONSTRAINT reversal_ends_somehow CHECK ((state = ANY (ARRAY['open'::text, 'whole'::text, 'settled'::text, 'given_back'::text]))),
    CONSTRAINT reversal_has_a_reason CHECK ((reason <> ''::text)),
    CONSTRAINT reversed_above_zero CHECK (((amount > 0) AND (fee >= 0) AND (earned >= 0))),
    CONSTRAINT reversible_operation CHECK ((operation = ANY (ARRAY['send'::text, 'pay'::text, 'deposit'::text, 'withdraw'::text]))),
    CONSTRAINT taken_within_owed CHECK (((taken >= 0) AND (taken <= (amount +
CASE operation
    WHEN 'withdraw'::text THEN earned
    ELSE (0)::bigint
END))))
);

ALTER TABLE public.reversals ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.reversals_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.starts (
    party_id bigint NOT NULL,
    key_id text NOT NULL,
    sealed bytea NOT NULL,
    reset boolean NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT few_tries_to_start CHECK (((tries >= 0) AND (tries <= 3)))
)
WITH (fillfactor='80');

CREATE TABLE public.tariffs_taken_back (
    operation text NOT NULL,
    from_kind text NOT NULL,
    to_kind text NOT NULL,
    effective_at timestamp with time zone NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE public.tier_kinds (
    tier text NOT NULL,
    kind text NOT NULL,
    CONSTRAINT tier_kind_is_known CHECK ((kind = ANY (ARRAY['subscriber'::text, 'agent'::text, 'super_agent'::text, 'merchant'::text])))
);

CREATE TABLE public.tiers (
    name text NOT NULL,
    one_transaction bigint,
    a_day bigint,
    a_month bigint,
    largest_balance bigint,
    CONSTRAINT limits_above_zero CHECK (((one_transaction > 0) AND (a_day > 0) AND (a_month > 0) AND (largest_balance > 0)))
);

CREATE TABLE public.tokens (
    hash bytea NOT NULL,
    party_id bigint,
    admin_id bigint,
    made_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    CONSTRAINT token_ends CHECK ((ends_at > made_at)),
    CONSTRAINT token_has_one_bearer CHECK (((party_id IS NULL) <> (admin_id IS NULL))),
    CONSTRAINT token_is_hashed CHECK ((length(hash) = 32))
);

CREATE SEQUENCE public.transfer_ids
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE public.transfers (
    id bigint NOT NULL,
    request_id text NOT NULL,
    operation text NOT NULL,
    from_account bigint,
    to_account bigint,
    amount bigint NOT NULL,
    fee bigint NOT NULL,
    receipt text NOT NULL,
    lines smallint NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT amount_above_zero CHECK ((amount > 0)),
    CONSTRAINT fee_not_negative CHECK ((fee >= 0)),
    CONSTRAINT operation_is_known CHECK ((operation = ANY (ARRAY['issue'::text, 'deposit'::text, 'withdraw'::text, 'send'::text, 'pay'::text, 'take_commission'::text, 'redeem'::text, 'reverse'::text]))),
    CONSTRAINT two_lines_at_least CHECK ((lines >= 2))
)
PARTITION BY RANGE (id);

CREATE TABLE public.transfers_before_months (
    id bigint NOT NULL,
    request_id text NOT NULL,
    operation text NOT NULL,
    from_account bigint,
    to_account bigint,
    amount bigint NOT NULL,
    fee bigint NOT NULL,
    receipt text NOT NULL,
    lines smallint NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT amount_above_zero CHECK ((amount > 0)),
    CONSTRAINT fee_not_negative CHECK ((fee >= 0)),
    CONSTRAINT operation_is_known CHECK ((operation = ANY (ARRAY['issue'::text, 'deposit'::text, 'withdraw'::text, 'send'::text, 'pay'::text, 'take_commission'::text, 'redeem'::text, 'reverse'::text]))),
    CONSTRAINT two_lines_at_least CHECK ((lines >= 2))
);

CREATE TABLE public.wrong_codes (
    agent_id bigint NOT NULL,
    turn text NOT NULL,
    at timestamp with time zone NOT NULL
);

ALTER TABLE ONLY public.entries ATTACH PARTITION public.entries_before_months FOR VALUES FROM (MINVALUE) TO ('1880611828531200000');

ALTER TABLE ONLY public.transfers ATTACH PARTITION public.transfers_before_months FOR VALUES FROM (MINVALUE) TO ('1880611828531200000');

ALTER TABLE ONLY public.accounts ALTER COLUMN id SET DEFAULT nextval('public.account_ids'::regclass);

ALTER TABLE ONLY public.cash_requests ALTER COLUMN id SET DEFAULT nextval('public.cash_request_ids'::regclass);

ALTER TABLE ONLY public.messages ALTER COLUMN id SET DEFAULT nextval('public.message_ids'::regclass);

ALTER TABLE ONLY public.parties ALTER COLUMN id SET DEFAULT nextval('public.party_ids'::regclass);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.administrators
    ADD CONSTRAINT administrators_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.cash_requests
    ADD CONSTRAINT cash_requests_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.checks
    ADD CONSTRAINT checks_pkey PRIMARY KEY (party_id);

ALTER TABLE ONLY public.delivery_reports
    ADD CONSTRAINT delivery_reports_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.holds
    ADD CONSTRAINT holds_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.limits_taken_back
    ADD CONSTRAINT limits_are_taken_back_once PRIMARY KEY (tier, effective_at);

ALTER TABLE ONLY public.lookups
    ADD CONSTRAINT lookups_pkey PRIMARY KEY (party_id);

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.bands
    ADD CONSTRAINT one_band_from_each_amount PRIMARY KEY (operation, from_kind, to_kind, effective_at, over);

ALTER TABLE ONLY public.bands
    ADD CONSTRAINT one_band_to_each_amount EXCLUDE USING gist (public.textrange(((((operation || ' '::text) || from_kind) || ' '::text) || to_kind), ((((operation || ' '::text) || from_kind) || ' '::text) || to_kind), '[]'::text) WITH =, tstzrange(effective_at, effective_at, '[]'::text) WITH =, int8range(over, up_to, '(]'::text) WITH &&);

ALTER TABLE ONLY public.cash_requests
    ADD CONSTRAINT one_cash_request_per_ending UNIQUE (ended_by);

ALTER TABLE ONLY public.cash_requests
    ADD CONSTRAINT one_cash_request_per_hold UNIQUE (hold_id);

ALTER TABLE ONLY public.cash_requests
    ADD CONSTRAINT one_cash_request_per_request UNIQUE (request_id);

ALTER TABLE ONLY public.closings
    ADD CONSTRAINT one_closing_per_account PRIMARY KEY (account_id);

ALTER TABLE ONLY public.deposit_commissions
    ADD CONSTRAINT one_commission_per_day PRIMARY KEY (agent_id, customer_id, day);

ALTER TABLE ONLY public.entries
    ADD CONSTRAINT one_entry_per_line UNIQUE (transfer_id, line);

ALTER TABLE ONLY public.entries_before_months
    ADD CONSTRAINT one_entry_per_line_before_months UNIQUE (transfer_id, line);

ALTER TABLE ONLY public.entries_before_months
    ADD CONSTRAINT one_entry_per_version_before_months PRIMARY KEY (account_id, version);

ALTER TABLE ONLY public.intents
    ADD CONSTRAINT one_intent_per_request PRIMARY KEY (request_id);

ALTER TABLE ONLY public.limits
    ADD CONSTRAINT one_limit_at_a_time PRIMARY KEY (tier, effective_at);

ALTER TABLE ONLY public.requests
    ADD CONSTRAINT one_outcome_per_request PRIMARY KEY (id);

ALTER TABLE ONLY public.reversals
    ADD CONSTRAINT one_reversal_per_transfer UNIQUE (transfer_id);

ALTER TABLE ONLY public.inbound_messages
    ADD CONSTRAINT one_row_per_inbound_message PRIMARY KEY (provider, provider_id);

ALTER TABLE ONLY public.reversal_steps
    ADD CONSTRAINT one_step_per_request PRIMARY KEY (request_id);

ALTER TABLE ONLY public.reversal_steps
    ADD CONSTRAINT one_step_per_transfer UNIQUE (transfer_id);

ALTER TABLE ONLY public.tiers
    ADD CONSTRAINT one_tier_per_name PRIMARY KEY (name);

ALTER TABLE ONLY public.transfers_before_months
    ADD CONSTRAINT one_transfer_per_receipt_before_months UNIQUE (receipt);

ALTER TABLE ONLY public.wrong_codes
    ADD CONSTRAINT one_wrong_code_per_turn PRIMARY KEY (agent_id, turn);

ALTER TABLE ONLY public.parties
    ADD CONSTRAINT parties_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.passwords
    ADD CONSTRAINT passwords_pkey PRIMARY KEY (party_id);

ALTER TABLE ONLY public.pins
    ADD CONSTRAINT pins_pkey PRIMARY KEY (party_id);

ALTER TABLE ONLY public.reversals
    ADD CONSTRAINT reversals_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.starts
    ADD CONSTRAINT starts_pkey PRIMARY KEY (party_id);

ALTER TABLE ONLY public.tariffs_taken_back
    ADD CONSTRAINT tariffs_are_taken_back_once PRIMARY KEY (operation, from_kind, to_kind, effective_at);

ALTER TABLE ONLY public.tier_kinds
    ADD CONSTRAINT tier_is_for_a_kind_once PRIMARY KEY (tier, kind);

ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT tokens_pkey PRIMARY KEY (hash);

ALTER TABLE ONLY public.transfers
    ADD CONSTRAINT transfers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.transfers_before_months
    ADD CONSTRAINT transfers_before_months_pkey PRIMARY KEY (id);

CREATE INDEX audit_log_by_action ON public.audit_log USING btree (action, id);

CREATE INDEX audit_log_by_admin ON public.audit_log USING btree (admin_id, id);

CREATE INDEX audit_log_by_subject ON public.audit_log USING btree (subject, subject_id, id);

CREATE INDEX audit_log_by_time ON public.audit_log USING btree (at);

CREATE INDEX cash_by_agent ON public.cash_requests USING btree (agent_id, id);

CREATE INDEX cash_by_customer ON public.cash_requests USING btree (customer_id, asked_at);

CREATE INDEX dead_messages ON public.messages USING btree (id) WHERE ((dead_at IS NOT NULL) AND (sent_at IS NULL));

CREATE INDEX holds_by_end ON public.holds USING brin (ended_at);

CREATE INDEX inbound_by_phone ON public.inbound_messages USING btree (phone, done_at) WHERE (reply IS NOT NULL);

CREATE INDEX messages_by_phone ON public.messages USING btree (phone, id);

CREATE INDEX messages_by_provider_id ON public.messages USING btree (provider_id) WHERE (provider_id IS NOT NULL);

CREATE INDEX messages_by_transfer ON public.messages USING btree (transfer_id) WHERE (transfer_id IS NOT NULL);

CREATE INDEX messages_due ON public.messages USING btree (due_at, id) WHERE ((sent_at IS NULL) AND (dead_at IS NULL));

CREATE INDEX messages_in_flight ON public.messages USING btree (phone, id) WHERE (leased_until IS NOT NULL);

CREATE UNIQUE INDEX one_account_of_a_kind_per_party ON public.accounts USING btree (party_id, kind, stripe) NULLS NOT DISTINCT;

CREATE UNIQUE INDEX one_open_admin_per_email ON public.administrators USING btree (email) WHERE (status <> 'closed'::text);

CREATE UNIQUE INDEX one_open_party_per_email ON public.parties USING btree (email) WHERE ((email IS NOT NULL) AND (status <> 'closed'::text));

CREATE UNIQUE INDEX one_open_party_per_number ON public.parties USING btree (number) WHERE (status <> 'closed'::text);

CREATE UNIQUE INDEX one_open_party_per_phone ON public.parties USING btree (phone) WHERE (status <> 'closed'::text);

CREATE UNIQUE INDEX one_open_request_per_code ON public.cash_requests USING btree (agent_id, code) WHERE ((ended IS NULL) AND (code IS NOT NULL));

CREATE UNIQUE INDEX one_open_request_per_customer ON public.cash_requests USING btree (customer_id) WHERE ((ended IS NULL) AND (customer_id IS NOT NULL));

CREATE UNIQUE INDEX one_open_request_per_ref ON public.cash_requests USING btree (agent_id, ref) WHERE ((ended IS NULL) AND (agent_id IS NOT NULL));

CREATE INDEX open_cash_by_expiry ON public.cash_requests USING btree (expires_at) WHERE ((ended IS NULL) AND (expires_at IS NOT NULL));

CREATE INDEX open_intents ON public.intents USING btree (created_at) WHERE (settled_at IS NULL);

CREATE INDEX open_reversals ON public.reversals USING btree (id) WHERE (state = 'open'::text);

CREATE INDEX parties_by_email ON public.parties USING btree (email) WHERE (email IS NOT NULL);

CREATE INDEX parties_by_name ON public.parties USING btree (name COLLATE "C", id);

CREATE INDEX parties_by_number ON public.parties USING btree (number) WHERE (number IS NOT NULL);

CREATE INDEX parties_by_phone ON public.parties USING btree (phone);

CREATE INDEX pending_by_name ON public.parties USING btree (name COLLATE "C", id) WHERE (status = 'pending'::text);

CREATE INDEX refused_by_payee ON public.requests USING btree (split_part(split_part(content, ' '::text, 2), '>'::text, 2), at, id) WHERE (code IS NOT NULL);

CREATE INDEX refused_by_payer ON public.requests USING btree (split_part(split_part(content, ' '::text, 2), '>'::text, 1), at, id) WHERE (code IS NOT NULL);

CREATE INDEX refused_by_time ON public.requests USING btree (at, id) WHERE (code IS NOT NULL);

CREATE INDEX reports_by_provider_id ON public.delivery_reports USING btree (provider_id);

CREATE INDEX requests_by_time ON public.requests USING brin (at);

CREATE INDEX running_holds_by_account ON public.holds USING btree (account_id) WHERE ((ended IS NULL) AND (account_id IS NOT NULL));

CREATE INDEX running_holds_by_expiry ON public.holds USING btree (expires_at) WHERE ((ended IS NULL) AND (expires_at IS NOT NULL));

CREATE INDEX steps_by_reversal ON public.reversal_steps USING btree (reversal_id);

CREATE INDEX tokens_by_admin ON public.tokens USING btree (admin_id) WHERE (admin_id IS NOT NULL);

CREATE INDEX tokens_by_end ON public.tokens USING btree (ends_at);

CREATE INDEX tokens_by_party ON public.tokens USING btree (party_id) WHERE (party_id IS NOT NULL);

CREATE INDEX unmoved_cash_by_agent ON public.cash_requests USING btree (agent_id, asked_at, id) WHERE (ended = ANY (ARRAY['refused'::text, 'cancelled'::text, 'expired'::text, 'codes'::text]));

CREATE INDEX unmoved_cash_by_customer ON public.cash_requests USING btree (customer_id, asked_at, id) WHERE (ended = ANY (ARRAY['refused'::text, 'cancelled'::text, 'expired'::text, 'codes'::text]));

CREATE INDEX unmoved_cash_by_time ON public.cash_requests USING btree (asked_at, id) WHERE (ended = ANY (ARRAY['refused'::text, 'cancelled'::text, 'expired'::text, 'codes'::text]));

CREATE INDEX unseen_intents_by_party ON public.intents USING btree (party_id, created_at) WHERE (seen_at IS NULL);

CREATE INDEX wrong_codes_by_time ON public.wrong_codes USING btree (agent_id, at);

ALTER INDEX public.one_entry_per_line ATTACH PARTITION public.one_entry_per_line_before_months;

ALTER INDEX public.transfers_pkey ATTACH PARTITION public.transfers_before_months_pkey;

CREATE TRIGGER accounts_are_kept BEFORE DELETE OR TRUNCATE ON public.accounts FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();

CREATE TRIGGER accounts_begin_at_zero BEFORE INSERT ON public.accounts FOR EACH ROW WHEN (((new.balance <> 0) OR (new.held <> 0) OR (new.version <> 0))) EXECUTE FUNCTION public.refuse();

CREATE TRIGGER accounts_close_with_their_party AFTER UPDATE ON public.parties FOR EACH ROW WHEN (((new.status = 'closed'::text) AND (old.status <> 'closed'::text))) EXECUTE FUNCTION public.close_accounts();

CREATE TRIGGER accounts_remember BEFORE UPDATE ON public.accounts FOR EACH ROW WHEN (((new.version <> old.version) AND ((new.version_before <> old.version) OR (new.balance_before <> old.balance) OR (NOT (new.last_transfer IS DISTINCT FROM old.last_transfer))))) EXECUTE FUNCTION public.accounts_remember();

CREATE TRIGGER admins_are_kept BEFORE DELETE OR TRUNCATE ON public.administrators FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();

CREATE TRIGGER approved_is_for_ever BEFORE UPDATE ON public.parties FOR EACH ROW WHEN (((new.status = 'pending'::text) AND (old.status <> 'pending'::text))) EXECUTE FUNCTION public.refuse();

CREATE TRIGGER balance_is_the_last_entry AFTER UPDATE ON public.accounts REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.balance_is_the_last_entry();

CREATE TRIGGER balances_move_with_entries BEFORE UPDATE ON public.accounts FOR EACH ROW WHEN (((new.version < old.version) OR ((new.version = old.version) AND ((new.balance <> old.balance) OR (new.version_before <> old.version_before) OR (new.balance_before <> old.balance_before) OR (new.last_transfer IS DISTINCT FROM old.last_transfer))))) EXECUTE FUNCTION public.refuse();

CREATE TRIGGER bands_are_forever BEFORE DELETE OR UPDATE OR TRUNCATE ON public.bands FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();

CREATE TRIGGER cash_ends_once BEFORE UPDATE ON public.cash_requests FOR EACH ROW WHEN (((old.ended IS NOT NULL) OR ((((((((((((new.id IS DISTINCT FROM old.id) OR (new.request_id IS DISTINCT FROM old.request_id)) OR (new.operation IS DISTINCT FROM old.operation)) OR (new.customer_id IS DISTINCT FROM old.customer_id)) OR (new.agent_id IS DISTINCT FROM old.agent_id)) OR (new.amount IS DISTINCT FROM old.amount)) OR (new.fee IS DISTINCT FROM old.fee)) OR (new.hold_id IS DISTINCT FROM old.hold_id)) OR (new.ref IS DISTINCT FROM old.ref)) OR (new.code IS DISTINCT FROM old.code)) OR (new.asked_at IS DISTINCT FROM old.asked_at)) OR (new.expires_at IS DISTINCT FROM old.expires_at)))) EXECUTE FUNCTION public.refuse();

CREATE TRIGGER cash_ends_with_its_money AFTER UPDATE ON public.cash_requests REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.cash_is_as_its_money();

CREATE TRIGGER cash_is_between_parties AFTER INSERT ON public.cash_requests REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.cash_is_between_parties();

CREATE TRIGGER cash_requests_are_kept BEFORE DELETE OR TRUNCATE ON public.cash_requests FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();

CREATE TRIGGER closed_admins_stay_closed BEFORE UPDATE ON public.administrators FOR EACH ROW WHEN (((old.status = 'closed'::text) AND (new.status <> 'closed'::text))) EXECUTE FUNCTION public.refuse();

CREATE TRIGGER closed_is_for_ever BEFORE UPDATE ON public.parties FOR EACH ROW WHEN ((old.status = 'closed'::text)) EXECUTE FUNCTION public.refuse();

CREATE TRIGGER deeds_are_forever BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();

CREATE TRIGGER done_did_something AFTER INSERT ON public.requests REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.done_did_something();

CREATE TRIGGER ended_holds_are_given_back AFTER UPDATE ON public.holds REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.holds_are_held();

CREATE TRIGGER entries_are_forever BEFORE DELETE OR UPDATE OR TRUNCATE ON public.entries FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();

CREATE TRIGGER entries_are_forever BEFORE DELETE OR UPDATE OR TRUNCATE ON public.entries_before_months FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();

CREATE TRIGGER entries_follow_each_other AFTER INSERT ON public.entries REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.entries_follow_each_other();

CREATE TRIGGER entries_follow_each_other AFTER INSERT ON public.entries_before_months REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.entries_follow_each_other();

CREATE TRIGGER entries_must_balance AFTER INSERT ON public.entries REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.entries_must_balance();

CREATE TRIGGER entries_must_balance AFTER INSERT ON public.entries_before_months REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.entries_must_balance();

CREATE TRIGGER held_is_what_is_on_hold AFTER UPDATE ON public.accounts FOR EACH ROW WHEN ((new.held <> old.held)) EXECUTE FUNCTION public.held_is_what_is_on_hold();

CREATE TRIGGER holds_are_kept BEFORE DELETE OR TRUNCATE ON public.holds FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();

CREATE TRIGGER holds_end_once BEFORE UPDATE ON public.holds FOR EACH ROW WHEN (((old.ended IS NOT NULL) OR ((((((new.id IS DISTINCT FROM old.id) OR (new.account_id IS DISTINCT FROM old.account_id)) OR (new.to_account IS DISTINCT FROM old.to_account)) OR (new.amount IS DISTINCT FROM old.amount)) OR (new.counted IS DISTINCT FROM old.counted)) OR (new.day IS DISTINCT FROM old.day)))) EXECUTE FUNCTION public.refuse();

CREATE TRIGGER holds_end_with_their_cash AFTER UPDATE ON public.holds REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.holds_end_with_their_cash();

CREATE TRIGGER kinds_are_kept BEFORE UPDATE ON public.parties FOR EACH ROW WHEN (((new.kind <> old.kind) AND (NOT ((old.kind = ANY (ARRAY['agent'::text, 'super_agent'::text])) AND (new.kind = ANY (ARRAY['agent'::text, 'super_agent'::text])))))) EXECUTE FUNCTION public.refuse();

CREATE TRIGGER limits_are_forever BEFORE DELETE OR UPDATE OR TRUNCATE ON public.limits FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();

CREATE TRIGGER limits_are_told_before BEFORE INSERT ON public.limits FOR EACH ROW WHEN (((new.effective_at < public.told_at()) AND (NOT pg_has_role(CURRENT_USER, 'pg_database_owner'::name, 'USAGE'::text)))) EXECUTE FUNCTION public.refuse();

CREATE TRIGGER messages_tell_the_truth AFTER INSERT ON public.messages REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.messages_tell_the_truth();

CREATE TRIGGER new_cash_is_on_hold AFTER INSERT ON public.cash_requests REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.cash_is_as_its_money();

CREATE TRIGGER new_holds_are_held AFTER INSERT ON public.holds REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.holds_are_held();

CREATE TRIGGER outcome_names_what_was_done AFTER INSERT ON public.requests REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.outcome_names_what_was_done();

CREATE TRIGGER parties_are_kept BEFORE DELETE OR TRUNCATE ON public.parties FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();

CREATE TRIGGER prices_are_told_before BEFORE INSERT ON public.bands FOR EACH ROW WHEN (((new.effective_at < public.told_at()) AND (NOT pg_has_role(CURRENT_USER, 'pg_database_owner'::name, 'USAGE'::text)))) EXECUTE FUNCTION public.refuse();

CREATE TRIGGER references_are_used_once BEFORE DELETE ON public.requests FOR EACH ROW WHEN ((split_part(old.content, ' '::text, 1) = ANY (ARRAY['issue'::text, 'redeem'::text, 'reverse'::text]))) EXECUTE FUNCTION public.refuse();

CREATE TRIGGER requests_are_forever BEFORE UPDATE OR TRUNCATE ON public.requests FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();

CREATE TRIGGER reversal_steps_are_forever BEFORE DELETE OR UPDATE OR TRUNCATE ON public.reversal_steps FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();

CREATE TRIGGER reversals_are_kept BEFORE DELETE OR TRUNCATE ON public.reversals FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();

CREATE TRIGGER reversals_end_once BEFORE UPDATE ON public.reversals FOR EACH ROW WHEN (((old.state <> 'open'::text) OR ((((((((((((new.id IS DISTINCT FROM old.id) OR (new.transfer_id IS DISTINCT FROM old.transfer_id)) OR (new.operation IS DISTINCT FROM old.operation)) OR (new.receipt IS DISTINCT FROM old.receipt)) OR (new.from_account IS DISTINCT FROM old.from_account)) OR (new.to_account IS DISTINCT FROM old.to_account)) OR (new.amount IS DISTINCT FROM old.amount)) OR (new.fee IS DISTINCT FROM old.fee)) OR (new.commission_account IS DISTINCT FROM old.commission_account)) OR (new.earned IS DISTINCT FROM old.earned)) OR (new.reason IS DISTINCT FROM old.reason)) OR (new.opened_at IS DISTINCT FROM old.opened_at)))) EXECUTE FUNCTION public.refuse();

CREATE CONSTRAINT TRIGGER reversals_undo_transfers AFTER INSERT ON public.reversals DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.reversals_undo_transfers();

CREATE CONSTRAINT TRIGGER steps_are_as_their_money AFTER INSERT ON public.reversal_steps DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.steps_are_as_their_money();

CREATE CONSTRAINT TRIGGER suspense_holds_what_was_taken AFTER INSERT OR UPDATE ON public.reversals DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.suspense_holds_what_was_taken();

CREATE TRIGGER taken_back_is_forever BEFORE DELETE OR UPDATE OR TRUNCATE ON public.limits_taken_back FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();

CREATE TRIGGER taken_back_is_forever BEFORE DELETE OR UPDATE OR TRUNCATE ON public.tariffs_taken_back FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();

CREATE TRIGGER tariffs_are_whole AFTER INSERT ON public.bands REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.tariffs_are_whole();

CREATE TRIGGER texts_are_made_once BEFORE UPDATE OF text ON public.messages FOR EACH ROW WHEN (((old.text IS NOT NULL) AND (new.text IS DISTINCT FROM old.text))) EXECUTE FUNCTION public.refuse();

CREATE TRIGGER tier_kinds_are_forever BEFORE DELETE OR UPDATE OR TRUNCATE ON public.tier_kinds FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();

CREATE TRIGGER tiers_are_forever BEFORE DELETE OR UPDATE OR TRUNCATE ON public.tiers FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();

CREATE TRIGGER transfers_are_forever BEFORE DELETE OR UPDATE OR TRUNCATE ON public.transfers FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();

CREATE TRIGGER transfers_are_forever BEFORE DELETE OR UPDATE OR TRUNCATE ON public.transfers_before_months FOR EACH STATEMENT EXECUTE FUNCTION public.refuse();

CREATE TRIGGER transfers_have_entries AFTER INSERT ON public.transfers REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.transfers_have_entries();

CREATE TRIGGER transfers_have_entries AFTER INSERT ON public.transfers_before_months REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.transfers_have_entries();

CREATE TRIGGER what_began_is_not_taken_back BEFORE INSERT ON public.limits_taken_back FOR EACH ROW WHEN ((new.effective_at <= public.told_at())) EXECUTE FUNCTION public.refuse();

CREATE TRIGGER what_began_is_not_taken_back BEFORE INSERT ON public.tariffs_taken_back FOR EACH ROW WHEN ((new.effective_at <= public.told_at())) EXECUTE FUNCTION public.refuse();

CREATE TRIGGER young_messages_stay AFTER DELETE ON public.inbound_messages REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION public.young_ones_stay('taken_at', '30 days');

CREATE TRIGGER young_requests_stay AFTER DELETE ON public.requests REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION public.young_ones_stay('at', '30 days');

CREATE TRIGGER young_wrong_codes_stay AFTER DELETE ON public.wrong_codes REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION public.young_ones_stay('at', '2 days');

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_party_id_fkey FOREIGN KEY (party_id) REFERENCES public.parties(id);

ALTER TABLE ONLY public.checks
    ADD CONSTRAINT checks_party_id_fkey FOREIGN KEY (party_id) REFERENCES public.parties(id);

ALTER TABLE ONLY public.tier_kinds
    ADD CONSTRAINT kinds_have_a_tier FOREIGN KEY (tier) REFERENCES public.tiers(name);

ALTER TABLE ONLY public.limits
    ADD CONSTRAINT limits_have_a_tier FOREIGN KEY (tier) REFERENCES public.tiers(name);

ALTER TABLE ONLY public.lookups
    ADD CONSTRAINT lookups_party_id_fkey FOREIGN KEY (party_id) REFERENCES public.parties(id);

ALTER TABLE ONLY public.parties
    ADD CONSTRAINT parties_tier_fkey FOREIGN KEY (tier) REFERENCES public.tiers(name);

ALTER TABLE ONLY public.passwords
    ADD CONSTRAINT passwords_party_id_fkey FOREIGN KEY (party_id) REFERENCES public.parties(id);

ALTER TABLE ONLY public.pins
    ADD CONSTRAINT pins_party_id_fkey FOREIGN KEY (party_id) REFERENCES public.parties(id);

ALTER TABLE ONLY public.reversal_steps
    ADD CONSTRAINT reversal_steps_reversal_id_fkey FOREIGN KEY (reversal_id) REFERENCES public.reversals(id);

ALTER TABLE ONLY public.reversals
    ADD CONSTRAINT reversals_commission_account_fkey FOREIGN KEY (commission_account) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.reversals
    ADD CONSTRAINT reversals_from_account_fkey FOREIGN KEY (from_account) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.reversals
    ADD CONSTRAINT reversals_to_account_fkey FOREIGN KEY (to_account) REFERENCES public.accounts(id);

ALTER TABLE ONLY public.starts
    ADD CONSTRAINT starts_party_id_fkey FOREIGN KEY (party_id) REFERENCES public.parties(id);

ALTER TABLE ONLY public.limits_taken_back
    ADD CONSTRAINT taken_back_was_told FOREIGN KEY (tier, effective_at) REFERENCES public.limits(tier, effective_at);

ALTER TABLE ONLY public.parties
    ADD CONSTRAINT tier_fits_the_kind FOREIGN KEY (tier, kind) REFERENCES public.tier_kinds(tier, kind);

ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT tokens_admin_id_fkey FOREIGN KEY (admin_id) REFERENCES public.administrators(id);

ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT tokens_party_id_fkey FOREIGN KEY (party_id) REFERENCES public.parties(id);

ALTER TABLE ONLY public.wrong_codes
    ADD CONSTRAINT wrong_codes_agent_id_fkey FOREIGN KEY (agent_id) REFERENCES public.parties(id);

GRANT USAGE ON SCHEMA public TO piga_app;

REVOKE ALL ON PROCEDURE public.guard(IN of regclass, IN kind text) FROM PUBLIC;

REVOKE ALL ON FUNCTION public.make_month(month date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.make_month(month date) TO piga_app;

GRANT SELECT ON TABLE public.accounts TO piga_app;

GRANT INSERT(party_id) ON TABLE public.accounts TO piga_app;

GRANT INSERT(kind) ON TABLE public.accounts TO piga_app;

GRANT UPDATE(balance) ON TABLE public.accounts TO piga_app;

GRANT UPDATE(held) ON TABLE public.accounts TO piga_app;

GRANT UPDATE(version) ON TABLE public.accounts TO piga_app;

GRANT UPDATE(spent_day) ON TABLE public.accounts TO piga_app;

GRANT UPDATE(spent_today) ON TABLE public.accounts TO piga_app;

GRANT UPDATE(spent_month) ON TABLE public.accounts TO piga_app;

GRANT INSERT(opened_at) ON TABLE public.accounts TO piga_app;

GRANT UPDATE(closed_at) ON TABLE public.accounts TO piga_app;

GRANT UPDATE(reset_until) ON TABLE public.accounts TO piga_app;

GRANT UPDATE(reset_version) ON TABLE public.accounts TO piga_app;

GRANT UPDATE(last_transfer) ON TABLE public.accounts TO piga_app;

GRANT UPDATE(version_before) ON TABLE public.accounts TO piga_app;

GRANT UPDATE(balance_before) ON TABLE public.accounts TO piga_app;

GRANT USAGE ON SEQUENCE public.account_ids TO piga_app;

GRANT SELECT,INSERT ON TABLE public.administrators TO piga_app;

GRANT UPDATE(name) ON TABLE public.administrators TO piga_app;

GRANT UPDATE(password) ON TABLE public.administrators TO piga_app;

GRANT UPDATE(roles) ON TABLE public.administrators TO piga_app;

GRANT UPDATE(status) ON TABLE public.administrators TO piga_app;

GRANT UPDATE(closed_at) ON TABLE public.administrators TO piga_app;

GRANT SELECT,INSERT ON TABLE public.audit_log TO piga_app;

GRANT SELECT,INSERT ON TABLE public.bands TO piga_app;

GRANT SELECT,INSERT ON TABLE public.cash_requests TO piga_app;

GRANT UPDATE(wrong) ON TABLE public.cash_requests TO piga_app;

GRANT UPDATE(ended) ON TABLE public.cash_requests TO piga_app;

GRANT UPDATE(ended_at) ON TABLE public.cash_requests TO piga_app;

GRANT UPDATE(ended_by) ON TABLE public.cash_requests TO piga_app;

GRANT UPDATE(transfer_id) ON TABLE public.cash_requests TO piga_app;

GRANT USAGE ON SEQUENCE public.cash_request_ids TO piga_app;

GRANT SELECT,INSERT ON TABLE public.checks TO piga_app;

GRANT UPDATE(began_at) ON TABLE public.checks TO piga_app;

GRANT UPDATE(count) ON TABLE public.checks TO piga_app;

GRANT SELECT ON TABLE public.closings TO piga_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.delivery_reports TO piga_app;

GRANT SELECT,INSERT ON TABLE public.deposit_commissions TO piga_app;

GRANT UPDATE(earned) ON TABLE public.deposit_commissions TO piga_app;

GRANT UPDATE(returned) ON TABLE public.deposit_commissions TO piga_app;

GRANT SELECT,INSERT ON TABLE public.entries TO piga_app;

GRANT USAGE ON SEQUENCE public.hold_ids TO piga_app;

GRANT SELECT,INSERT ON TABLE public.holds TO piga_app;

GRANT UPDATE(ended) ON TABLE public.holds TO piga_app;

GRANT UPDATE(ended_at) ON TABLE public.holds TO piga_app;

GRANT UPDATE(transfer_id) ON TABLE public.holds TO piga_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.inbound_messages TO piga_app;

GRANT UPDATE(held_until) ON TABLE public.inbound_messages TO piga_app;

GRANT UPDATE(done_at) ON TABLE public.inbound_messages TO piga_app;

GRANT UPDATE(outcome) ON TABLE public.inbound_messages TO piga_app;

GRANT UPDATE(reply) ON TABLE public.inbound_messages TO piga_app;

GRANT SELECT,DELETE ON TABLE public.intents TO piga_app;

GRANT INSERT(request_id) ON TABLE public.intents TO piga_app;

GRANT INSERT(party_id) ON TABLE public.intents TO piga_app;

GRANT INSERT(turn) ON TABLE public.intents TO piga_app;

GRANT INSERT(errand) ON TABLE public.intents TO piga_app;

GRANT INSERT(args) ON TABLE public.intents TO piga_app;

GRANT INSERT(operation) ON TABLE public.intents TO piga_app;

GRANT INSERT(from_account) ON TABLE public.intents TO piga_app;

GRANT INSERT(to_account) ON TABLE public.intents TO piga_app;

GRANT INSERT(amount) ON TABLE public.intents TO piga_app;

GRANT INSERT(hold_id) ON TABLE public.intents TO piga_app;

GRANT INSERT(created_at) ON TABLE public.intents TO piga_app;

GRANT UPDATE(settled_at) ON TABLE public.intents TO piga_app;

GRANT INSERT(seen_at),UPDATE(seen_at) ON TABLE public.intents TO piga_app;

GRANT SELECT,INSERT ON TABLE public.limits TO piga_app;

GRANT SELECT,INSERT ON TABLE public.limits_taken_back TO piga_app;

GRANT SELECT,INSERT ON TABLE public.lookups TO piga_app;

GRANT UPDATE(numbers) ON TABLE public.lookups TO piga_app;

GRANT UPDATE(times) ON TABLE public.lookups TO piga_app;

GRANT SELECT ON TABLE public.messages TO piga_app;

GRANT INSERT(party_id) ON TABLE public.messages TO piga_app;

GRANT INSERT(phone),UPDATE(phone) ON TABLE public.messages TO piga_app;

GRANT INSERT(lang) ON TABLE public.messages TO piga_app;

GRANT INSERT(key) ON TABLE public.messages TO piga_app;

GRANT INSERT(args) ON TABLE public.messages TO piga_app;

GRANT INSERT(transfer_id) ON TABLE public.messages TO piga_app;

GRANT UPDATE(text) ON TABLE public.messages TO piga_app;

GRANT INSERT(created_at) ON TABLE public.messages TO piga_app;

GRANT INSERT(due_at),UPDATE(due_at) ON TABLE public.messages TO piga_app;

GRANT UPDATE(leased_until) ON TABLE public.messages TO piga_app;

GRANT UPDATE(attempts) ON TABLE public.messages TO piga_app;

GRANT UPDATE(sent_at) ON TABLE public.messages TO piga_app;

GRANT UPDATE(dead_at) ON TABLE public.messages TO piga_app;

GRANT UPDATE(provider) ON TABLE public.messages TO piga_app;

GRANT UPDATE(provider_id) ON TABLE public.messages TO piga_app;

GRANT UPDATE(last_error) ON TABLE public.messages TO piga_app;

GRANT UPDATE(delivered_at) ON TABLE public.messages TO piga_app;

GRANT UPDATE(failed_at) ON TABLE public.messages TO piga_app;

GRANT UPDATE(renewed_at) ON TABLE public.messages TO piga_app;

GRANT USAGE ON SEQUENCE public.message_ids TO piga_app;

GRANT SELECT,INSERT ON TABLE public.parties TO piga_app;

GRANT UPDATE(kind) ON TABLE public.parties TO piga_app;

GRANT UPDATE(status) ON TABLE public.parties TO piga_app;

GRANT UPDATE(tier) ON TABLE public.parties TO piga_app;

GRANT UPDATE(name) ON TABLE public.parties TO piga_app;

GRANT UPDATE(phone) ON TABLE public.parties TO piga_app;

GRANT UPDATE(id_number) ON TABLE public.parties TO piga_app;

GRANT UPDATE(lang) ON TABLE public.parties TO piga_app;

GRANT UPDATE(closed_at) ON TABLE public.parties TO piga_app;

GRANT UPDATE(email) ON TABLE public.parties TO piga_app;

GRANT UPDATE(auto_confirm) ON TABLE public.parties TO piga_app;

GRANT USAGE ON SEQUENCE public.party_ids TO piga_app;

GRANT SELECT,INSERT ON TABLE public.passwords TO piga_app;

GRANT UPDATE(hash) ON TABLE public.passwords TO piga_app;

GRANT UPDATE(changed_at) ON TABLE public.passwords TO piga_app;

GRANT UPDATE(proved_at) ON TABLE public.passwords TO piga_app;

GRANT SELECT,INSERT ON TABLE public.pins TO piga_app;

GRANT UPDATE(key_id) ON TABLE public.pins TO piga_app;

GRANT UPDATE(sealed) ON TABLE public.pins TO piga_app;

GRANT UPDATE(turns) ON TABLE public.pins TO piga_app;

GRANT UPDATE(wrong) ON TABLE public.pins TO piga_app;

GRANT UPDATE(tried_at) ON TABLE public.pins TO piga_app;

GRANT UPDATE(locked_until) ON TABLE public.pins TO piga_app;

GRANT UPDATE(changed_at) ON TABLE public.pins TO piga_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.requests TO piga_app;

GRANT SELECT,INSERT ON TABLE public.reversal_steps TO piga_app;

GRANT SELECT,INSERT ON TABLE public.reversals TO piga_app;

GRANT UPDATE(taken) ON TABLE public.reversals TO piga_app;

GRANT UPDATE(returned) ON TABLE public.reversals TO piga_app;

GRANT UPDATE(state) ON TABLE public.reversals TO piga_app;

GRANT UPDATE(ended_at) ON TABLE public.reversals TO piga_app;

GRANT SELECT,INSERT ON TABLE public.starts TO piga_app;

GRANT UPDATE(key_id) ON TABLE public.starts TO piga_app;

GRANT UPDATE(sealed) ON TABLE public.starts TO piga_app;

GRANT UPDATE(reset) ON TABLE public.starts TO piga_app;

GRANT UPDATE(tries) ON TABLE public.starts TO piga_app;

GRANT UPDATE(expires_at) ON TABLE public.starts TO piga_app;

GRANT UPDATE(used_at) ON TABLE public.starts TO piga_app;

GRANT SELECT,INSERT ON TABLE public.tariffs_taken_back TO piga_app;

GRANT SELECT,INSERT ON TABLE public.tier_kinds TO piga_app;

GRANT SELECT,INSERT ON TABLE public.tiers TO piga_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.tokens TO piga_app;

GRANT USAGE ON SEQUENCE public.transfer_ids TO piga_app;

GRANT SELECT,INSERT ON TABLE public.transfers TO piga_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.wrong_codes TO piga_app;
