-- +goose Up
-- Held is looked at where it changes. Most updates of an account change its balance alone, and what changes holds
-- looks at its account anyway.

DROP TRIGGER held_is_what_is_on_hold ON accounts;
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION held_is_what_is_on_hold() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp
    SET enable_seqscan = off SET enable_bitmapscan = off AS $$
BEGIN
    IF NEW.held <> (SELECT coalesce(sum(h.amount), 0) FROM holds h WHERE h.account_id = NEW.id AND h.ended IS NULL) THEN
        RAISE EXCEPTION 'account % does not hold what is on hold', NEW.id
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER held_is_what_is_on_hold AFTER UPDATE ON accounts
    FOR EACH ROW WHEN (NEW.held <> OLD.held) EXECUTE FUNCTION held_is_what_is_on_hold();
