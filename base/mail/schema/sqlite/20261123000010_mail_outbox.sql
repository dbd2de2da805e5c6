-- +goose Up
CREATE TABLE mail_outbox (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  at          TEXT NOT NULL,
  message_id  TEXT NOT NULL UNIQUE,
  recipient   TEXT NOT NULL,
  subject     TEXT NOT NULL,
  body        TEXT NOT NULL,
  attachments BLOB NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('kept', 'queued', 'sent', 'refused')),
  state_at    TEXT NOT NULL,
  problem     TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX mail_outbox_at ON mail_outbox (at);
