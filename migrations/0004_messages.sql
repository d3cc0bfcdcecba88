-- +goose Up
-- Messages: written in the transaction that moves the money, sent afterwards. No PIN is ever in one.

CREATE SEQUENCE message_ids;

-- Columns, not states. A claim pushes due_at forward by a lease, so that the rows of a worker that died
-- come due again by themselves; leased_until tells a message in flight from one that waits for its retry.
CREATE TABLE messages (
    id           bigint      PRIMARY KEY DEFAULT nextval('message_ids'),
    party_id     bigint      NOT NULL,
    phone        text        NOT NULL,
    lang         text        NOT NULL,
    key          text        NOT NULL,                   -- of the words in the catalogues
    args         jsonb       NOT NULL,
    transfer_id  bigint      NULL,
    text         text        NULL,                       -- made at the first try to send it, and kept
    created_at   timestamptz NOT NULL,
    due_at       timestamptz NOT NULL,
    leased_until timestamptz NULL,
    attempts     integer     NOT NULL DEFAULT 0,
    sent_at      timestamptz NULL,
    dead_at      timestamptz NULL,
    provider     text        NULL,
    provider_id  text        NULL,
    last_error   text        NULL,
    delivered_at timestamptz NULL,
    failed_at    timestamptz NULL,
    CONSTRAINT message_has_a_key CHECK (key <> ''),
    CONSTRAINT message_has_a_phone CHECK (phone <> '')
) WITH (fillfactor = 80);
ALTER SEQUENCE message_ids OWNED BY messages.id;

CREATE INDEX messages_due ON messages (due_at, id) WHERE sent_at IS NULL AND dead_at IS NULL;
CREATE INDEX messages_in_flight ON messages (phone, id) WHERE leased_until IS NOT NULL;
CREATE INDEX messages_by_provider_id ON messages (provider_id) WHERE provider_id IS NOT NULL;

-- Reports that name no message, most of them because they overtook the answer that gave the name.
CREATE TABLE delivery_reports (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider    text        NOT NULL,
    provider_id text        NOT NULL,
    status      text        NOT NULL,
    reason      text        NOT NULL,
    delivered   boolean     NOT NULL,
    failed      boolean     NOT NULL,
    at          timestamptz NOT NULL
);
CREATE INDEX reports_by_provider_id ON delivery_reports (provider_id);

-- What was said is said: the text is made once. A message about a transfer comes with that.
CREATE TRIGGER texts_are_made_once BEFORE UPDATE OF text ON messages
    FOR EACH ROW WHEN (OLD.text IS NOT NULL AND NEW.text IS DISTINCT FROM OLD.text) EXECUTE FUNCTION refuse();
-- +goose StatementBegin
CREATE FUNCTION messages_tell_the_truth() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT m.transfer_id INTO wrong
    FROM fresh m
    LEFT JOIN transfers t ON t.id = m.transfer_id
    WHERE m.transfer_id IS NOT NULL AND t.id IS NULL
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a message tells of transfer %, which there is not', wrong
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER messages_tell_the_truth AFTER INSERT ON messages REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION messages_tell_the_truth();

GRANT SELECT, INSERT (party_id, phone, lang, key, args, transfer_id, created_at, due_at),
    UPDATE (text, due_at, leased_until, attempts, sent_at, dead_at, provider, provider_id, last_error,
        delivered_at, failed_at) ON messages TO piga_app;
GRANT USAGE ON SEQUENCE message_ids TO piga_app;
GRANT SELECT, INSERT ON delivery_reports TO piga_app;
