-- +goose Up
CREATE TABLE item (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  project_id   INTEGER NOT NULL,
  programme_id INTEGER NOT NULL,
  noun         TEXT NOT NULL,
  parent_id    INTEGER NOT NULL,
  state        TEXT NOT NULL,
  version      INTEGER NOT NULL,
  created_at   TEXT NOT NULL,
  created_by   INTEGER NOT NULL,
  changed_at   TEXT NOT NULL,
  content      TEXT NOT NULL
) STRICT;
CREATE INDEX item_project ON item (project_id, noun, id);
CREATE INDEX item_parent ON item (parent_id, noun, id);
CREATE INDEX item_state ON item (noun, state);
CREATE TABLE item_event (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  item_id    INTEGER NOT NULL REFERENCES item (id),
  project_id INTEGER NOT NULL,
  noun       TEXT NOT NULL,
  at         TEXT NOT NULL,
  person_id  INTEGER NOT NULL,
  act        TEXT NOT NULL,
  from_state TEXT NOT NULL,
  to_state   TEXT NOT NULL,
  reason     TEXT NOT NULL,
  content    TEXT NOT NULL
) STRICT;
CREATE INDEX item_event_item ON item_event (item_id, id);
CREATE INDEX item_event_project ON item_event (project_id, noun, at);
