package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

var update = flag.Bool("update", false, "write the table of settings in docs/operations.md anew")

// configOf parses serve's settings from the three places.
func configOf(t *testing.T, file string, environ []string, args ...string) (Config, error) {
	t.Helper()
	if file != "" {
		path := filepath.Join(t.TempDir(), "kommunpilot.toml")
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "--config", path)
	}
	given, err := loadSettings(args, environ)
	if err != nil {
		return Config{}, err
	}
	var c Config
	p, err := kong.New(&c, kong.Resolvers(given))
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Parse(args)
	return c, err
}

func TestDefaults(t *testing.T) {
	c, err := configOf(t, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Address != "127.0.0.1:8080" || c.Database != "sqlite:data/kommunpilot.db" || c.Files != "data/files" ||
		c.Role != RoleAll || c.MaxUpload != 20e6 || c.SMTP.TLS != "required" || c.Example || c.OTel.Endpoint != "" {
		t.Errorf("%+v", c)
	}
	if err := c.check(); err != nil {
		t.Error(err)
	}
}

func TestFlagWinsOverEnvironmentOverFile(t *testing.T) {
	const file = "address = \"file:1\"\npublic_url = \"https://file.example\"\nexample = true\nmax_upload = 5000000\n[smtp]\nhost = \"file\"\nport = 1025\n"
	environ := []string{"KOMMUNPILOT_ADDRESS=env:1", "KOMMUNPILOT_SMTP_HOST=env", "KOMMUNPILOT_TEST_POSTGRES=x", "KOMMUNPILOT_REQUIRE_BROWSER=1", "HOME=/"}
	c, err := configOf(t, file, environ, "--address=flag:1")
	if err != nil {
		t.Fatal(err)
	}
	if c.Address != "flag:1" || c.SMTP.Host != "env" || c.PublicURL != "https://file.example" || !c.Example || c.SMTP.Port != 1025 || c.MaxUpload != 5e6 {
		t.Errorf("%+v", c)
	}
}

func TestConfigFileNamedByTheEnvironment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "k.toml")
	if err := os.WriteFile(path, []byte("role = \"web\"\ndatabase = \"postgres://x/y\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := configOf(t, "", []string{"KOMMUNPILOT_CONFIG=" + path})
	if err != nil || c.Role != RoleWeb {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestMisspeltSettingsAreRefused(t *testing.T) {
	rows := []struct {
		file    string
		environ []string
		want    []string
	}{
		{file: "adress = \"x\"\n", want: []string{"adress", "did you mean address?"}},
		{file: "[smtp]\nhots = \"x\"\n", want: []string{"smtp.hots", "did you mean smtp.host?"}},
		{environ: []string{"KOMMUNPILOT_SMPT_HOST=x"}, want: []string{"KOMMUNPILOT_SMPT_HOST", "did you mean KOMMUNPILOT_SMTP_HOST?"}},
		{file: "address = \n", want: []string{"cannot be read as TOML"}},
		{file: "role = \"boss\"\n", want: []string{"role"}},
		{file: "[smtp]\nport = \"many\"\n", want: []string{"smtp-port"}},
	}
	for _, row := range rows {
		_, err := configOf(t, row.file, row.environ)
		if err == nil {
			t.Errorf("%q %v was taken", row.file, row.environ)
			continue
		}
		for _, w := range row.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q is missing in %q", w, err)
			}
		}
	}
}

func TestSize(t *testing.T) {
	for text, want := range map[string]int64{"20MB": 20e6, "20 mb": 20e6, "500kB": 500e3, "1GB": 1e9, "1048576": 1048576, "0": 0, "-1": 0, "MB": 0, "9999999GB": 0, "2,5MB": 0} {
		var s Size
		err := s.UnmarshalText([]byte(text))
		if want == 0 && err == nil || want != 0 && (err != nil || int64(s) != want) {
			t.Errorf("%q gave %d, %v; want %d", text, s, err, want)
		}
	}
}

// table is the documented table of settings, made from the code.
func table(t *testing.T) string {
	t.Helper()
	all, err := settings()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("| in the file | variable | flag | default | meaning |\n|---|---|---|---|---|\n")
	for _, s := range all {
		key, def := "`"+s.Key+"`", ""
		if s.Key == "config" {
			key = ""
		}
		if s.Default != "" {
			def = "`" + s.Default + "`"
		}
		help, _, _ := strings.Cut(s.Help, " Default: ")
		fmt.Fprintf(&b, "| %s | `%s` | `%s` | %s | %s |\n", key, s.Env, s.Flag, def, help)
	}
	return b.String()
}

func TestDocumentedSettingsAreThoseOfTheCode(t *testing.T) {
	const path, begin, end = "../../docs/operations.md", "<!-- settings -->\n", "<!-- end of settings -->"
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(b), begin)
	documented, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s lacks %q or %q", path, begin, end)
	}
	want := table(t)
	if documented == want {
		return
	}
	if *update {
		if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("the table in %s is not that of the code; run: go test ./cmd/kommunpilot -run TestDocumentedSettings -update\nwant:\n%s", path, want)
}
