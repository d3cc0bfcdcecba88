-- +goose Up
-- Care: what administrators change about people, by what they find them, and messages that are sent again.

GRANT UPDATE (name, phone, email, id_number, tier) ON parties TO piga_app;

-- Who is closed stays what she was: her number may be somebody else's by now.
DROP TRIGGER closed_is_for_ever ON parties;
CREATE TRIGGER closed_is_for_ever BEFORE UPDATE ON parties
    FOR EACH ROW WHEN (OLD.status = 'closed') EXECUTE FUNCTION refuse();

-- Of those who are closed too. Names in the order of their bytes, so that what begins alike lies together.
CREATE INDEX parties_by_phone ON parties (phone);
CREATE INDEX parties_by_number ON parties (number) WHERE number IS NOT NULL;
CREATE INDEX parties_by_email ON parties (email) WHERE email IS NOT NULL;
CREATE INDEX parties_by_name ON parties (name COLLATE "C", id);
CREATE INDEX pending_by_name ON parties (name COLLATE "C", id) WHERE status = 'pending';

CREATE INDEX audit_log_by_action ON audit_log (action, id);
CREATE INDEX audit_log_by_time ON audit_log (at);

ALTER TABLE messages ADD COLUMN renewed_at timestamptz NULL; -- when it was last sent again by hand: its tries begin anew
GRANT UPDATE (renewed_at, phone) ON messages TO piga_app;
