-- +goose Up
CREATE TABLE register_edition (
  edition     TEXT PRIMARY KEY,
  imported_at TEXT NOT NULL
) STRICT;
-- A municipality in one edition and one period. valid_from is '' for "always".
CREATE TABLE register_kommun (
  edition         TEXT NOT NULL REFERENCES register_edition (edition) ON DELETE CASCADE,
  code            TEXT NOT NULL,
  valid_from      TEXT NOT NULL,
  valid_to        TEXT NOT NULL,
  name            TEXT NOT NULL,
  full_name       TEXT NOT NULL,
  county_code     TEXT NOT NULL,
  county_name     TEXT NOT NULL,
  main_group      TEXT NOT NULL,
  sub_group       TEXT NOT NULL,
  sub_group_name  TEXT NOT NULL,
  population_2019 INTEGER NOT NULL,
  population      INTEGER NOT NULL,
  land_km2        REAL NOT NULL,
  main_locality   TEXT NOT NULL,
  lat             REAL NOT NULL,
  lon             REAL NOT NULL,
  labour_market   TEXT NOT NULL,
  fa_region       TEXT NOT NULL,
  predecessors    TEXT NOT NULL,
  successors      TEXT NOT NULL,
  PRIMARY KEY (edition, code, valid_from)
) STRICT;

-- +goose Down
DROP TABLE register_kommun;
DROP TABLE register_edition;
