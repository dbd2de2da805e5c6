-- +goose Up
CREATE TABLE knowledge_vote (
  entry_id BIGINT NOT NULL,
  day      TEXT NOT NULL,
  mark     TEXT NOT NULL,
  helped   BIGINT NOT NULL,
  PRIMARY KEY (entry_id, day, mark)
);
CREATE TABLE knowledge_salt (
  day  TEXT PRIMARY KEY,
  salt TEXT NOT NULL
);
CREATE TABLE knowledge_link (
  source_id  BIGINT PRIMARY KEY,
  href       TEXT NOT NULL,
  checked_on TEXT NOT NULL,
  failures   BIGINT NOT NULL,
  why        TEXT NOT NULL
);
