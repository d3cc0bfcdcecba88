-- +goose Up
-- The audit log: what administrators did, each deed written in the transaction of what it changed.

CREATE TABLE audit_log (
    id         bigint      PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    at         timestamptz NOT NULL,
    admin_id   bigint      NOT NULL,                     -- 0: the command line
    action     text        NOT NULL,                     -- thing and verb: party.approve
    subject    text        NOT NULL,                     -- a kind of thing: party, transfer
    subject_id bigint      NOT NULL,
    before     jsonb       NULL,
    after      jsonb       NULL,
    reason     text        NULL,
    address    text        NOT NULL,                     -- where from, or: command line
    CONSTRAINT deed_has_an_action CHECK (action ~ '^[a-z_]+\.[a-z_]+$'),
    CONSTRAINT deed_has_a_subject CHECK (subject <> ''),
    CONSTRAINT deed_has_an_address CHECK (address <> '')
);
CREATE INDEX audit_log_by_subject ON audit_log (subject, subject_id, id);
CREATE INDEX audit_log_by_admin ON audit_log (admin_id, id);
CREATE TRIGGER deeds_are_forever BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse();
GRANT SELECT, INSERT ON audit_log TO piga_app;
