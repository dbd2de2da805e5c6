-- +goose Up
CREATE TABLE search_state (
  id        INTEGER PRIMARY KEY,
  version   INTEGER NOT NULL,
  next_doc  INTEGER NOT NULL,
  format    TEXT NOT NULL
) STRICT;
INSERT INTO search_state (id, version, next_doc, format) VALUES (1, 0, 0, '');
CREATE TABLE search_document (
  doc      INTEGER PRIMARY KEY,
  id       TEXT,
  version  INTEGER NOT NULL,
  length   INTEGER NOT NULL,
  kind     TEXT NOT NULL,
  date     TEXT NOT NULL,
  evidence INTEGER NOT NULL,
  facets   TEXT NOT NULL,
  content  TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX search_document_id ON search_document (id);
CREATE INDEX search_document_version ON search_document (version);
CREATE TABLE search_block (
  block   INTEGER PRIMARY KEY,
  version INTEGER NOT NULL
) STRICT;
CREATE TABLE search_posting (
  term  TEXT NOT NULL,
  block INTEGER NOT NULL,
  data  BLOB NOT NULL,
  PRIMARY KEY (term, block)
) STRICT, WITHOUT ROWID;
CREATE TABLE search_word (
  word      TEXT PRIMARY KEY,
  version   INTEGER NOT NULL,
  documents INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX search_word_version ON search_word (version);
