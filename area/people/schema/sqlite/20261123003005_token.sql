-- +goose Up
-- An integration. hash is '' until the receiver has fetched the key.
CREATE TABLE integration (
  id           INTEGER PRIMARY KEY,
  name         TEXT NOT NULL,
  org_id       INTEGER NOT NULL REFERENCES organisation (id),
  programme_id INTEGER NOT NULL DEFAULT 0,
  role         TEXT NOT NULL,
  scopes       TEXT NOT NULL,
  receiver_id  INTEGER NOT NULL REFERENCES person (id),
  hash         TEXT NOT NULL DEFAULT '',
  created_at   TEXT NOT NULL,
  created_by   INTEGER NOT NULL,
  expires      TEXT NOT NULL,
  used_at      TEXT,
  ended_at     TEXT,
  version      INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX integration_hash ON integration (hash) WHERE hash <> '';
CREATE TABLE integration_event (
  id             INTEGER PRIMARY KEY,
  integration_id INTEGER NOT NULL REFERENCES integration (id),
  at             TEXT NOT NULL,
  person_id      INTEGER NOT NULL,
  from_state     TEXT NOT NULL,
  to_state       TEXT NOT NULL,
  reason         TEXT NOT NULL
) STRICT;
CREATE INDEX integration_event_integration ON integration_event (integration_id, id);
