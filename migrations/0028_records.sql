-- +goose NO TRANSACTION
-- +goose Up
-- What administrators look for. Transfers are found by what is there already: their ids, which begin with the time,
-- their receipts, and the entries of an account. The rest has an index of its own, of which money that moves pays for the
-- one of messages alone: what was refused, and what ended at a counter without cash, is little. Built beside gateways
-- that serve; one that was broken off is begun again.

DROP INDEX CONCURRENTLY IF EXISTS refused_by_time;
CREATE INDEX CONCURRENTLY refused_by_time ON requests (at, id) WHERE code IS NOT NULL;

-- The sides of a refused request stand in its content, "send 1001>1002 50000 hold 0": they are indexed as they are
-- written, since an index whose expression can fail would refuse the row.
DROP INDEX CONCURRENTLY IF EXISTS refused_by_payer;
CREATE INDEX CONCURRENTLY refused_by_payer ON requests (split_part(split_part(content, ' ', 2), '>', 1), at, id)
    WHERE code IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS refused_by_payee;
CREATE INDEX CONCURRENTLY refused_by_payee ON requests (split_part(split_part(content, ' ', 2), '>', 2), at, id)
    WHERE code IS NOT NULL;

DROP INDEX CONCURRENTLY IF EXISTS unmoved_cash_by_time;
CREATE INDEX CONCURRENTLY unmoved_cash_by_time ON cash_requests (asked_at, id)
    WHERE ended IN ('refused', 'cancelled', 'expired', 'codes');
DROP INDEX CONCURRENTLY IF EXISTS unmoved_cash_by_customer;
CREATE INDEX CONCURRENTLY unmoved_cash_by_customer ON cash_requests (customer_id, asked_at, id)
    WHERE ended IN ('refused', 'cancelled', 'expired', 'codes');
DROP INDEX CONCURRENTLY IF EXISTS unmoved_cash_by_agent;
CREATE INDEX CONCURRENTLY unmoved_cash_by_agent ON cash_requests (agent_id, asked_at, id)
    WHERE ended IN ('refused', 'cancelled', 'expired', 'codes');

-- What was on hold at a moment is what is on hold now, and what has ended since.
DROP INDEX CONCURRENTLY IF EXISTS holds_by_end;
CREATE INDEX CONCURRENTLY holds_by_end ON holds USING brin (ended_at);

DROP INDEX CONCURRENTLY IF EXISTS messages_by_transfer;
CREATE INDEX CONCURRENTLY messages_by_transfer ON messages (transfer_id) WHERE transfer_id IS NOT NULL;
