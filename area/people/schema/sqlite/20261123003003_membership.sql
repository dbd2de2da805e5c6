-- +goose Up
-- In force from the day from_date up to, not including, to_date ('': open).
CREATE TABLE membership (
  id           INTEGER PRIMARY KEY,
  person_id    INTEGER NOT NULL REFERENCES person (id),
  org_id       INTEGER REFERENCES organisation (id),
  role         TEXT NOT NULL,
  programme_id INTEGER NOT NULL DEFAULT 0,
  from_date    TEXT NOT NULL,
  to_date      TEXT NOT NULL DEFAULT '',
  granted_by   INTEGER NOT NULL,
  granted_at   TEXT NOT NULL,
  version      INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX membership_person ON membership (person_id, from_date);
CREATE INDEX membership_org ON membership (org_id, role);
CREATE TABLE membership_event (
  id            INTEGER PRIMARY KEY,
  membership_id INTEGER NOT NULL REFERENCES membership (id),
  at            TEXT NOT NULL,
  person_id     INTEGER NOT NULL,
  from_state    TEXT NOT NULL,
  to_state      TEXT NOT NULL,
  reason        TEXT NOT NULL
) STRICT;
CREATE INDEX membership_event_membership ON membership_event (membership_id, id);
