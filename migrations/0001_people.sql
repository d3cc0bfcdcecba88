-- +goose Up
-- People: who is known, how much a tier may move, their PINs.

-- The role of the application. Whoever migrates may work as it too; a login of its own is granted it by hand.
-- +goose StatementBegin
DO $$
DECLARE
    -- From 16 on, whoever makes a role is a member of it and yet may not work as it.
    may text := CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END;
BEGIN
    BEGIN
        -- A role belongs to the whole cluster: another database's migration may have made it, or be at it now.
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'piga_app') THEN
            CREATE ROLE piga_app NOLOGIN;
        END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;
    END;
    IF NOT pg_has_role(current_user, 'piga_app', may) THEN
        EXECUTE format('GRANT piga_app TO %I', current_user);
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE EXCEPTION USING
        ERRCODE = 'insufficient_privilege',
        MESSAGE = format('%s; a superuser has to run, and then piga migrate again: '
            'CREATE ROLE piga_app NOLOGIN; GRANT piga_app TO %I;', SQLERRM, current_user);
END $$;
-- +goose StatementEnd

-- Nobody but the owner needs temporary tables, which could stand in the way of a real one of that name.
-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_database WHERE datname = current_database() AND pg_has_role(current_user, datdba, 'USAGE')) THEN
        EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    END IF;
END $$;
-- +goose StatementEnd

GRANT USAGE ON SCHEMA public TO piga_app;
GRANT SELECT ON goose_db_version TO piga_app;

-- refuse is the end of every guard that needs no question of its own. What is refused is the trigger's name.
-- +goose StatementBegin
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '%: % of %', TG_NAME, TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
END $$;
-- +goose StatementEnd

-- Cents; NULL is no limit.
CREATE TABLE tiers (
    name            text   PRIMARY KEY,
    one_transaction bigint NULL,
    a_day           bigint NULL,
    a_month         bigint NULL,
    largest_balance bigint NULL,
    CONSTRAINT limits_above_zero CHECK (one_transaction > 0 AND a_day > 0 AND a_month > 0 AND largest_balance > 0)
);
INSERT INTO tiers (name, one_transaction, a_day, a_month, largest_balance) VALUES
    ('new',    2000000,  5000000, 15000000,  5000000),
    ('full',  15000000, 15000000, 50000000, 50000000),
    ('trade', 15000000,     NULL,     NULL,     NULL);
GRANT SELECT ON tiers TO piga_app;

CREATE SEQUENCE party_ids START 1001;

CREATE TABLE parties (
    id        bigint      PRIMARY KEY DEFAULT nextval('party_ids'),
    kind      text        NOT NULL,
    status    text        NOT NULL,
    tier      text        NOT NULL REFERENCES tiers,
    name      text        NOT NULL,
    phone     text        NOT NULL,
    number    text        NULL,                  -- an agent's or till's; nobody else has one
    id_number text        NULL,
    lang      text        NOT NULL,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz NULL,
    CONSTRAINT kind_is_known CHECK (kind IN ('subscriber', 'agent', 'super_agent', 'merchant')),
    CONSTRAINT status_is_known CHECK (status IN ('active', 'suspended', 'dormant', 'closed')),
    CONSTRAINT lang_is_known CHECK (lang IN ('en', 'sw')),
    CONSTRAINT party_has_a_name CHECK (name <> ''),
    CONSTRAINT phone_is_international CHECK (phone ~ '^\+[0-9]{7,15}$'),
    CONSTRAINT tier_fits_the_kind CHECK (tier = ANY (CASE kind WHEN 'subscriber' THEN '{new,full}'::text[] ELSE '{trade}' END)),
    CONSTRAINT trade_has_a_number CHECK ((kind = 'subscriber') = (number IS NULL)),
    CONSTRAINT number_is_digits CHECK (number ~ '^[0-9]{5,7}$'),
    CONSTRAINT closed_has_a_date CHECK ((status = 'closed') = (closed_at IS NOT NULL))
);
ALTER SEQUENCE party_ids OWNED BY parties.id;

-- The number of a closed party may belong to somebody new.
CREATE UNIQUE INDEX one_open_party_per_phone ON parties (phone) WHERE status <> 'closed';
CREATE UNIQUE INDEX one_open_party_per_number ON parties (number) WHERE status <> 'closed';

CREATE TRIGGER parties_are_kept BEFORE DELETE OR TRUNCATE ON parties
    FOR EACH STATEMENT EXECUTE FUNCTION refuse();
CREATE TRIGGER closed_is_for_ever BEFORE UPDATE ON parties
    FOR EACH ROW WHEN (OLD.status = 'closed' AND NEW.status <> 'closed') EXECUTE FUNCTION refuse();

GRANT SELECT, INSERT, UPDATE (status, lang, closed_at) ON parties TO piga_app;
GRANT USAGE ON SEQUENCE party_ids TO piga_app;

-- A turn names one try at a PIN. turns are those counted since the last right one, wrong those known to
-- have been wrong. What is only in turns is being checked now, or its check died.
CREATE TABLE pins (
    party_id     bigint      PRIMARY KEY REFERENCES parties,
    key_id       text        NOT NULL,
    sealed       bytea       NOT NULL,
    turns        text[]      NOT NULL DEFAULT '{}',
    wrong        text[]      NOT NULL DEFAULT '{}',
    tried_at     timestamptz NULL,
    locked_until timestamptz NULL,
    changed_at   timestamptz NOT NULL
) WITH (fillfactor = 80);
GRANT SELECT, INSERT, UPDATE (key_id, sealed, turns, wrong, tried_at, locked_until, changed_at) ON pins TO piga_app;

-- Whose numbers a party looked up lately, and when each was looked up last: one row, so that lookups that
-- come at once queue for it.
CREATE TABLE lookups (
    party_id bigint        PRIMARY KEY REFERENCES parties,
    numbers   text[]        NOT NULL,
    times    timestamptz[] NOT NULL
) WITH (fillfactor = 80);
GRANT SELECT, INSERT, UPDATE (numbers, times) ON lookups TO piga_app;
