-- +goose Up
-- The latest order of an archive package of each large matter.
CREATE TABLE package_order (
  item_id INTEGER PRIMARY KEY REFERENCES item (id),
  number  INTEGER NOT NULL,
  state   TEXT NOT NULL,
  done    INTEGER NOT NULL,
  files   INTEGER NOT NULL,
  hash    TEXT NOT NULL,
  message TEXT NOT NULL
) STRICT;
