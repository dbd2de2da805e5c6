-- +goose Up
CREATE TABLE poll_answer (
  poll_id   BIGINT NOT NULL REFERENCES item (id),
  option_id BIGINT NOT NULL,
  person_id BIGINT NOT NULL,
  answer    TEXT NOT NULL,
  at        TIMESTAMPTZ NOT NULL,
  PRIMARY KEY (poll_id, option_id, person_id)
);
