-- +goose Up
-- Limits of tiers have a time from which they are in force, and a history, as prices have. Which kinds of parties may be in a
-- tier is data too, so that a new tier can be made.

CREATE TABLE tier_kinds (
    tier text NOT NULL,
    kind text NOT NULL,
    CONSTRAINT kinds_have_a_tier FOREIGN KEY (tier) REFERENCES tiers,
    CONSTRAINT tier_is_for_a_kind_once PRIMARY KEY (tier, kind),
    CONSTRAINT tier_kind_is_known CHECK (kind IN ('subscriber', 'agent', 'super_agent', 'merchant'))
);
INSERT INTO tier_kinds (tier, kind) VALUES
    ('new', 'subscriber'), ('full', 'subscriber'), ('trade', 'agent'), ('trade', 'super_agent'), ('trade', 'merchant');

ALTER TABLE parties DROP CONSTRAINT tier_fits_the_kind;
ALTER TABLE parties ADD CONSTRAINT tier_fits_the_kind FOREIGN KEY (tier, kind) REFERENCES tier_kinds NOT VALID;
ALTER TABLE parties VALIDATE CONSTRAINT tier_fits_the_kind;

-- Cents; NULL is no limit. One transaction always has one, as there must be a price for each that is allowed.
CREATE TABLE limits (
    tier            text        NOT NULL,
    effective_at    timestamptz NOT NULL,
    one_transaction bigint      NOT NULL,
    a_day           bigint      NULL,
    a_month         bigint      NULL,
    largest_balance bigint      NULL,
    CONSTRAINT one_limit_at_a_time PRIMARY KEY (tier, effective_at),
    CONSTRAINT limits_have_a_tier FOREIGN KEY (tier) REFERENCES tiers,
    CONSTRAINT limits_make_sense CHECK (
        one_transaction > 0
        AND a_day >= one_transaction
        AND a_month >= coalesce(a_day, one_transaction)
        AND largest_balance >= one_transaction)
);
INSERT INTO limits (tier, effective_at, one_transaction, a_day, a_month, largest_balance)
SELECT name, '2000-01-01 00:00:00+00', one_transaction, a_day, a_month, largest_balance FROM tiers;

CREATE TRIGGER limits_are_forever BEFORE UPDATE OR DELETE OR TRUNCATE ON limits
    FOR EACH STATEMENT EXECUTE FUNCTION refuse();
CREATE TRIGGER limits_are_told_before BEFORE INSERT ON limits
    FOR EACH ROW WHEN (NEW.effective_at < told_at()
        AND NOT pg_has_role(current_user, 'pg_database_owner', 'USAGE')) EXECUTE FUNCTION refuse();

CREATE TABLE limits_taken_back (
    tier         text        NOT NULL,
    effective_at timestamptz NOT NULL,
    at           timestamptz NOT NULL,
    CONSTRAINT limits_are_taken_back_once PRIMARY KEY (tier, effective_at),
    CONSTRAINT taken_back_was_told FOREIGN KEY (tier, effective_at) REFERENCES limits
);
CREATE TRIGGER taken_back_is_forever BEFORE UPDATE OR DELETE OR TRUNCATE ON limits_taken_back
    FOR EACH STATEMENT EXECUTE FUNCTION refuse();
CREATE TRIGGER what_began_is_not_taken_back BEFORE INSERT ON limits_taken_back
    FOR EACH ROW WHEN (NEW.effective_at <= told_at()) EXECUTE FUNCTION refuse();

-- The limits in the rows of tiers are for copies of before, which know no others: they are those with which a tier began.
ALTER TABLE tiers RENAME CONSTRAINT tiers_pkey TO one_tier_per_name;
CREATE TRIGGER tiers_are_forever BEFORE UPDATE OR DELETE OR TRUNCATE ON tiers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse();
CREATE TRIGGER tier_kinds_are_forever BEFORE UPDATE OR DELETE OR TRUNCATE ON tier_kinds
    FOR EACH STATEMENT EXECUTE FUNCTION refuse();

GRANT INSERT ON tiers TO piga_app;
GRANT SELECT, INSERT ON tier_kinds, limits, limits_taken_back TO piga_app;
