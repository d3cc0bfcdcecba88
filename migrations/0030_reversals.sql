-- +goose Up
-- Transfers that are undone, and the steps in which that is done. What was taken from those who were paid lies in
-- suspense as long as the case is open.

CREATE TABLE reversals (
    id           bigint      PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    transfer_id  bigint      NOT NULL,                   -- that is undone; with what must be known of it later,
    operation    text        NOT NULL,                   -- when its month may have been put away
    receipt      text        NOT NULL,
    from_account bigint      NOT NULL REFERENCES accounts,
    to_account   bigint      NOT NULL REFERENCES accounts,
    amount       bigint      NOT NULL,                   -- cents
    fee          bigint      NOT NULL,
    commission_account bigint NULL REFERENCES accounts,  -- of an agent who earned by it
    earned       bigint      NOT NULL,
    reason       text        NOT NULL,
    opened_at    timestamptz NOT NULL,
    taken        bigint      NOT NULL,                   -- lies in suspense for it
    returned     bigint      NOT NULL,                   -- what the payer got back
    state        text        NOT NULL DEFAULT 'open',
    ended_at     timestamptz NULL,
    CONSTRAINT one_reversal_per_transfer UNIQUE (transfer_id),
    CONSTRAINT reversible_operation CHECK (operation IN ('send', 'pay', 'deposit', 'withdraw')),
    CONSTRAINT reversed_above_zero CHECK (amount > 0 AND fee >= 0 AND earned >= 0),
    CONSTRAINT commission_has_an_account CHECK ((commission_account IS NULL) = (earned = 0)),
    CONSTRAINT reversal_has_a_reason CHECK (reason <> ''),
    CONSTRAINT taken_within_owed CHECK (
        taken BETWEEN 0 AND amount + CASE operation WHEN 'withdraw' THEN earned ELSE 0 END),
    CONSTRAINT returned_within_paid CHECK (returned BETWEEN 0 AND amount + fee),
    CONSTRAINT reversal_ends_somehow CHECK (state IN ('open', 'whole', 'settled', 'given_back')),
    CONSTRAINT ended_reversal_has_a_date CHECK ((state = 'open') = (ended_at IS NULL)),
    CONSTRAINT ended_reversal_keeps_nothing CHECK (state = 'open' OR taken = 0),
    CONSTRAINT open_reversal_returned_nothing CHECK (state IN ('whole', 'settled') OR returned = 0)
);
CREATE INDEX open_reversals ON reversals (id) WHERE state = 'open';

CREATE TABLE reversal_steps (
    request_id  text        NOT NULL,
    reversal_id bigint      NOT NULL REFERENCES reversals,
    step        text        NOT NULL,
    transfer_id bigint      NULL,                        -- none when there was nothing to move
    held        bigint      NOT NULL,                    -- what it put into suspense, or took from there
    admin_id    bigint      NOT NULL,
    reason      text        NOT NULL,
    at          timestamptz NOT NULL,
    CONSTRAINT one_step_per_request PRIMARY KEY (request_id),
    CONSTRAINT one_step_per_transfer UNIQUE (transfer_id),
    CONSTRAINT reversal_step_is_known CHECK (step IN ('collect', 'settle', 'give_back')),
    CONSTRAINT held_by_a_transfer CHECK (transfer_id IS NOT NULL OR held = 0)
);
CREATE INDEX steps_by_reversal ON reversal_steps (reversal_id);

CREATE TRIGGER reversals_are_kept BEFORE DELETE OR TRUNCATE ON reversals
    FOR EACH STATEMENT EXECUTE FUNCTION refuse();
CREATE TRIGGER reversal_steps_are_forever BEFORE UPDATE OR DELETE OR TRUNCATE ON reversal_steps
    FOR EACH STATEMENT EXECUTE FUNCTION refuse();
CREATE TRIGGER reversals_end_once BEFORE UPDATE ON reversals
    FOR EACH ROW WHEN (OLD.state <> 'open'
        OR (NEW.id, NEW.transfer_id, NEW.operation, NEW.receipt, NEW.from_account, NEW.to_account, NEW.amount, NEW.fee,
            NEW.commission_account, NEW.earned, NEW.reason, NEW.opened_at)
        IS DISTINCT FROM (OLD.id, OLD.transfer_id, OLD.operation, OLD.receipt, OLD.from_account, OLD.to_account, OLD.amount,
            OLD.fee, OLD.commission_account, OLD.earned, OLD.reason, OLD.opened_at))
    EXECUTE FUNCTION refuse();

-- Steps are written before the money, so that a request that moved none has something to show. Whether all agree is
-- asked at the commit.
-- +goose StatementBegin
CREATE FUNCTION reversals_undo_transfers() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM transfers t
        WHERE t.id = NEW.transfer_id
            AND (t.operation, t.receipt, t.from_account, t.to_account, t.amount, t.fee)
                = (NEW.operation, NEW.receipt, NEW.from_account, NEW.to_account, NEW.amount, NEW.fee)
            AND NEW.earned = (
                SELECT coalesce(sum(e.amount), 0) FROM entries e
                WHERE e.transfer_id = t.id AND e.account_id = NEW.commission_account)
    ) THEN
        RAISE EXCEPTION 'reversal % is not of its transfer', NEW.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION suspense_holds_what_was_taken() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    IF (SELECT r.taken FROM reversals r WHERE r.id = NEW.id)
        IS DISTINCT FROM (SELECT sum(s.held)::bigint FROM reversal_steps s WHERE s.reversal_id = NEW.id) THEN
        RAISE EXCEPTION 'reversal % has not taken what its steps have', NEW.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION steps_are_as_their_money() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM requests r
            WHERE r.id = NEW.request_id AND r.code IS NULL AND r.transfer_id IS NOT DISTINCT FROM NEW.transfer_id)
        OR NEW.transfer_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM transfers t WHERE t.id = NEW.transfer_id AND t.operation = 'reverse'
                AND NEW.held = (SELECT coalesce(sum(e.amount), 0) FROM entries e WHERE e.transfer_id = t.id AND e.account_id = 4))
    THEN
        RAISE EXCEPTION 'a step of reversal % is not as its money is', NEW.reversal_id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER reversals_undo_transfers AFTER INSERT ON reversals
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION reversals_undo_transfers();
CREATE CONSTRAINT TRIGGER suspense_holds_what_was_taken AFTER INSERT OR UPDATE ON reversals
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION suspense_holds_what_was_taken();
CREATE CONSTRAINT TRIGGER steps_are_as_their_money AFTER INSERT ON reversal_steps
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION steps_are_as_their_money();

-- A request that was carried out has something to show, a step in a reversal too.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION done_did_something() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off AS $$
DECLARE
    wrong text;
BEGIN
    SELECT r.id INTO wrong
    FROM fresh r
    WHERE r.code IS NULL AND r.transfer_id IS NULL AND r.hold_id IS NULL
        AND NOT EXISTS (SELECT FROM cash_requests c WHERE c.request_id = r.id OFFSET 0)
        AND NOT EXISTS (SELECT FROM cash_requests c WHERE c.ended_by = r.id OFFSET 0)
        AND NOT EXISTS (SELECT FROM reversal_steps s WHERE s.request_id = r.id OFFSET 0)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'request % was carried out and has nothing to show', wrong
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

GRANT SELECT, INSERT, UPDATE (taken, returned, state, ended_at) ON reversals TO piga_app;
GRANT SELECT, INSERT ON reversal_steps TO piga_app;
