-- What PostgreSQL can do without Go in front, made by the benchmark in a database of its own with the same schema
-- and guards. Both functions write the very rows of a send through Post, column by column: a request, a transfer,
-- three entries, two messages, three accounts. Fees are a stripe that nobody else has, as they are there.

-- bench_fees is that stripe, which the transaction has until it ends.
CREATE FUNCTION bench_fees() RETURNS bigint LANGUAGE sql AS $$
    SELECT coalesce((SELECT 10 * n + 2 FROM generate_series(1, 31) AS n
        WHERE pg_try_advisory_xact_lock(hashtext('stripe'), n) LIMIT 1), 2)
$$;

-- bench_id is a transfer's id, which begins with its time.
CREATE FUNCTION bench_id(at timestamptz) RETURNS bigint LANGUAGE sql AS $$
    SELECT (extract(epoch FROM at) * 1000)::bigint << 20 | (nextval('transfer_ids') & 1048575)
$$;

-- bench_batch carries out many sends in one call. It locks their accounts in the order of their ids, works out each
-- balance, version and counter with windows over the lines of all of them, writes everything in one statement, and
-- looks at the result: status, floor and limits as the ledger does. It decides about all at once, so that a
-- single refusal is the end of the batch. That is less than Post does, and therefore a ceiling.
CREATE FUNCTION bench_batch(
    requests text[], payers bigint[], payees bigint[], amounts bigint[], fees bigint[], receipts text[]
) RETURNS void LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET jit = off
    SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    at    timestamptz;
    today integer;
    wrong bigint;
    fees_account bigint := bench_fees();
BEGIN
    PERFORM a.id
    FROM (SELECT DISTINCT id FROM unnest(payers || payees || fees_account) AS u (id)) u
    JOIN accounts a ON a.id = u.id
    ORDER BY a.id
    FOR NO KEY UPDATE OF a;
    at := clock_timestamp();
    today := to_char(at AT TIME ZONE 'Africa/Nairobi', 'YYYYMMDD');

    WITH moves AS MATERIALIZED (
        SELECT u.request, u.payer, u.payee, u.amount, u.fee, bench_letters() || u.receipt AS receipt, u.n, bench_id(at) AS transfer
        FROM unnest(requests, payers, payees, amounts, fees, receipts) WITH ORDINALITY
            AS u (request, payer, payee, amount, fee, receipt, n)
    ), lines AS MATERIALIZED (
        SELECT
            m.transfer, m.amount AS sent, m.fee, m.receipt, l.line, l.account, l.other, l.amount,
            p.id AS party, p.phone, p.lang, p.status, a.held, a.floor,
            t.one_transaction, t.a_day, t.a_month, t.largest_balance,
            a.balance + sum(l.amount) OVER w AS balance,
            a.version + row_number() OVER w AS version,
            CASE WHEN a.spent_day = today THEN a.spent_today ELSE 0 END + sum(l.spent) OVER w AS spent_today,
            CASE WHEN a.spent_day / 100 = today / 100 THEN a.spent_month ELSE 0 END + sum(l.spent) OVER w AS spent_month,
            sum(l.spent) OVER w > 0 AS has_spent,
            a.spent_day, a.spent_today AS was_today, a.spent_month AS was_month,
            lead(l.line) OVER w IS NULL AS last
        FROM moves m
        CROSS JOIN LATERAL (VALUES
            (1::smallint, m.payer,   m.payee, -m.amount - m.fee, m.amount),
            (2::smallint, m.payee,   m.payer, m.amount,          0),
            (3::smallint, fees_account, NULL, m.fee,             0)
        ) AS l (line, account, other, amount, spent)
        JOIN accounts a ON a.id = l.account
        LEFT JOIN parties p ON p.id = a.party_id
        LEFT JOIN tiers t ON t.name = p.tier
        WINDOW w AS (PARTITION BY l.account ORDER BY m.n, l.line)
    ), messages_written AS (
        INSERT INTO messages (party_id, phone, lang, key, args, transfer_id, created_at, due_at)
        SELECT
            l.party, l.phone, l.lang, CASE l.line WHEN 1 THEN 'sms.sent' ELSE 'sms.received' END,
            bench_args(l.line, l.receipt, at, l.sent, l.fee, l.balance::bigint, o.name, o.phone), l.transfer, at, at
        FROM lines l
        JOIN accounts oa ON oa.id = l.other
        JOIN parties o ON o.id = oa.party_id
    ), requests_written AS (
        INSERT INTO requests (id, content, transfer_id, at)
        SELECT m.request, 'send ' || m.payer || '>' || m.payee || ' ' || m.amount || ' hold 0', m.transfer, at
        FROM moves m
    ), transfers_written AS (
        INSERT INTO transfers (id, request_id, operation, from_account, to_account, amount, fee, receipt, lines, at)
        SELECT m.transfer, m.request, 'send', m.payer, m.payee, m.amount, m.fee, m.receipt, 3, at
        FROM moves m
    ), entries_written AS (
        INSERT INTO entries (account_id, version, transfer_id, line, amount, balance)
        SELECT l.account, l.version, l.transfer, l.line, l.amount, l.balance
        FROM lines l
    ), accounts_written AS (
        UPDATE accounts SET
            balance = l.balance,
            version = l.version,
            last_transfer = l.transfer,
            version_before = accounts.version,
            balance_before = accounts.balance,
            spent_day = CASE WHEN l.has_spent THEN today ELSE l.spent_day END,
            spent_today = CASE WHEN l.has_spent THEN l.spent_today ELSE l.was_today END,
            spent_month = CASE WHEN l.has_spent THEN l.spent_month ELSE l.was_month END
        FROM lines l
        WHERE l.last AND accounts.id = l.account
    )
    SELECT count(*) INTO wrong
    FROM lines l
    WHERE l.status <> 'active' OR l.balance - l.held < l.floor OR (l.line = 2 AND l.balance > l.largest_balance)
       OR (l.line = 1 AND (l.sent > l.one_transaction OR l.spent_today > l.a_day OR l.spent_month > l.a_month));
    IF wrong > 0 THEN
        RAISE EXCEPTION 'refused: % lines', wrong;
    END IF;
