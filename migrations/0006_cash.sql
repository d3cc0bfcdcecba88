-- +goose Up
-- Cash over an agent's counter: what a customer asked of an agent, the codes that were tried, what agents
-- earned, and PINs that begin at a counter.

CREATE SEQUENCE cash_request_ids;

-- Who gives up value has the code. It is worth nothing once the request has ended.
CREATE TABLE cash_requests (
    id          bigint      PRIMARY KEY DEFAULT nextval('cash_request_ids'),
    request_id  text        NOT NULL,                    -- that asked for it
    operation   text        NOT NULL,
    customer_id bigint      NOT NULL REFERENCES parties,
    agent_id    bigint      NOT NULL REFERENCES parties,
    amount      bigint      NOT NULL,                    -- cents
    fee         bigint      NOT NULL,
    hold_id     bigint      NULL,                        -- of a withdrawal
    ref         integer     NOT NULL,                    -- 17 is "R17"
    code        text        NOT NULL,
    wrong       integer     NOT NULL DEFAULT 0,          -- codes tried on it
    asked_at    timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    ended       text        NULL,
    ended_at    timestamptz NULL,
    ended_by    text        NULL,                        -- the request id
    transfer_id bigint      NULL,                        -- of a confirmation
    CONSTRAINT one_cash_request_per_request UNIQUE (request_id),
    CONSTRAINT one_cash_request_per_hold UNIQUE (hold_id),
    CONSTRAINT one_cash_request_per_ending UNIQUE (ended_by),
    CONSTRAINT cash_goes_in_or_out CHECK (operation IN ('deposit', 'withdraw')),
    CONSTRAINT cash_above_zero CHECK (amount > 0 AND fee >= 0),
    CONSTRAINT counter_is_not_ones_own CHECK (customer_id <> agent_id),
    CONSTRAINT withdrawals_are_on_hold CHECK ((operation = 'withdraw') = (hold_id IS NOT NULL)),
    CONSTRAINT code_is_four_digits CHECK (code ~ '^[0-9]{4}$'),
    CONSTRAINT three_wrong_codes_at_most CHECK (wrong BETWEEN 0 AND 3),
    CONSTRAINT cash_ends_somehow CHECK (ended IN ('confirmed', 'refused', 'cancelled', 'expired', 'codes')),
    CONSTRAINT ended_cash_has_a_date CHECK ((ended IS NULL) = (ended_at IS NULL) AND (ended IS NULL) = (ended_by IS NULL)),
    CONSTRAINT confirmed_cash_has_moved CHECK ((ended IS NOT DISTINCT FROM 'confirmed') = (transfer_id IS NOT NULL))
) WITH (fillfactor = 80);
ALTER SEQUENCE cash_request_ids OWNED BY cash_requests.id;

CREATE UNIQUE INDEX one_open_request_per_customer ON cash_requests (customer_id) WHERE ended IS NULL;
CREATE UNIQUE INDEX one_open_request_per_code ON cash_requests (agent_id, code) WHERE ended IS NULL;
CREATE UNIQUE INDEX one_open_request_per_ref ON cash_requests (agent_id, ref) WHERE ended IS NULL;
CREATE INDEX open_cash_by_expiry ON cash_requests (expires_at) WHERE ended IS NULL;
CREATE INDEX cash_by_customer ON cash_requests (customer_id, asked_at);
CREATE INDEX cash_by_agent ON cash_requests (agent_id, id);

CREATE TRIGGER cash_requests_are_kept BEFORE DELETE OR TRUNCATE ON cash_requests
    FOR EACH STATEMENT EXECUTE FUNCTION refuse();
CREATE TRIGGER cash_ends_once BEFORE UPDATE ON cash_requests
    FOR EACH ROW WHEN (OLD.ended IS NOT NULL
        OR (NEW.id, NEW.request_id, NEW.operation, NEW.customer_id, NEW.agent_id, NEW.amount, NEW.fee, NEW.hold_id,
            NEW.ref, NEW.code, NEW.asked_at, NEW.expires_at)
        IS DISTINCT FROM (OLD.id, OLD.request_id, OLD.operation, OLD.customer_id, OLD.agent_id, OLD.amount, OLD.fee,
            OLD.hold_id, OLD.ref, OLD.code, OLD.asked_at, OLD.expires_at))
    EXECUTE FUNCTION refuse();

