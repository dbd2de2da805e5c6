-- +goose Up
CREATE TABLE knowledge_vote (
  entry_id INTEGER NOT NULL,
  day      TEXT NOT NULL,
  mark     TEXT NOT NULL,
  helped   INTEGER NOT NULL,
  PRIMARY KEY (entry_id, day, mark)
) STRICT, WITHOUT ROWID;
CREATE TABLE knowledge_salt (
  day  TEXT PRIMARY KEY,
  salt TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE knowledge_link (
  source_id  INTEGER PRIMARY KEY,
  href       TEXT NOT NULL,
  checked_on TEXT NOT NULL,
  failures   INTEGER NOT NULL,
  why        TEXT NOT NULL
) STRICT;
