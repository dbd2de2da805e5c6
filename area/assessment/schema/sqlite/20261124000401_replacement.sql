-- +goose Up
-- Who stepped in when a selected application left, and the computation behind it.
CREATE TABLE replacement (
  id              INTEGER PRIMARY KEY,
  run_id          INTEGER NOT NULL REFERENCES selection_run (id),
  at              TEXT NOT NULL,
  person_id       INTEGER NOT NULL,
  state           TEXT NOT NULL CHECK (state IN ('beslutat', 'meddelat')),
  motive          TEXT NOT NULL,
  input           TEXT NOT NULL,
  input_hash      TEXT NOT NULL,
  result          TEXT NOT NULL,
  communicated_at TEXT
) STRICT;
CREATE INDEX replacement_run ON replacement (run_id, id);
CREATE TABLE replacement_outcome (
  replacement_id INTEGER NOT NULL REFERENCES replacement (id),
  application_id INTEGER NOT NULL,
  outcome        TEXT NOT NULL CHECK (outcome IN ('lämnat', 'vald', 'reserv')),
  deviation      TEXT NOT NULL,
  reason         TEXT NOT NULL,
  PRIMARY KEY (replacement_id, application_id)
) STRICT;
CREATE INDEX replacement_outcome_application ON replacement_outcome (application_id);
