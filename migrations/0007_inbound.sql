-- +goose Up
-- Messages that people send us: taken once, by the provider's id. What may be a PIN or a code in a text is
-- masked before it comes here.

CREATE TABLE inbound_messages (
    provider    text        NOT NULL,
    provider_id text        NOT NULL,
    phone       text        NOT NULL,
    kind        text        NOT NULL,                    -- what it asks for, in one word
    text        text        NOT NULL,
    sent_at     timestamptz NULL,                        -- as the provider says
    taken_at    timestamptz NOT NULL,
    held_until  timestamptz NOT NULL,                    -- one copy of Piga has it until then, or until it is done
    done_at     timestamptz NULL,                        -- NULL: whoever had it died over it, and it will come again
    outcome     text        NULL,                        -- in one word
    reply       text        NULL,                        -- key of the words with which it was answered
    CONSTRAINT one_row_per_inbound_message PRIMARY KEY (provider, provider_id),
    CONSTRAINT done_has_an_outcome CHECK ((done_at IS NULL) = (outcome IS NULL)),
    CONSTRAINT reply_when_done CHECK (reply IS NULL OR done_at IS NOT NULL)
);
CREATE INDEX inbound_by_phone ON inbound_messages (phone, done_at) WHERE reply IS NOT NULL;

GRANT SELECT, INSERT, UPDATE (held_until, done_at, outcome, reply) ON inbound_messages TO piga_app;

-- Whoever texts us is answered, known or not.
ALTER TABLE messages ALTER COLUMN party_id DROP NOT NULL;
