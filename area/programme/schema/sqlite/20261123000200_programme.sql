-- +goose Up
CREATE TABLE programme (
  id      INTEGER PRIMARY KEY,
  state   TEXT NOT NULL CHECK (state IN ('planerat', 'pågår', 'avslutas', 'avslutat')),
  public  INTEGER NOT NULL,
  version INTEGER NOT NULL,
  content TEXT NOT NULL,
  created TEXT NOT NULL
) STRICT;
CREATE TABLE programme_owner (
  programme_id INTEGER NOT NULL REFERENCES programme (id),
  org_id       INTEGER NOT NULL,
  PRIMARY KEY (programme_id, org_id)
) STRICT;
CREATE TABLE call (
  id           INTEGER PRIMARY KEY,
  programme_id INTEGER NOT NULL REFERENCES programme (id),
  state        TEXT NOT NULL CHECK (state IN ('utkast', 'publicerad', 'öppen', 'stängd', 'bedömning', 'beslutad', 'avslutad', 'avbruten')),
  title        TEXT NOT NULL,
  closes       TEXT,
  version      INTEGER NOT NULL,
  form_version INTEGER NOT NULL,
  edition      TEXT NOT NULL,
  published_at TEXT,
  reminded     INTEGER NOT NULL,
  content      TEXT NOT NULL,
  created      TEXT NOT NULL
) STRICT;
CREATE INDEX call_programme ON call (programme_id);
CREATE INDEX call_state ON call (state, closes);
CREATE TABLE call_version (
  call_id INTEGER NOT NULL REFERENCES call (id),
  version INTEGER NOT NULL,
  at      TEXT NOT NULL,
  person_id INTEGER NOT NULL,
  motive  TEXT NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (call_id, version)
) STRICT;
CREATE TABLE call_event (
  id        INTEGER PRIMARY KEY,
  call_id   INTEGER NOT NULL REFERENCES call (id),
  at        TEXT NOT NULL,
  person_id INTEGER NOT NULL,
  from_state TEXT NOT NULL,
  to_state  TEXT NOT NULL,
  motive    TEXT NOT NULL
) STRICT;
CREATE INDEX call_event_call ON call_event (call_id, id);
CREATE TABLE invitation (
  id        INTEGER PRIMARY KEY,
  call_id   INTEGER NOT NULL REFERENCES call (id),
  org_id    INTEGER NOT NULL,
  state     TEXT NOT NULL CHECK (state IN ('utkast', 'skickad', 'läst', 'antagen', 'avböjd', 'vill samtala', 'utgången')),
  version   INTEGER NOT NULL,
  reply_by  TEXT NOT NULL,
  content   TEXT NOT NULL,
  answer    TEXT NOT NULL,
  created   TEXT NOT NULL,
  UNIQUE (call_id, org_id)
) STRICT;
CREATE INDEX invitation_org ON invitation (org_id);
CREATE TABLE invitation_event (
  id        INTEGER PRIMARY KEY,
  invitation_id INTEGER NOT NULL REFERENCES invitation (id),
  at        TEXT NOT NULL,
  person_id INTEGER NOT NULL,
  from_state TEXT NOT NULL,
  to_state  TEXT NOT NULL,
  motive    TEXT NOT NULL
) STRICT;
