-- +goose Up
-- Which messages a project has taken in: the hash of each one's identity.
CREATE TABLE mail_message (
  project_id INTEGER NOT NULL,
  identity   TEXT NOT NULL,
  item_id    INTEGER NOT NULL REFERENCES item (id),
  PRIMARY KEY (project_id, identity)
) STRICT;
