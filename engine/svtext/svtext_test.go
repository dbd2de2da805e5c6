package svtext

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"Kommunens LOKALER":          "kommunens lokaler",
		"4 kap. 2 § KL":              "4 kap 2§ kl",
		"enligt § 14":                "enligt 14§",
		"lag (2017:725)":             "lag 2017:725",
		"dnr KS 2026/14":             "dnr ks 2026/14",
		"KS2026/00014, BUN 2025/0":   "ks 2026/14 bun 2025/0",
		"bun2026/100 och AB12/3":     "bun 2026/100 och ab12 3",
		"EU:s it-stöd":               "eu it stöd",
		"lokal\u00adförsörjning":     "lokalförsörjning",
		"för\u00a0kommunen":          "för kommunen",
		"Å a\u030a":                  "å å",
		"covid-19":                   "covid 19",
		"17 a § andra stycket":       "17 a § andra stycket",
		"":                           "",
		"--- ... !!":                 "",
		"klockan 12:30, sidan 3:an.": "klockan 12:30 sidan 3 an",
	} {
		if got := strings.Join(Words(text), " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestCompoundsAreTheirParts(t *testing.T) {
	l := Carried()
	for word, want := range map[string]string{
		"lokalförsörjning":           "lokal försörjning",
		"lokalförsörjningsprocess":   "lokalförsörjning process",
		"kommunfullmäktige":          "kommun fullmäktige",
		"upphandlingsmyndigheten":    "upphandling myndigheten",
		"skolskjuts":                 "skol skjuts",
		"jämställdhetsintegrering":   "jämställdhet integrering",
		"landsbygdsutveckling":       "landsbygd utveckling",
		"arbetsmarknadsåtgärder":     "arbetsmarknad åtgärder",
		"kommun":                     "",
		"verksamheten":               "",
		"utredning":                  "",
		"socialtjänst":               "social tjänst",
		"kollektivtrafikmyndighet":   "kollektivtrafik myndighet",
		"barnomsorgsplats":           "barnomsorg plats",
		strings.Repeat("kommun", 20): "",
	} {
		if got := strings.Join(l.Split(word), " "); got != want {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
}

func TestAnEditorsWordsAreParts(t *testing.T) {
	if got := Carried().Split("dronarflygfält"); got != nil {
		t.Fatalf("%v", got)
	}
	l := Carried().With(map[string]int{"Dronar": 100, "flygfält": 100})
	if got := l.Split("dronarflygfält"); !slices.Equal(got, []string{"dronar", "flygfält"}) {
		t.Errorf("%v", got)
	}
}

func TestTermsOfAText(t *testing.T) {
	a := New(nil)
	got := a.Terms("Lokalförsörjningen i kommunerna enligt 4 kap. 2 § KL")
	var parts []string
	for _, x := range got {
		if x.Part {
			parts = append(parts, x.Text)
		}
	}
	if len(got) < 6 || got[0].Text != Stem("lokalförsörjning") || !slices.Equal(parts, []string{"lokal", Stem("försörjningen")}) {
		t.Errorf("%+v", got)
	}
	if got := a.Terms("och att det"); len(got) != 3 {
		t.Errorf("only stop words: %+v", got)
	}
}

// TestAnyTextHasTheSameTermsHoweverItIsWritten: capitals, soft hyphens and other
// spaces change nothing, and nothing makes the reader fall.
func TestAnyTextHasTheSameTermsHoweverItIsWritten(t *testing.T) {
	a := New(nil)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringN(0, 80, 300).Draw(t, "text")
		terms := a.Terms(text)
		for _, x := range terms {
			if x.Text == "" || !utf8.ValidString(x.Text) && utf8.ValidString(text) {
				t.Fatalf("%q gives %+v", text, terms)
			}
		}
		plain := rapid.StringMatching(`[a-zåäö]{1,12}( [a-zåäö]{1,12}){0,5}`).Draw(t, "plain")
		other := strings.ReplaceAll(strings.ToUpper(plain[:1])+plain[1:], " ", "\u00a0\u00ad ")
		if utf8.ValidString(other) && !slices.Equal(a.Terms(plain), a.Terms(other)) {
			t.Fatalf("%q and %q differ", plain, other)
		}
	})
}

func BenchmarkTerms_1000Words(b *testing.B) {
	a := New(nil)
	text := strings.Repeat("Kommunernas lokalförsörjningsprocess ska beslutas av kommunfullmäktige under hösten enligt lag. ", 100)
	for b.Loop() {
		a.Terms(text)
	}
}
