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

-- Writing the indexes of the large tables afterwards is several times quicker.
CREATE TEMPORARY TABLE put_back ON COMMIT DROP AS
SELECT c.conrelid::regclass::text AS of_table, c.conname AS name, pg_get_constraintdef(c.oid) AS definition
FROM pg_constraint c
WHERE c.contype IN ('p', 'u') AND c.conrelid IN ('entries'::regclass, 'transfers'::regclass, 'requests'::regclass);
DO $$
DECLARE
    c record;
BEGIN
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
    i + 1 AS id,
    'issue:' || i AS request_id,
    pg_temp.of('first') + i AS account_id,
    i + 1 AS version,
    pg_temp.of('start') AS amount
FROM generate_series(0, pg_temp.of('people') - 1) AS i;
INSERT INTO requests (id, content, transfer_id, at)
SELECT request_id, format('issue 1>%s %s hold 0', account_id, amount), id, now() - interval '1 year'
FROM issued;
INSERT INTO transfers (id, request_id, operation, from_account, to_account, amount, fee, receipt, lines, at)
SELECT id, request_id, 'issue', 1, account_id, amount, 0, 'N' || upper(lpad(to_hex(id), 9, '0')), 2, now() - interval '1 year'
FROM issued;
INSERT INTO entries (account_id, version, transfer_id, line, amount, balance)
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
    n.people + k * n.people + i + 1 AS id,
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
    now() - interval '1 day'
FROM sent s;
-- A receipt that looks as if it came by chance and cannot come twice: the factor is odd.
INSERT INTO transfers (id, request_id, operation, from_account, to_account, amount, fee, receipt, lines, at)
SELECT
    s.id,
    'ussd:*384*96#:ATUid_' || md5(s.id::text),
    'send',
    pg_temp.of('first') + s.i,
    pg_temp.of('first') + s.j,
    pg_temp.of('amount'),
    pg_temp.of('fee'),
    'P' || upper(lpad(to_hex(s.id * 11400714819 % 17179869184), 9, '0')),
    3,
    now() - interval '1 day'
FROM sent s;
INSERT INTO entries (account_id, version, transfer_id, line, amount, balance)
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
        s.id - n.people,
        3,
        n.fee,
        n.fee * (s.id - n.people)
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
END $$;
COMMIT;
