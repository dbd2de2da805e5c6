-- +goose Up
CREATE TABLE search_state (
  id        BIGINT PRIMARY KEY,
  version   BIGINT NOT NULL,
  next_doc  BIGINT NOT NULL,
  format    TEXT NOT NULL
);
INSERT INTO search_state (id, version, next_doc, format) VALUES (1, 0, 0, '');
CREATE TABLE search_document (
  doc      BIGINT PRIMARY KEY,
  id       TEXT,
  version  BIGINT NOT NULL,
  length   BIGINT NOT NULL,
  kind     TEXT NOT NULL,
  date     TEXT NOT NULL,
  evidence BIGINT NOT NULL,
  facets   TEXT NOT NULL,
  content  TEXT NOT NULL
);
CREATE UNIQUE INDEX search_document_id ON search_document (id);
CREATE INDEX search_document_version ON search_document (version);
CREATE TABLE search_block (
  block   BIGINT PRIMARY KEY,
  version BIGINT NOT NULL
);
CREATE TABLE search_posting (
  term  TEXT COLLATE "C" NOT NULL,
  block BIGINT NOT NULL,
  data  BYTEA NOT NULL,
  PRIMARY KEY (term, block)
);
ALTER TABLE search_posting ALTER COLUMN data SET STORAGE EXTERNAL;
CREATE TABLE search_word (
  word      TEXT COLLATE "C" PRIMARY KEY,
  version   BIGINT NOT NULL,
  documents BIGINT NOT NULL
);
CREATE INDEX search_word_version ON search_word (version);
