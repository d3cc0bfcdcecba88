-- +goose NO TRANSACTION
-- +goose Up
-- A party's password opens nothing until it has come with her PIN once: who registered a number need not be who has it.
-- Of those that are there nobody knows, so each comes with the PIN once.

ALTER TABLE passwords ADD COLUMN IF NOT EXISTS proved_at timestamptz NULL;
GRANT UPDATE (proved_at) ON passwords TO piga_app;

-- All tokens of one bearer end together. Built beside gateways that serve; one that was broken off is begun again.
DROP INDEX CONCURRENTLY IF EXISTS tokens_by_party;
CREATE INDEX CONCURRENTLY tokens_by_party ON tokens (party_id) WHERE party_id IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS tokens_by_admin;
CREATE INDEX CONCURRENTLY tokens_by_admin ON tokens (admin_id) WHERE admin_id IS NOT NULL;