END $$;

-- bench_transfer carries out one send, as one would write it by hand: what pgbench calls. It locks the fees, which
-- everybody needs, last, to hold them as shortly as can be.
CREATE FUNCTION bench_transfer(payer bigint, payee bigint, sent bigint, fee bigint, salt bigint) RETURNS void
    LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET jit = off
    SET enable_seqscan = off SET enable_bitmapscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    x        record;
    giver    record;
    taker    record;
    fees     record;
    at       timestamptz;
    today    integer;
    of_day   bigint;
    of_month bigint;
    transfer bigint;
    fees_account bigint := bench_fees();
    chance   text := md5(salt::text);
    receipt  text := bench_letters() || upper(substr(chance, 1, 12));
    request  text := 'ussd:*384*96#:ATUid_' || chance;
BEGIN
    FOR x IN
        SELECT
            a.id, a.balance, a.held, a.floor, a.version, a.spent_day, a.spent_today, a.spent_month,
            p.id AS party, p.phone, p.name, p.lang, p.status,
            t.one_transaction, t.a_day, t.a_month, t.largest_balance
        FROM accounts a
        JOIN parties p ON p.id = a.party_id
        JOIN tiers t ON t.name = p.tier
        WHERE a.id = ANY (ARRAY[payer, payee])
        ORDER BY a.id
        FOR NO KEY UPDATE OF a
    LOOP
        IF x.id = payer THEN giver := x; ELSE taker := x; END IF;
    END LOOP;
    SELECT o.version, o.balance INTO fees FROM accounts o WHERE o.id = fees_account FOR NO KEY UPDATE;
    at := clock_timestamp();
    transfer := bench_id(at);
    today := to_char(at AT TIME ZONE 'Africa/Nairobi', 'YYYYMMDD');
    of_day := CASE WHEN giver.spent_day = today THEN giver.spent_today ELSE 0 END + sent;
    of_month := CASE WHEN giver.spent_day / 100 = today / 100 THEN giver.spent_month ELSE 0 END + sent;
    IF giver.status <> 'active' OR taker.status <> 'active' OR giver.balance - giver.held - sent - fee < giver.floor
        OR sent > giver.one_transaction OR of_day > giver.a_day OR of_month > giver.a_month OR taker.balance + sent > taker.largest_balance
    THEN
        RAISE EXCEPTION 'refused: % to %', payer, payee;
    END IF;

    WITH messages_written AS (
        INSERT INTO messages (party_id, phone, lang, key, args, transfer_id, created_at, due_at) VALUES
            (giver.party, giver.phone, giver.lang, 'sms.sent',
                bench_args(1::smallint, receipt, at, sent, fee, giver.balance - sent - fee, taker.name, taker.phone), transfer, at, at),
            (taker.party, taker.phone, taker.lang, 'sms.received',
                bench_args(2::smallint, receipt, at, sent, fee, taker.balance + sent, giver.name, giver.phone), transfer, at, at)
    ), requests_written AS (
        INSERT INTO requests (id, content, transfer_id, at)
        VALUES (request, 'send ' || payer || '>' || payee || ' ' || sent || ' hold 0', transfer, at)
    ), transfers_written AS (
        INSERT INTO transfers (id, request_id, operation, from_account, to_account, amount, fee, receipt, lines, at)
        VALUES (transfer, request, 'send', payer, payee, sent, fee, receipt, 3, at)
    ), entries_written AS (
        INSERT INTO entries (account_id, version, transfer_id, line, amount, balance) VALUES
            (payer, giver.version + 1, transfer, 1, -sent - fee, giver.balance - sent - fee),
            (payee, taker.version + 1, transfer, 2, sent, taker.balance + sent),
            (fees_account, fees.version + 1, transfer, 3, fee, fees.balance + fee)
    )
    UPDATE accounts SET
        balance = u.balance,
        version = accounts.version + 1,
        last_transfer = transfer,
        version_before = accounts.version,
        balance_before = accounts.balance,
        spent_day = CASE WHEN accounts.id = payer THEN today ELSE accounts.spent_day END,
        spent_today = CASE WHEN accounts.id = payer THEN of_day ELSE accounts.spent_today END,
        spent_month = CASE WHEN accounts.id = payer THEN of_month ELSE accounts.spent_month END
    FROM (VALUES (payer, giver.balance - sent - fee), (payee, taker.balance + sent), (fees_account, fees.balance + fee)) AS u (id, balance)
    WHERE accounts.id = u.id;
