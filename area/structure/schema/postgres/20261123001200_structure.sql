-- +goose Up
CREATE TABLE structure_progress (
  item_id BIGINT PRIMARY KEY,
  done    DOUBLE PRECISION NOT NULL,
  at      TIMESTAMPTZ NOT NULL
);
