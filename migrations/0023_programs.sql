-- +goose Up
-- Programs that move money: an agent may let withdrawals be done at once that are asked for by the API, and what a
-- program asked for is an intent too, though no PIN was tried.

ALTER TABLE parties ADD COLUMN auto_confirm boolean NOT NULL DEFAULT false;
ALTER TABLE parties ADD CONSTRAINT only_agents_confirm CHECK (NOT auto_confirm OR kind IN ('agent', 'super_agent')) NOT VALID;
ALTER TABLE parties VALIDATE CONSTRAINT only_agents_confirm;
GRANT UPDATE (auto_confirm) ON parties TO piga_app;

-- The intent of a program is read from the beginning: she asks again by her key, and no call tells of it.
GRANT INSERT (seen_at) ON intents TO piga_app;
