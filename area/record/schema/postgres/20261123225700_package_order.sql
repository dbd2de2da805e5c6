-- +goose Up
-- The latest order of an archive package of each large matter.
CREATE TABLE package_order (
  item_id BIGINT PRIMARY KEY REFERENCES item (id),
  number  BIGINT NOT NULL,
  state   TEXT NOT NULL,
  done    BIGINT NOT NULL,
  files   BIGINT NOT NULL,
  hash    TEXT NOT NULL,
  message TEXT NOT NULL
);
