-- +goose Up
CREATE TABLE audit (
  seq          INTEGER PRIMARY KEY,
  at           TEXT NOT NULL,
  kind         INTEGER NOT NULL,
  person_id    INTEGER NOT NULL,
  act          TEXT NOT NULL,
  object       TEXT NOT NULL,
  programme_id INTEGER NOT NULL,
  org_id       INTEGER NOT NULL,
  reason       TEXT NOT NULL,
  data         TEXT NOT NULL,
  salt         TEXT NOT NULL,
  data_hash    TEXT NOT NULL,
  hash         TEXT NOT NULL
) STRICT;
CREATE INDEX audit_object ON audit (object, seq);
CREATE TABLE audit_head (
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  seq  INTEGER NOT NULL,
  hash TEXT NOT NULL
) STRICT;
INSERT INTO audit_head (one, seq, hash) VALUES (1, 0, '');
