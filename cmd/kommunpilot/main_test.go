package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writerRole is the variable that makes this test program a writer to be killed.
const writerRole = "KOMMUNPILOT_TEST_WRITER"

func TestMain(m *testing.M) {
	if folder := os.Getenv(writerRole); folder != "" {
		beWriter(folder)
	}
	code := m.Run()
	clearMoulds()
	os.Exit(code)
}

// command runs the program in this process.
func command(t *testing.T, args ...string) (code int, out, errors string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, &Streams{Out: &o, Err: &e})
	return code, o.String(), e.String()
}

// must runs a command that should succeed.
func must(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errs := command(t, args...)
	if code != 0 {
		t.Fatalf("%v: code %d\n%s%s", args, code, out, errs)
	}
	return out
}

func TestHelpTellsANewcomerHowToBegin(t *testing.T) {
	code, out, errs := command(t)
	if code != exitBadInput || errs != "" || !strings.Contains(out, "kommunpilot serve --example") {
		t.Errorf("without arguments: code %d\n%s%s", code, out, errs)
	}
	for _, c := range []string{"serve", "migrate", "backup", "restore", "verify-audit", "version"} {
		if !strings.Contains(out, "  "+c) {
			t.Errorf("the help does not list %s", c)
		}
		if help := must(t, "help", c); help != must(t, c, "--help") || !strings.Contains(help, "Usage: kommunpilot "+c) {
			t.Errorf("help %s:\n%s", c, help)
		}
	}
	for _, secret := range []string{"--smtp-password", "--oidc-client-secret"} {
		if !strings.Contains(must(t, "help", "serve"), secret) {
			t.Errorf("help serve does not explain %s", secret)
		}
	}
}

func TestBadArgumentsSayHowToMendThem(t *testing.T) {
	rows := []struct {
		args []string
		want []string
	}{
		{[]string{"serv"}, []string{`did you mean "serve"`, "kommunpilot help"}},
		{[]string{"serve", "--adress=x"}, []string{"--adress", "did you mean", "kommunpilot help serve"}},
		{[]string{"serve", "--role=boss"}, []string{"--role", "web", "worker"}},
		{[]string{"serve", "--max-upload=big"}, []string{"20MB"}},
		{[]string{"serve", "--address=8080"}, []string{"address", "127.0.0.1:8080"}},
		{[]string{"serve", "--role=web"}, []string{"role", "PostgreSQL"}},
		{[]string{"serve", "--smtp-host=mail.example"}, []string{"smtp.from"}},
		{[]string{"serve", "--oidc-issuer=https://id.example"}, []string{"oidc.client_secret"}},
		{[]string{"serve", "--public-url=kommunpilot.example"}, []string{"public_url", "https://"}},
		{[]string{"serve", "--config=/is/not/there.toml"}, []string{"/is/not/there.toml", "does not exist"}},
		{[]string{"migrate", "--database=mysql://x"}, []string{"sqlite:", "postgres://", "--database"}},
		{[]string{"backup"}, []string{"<archive>", "kommunpilot help backup"}},
	}
	for _, row := range rows {
		t.Run(strings.Join(row.args, " "), func(t *testing.T) {
			code, out, errs := command(t, row.args...)
			if code == 0 || out != "" {
				t.Errorf("code %d, out %q", code, out)
			}
			for _, w := range row.want {
				if !strings.Contains(errs, w) {
					t.Errorf("%q is missing in %q", w, errs)
				}
			}
		})
	}
}

func TestErrorsNeverShowThePassword(t *testing.T) {
	for _, address := range []string{"postgres://user:hemligt@127.0.0.1:1/x", "postgres://user:hemligt@%zz/x", "postgres://user:hemligt@host:port/x"} {
		code, out, errs := command(t, "migrate", "--database="+address)
		if code == 0 || strings.Contains(out+errs, "hemligt") {
			t.Errorf("%s: code %d\n%s%s", address, code, out, errs)
		}
	}
}

func TestVersion(t *testing.T) {
	if out := must(t, "version"); !strings.HasPrefix(out, "kommunpilot dev") || !strings.Contains(out, "go1.") {
		t.Errorf("got %q", out)
	}
}

func TestMigrateTwiceAndVerifyAudit(t *testing.T) {
	db := "--database=sqlite:" + filepath.Join(t.TempDir(), "k.db")
	if out := must(t, "migrate", db); !strings.Contains(out, "audit.sql") || !strings.Contains(out, "river_") {
		t.Errorf("first: %s", out)
	}
	if out := must(t, "migrate", db); !strings.Contains(out, "(0 steps ran)") {
		t.Errorf("second: %s", out)
	}
	if out := must(t, "verify-audit", db); !strings.HasPrefix(out, "entries 0\n") {
		t.Errorf("verify: %s", out)
	}
}

func TestStoppedBeforeItBegan(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	if code := run(ctx, []string{"migrate", "--database=sqlite:" + filepath.Join(t.TempDir(), "k.db")}, &Streams{&out, &errs}); code == 0 {
		t.Errorf("code 0, %s", out.String())
	}
}
