-- +goose Up
CREATE TABLE mailed_in (
  project_id INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  item_id    INTEGER NOT NULL REFERENCES item (id),
  PRIMARY KEY (project_id, message_id)
) STRICT;
