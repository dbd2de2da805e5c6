-- +goose Up
CREATE TABLE organisation (
  id         INTEGER PRIMARY KEY,
  kind       TEXT NOT NULL,
  name       TEXT NOT NULL,
  number     TEXT NOT NULL DEFAULT '',
  code       TEXT NOT NULL DEFAULT '',
  parent_id  INTEGER REFERENCES organisation (id),
  valid_from TEXT NOT NULL DEFAULT '',
  valid_to   TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL,
  created_by INTEGER NOT NULL,
  version    INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX organisation_code ON organisation (kind, code, valid_from) WHERE code <> '';
CREATE INDEX organisation_parent ON organisation (parent_id);
-- Mergers and splits: any number of predecessors and successors.
CREATE TABLE organisation_succession (
  predecessor_id INTEGER NOT NULL REFERENCES organisation (id),
  successor_id   INTEGER NOT NULL REFERENCES organisation (id),
  PRIMARY KEY (predecessor_id, successor_id)
) STRICT;
CREATE INDEX organisation_succession_successor ON organisation_succession (successor_id);
CREATE TABLE organisation_event (
  id              INTEGER PRIMARY KEY,
  organisation_id INTEGER NOT NULL REFERENCES organisation (id),
  at              TEXT NOT NULL,
  person_id       INTEGER NOT NULL,
  from_state      TEXT NOT NULL,
  to_state        TEXT NOT NULL,
  reason          TEXT NOT NULL
) STRICT;
CREATE INDEX organisation_event_organisation ON organisation_event (organisation_id, id);
