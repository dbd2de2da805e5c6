-- +goose Up
CREATE TABLE participation (
  id             INTEGER PRIMARY KEY,
  application_id INTEGER NOT NULL REFERENCES application (id),
  call_id        INTEGER NOT NULL,
  programme_id   INTEGER NOT NULL,
  kind           TEXT NOT NULL,
  from_day       TEXT NOT NULL DEFAULT '',
  to_day         TEXT NOT NULL DEFAULT '',
  state          TEXT NOT NULL,
  obligations    TEXT NOT NULL,
  version        INTEGER NOT NULL DEFAULT 1,
  UNIQUE (application_id, kind)
) STRICT;
CREATE INDEX participation_call ON participation (call_id, state);
CREATE TABLE participation_event (
  id               INTEGER PRIMARY KEY,
  participation_id INTEGER NOT NULL REFERENCES participation (id),
  at               TEXT NOT NULL,
  person_id        INTEGER NOT NULL,
  from_state       TEXT NOT NULL,
  to_state         TEXT NOT NULL,
  reason           TEXT NOT NULL
) STRICT;
CREATE INDEX participation_event_participation ON participation_event (participation_id, id);
