-- +goose Up
CREATE TABLE session (
  id         INTEGER PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  person_id  INTEGER NOT NULL REFERENCES person (id),
  created_at TEXT NOT NULL,
  seen_at    TEXT NOT NULL,
  ended_at   TEXT,
  agent      TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX session_person ON session (person_id, id);
-- How many attempts in the present window; the key is a hash.
CREATE TABLE attempt (
  key   TEXT PRIMARY KEY,
  since TEXT NOT NULL,
  tries INTEGER NOT NULL
) STRICT;
-- A form that was sent when the session had ended, kept for an hour.
CREATE TABLE kept_form (
  token_hash TEXT PRIMARY KEY,
  person_id  INTEGER NOT NULL,
  path       TEXT NOT NULL,
  body       TEXT NOT NULL,
  at         TEXT NOT NULL
) STRICT;
-- A sign-in that is under way at the identity provider.
CREATE TABLE oidc_login (
  state_hash TEXT PRIMARY KEY,
  nonce      TEXT NOT NULL,
  verifier   TEXT NOT NULL,
  target     TEXT NOT NULL,
  at         TEXT NOT NULL
) STRICT;