-- A request that was carried out has a transfer or a hold to show, or, since now, a cash request that it began or
-- ended: one to deposit moves nothing until it is confirmed.
ALTER TABLE requests DROP CONSTRAINT done_did_something;
-- +goose StatementBegin
CREATE FUNCTION done_did_something() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    wrong text;
BEGIN
    SELECT r.id INTO wrong
    FROM fresh r
    WHERE r.code IS NULL AND r.transfer_id IS NULL AND r.hold_id IS NULL
        AND NOT EXISTS (SELECT FROM cash_requests c WHERE c.request_id = r.id)
        AND NOT EXISTS (SELECT FROM cash_requests c WHERE c.ended_by = r.id)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'request % was carried out and has nothing to show', wrong
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER done_did_something AFTER INSERT ON requests REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION done_did_something();

-- A withdrawal is on hold as long as it is open, and ends as its hold does; what was confirmed has moved, as
-- much as was asked for. Seen from both sides, at the end of the statement that writes both.
-- +goose StatementBegin
CREATE FUNCTION cash_is_as_its_money() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT c.id INTO wrong
    FROM fresh c
    LEFT JOIN holds h ON h.id = c.hold_id
    LEFT JOIN transfers t ON t.id = c.transfer_id
    WHERE (c.hold_id IS NOT NULL AND (
            h.amount IS DISTINCT FROM c.amount + c.fee
            OR (h.ended IS NULL) <> (c.ended IS NULL)
            OR h.transfer_id IS DISTINCT FROM c.transfer_id))
       OR (c.transfer_id IS NOT NULL AND (t.operation, t.amount) IS DISTINCT FROM (c.operation, c.amount))
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'cash request % is not as its money is', wrong
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION holds_end_with_their_cash() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT h.id INTO wrong
    FROM fresh h
    JOIN cash_requests c ON c.hold_id = h.id
    WHERE (h.ended IS NULL) <> (c.ended IS NULL)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'hold % does not end with its cash request', wrong
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER new_cash_is_on_hold AFTER INSERT ON cash_requests REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION cash_is_as_its_money();
CREATE TRIGGER cash_ends_with_its_money AFTER UPDATE ON cash_requests REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION cash_is_as_its_money();
CREATE TRIGGER holds_end_with_their_cash AFTER UPDATE ON holds REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION holds_end_with_their_cash();

-- A turn names one try at a code, as it does of a PIN.
CREATE TABLE wrong_codes (
    agent_id bigint      NOT NULL REFERENCES parties,
    turn     text        NOT NULL,
    at       timestamptz NOT NULL,
    CONSTRAINT one_wrong_code_per_turn PRIMARY KEY (agent_id, turn)
);
CREATE INDEX wrong_codes_by_time ON wrong_codes (agent_id, at);

-- What an agent earned on one customer's deposits in a day of the configured zone: KES 50 at most.
CREATE TABLE deposit_commissions (
    agent_id    bigint  NOT NULL,
    customer_id bigint  NOT NULL,
    day         integer NOT NULL,                        -- as 20261121
    earned      bigint  NOT NULL,
    CONSTRAINT one_commission_per_day PRIMARY KEY (agent_id, customer_id, day),
    CONSTRAINT commission_within_a_day CHECK (earned BETWEEN 1 AND 5000)
) WITH (fillfactor = 80);

-- How many transfers a party checked since her window began.
CREATE TABLE checks (
    party_id bigint      PRIMARY KEY REFERENCES parties,
    began_at timestamptz NOT NULL,
    count    integer     NOT NULL
) WITH (fillfactor = 80);

-- Codes by which a customer sets a PIN, sealed as PINs are: each the last that she was sent.
CREATE TABLE starts (
    party_id   bigint      PRIMARY KEY REFERENCES parties,
    key_id     text        NOT NULL,
    sealed     bytea       NOT NULL,
    reset      boolean     NOT NULL,                     -- she had a PIN before
    tries      integer     NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz NULL,
    CONSTRAINT few_tries_to_start CHECK (tries BETWEEN 0 AND 3)
) WITH (fillfactor = 80);

-- Until then little may go out of an account, counted in the entries after that version.
ALTER TABLE accounts
    ADD COLUMN reset_until   timestamptz NULL,
    ADD COLUMN reset_version bigint      NOT NULL DEFAULT 0;

GRANT SELECT, INSERT, UPDATE (wrong, ended, ended_at, ended_by, transfer_id) ON cash_requests TO piga_app;
GRANT USAGE ON SEQUENCE cash_request_ids TO piga_app;
GRANT SELECT, INSERT ON wrong_codes TO piga_app;
GRANT SELECT, INSERT, UPDATE (earned) ON deposit_commissions TO piga_app;
GRANT SELECT, INSERT, UPDATE (began_at, count) ON checks TO piga_app;
GRANT SELECT, INSERT, UPDATE (key_id, sealed, reset, tries, expires_at, used_at) ON starts TO piga_app;
GRANT UPDATE (reset_until, reset_version) ON accounts TO piga_app;
