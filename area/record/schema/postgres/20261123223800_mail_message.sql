-- +goose Up
-- Which messages a project has taken in: the hash of each one's identity.
CREATE TABLE mail_message (
  project_id BIGINT NOT NULL,
  identity   TEXT NOT NULL,
  item_id    BIGINT NOT NULL REFERENCES item (id),
  PRIMARY KEY (project_id, identity)
);
