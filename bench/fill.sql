-- Fills an empty, migrated database with people, their money and a history of sends, in one go: with the guards
-- off, but as they would have it. Each balance is its account's last entry, versions have no gap, each transfer
-- and the whole sum to zero. Messages are left out, as if they had long been sent and thrown away.
--
-- Read from the settings bench.people, bench.sweeps (each makes everybody send once and receive once), bench.first
-- (the party and account of the first), bench.start (cents that each begins with), bench.amount and bench.fee
-- (of each send in the history).

BEGIN;
SET LOCAL session_replication_role = replica;
SET LOCAL max_parallel_workers_per_gather = 0;

-- Everything is of this month: the largest indexes that a posting can meet.
CREATE FUNCTION pg_temp.this_month() RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
$$;
CREATE FUNCTION pg_temp.month_table(whole text) RETURNS regclass LANGUAGE sql STABLE AS $$
    SELECT (whole || to_char(now() AT TIME ZONE 'UTC', '_YYYY_MM'))::regclass
$$;
-- A receipt begins with the letters of its month.
CREATE TEMPORARY TABLE letters ON COMMIT DROP AS
SELECT substring(pg_get_constraintdef(oid) FROM '''(..)%''') AS begin
FROM pg_constraint
WHERE conrelid = pg_temp.month_table('transfers') AND conname = 'receipt_tells_the_month';

-- The month is taken out, so that its indexes can be written afterwards, which is several times quicker.
CREATE TEMPORARY TABLE put_back ON COMMIT DROP AS
SELECT c.conrelid::regclass::text AS of_table, c.conname AS name, pg_get_constraintdef(c.oid) AS definition
FROM pg_constraint c
WHERE c.contype IN ('p', 'u')
    AND c.conrelid IN (pg_temp.month_table('entries'), pg_temp.month_table('transfers'), 'requests'::regclass);
CREATE TEMPORARY TABLE put_back_months ON COMMIT DROP AS
SELECT whole, pg_temp.month_table(whole)::text AS month, pg_get_expr(relpartbound, oid) AS bounds
FROM pg_class, (VALUES ('entries'), ('transfers')) AS t (whole)
WHERE oid = pg_temp.month_table(whole);
DO $$
DECLARE
    c record;
BEGIN
    FOR c IN SELECT whole, month FROM put_back_months LOOP
        EXECUTE format('ALTER TABLE %s DETACH PARTITION %s', c.whole, c.month);
        EXECUTE format('CREATE TEMPORARY VIEW %s_here AS SELECT * FROM %s', c.whole, c.month);
    END LOOP;
    FOR c IN SELECT of_table, name FROM put_back LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.of_table, c.name);
    END LOOP;
END $$;

-- What the rest needs to know of each.
CREATE FUNCTION pg_temp.of(setting text) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT current_setting('bench.' || setting)::bigint
$$;

INSERT INTO parties (id, kind, status, tier, name, phone, lang, opened_at)
SELECT pg_temp.of('first') + i, 'subscriber', 'active', 'full', 'JANE WANJIKU', '+2547' || lpad(i::text, 8, '0'), 'en',
    now() - interval '1 year'
FROM generate_series(0, pg_temp.of('people') - 1) AS i;
INSERT INTO accounts (id, party_id, kind, balance, version, opened_at)
SELECT p.id, p.id, 'wallet', pg_temp.of('start') - pg_temp.of('sweeps') * pg_temp.of('fee'), 1 + 2 * pg_temp.of('sweeps'),
    p.opened_at
FROM parties p;

-- The trade: a merchant and an agent, without money so far.
INSERT INTO parties (id, kind, status, tier, name, phone, number, lang, opened_at) VALUES
    (pg_temp.of('first') - 2, 'merchant', 'active', 'trade', 'DUKA LA MAMA', '+254790000001', '20001', 'en', now() - interval '1 year'),
    (pg_temp.of('first') - 1, 'agent', 'active', 'trade', 'MAMA NJERI SHOP', '+254790000002', '10021', 'en', now() - interval '1 year');
INSERT INTO accounts (id, party_id, kind, opened_at) VALUES
    (pg_temp.of('first') - 2, pg_temp.of('first') - 2, 'till', now() - interval '1 year'),
    (pg_temp.of('first') - 1, pg_temp.of('first') - 1, 'float', now() - interval '1 year'),
    (pg_temp.of('first') - 3, pg_temp.of('first') - 1, 'commission', now() - interval '1 year');

-- Everybody's first money comes from trust, as no real one's does: only super agents are issued any.
CREATE TEMPORARY TABLE issued ON COMMIT DROP AS
SELECT
    first_id_of(pg_temp.this_month()) + i + 1 AS id,
    'issue:' || i AS request_id,
    pg_temp.of('first') + i AS account_id,
    i + 1 AS version,
    pg_temp.of('start') AS amount
