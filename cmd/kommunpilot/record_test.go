package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestMailInAnswersAMailServer: 0 taken and taken before, 65 for a bad
// message, 75 where the database is not there, 2 for a project that is not.
func TestMailInAnswersAMailServer(t *testing.T) {
	dir := t.TempDir()
	letter := filepath.Join(dir, "brev.eml")
	if err := os.WriteFile(letter, []byte("From: a@x.example\r\nMessage-ID: <1@x.example>\r\nSubject: Hej\r\n\r\nText\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(dir, "trasigt.eml")
	if err := os.WriteFile(bad, []byte("inget brev"), 0o600); err != nil {
		t.Fatal(err)
	}
	try := func(database, file string, project, code int, want string) {
		t.Helper()
		var o, e bytes.Buffer
		got := run(context.Background(), []string{"record", "mail-in", "--database", database, "--files", filepath.Join(dir, "filer"), "--project", strconv.Itoa(project), file}, &Streams{Out: &o, Err: &e})
		if got != code || !strings.Contains(o.String()+e.String(), want) {
			t.Errorf("%s: code %d, not %d: %s%s", file, got, code, &o, &e)
		}
	}
	database := "sqlite:" + filepath.Join(dir, "en.db")
	must(t, "migrate", "--database="+database)
	d, err := (&Store{Database: database, Files: filepath.Join(dir, "filer")}).open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	newPlatform(t, d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	try(database, letter, 1, 0, "Mottaget: /projekt/1/inkommet/")
	try(database, letter, 1, 0, "Inget ändrades")
	try(database, bad, 1, exitBadMessage, "giltigt brevhuvud")
	try(database, letter, 99999, exitBadInput, "finns inte")
	try(database, filepath.Join(dir, "borta.eml"), 1, exitBadInput, "går inte att öppna")
	try("sqlite:"+filepath.Join(dir, "annan.db"), letter, 1, exitTryAgain, "försök igen")
}
