-- +goose Up
CREATE TABLE once (
  token TEXT PRIMARY KEY,
  at    TIMESTAMPTZ NOT NULL
);
CREATE INDEX once_at ON once (at);
