-- +goose Up
CREATE TABLE person (
  id         INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,
  email      TEXT NOT NULL UNIQUE,
  lang       TEXT NOT NULL DEFAULT 'sv',
  created_at TEXT NOT NULL,
  created_by INTEGER NOT NULL,
  version    INTEGER NOT NULL DEFAULT 1
) STRICT;
-- A person without a row here has not chosen a password.
CREATE TABLE credential (
  person_id INTEGER PRIMARY KEY REFERENCES person (id),
  hash      TEXT NOT NULL,
  at        TEXT NOT NULL
) STRICT;
-- The same person at an identity provider.
CREATE TABLE identity (
  issuer    TEXT NOT NULL,
  subject   TEXT NOT NULL,
  person_id INTEGER NOT NULL REFERENCES person (id),
  at        TEXT NOT NULL,
  PRIMARY KEY (issuer, subject)
) STRICT;
-- A link sent by mail: recovery, invitation, new e-mail, first administrator.
CREATE TABLE ticket (
  token_hash TEXT PRIMARY KEY,
  kind       TEXT NOT NULL,
  person_id  INTEGER NOT NULL,
  email      TEXT NOT NULL DEFAULT '',
  at         TEXT NOT NULL,
  expires_at TEXT NOT NULL,
  used_at    TEXT
) STRICT;
CREATE INDEX ticket_person ON ticket (person_id, kind);
