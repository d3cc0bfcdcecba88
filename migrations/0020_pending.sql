-- +goose Up
-- People who come by the API: known by an e-mail too, and agents and merchants among them wait for approval.

ALTER TABLE parties ADD COLUMN email text NULL;          -- in small letters
ALTER TABLE parties ADD CONSTRAINT email_is_an_address CHECK (email ~ '^[^@[:space:]]+@[^@[:space:]]+$' AND email = lower(email)) NOT VALID;
ALTER TABLE parties VALIDATE CONSTRAINT email_is_an_address;
CREATE UNIQUE INDEX one_open_party_per_email ON parties (email) WHERE email IS NOT NULL AND status <> 'closed';

-- To a binary that has not heard of it, who is pending is suspended.
ALTER TABLE parties DROP CONSTRAINT status_is_known;
ALTER TABLE parties ADD CONSTRAINT status_is_known CHECK (status IN ('active', 'pending', 'suspended', 'dormant', 'closed')) NOT VALID;
ALTER TABLE parties VALIDATE CONSTRAINT status_is_known;
ALTER TABLE parties ADD CONSTRAINT only_trade_is_approved CHECK (status <> 'pending' OR kind <> 'subscriber') NOT VALID;
ALTER TABLE parties VALIDATE CONSTRAINT only_trade_is_approved;

-- An agent may be made a super agent, and one again; nobody else becomes another kind. What was approved stays so.
CREATE TRIGGER kinds_are_kept BEFORE UPDATE ON parties
    FOR EACH ROW WHEN (NEW.kind <> OLD.kind AND NOT (OLD.kind IN ('agent', 'super_agent') AND NEW.kind IN ('agent', 'super_agent')))
    EXECUTE FUNCTION refuse();
CREATE TRIGGER approved_is_for_ever BEFORE UPDATE ON parties
    FOR EACH ROW WHEN (NEW.status = 'pending' AND OLD.status <> 'pending') EXECUTE FUNCTION refuse();

GRANT UPDATE (kind) ON parties TO piga_app;
