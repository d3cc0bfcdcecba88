-- +goose Up
-- What an agent earned by a deposit that is undone on its day goes back, and she may earn it again on that day.

ALTER TABLE deposit_commissions ADD COLUMN returned bigint NOT NULL DEFAULT 0;
ALTER TABLE deposit_commissions DROP CONSTRAINT commission_within_a_day;
ALTER TABLE deposit_commissions ADD CONSTRAINT commission_within_a_day
    CHECK (earned >= 1 AND returned BETWEEN 0 AND earned AND earned - returned <= 5000) NOT VALID;
ALTER TABLE deposit_commissions VALIDATE CONSTRAINT commission_within_a_day;
GRANT UPDATE (returned) ON deposit_commissions TO piga_app;
