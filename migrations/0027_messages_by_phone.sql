-- +goose NO TRANSACTION
-- +goose Up
-- What one phone was told, and what was given up. Postings write messages all the time, so nothing is locked.

CREATE INDEX CONCURRENTLY IF NOT EXISTS messages_by_phone ON messages (phone, id);
CREATE INDEX CONCURRENTLY IF NOT EXISTS dead_messages ON messages (id) WHERE dead_at IS NOT NULL AND sent_at IS NULL;
