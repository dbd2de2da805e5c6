package people

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

func TestActionsInWords(t *testing.T) {
	sv := context.Background()
	en := web.WithLang(sv, "en")
	for act, want := range map[string][2]string{
		"application.read":     {"Ansökan: läsa", "Application: read"},
		"people.grant":         {"Användare: ge en roll", "Users: give a role"},
		"call.something_new":   {"Utlysning: something new", "Call: something new"},
		"something.unheard_of": {"something.unheard_of", "something.unheard_of"},
	} {
		if got := [2]string{actText(sv, act), actText(en, act)}; got != want {
			t.Errorf("%s: %q, want %q", act, got, want)
		}
	}
	for _, act := range policy.Actions() {
		noun, verb, _ := strings.Cut(act, ".")
		if actNouns[noun] == "" || actVerbs[verb] == "" {
			t.Errorf("%s has no words", act)
		}
	}
}

// TestWordsOfTablesHaveEnglish: words that stand in tables are put through
// web.T where they are shown, out of sight of the test that reads sources.
func TestWordsOfTablesHaveEnglish(t *testing.T) {
	english := map[string]string{}
	files, err := filepath.Glob("../../base/web/lang/*.toml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		if _, err := toml.DecodeFile(f, &english); err != nil {
			t.Fatal(err)
		}
	}
	words := []string{aktiv, upphord, kommande, gallande, avslutad, vantar, iBruk, gammal, stangd, OIDC{Issuer: "x"}.name(),
		"Organisationer", "Integrationer", "Användare", "Kommunregistret", "Logg", "Mitt konto", "Alla sorter", "Välj sort", "Ingen", "Välj organisation"}
	for _, r := range who.Roles {
		words = append(words, r.Name)
	}
	for _, k := range organisationKinds {
		words = append(words, k.Name)
	}
	for _, w := range actNouns {
		words = append(words, w)
	}
	for _, w := range actVerbs {
		words = append(words, w)
	}
	for _, w := range words {
		if english[w] == "" {
			t.Errorf("%q has no English", w)
		}
	}
}
