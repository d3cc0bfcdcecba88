-- +goose Up
-- Stripes: every transfer with a fee moves the system's own accounts, so that postings side by side would wait
-- for one row. Each of these is many rows instead. A transaction has one of them to itself, and whoever reads
-- adds them up. They have neither floor nor limit, so nothing is decided by what is in one.

ALTER TABLE accounts
    ADD COLUMN stripe integer NOT NULL DEFAULT 0,        -- of the system's own; 0 is the account itself
    ADD CONSTRAINT stripes_are_the_systems CHECK (stripe = 0 OR kind IN ('fees', 'commission_expense'));

ALTER INDEX one_account_of_a_kind_per_party RENAME TO one_account_of_a_kind_per_party_before;
CREATE UNIQUE INDEX one_account_of_a_kind_per_party ON accounts (party_id, kind, stripe) NULLS NOT DISTINCT;
DROP INDEX one_account_of_a_kind_per_party_before;

-- Stripe 7 of account 2 is account 72. People's begin at 1001.
INSERT INTO accounts (id, kind, stripe, floor, opened_at)
SELECT 10 * stripe + id, kind, stripe, NULL, now()
FROM (VALUES (2, 'fees'), (3, 'commission_expense')) AS of_the_system (id, kind), generate_series(1, 31) AS stripe;
