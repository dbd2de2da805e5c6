-- +goose Up
CREATE TABLE once (
  token TEXT PRIMARY KEY,
  at    TEXT NOT NULL
) STRICT;
CREATE INDEX once_at ON once (at);
