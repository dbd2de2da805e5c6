-- +goose Up
CREATE TABLE series (
  programme_id BIGINT NOT NULL,
  prefix       TEXT NOT NULL,
  year         BIGINT NOT NULL,
  last         BIGINT NOT NULL,
  PRIMARY KEY (programme_id, prefix, year)
);
CREATE TABLE registry_number (
  item_id      BIGINT PRIMARY KEY REFERENCES item (id),
  programme_id BIGINT NOT NULL,
  prefix       TEXT NOT NULL,
  year         BIGINT NOT NULL,
  number       BIGINT NOT NULL,
  UNIQUE (programme_id, prefix, year, number)
);
