package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"sort"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/knadh/koanf/parsers/toml/v2"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

// A setting has one name in three spellings: flag --smtp-host, environment
// KOMMUNPILOT_SMTP_HOST, and host under [smtp] (smtp.host) in the file. A flag
// wins over the environment, the environment over the file, and the file over
// the default.

const envPrefix = "KOMMUNPILOT_"

// notSettings are beginnings of variables that steer our tests.
var notSettings = []string{envPrefix + "TEST_", envPrefix + "REQUIRE_"}

// groups are the tables of the file.
var groups = []string{"smtp", "oidc", "otel", "log"}

// setting is one row of the documented table.
type setting struct {
	Flag, Env, Key, Default, Help string
}

// settings lists every setting, in the order of the struct.
func settings() ([]setting, error) {
	k, err := kong.New(&Config{}, kong.NoDefaultHelp())
	if err != nil {
		return nil, err
	}
	var out []setting
	for _, f := range k.Model.Flags {
		out = append(out, setting{Flag: "--" + f.Name, Env: envOf(f.Name), Key: keyOf(f.Name), Default: f.Default, Help: f.Help})
	}
	return out, nil
}

// keyOf spells a flag's name as the file does.
func keyOf(flag string) string {
	for _, g := range groups {
		if rest, ok := strings.CutPrefix(flag, g+"-"); ok {
			return g + "." + strings.ReplaceAll(rest, "-", "_")
		}
	}
	return strings.ReplaceAll(flag, "-", "_")
}

// envOf spells a flag's name as the environment does.
func envOf(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// given is what the file and the environment say.
type given struct{ k *koanf.Koanf }

// Validate implements kong.Resolver; loadSettings has refused what is unknown.
func (given) Validate(*kong.Application) error { return nil }

// Resolve gives the flag's value where the file or the environment has one.
func (g given) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if key := keyOf(flag.Name); g.k.Exists(key) {
		return g.k.String(key), nil
	}
	return nil, nil // kong's way to say that there is none
}

// loadSettings reads the settings file, if one is named, and the environment.
func loadSettings(args, environ []string) (kong.Resolver, error) {
	known, err := settings()
	if err != nil {
		return nil, err
	}
	path := configFile(args, environ)
	fromFile, fromEnv := koanf.New("."), koanf.New(".")
	if path != "" {
		if err := fromFile.Load(file.Provider(path), toml.Parser()); err != nil {
			if errors.Is(err, os.ErrNotExist) {
				return nil, fmt.Errorf("the settings file %s does not exist", path)
			}
			return nil, fmt.Errorf("the settings file %s cannot be read as TOML: %w", path, err)
		}
	}
	if err := fromEnv.Load(environment(known, environ), nil); err != nil {
		return nil, err
	}
	if err := errors.Join(unknown(path, fromFile, known, func(s setting) string { return s.Key }),
		unknown("the environment", fromEnv, known, func(s setting) string { return s.Env })); err != nil {
		return nil, err
	}
	if err := fromFile.Merge(fromEnv); err != nil {
		return nil, err
	}
	return given{fromFile}, nil
}

// environment reads the variables; a name that is no setting keeps its spelling.
func environment(known []setting, environ []string) koanf.Provider {
	keys := map[string]string{}
	for _, s := range known {
		keys[s.Env] = s.Key
	}
	return env.Provider(".", env.Opt{
		Prefix:      envPrefix,
		EnvironFunc: func() []string { return environ },
		TransformFunc: func(name, value string) (string, any) {
			if slices.ContainsFunc(notSettings, func(p string) bool { return strings.HasPrefix(name, p) }) {
				return "", nil
			}
			if key, ok := keys[name]; ok {
				return key, value
			}
			return name, value
		},
	})
}

// unknown refuses a setting that there is none of: a misspelt one would be
// silently without effect.
func unknown(where string, k *koanf.Koanf, known []setting, spell func(setting) string) error {
	var names []string
	keys := map[string]bool{}
	for _, s := range known {
		names, keys[s.Key] = append(names, spell(s)), s.Key != "config"
	}
	var wrong []error
	for _, key := range k.Keys() {
		if !keys[key] && key != "config" {
			wrong = append(wrong, fmt.Errorf("%s: there is no setting %s; did you mean %s? (docs/operations.md lists them all)", where, key, nearest(key, names)))
		}
	}
	sort.Slice(wrong, func(i, j int) bool { return wrong[i].Error() < wrong[j].Error() })
	return errors.Join(wrong...)
}

// configFile finds the settings file's name before the flags are parsed,
// since the file gives the flags their values.
func configFile(args, environ []string) string {
	for i, a := range args {
		if path, ok := strings.CutPrefix(a, "--config="); ok {
			return path
		}
		if a == "--config" && i+1 < len(args) {
			return args[i+1]
		}
		if a == "--" {
			break
		}
	}
	for _, e := range environ {
		if path, ok := strings.CutPrefix(e, envPrefix+"CONFIG="); ok {
			return path
		}
	}
	return ""
}

// nearest gives the name with the fewest edits to it (Levenshtein).
func nearest(word string, names []string) string {
	best, fewest := "", 1<<30
	for _, n := range names {
		if d := edits(strings.ToLower(word), strings.ToLower(n)); d < fewest {
			best, fewest = n, d
		}
	}
	return best
}

// edits counts the letters to add, drop or change. O(len(a)·len(b)).
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := before
			if a[i] != b[j] {
				change++
			}
			before = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
