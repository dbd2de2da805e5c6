-- +goose Up
-- The decision on eligibility, with the outcome of every rule as it then was.
CREATE TABLE eligibility (
  application_id INTEGER PRIMARY KEY REFERENCES application (id),
  at             TEXT NOT NULL,
  person_id      INTEGER NOT NULL,
  eligible       INTEGER NOT NULL,
  motive         TEXT NOT NULL,
  results        TEXT NOT NULL
) STRICT;
CREATE TABLE completion (
  id             INTEGER PRIMARY KEY,
  application_id INTEGER NOT NULL REFERENCES application (id),
  at             TEXT NOT NULL,
  person_id      INTEGER NOT NULL,
  text           TEXT NOT NULL,
  sections       TEXT NOT NULL,
  deadline       TEXT NOT NULL,
  state          TEXT NOT NULL,
  answer         TEXT NOT NULL DEFAULT '',
  answered_at    TEXT,
  answered_by    INTEGER NOT NULL DEFAULT 0,
  reminded_at    TEXT
) STRICT;
CREATE INDEX completion_application ON completion (application_id, id);
CREATE UNIQUE INDEX completion_open ON completion (application_id) WHERE state = 'öppen';
