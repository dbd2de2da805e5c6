-- +goose Up
CREATE TABLE project (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  programme_id INTEGER NOT NULL,
  item_id      INTEGER NOT NULL
) STRICT;
CREATE INDEX project_programme ON project (programme_id);
CREATE TABLE seat (
  item_id    INTEGER PRIMARY KEY REFERENCES item (id),
  project_id INTEGER NOT NULL REFERENCES project (id),
  group_id   INTEGER NOT NULL,
  kind       TEXT NOT NULL,
  person_id  INTEGER NOT NULL,
  role       TEXT NOT NULL,
  from_day   TEXT NOT NULL,
  to_day     TEXT NOT NULL
) STRICT;
CREATE INDEX seat_project ON seat (project_id, person_id);
CREATE INDEX seat_person ON seat (person_id);
