-- +goose Up
-- Pruning: what only says that something has come before goes when it cannot come again. Providers repeat for
-- hours, programs for days; a month is more than either.

-- The first argument is the column that tells a row's age, the second the age from which on it may go.
-- +goose StatementBegin
CREATE FUNCTION young_ones_stay() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    young boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT FROM gone WHERE %I > clock_timestamp() - %L::interval)', TG_ARGV[0], TG_ARGV[1]) INTO young;
    IF young THEN
        RAISE EXCEPTION '%: % of %', TG_NAME, TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation', CONSTRAINT = TG_NAME;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
DROP TRIGGER requests_are_forever ON requests;
CREATE TRIGGER requests_are_forever BEFORE UPDATE OR TRUNCATE ON requests
    FOR EACH STATEMENT EXECUTE FUNCTION refuse();
CREATE TRIGGER young_requests_stay AFTER DELETE ON requests REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION young_ones_stay('at', '30 days');
CREATE TRIGGER young_wrong_codes_stay AFTER DELETE ON wrong_codes REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION young_ones_stay('at', '2 days');
CREATE TRIGGER young_messages_stay AFTER DELETE ON inbound_messages REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION young_ones_stay('taken_at', '30 days');

-- What stands for something at the bank, or undoes a transfer, is used once for ever.
CREATE TRIGGER references_are_used_once BEFORE DELETE ON requests
    FOR EACH ROW WHEN (split_part(OLD.content, ' ', 1) IN ('issue', 'redeem', 'reverse')) EXECUTE FUNCTION refuse();

-- Rows lie in the table as they came: an index of a few pages finds the old ones, and costs a posting nothing.
CREATE INDEX requests_by_time ON requests USING brin (at);

GRANT DELETE ON requests, wrong_codes, inbound_messages, delivery_reports TO piga_app;
