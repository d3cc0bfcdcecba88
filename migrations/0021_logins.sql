-- +goose Up
-- Logins: administrators, parties' passwords, and the tokens that either is given.

CREATE TABLE administrators (
    id        bigint      PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    name      text        NOT NULL,
    email     text        NOT NULL,                      -- in small letters
    password  text        NOT NULL,                      -- argon2id, never the password
    roles     text[]      NOT NULL,
    status    text        NOT NULL DEFAULT 'active',
    opened_at timestamptz NOT NULL,
    closed_at timestamptz NULL,
    CONSTRAINT admin_has_a_name CHECK (name <> ''),
    CONSTRAINT admin_has_an_address CHECK (email ~ '^[^@[:space:]]+@[^@[:space:]]+$' AND email = lower(email)),
    CONSTRAINT admin_password_is_hashed CHECK (password LIKE '$argon2id$%'),
    CONSTRAINT admin_has_roles CHECK (cardinality(roles) > 0 AND roles <@ '{care,finance,it}'::text[]),
    CONSTRAINT admin_status_is_known CHECK (status IN ('active', 'closed')),
    CONSTRAINT closed_admin_has_a_date CHECK ((status = 'closed') = (closed_at IS NOT NULL))
);
CREATE UNIQUE INDEX one_open_admin_per_email ON administrators (email) WHERE status <> 'closed';
CREATE TRIGGER admins_are_kept BEFORE DELETE OR TRUNCATE ON administrators
    FOR EACH STATEMENT EXECUTE FUNCTION refuse();
CREATE TRIGGER closed_admins_stay_closed BEFORE UPDATE ON administrators
    FOR EACH ROW WHEN (OLD.status = 'closed' AND NEW.status <> 'closed') EXECUTE FUNCTION refuse();
GRANT SELECT, INSERT, UPDATE (name, password, roles, status, closed_at) ON administrators TO piga_app;

-- Apart from the parties, so that whoever reads those reads no hash.
CREATE TABLE passwords (
    party_id   bigint      PRIMARY KEY REFERENCES parties,
    hash       text        NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT password_is_hashed CHECK (hash LIKE '$argon2id$%')
);
GRANT SELECT, INSERT, UPDATE (hash, changed_at) ON passwords TO piga_app;

-- A token is 32 random bytes, so that its plain hash is as good as a slow one. Whose it is, and whether she may
-- still use it, is read from her row each time.
CREATE TABLE tokens (
    hash     bytea       PRIMARY KEY,                    -- SHA-256
    party_id bigint      NULL REFERENCES parties,
    admin_id bigint      NULL REFERENCES administrators,
    made_at  timestamptz NOT NULL,
    ends_at  timestamptz NOT NULL,
    CONSTRAINT token_is_hashed CHECK (length(hash) = 32),
    CONSTRAINT token_has_one_bearer CHECK ((party_id IS NULL) <> (admin_id IS NULL)),
    CONSTRAINT token_ends CHECK (ends_at > made_at)
);
CREATE INDEX tokens_by_end ON tokens (ends_at);
GRANT SELECT, INSERT, DELETE ON tokens TO piga_app;
