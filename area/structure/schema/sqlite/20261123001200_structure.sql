-- +goose Up
CREATE TABLE structure_progress (
  item_id INTEGER PRIMARY KEY,
  done    REAL NOT NULL,
  at      TEXT NOT NULL
) STRICT;
