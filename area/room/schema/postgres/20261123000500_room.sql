-- +goose Up
CREATE TABLE project (
  id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  programme_id BIGINT NOT NULL,
  item_id      BIGINT NOT NULL
);
CREATE INDEX project_programme ON project (programme_id);
CREATE TABLE seat (
  item_id    BIGINT PRIMARY KEY REFERENCES item (id),
  project_id BIGINT NOT NULL REFERENCES project (id),
  group_id   BIGINT NOT NULL,
  kind       TEXT NOT NULL,
  person_id  BIGINT NOT NULL,
  role       TEXT NOT NULL,
  from_day   TEXT NOT NULL,
  to_day     TEXT NOT NULL
);
CREATE INDEX seat_project ON seat (project_id, person_id);
CREATE INDEX seat_person ON seat (person_id);
