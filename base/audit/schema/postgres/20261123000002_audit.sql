-- +goose Up
CREATE TABLE audit (
  seq          BIGINT PRIMARY KEY,
  at           TIMESTAMPTZ NOT NULL,
  kind         BIGINT NOT NULL,
  person_id    BIGINT NOT NULL,
  act          TEXT NOT NULL,
  object       TEXT NOT NULL,
  programme_id BIGINT NOT NULL,
  org_id       BIGINT NOT NULL,
  reason       TEXT NOT NULL,
  data         TEXT NOT NULL,
  salt         TEXT NOT NULL,
  data_hash    TEXT NOT NULL,
  hash         TEXT NOT NULL
);
CREATE INDEX audit_object ON audit (object, seq);
CREATE TABLE audit_head (
  one  BIGINT PRIMARY KEY CHECK (one = 1),
  seq  BIGINT NOT NULL,
  hash TEXT NOT NULL
);
INSERT INTO audit_head (one, seq, hash) VALUES (1, 0, '');
