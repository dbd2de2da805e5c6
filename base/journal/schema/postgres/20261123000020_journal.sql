-- +goose Up
CREATE TABLE item (
  id           BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  project_id   BIGINT NOT NULL,
  programme_id BIGINT NOT NULL,
  noun         TEXT NOT NULL,
  parent_id    BIGINT NOT NULL,
  state        TEXT NOT NULL,
  version      BIGINT NOT NULL,
  created_at   TIMESTAMPTZ NOT NULL,
  created_by   BIGINT NOT NULL,
  changed_at   TIMESTAMPTZ NOT NULL,
  content      TEXT NOT NULL
);
CREATE INDEX item_project ON item (project_id, noun, id);
CREATE INDEX item_parent ON item (parent_id, noun, id);
CREATE INDEX item_state ON item (noun, state);
CREATE TABLE item_event (
  id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  item_id    BIGINT NOT NULL REFERENCES item (id),
  project_id BIGINT NOT NULL,
  noun       TEXT NOT NULL,
  at         TIMESTAMPTZ NOT NULL,
  person_id  BIGINT NOT NULL,
  act        TEXT NOT NULL,
  from_state TEXT NOT NULL,
  to_state   TEXT NOT NULL,
  reason     TEXT NOT NULL,
  content    TEXT NOT NULL
);
CREATE INDEX item_event_item ON item_event (item_id, id);
CREATE INDEX item_event_project ON item_event (project_id, noun, at);
