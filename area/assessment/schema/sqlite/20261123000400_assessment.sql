-- +goose Up
CREATE TABLE assessment (
  id             INTEGER PRIMARY KEY,
  call_id        INTEGER NOT NULL,
  application_id INTEGER NOT NULL,
  person_id      INTEGER NOT NULL,
  state          TEXT NOT NULL CHECK (state IN ('ej påbörjad', 'jäv anmält', 'pågår', 'lämnad', 'låst', 'justerad efter diskussion')),
  version        INTEGER NOT NULL,
  content        TEXT NOT NULL,
  UNIQUE (application_id, person_id)
) STRICT;
CREATE INDEX assessment_call ON assessment (call_id, application_id, person_id);
CREATE INDEX assessment_person ON assessment (person_id, call_id);
CREATE TABLE assessment_event (
  id            INTEGER PRIMARY KEY,
  assessment_id INTEGER NOT NULL REFERENCES assessment (id),
  at            TEXT NOT NULL,
  person_id     INTEGER NOT NULL,
  from_state    TEXT NOT NULL,
  to_state      TEXT NOT NULL,
  motive        TEXT NOT NULL
) STRICT;
-- An assessor's declaration about one call: ties to municipalities, or none.
CREATE TABLE declaration (
  call_id   INTEGER NOT NULL,
  person_id INTEGER NOT NULL,
  at        TEXT NOT NULL,
  ties      TEXT NOT NULL,
  motive    TEXT NOT NULL,
  PRIMARY KEY (call_id, person_id)
) STRICT;
CREATE TABLE round (
  call_id   INTEGER PRIMARY KEY,
  locked_at TEXT NOT NULL,
  person_id INTEGER NOT NULL,
  motive    TEXT NOT NULL
) STRICT;
CREATE TABLE selection_run (
  id         INTEGER PRIMARY KEY,
  call_id    INTEGER NOT NULL,
  kind       TEXT NOT NULL,
  method     TEXT NOT NULL CHECK (method IN ('best', 'lottery')),
  state      TEXT NOT NULL CHECK (state IN ('förberedd', 'beräknad', 'utlottad', 'granskad', 'fastställd', 'ersatt')),
  created    TEXT NOT NULL,
  person_id  INTEGER NOT NULL,
  engine     TEXT NOT NULL,
  input      TEXT NOT NULL,
  input_hash TEXT NOT NULL,
  seed       TEXT NOT NULL,
  commitment TEXT NOT NULL,
  overrides  TEXT NOT NULL,
  result     TEXT NOT NULL
) STRICT;
CREATE INDEX selection_run_call ON selection_run (call_id, id);
CREATE TABLE selection_event (
  id         INTEGER PRIMARY KEY,
  run_id     INTEGER NOT NULL REFERENCES selection_run (id),
  at         TEXT NOT NULL,
  person_id  INTEGER NOT NULL,
  from_state TEXT NOT NULL,
  to_state   TEXT NOT NULL,
  motive     TEXT NOT NULL
) STRICT;
CREATE TABLE selection_decision (
  run_id          INTEGER PRIMARY KEY REFERENCES selection_run (id),
  call_id         INTEGER NOT NULL,
  state           TEXT NOT NULL CHECK (state IN ('beslutat', 'meddelat')),
  at              TEXT NOT NULL,
  person_id       INTEGER NOT NULL,
  communicated_at TEXT
) STRICT;
CREATE TABLE outcome (
  run_id         INTEGER NOT NULL REFERENCES selection_run (id),
  application_id INTEGER NOT NULL,
  outcome        TEXT NOT NULL CHECK (outcome IN ('vald', 'reserv', 'ej vald')),
  deviation      TEXT NOT NULL,
  reason         TEXT NOT NULL,
  PRIMARY KEY (run_id, application_id)
) STRICT;
CREATE INDEX outcome_application ON outcome (application_id);
