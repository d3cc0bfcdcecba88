-- +goose Up
-- Intents: errands that move money, written down by the statement that counts the try at their PIN. A wrong
-- PIN takes its intent away; the others stay for a day. So whatever dies between the PIN and the posting is
-- found, and no customer is left without a word.

-- A request's outcome stands in requests; settled_at only says that it was seen there, so that the sweeper
-- looks at what is open. No PIN and no code is in a row, and of the other side's name what a page shows.
CREATE TABLE intents (
    request_id   text        NOT NULL,
    party_id     bigint      NOT NULL,                   -- has a PIN, hence is there
    turn         text        NOT NULL,                   -- in which the PIN was typed
    errand       text        NOT NULL,                   -- names its words in the catalogues: "sent"
    args         jsonb       NOT NULL,                   -- fills their blanks
    operation    text        NOT NULL,                   -- this and what follows is the content of the request
    from_account bigint      NOT NULL,
    to_account   bigint      NOT NULL,
    amount       bigint      NOT NULL,
    hold_id      bigint      NULL,                       -- of a capture
    created_at   timestamptz NOT NULL,
    settled_at   timestamptz NULL,                       -- when its request was found to have an outcome
    seen_at      timestamptz NULL,                       -- when the customer is known to have read of it
    CONSTRAINT one_intent_per_request PRIMARY KEY (request_id)
) WITH (fillfactor = 80);
CREATE INDEX open_intents ON intents (created_at) WHERE settled_at IS NULL;
CREATE INDEX unseen_intents_by_party ON intents (party_id, created_at) WHERE seen_at IS NULL;

GRANT SELECT, DELETE, INSERT (request_id, party_id, turn, errand, args, operation, from_account, to_account,
    amount, hold_id, created_at), UPDATE (settled_at, seen_at) ON intents TO piga_app;
