-- +goose Up
ALTER TABLE mail_outbox ADD COLUMN html TEXT NOT NULL DEFAULT '';
ALTER TABLE mail_outbox ADD COLUMN unsubscribe TEXT NOT NULL DEFAULT '';
ALTER TABLE mail_outbox ADD COLUMN batch TEXT NOT NULL DEFAULT '';
CREATE INDEX mail_outbox_batch ON mail_outbox (batch, state) WHERE batch <> '';
