-- +goose Up
-- The log's page lists one programme's or one organisation's entries.
CREATE INDEX audit_programme ON audit (programme_id, seq);
CREATE INDEX audit_org ON audit (org_id, seq);
