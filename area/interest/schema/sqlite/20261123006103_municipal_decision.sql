-- +goose Up
-- Each municipality's formal decision. Appeal end and legal force are computed
-- from the dates and kept for lists and for the job that watches the calendar.
CREATE TABLE municipal_decision (
  id             INTEGER PRIMARY KEY,
  application_id INTEGER NOT NULL REFERENCES application (id),
  org_id         INTEGER NOT NULL,
  state          TEXT NOT NULL,
  content        TEXT NOT NULL,
  appeal_end     TEXT NOT NULL DEFAULT '',
  in_force       TEXT NOT NULL DEFAULT '',
  file_name      TEXT NOT NULL DEFAULT '',
  file_type      TEXT NOT NULL DEFAULT '',
  file_size      INTEGER NOT NULL DEFAULT 0,
  file_hash      TEXT NOT NULL DEFAULT '',
  registered_at  TEXT,
  registered_by  INTEGER NOT NULL DEFAULT 0,
  version        INTEGER NOT NULL DEFAULT 1,
  UNIQUE (application_id, org_id)
) STRICT;
CREATE INDEX municipal_decision_state ON municipal_decision (state, in_force);
CREATE TABLE municipal_decision_event (
  id                    INTEGER PRIMARY KEY,
  municipal_decision_id INTEGER NOT NULL REFERENCES municipal_decision (id),
  at                    TEXT NOT NULL,
  person_id             INTEGER NOT NULL,
  from_state            TEXT NOT NULL,
  to_state              TEXT NOT NULL,
  reason                TEXT NOT NULL
) STRICT;
CREATE INDEX municipal_decision_event_decision ON municipal_decision_event (municipal_decision_id, id);
