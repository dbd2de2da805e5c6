-- +goose Up
-- One application is one atom: one place, however many municipalities. The
-- form is a frozen copy of the call's questions, requirements and kinds.
CREATE TABLE application (
  id            INTEGER PRIMARY KEY,
  call_id       INTEGER NOT NULL,
  programme_id  INTEGER NOT NULL,
  lead_org_id   INTEGER NOT NULL,
  state         TEXT NOT NULL,
  together      INTEGER NOT NULL,
  edition       TEXT NOT NULL,
  form_version  INTEGER NOT NULL,
  form          TEXT NOT NULL,
  invited       INTEGER NOT NULL DEFAULT 0,
  created_at    TEXT NOT NULL,
  created_by    INTEGER NOT NULL,
  touched_at    TEXT NOT NULL,
  submitted_at  TEXT,
  signed_by     INTEGER NOT NULL DEFAULT 0,
  signed_name   TEXT NOT NULL DEFAULT '',
  override_text TEXT NOT NULL DEFAULT '',
  version       INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX application_call ON application (call_id, state);
-- One live application per call and lead.
CREATE UNIQUE INDEX application_one ON application (call_id, lead_org_id) WHERE state <> 'återtagen';
CREATE TABLE application_event (
  id             INTEGER PRIMARY KEY,
  application_id INTEGER NOT NULL REFERENCES application (id),
  at             TEXT NOT NULL,
  person_id      INTEGER NOT NULL,
  from_state     TEXT NOT NULL,
  to_state       TEXT NOT NULL,
  reason         TEXT NOT NULL
) STRICT;
CREATE INDEX application_event_application ON application_event (application_id, id);
-- Each kind of participation that the application seeks has its own outcome.
CREATE TABLE application_kind (
  application_id INTEGER NOT NULL REFERENCES application (id),
  kind           TEXT NOT NULL,
  outcome        TEXT NOT NULL DEFAULT '',
  reason         TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (application_id, kind)
) STRICT;
-- The municipalities of the atom, with the groups of the call's edition frozen.
CREATE TABLE applicant (
  application_id INTEGER NOT NULL REFERENCES application (id),
  org_id         INTEGER NOT NULL,
  parent_id      INTEGER NOT NULL DEFAULT 0,
  kind           TEXT NOT NULL,
  name           TEXT NOT NULL,
  folded         TEXT NOT NULL,
  code           TEXT NOT NULL,
  kommun         TEXT NOT NULL,
  county         TEXT NOT NULL,
  main_group     TEXT NOT NULL,
  sub_group      TEXT NOT NULL,
  state          TEXT NOT NULL,
  at             TEXT NOT NULL,
  person_id      INTEGER NOT NULL,
  PRIMARY KEY (application_id, org_id)
) STRICT;
CREATE INDEX applicant_org ON applicant (org_id);
CREATE INDEX applicant_parent ON applicant (parent_id);
-- What people write, page by page; each page has its own version.
CREATE TABLE application_section (
  application_id INTEGER NOT NULL REFERENCES application (id),
  section        TEXT NOT NULL,
  content        TEXT NOT NULL,
  at             TEXT NOT NULL,
  person_id      INTEGER NOT NULL,
  version        INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (application_id, section)
) STRICT;
-- What was sent, exactly, each time that it was sent.
CREATE TABLE application_submission (
  id             INTEGER PRIMARY KEY,
  application_id INTEGER NOT NULL REFERENCES application (id),
  at             TEXT NOT NULL,
  person_id      INTEGER NOT NULL,
  content        TEXT NOT NULL,
  hash           TEXT NOT NULL
) STRICT;
CREATE INDEX application_submission_application ON application_submission (application_id, id);
CREATE TABLE attachment (
  id             INTEGER PRIMARY KEY,
  application_id INTEGER NOT NULL REFERENCES application (id),
  name           TEXT NOT NULL,
  about          TEXT NOT NULL,
  type           TEXT NOT NULL,
  size           INTEGER NOT NULL,
  hash           TEXT NOT NULL,
  at             TEXT NOT NULL,
  person_id      INTEGER NOT NULL,
  removed_at     TEXT
) STRICT;
CREATE INDEX attachment_application ON attachment (application_id, id);
