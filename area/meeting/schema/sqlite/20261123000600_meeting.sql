-- +goose Up
CREATE TABLE poll_answer (
  poll_id   INTEGER NOT NULL REFERENCES item (id),
  option_id INTEGER NOT NULL,
  person_id INTEGER NOT NULL,
  answer    TEXT NOT NULL,
  at        TEXT NOT NULL,
  PRIMARY KEY (poll_id, option_id, person_id)
) STRICT;