END $$;

-- bench_letters begin the receipts of a month.
CREATE FUNCTION bench_letters() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT substr('ABCDEFGHJKMNPQRSTUVWXYZ23456789', (extract(year FROM now() AT TIME ZONE 'UTC')::integer - 2013) % 31 + 1, 1)
        || substr('ABCDEFGHJKMNPQRSTUVWXYZ23456789', extract(month FROM now() AT TIME ZONE 'UTC')::integer, 1)
$$;

-- bench_args fills the blanks of both messages.
CREATE FUNCTION bench_args(
    line smallint, receipt text, at timestamptz, sent bigint, fee bigint, balance bigint, name text, phone text
) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE line
        WHEN 1 THEN jsonb_build_object(
            'receipt', receipt, 'date', to_char(at, 'FMDD/FMMM/YY'), 'time', to_char(at, 'FMHH12:MI AM'),
            'amount', to_char(sent / 100.0, 'FM999,999,990.00'), 'fee', to_char(fee / 100.0, 'FM999,999,990.00'), 'name', name, 'phone', '0' || substr(phone, 5),
            'balance', to_char(balance / 100.0, 'FM999,999,990.00'))
        ELSE jsonb_build_object(
            'receipt', receipt, 'date', to_char(at, 'FMDD/FMMM/YY'), 'time', to_char(at, 'FMHH12:MI AM'),
            'amount', to_char(sent / 100.0, 'FM999,999,990.00'), 'name', name, 'phone', '0' || substr(phone, 5),
            'balance', to_char(balance / 100.0, 'FM999,999,990.00'))
        END
$$;