FROM generate_series(0, pg_temp.of('people') - 1) AS i;
INSERT INTO requests (id, content, transfer_id, at)
SELECT request_id, format('issue 1>%s %s hold 0', account_id, amount), id, now() - interval '1 year'
FROM issued;
INSERT INTO transfers_here (id, request_id, operation, from_account, to_account, amount, fee, receipt, lines, at)
SELECT id, request_id, 'issue', 1, account_id, amount, 0, begin || 'N' || upper(lpad(to_hex(version), 7, '0')), 2, pg_temp.this_month()
FROM issued, letters;
INSERT INTO entries_here (account_id, version, transfer_id, line, amount, balance)
SELECT l.account_id, l.version, i.id, l.line, l.amount, l.balance
FROM issued i
CROSS JOIN LATERAL (VALUES
    (1,            i.version, 1, -i.amount, -i.amount * i.version),
    (i.account_id, 1,         2, i.amount,  i.amount)
) AS l (account_id, version, line, amount, balance);

-- The history. In sweep k person i sends to person i + shift, round the end. So whoever comes before the shift
-- sends first and receives later in the sweep, the others receive first; from which versions and balances follow.
CREATE TEMPORARY TABLE sent ON COMMIT DROP AS
SELECT
    first_id_of(pg_temp.this_month()) + n.people + k * n.people + i + 1 AS id,
    k * n.people + i + 1 AS number,
    k,
    i,
    (i + s.shift) % n.people AS j,
    s.shift,
    n.start - k * n.fee AS before -- everybody's, at the beginning of the sweep
FROM (SELECT pg_temp.of('people') AS people, pg_temp.of('start') AS start, pg_temp.of('fee') AS fee) n
CROSS JOIN generate_series(0, pg_temp.of('sweeps') - 1) AS k
CROSS JOIN LATERAL (SELECT 1 + k * 7919 % (n.people - 1) AS shift) s
CROSS JOIN generate_series(0, n.people - 1) AS i;
INSERT INTO requests (id, content, transfer_id, at)
SELECT
    'ussd:*384*96#:ATUid_' || md5(s.id::text),
    format('send %s>%s %s hold 0', pg_temp.of('first') + s.i, pg_temp.of('first') + s.j, pg_temp.of('amount')),
    s.id,
    pg_temp.this_month()
FROM sent s;
-- A receipt that looks as if it came by chance and cannot come twice: the factor is odd.
INSERT INTO transfers_here (id, request_id, operation, from_account, to_account, amount, fee, receipt, lines, at)
SELECT
    s.id,
    'ussd:*384*96#:ATUid_' || md5(s.id::text),
    'send',
    pg_temp.of('first') + s.i,
    pg_temp.of('first') + s.j,
    pg_temp.of('amount'),
    pg_temp.of('fee'),
    begin || upper(lpad(to_hex(s.number * 11400714819 % 4294967296), 8, '0')),
    3,
    pg_temp.this_month()
FROM sent s, letters;
INSERT INTO entries_here (account_id, version, transfer_id, line, amount, balance)
SELECT l.account_id, l.version, s.id, l.line, l.amount, l.balance
FROM (SELECT pg_temp.of('people') AS people, pg_temp.of('first') AS first, pg_temp.of('amount') AS amount,
    pg_temp.of('fee') AS fee) n
CROSS JOIN sent s
CROSS JOIN LATERAL (VALUES
    (
        n.first + s.i,
        2 * s.k + CASE WHEN s.i < s.shift THEN 2 ELSE 3 END,
        1,
        -n.amount - n.fee,
        s.before - n.fee - CASE WHEN s.i < s.shift THEN n.amount ELSE 0 END
    ), (
        n.first + s.j,
        2 * s.k + CASE WHEN s.j < s.shift THEN 3 ELSE 2 END,
        2,
        n.amount,
        s.before + CASE WHEN s.j < s.shift THEN -n.fee ELSE n.amount END
    ), (
        2,
        s.number,
        3,
        n.fee,
        n.fee * s.number
    )
) AS l (account_id, version, line, amount, balance);

UPDATE accounts SET
    version = pg_temp.of('people'),
    balance = -pg_temp.of('people') * pg_temp.of('start')
WHERE id = 1;
UPDATE accounts SET
    version = pg_temp.of('people') * pg_temp.of('sweeps'),
    balance = pg_temp.of('people') * pg_temp.of('sweeps') * pg_temp.of('fee')
WHERE id = 2;
SELECT setval('party_ids', pg_temp.of('first') + pg_temp.of('people'));
SELECT setval('account_ids', pg_temp.of('first') + pg_temp.of('people'));
SELECT setval('transfer_ids', pg_temp.of('people') * (1 + pg_temp.of('sweeps')));

DO $$
DECLARE
    c record;
BEGIN
    FOR c IN SELECT of_table, name, definition FROM put_back LOOP
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s', c.of_table, c.name, c.definition);
    END LOOP;
    FOR c IN SELECT whole, month, bounds FROM put_back_months LOOP
        EXECUTE format('DROP VIEW %s_here', c.whole);
        EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s %s', c.whole, c.month, c.bounds);
    END LOOP;
END $$;
UPDATE accounts a SET last_transfer = e.transfer_id, version_before = e.version - 1, balance_before = e.balance - e.amount
FROM entries e
WHERE e.account_id = a.id AND e.version = a.version;
COMMIT;
