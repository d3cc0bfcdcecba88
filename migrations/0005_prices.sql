-- +goose Up
-- Prices: what an operation between two kinds of parties costs. A tariff is the bands of one key with one
-- effective_at; the latest that is not in the future is in force, and the old ones stay for history. That
-- bands leave no gap is checked when a tariff is saved.

-- The index that tells overlaps apart knows ranges and nothing else: a key is a range of one text.
CREATE TYPE textrange AS RANGE (subtype = text);

CREATE TABLE bands (
    operation    text        NOT NULL,
    from_kind    text        NOT NULL,
    to_kind      text        NOT NULL,
    effective_at timestamptz NOT NULL,
    over         bigint      NOT NULL,                   -- cents; amounts over this
    up_to        bigint      NOT NULL,                   -- and up to this, included,
    fee          bigint      NOT NULL,                   -- cost this
    CONSTRAINT one_band_from_each_amount PRIMARY KEY (operation, from_kind, to_kind, effective_at, over),
    CONSTRAINT one_band_to_each_amount EXCLUDE USING gist (
        textrange(operation || ' ' || from_kind || ' ' || to_kind, operation || ' ' || from_kind || ' ' || to_kind, '[]') WITH =,
        tstzrange(effective_at, effective_at, '[]') WITH =,
        int8range(over, up_to, '(]') WITH &&),
    CONSTRAINT priced_operation_is_known CHECK (operation IN ('deposit', 'withdraw', 'send', 'pay')),
    CONSTRAINT priced_kinds_are_known CHECK (
        from_kind IN ('subscriber', 'agent', 'super_agent', 'merchant')
        AND to_kind IN ('subscriber', 'agent', 'super_agent', 'merchant')),
    CONSTRAINT band_not_empty CHECK (over >= 0 AND up_to > over),
    CONSTRAINT price_not_negative CHECK (fee >= 0)
);
CREATE TRIGGER bands_are_forever BEFORE UPDATE OR DELETE OR TRUNCATE ON bands
    FOR EACH STATEMENT EXECUTE FUNCTION refuse();

-- The tariff that ships. A first band begins just under the smallest amount: KES 10, of a withdrawal KES 1.
WITH pairs (operation, from_kind, to_kind, price) AS (VALUES
    ('send',     'subscriber',  'subscriber', 'send'),
    ('send',     'agent',       'agent',      'send'),
    ('send',     'merchant',    'subscriber', 'send'),
    ('withdraw', 'subscriber',  'agent',      'withdraw'),
    ('withdraw', 'merchant',    'agent',      'withdraw'),
    ('withdraw', 'agent',       'agent',      'withdraw'),
    ('pay',      'subscriber',  'merchant',   'free'),
    ('pay',      'agent',       'merchant',   'free'),
    ('deposit',  'agent',       'subscriber', 'free'),
    ('deposit',  'super_agent', 'agent',      'free')
), prices (price, over, up_to, fee) AS (VALUES
    ('send',         999,    10000,     0),
    ('send',       10000,    50000,   500),
    ('send',       50000,   100000,  1000),
    ('send',      100000,   250000,  1500),
    ('send',      250000,   500000,  2500),
    ('send',      500000,  1000000,  3000),
    ('send',     1000000,  2000000,  4000),
    ('send',     2000000, 15000000,  5000),
    ('withdraw',      99,    10000,  1000),
    ('withdraw',   10000,   250000,  2700),
    ('withdraw',  250000,   500000,  5000),
    ('withdraw',  500000,  2000000,  7500),
    ('withdraw', 2000000, 15000000, 10000),
    ('free',         999, 15000000,     0)
)
INSERT INTO bands (operation, from_kind, to_kind, effective_at, over, up_to, fee)
SELECT operation, from_kind, to_kind, '2000-01-01 00:00:00+00', over, up_to, fee
FROM pairs JOIN prices USING (price);

-- History is not written afterwards. The tariff that ships was always there, and the owner of the
-- database may do so: a test's clock is not the database's.
CREATE TRIGGER prices_are_told_before BEFORE INSERT ON bands
    FOR EACH ROW WHEN (NEW.effective_at < transaction_timestamp()
        AND NOT pg_has_role(current_user, 'pg_database_owner', 'USAGE')) EXECUTE FUNCTION refuse();

GRANT SELECT, INSERT ON bands TO piga_app;
