-- +goose Up
CREATE TABLE subscriber (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  project_id   INTEGER NOT NULL,
  email        TEXT NOT NULL,
  confirm_hash TEXT NOT NULL,
  leave_token  TEXT NOT NULL UNIQUE,
  asked_at     TEXT NOT NULL,
  confirmed_at TEXT,
  UNIQUE (project_id, email)
) STRICT;
CREATE INDEX subscriber_confirm ON subscriber (confirm_hash);
