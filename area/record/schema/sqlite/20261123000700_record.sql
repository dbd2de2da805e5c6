-- +goose Up
CREATE TABLE series (
  programme_id INTEGER NOT NULL,
  prefix       TEXT NOT NULL,
  year         INTEGER NOT NULL,
  last         INTEGER NOT NULL,
  PRIMARY KEY (programme_id, prefix, year)
) STRICT;
CREATE TABLE registry_number (
  item_id      INTEGER PRIMARY KEY REFERENCES item (id),
  programme_id INTEGER NOT NULL,
  prefix       TEXT NOT NULL,
  year         INTEGER NOT NULL,
  number       INTEGER NOT NULL,
  UNIQUE (programme_id, prefix, year, number)
) STRICT;
