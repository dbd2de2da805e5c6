-- +goose Up
CREATE TABLE mailed_in (
  project_id BIGINT NOT NULL,
  message_id TEXT NOT NULL,
  item_id    BIGINT NOT NULL REFERENCES item (id),
  PRIMARY KEY (project_id, message_id)
);
