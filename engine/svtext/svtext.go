// Package svtext reads Swedish text for searching: words, references to law and
// registry numbers become terms, in the same way when a text is stored and when
// somebody asks. A compound is also its parts, which weigh less than the whole.
package svtext

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/swedish"
	"golang.org/x/text/unicode/norm"
)

// Term is what a word stands for in an index.
type Term struct {
	Text string // the stem; law references and registry numbers as they are written
	Pos  int    // number of the word in the text, from 0; a compound's parts have its own
	Part bool   // a part of a compound, not the whole
	Word string // the word itself, in lower case; "" for a part
}

// Analyser reads texts. It holds a lexicon, is not changed after it is made, and
// may be used from many goroutines.
type Analyser struct{ lexicon *Lexicon }

// New makes an analyser with a lexicon; nil is the one that the program carries.
func New(l *Lexicon) *Analyser {
	if l == nil {
		l = Carried()
	}
	return &Analyser{l}
}

// maxText is how much of a text is read, bytes: more than any page.
const maxText = 8 << 20

// Terms reads a text. Stop words are left out, unless the text has nothing else.
// Cost O(length), and for each long word O(length of the word squared).
func (a *Analyser) Terms(text string) []Term {
	words := Words(text)
	out := make([]Term, 0, len(words))
	for pos, w := range words {
		if !stop[w] {
			out = a.term(out, w, pos)
		}
	}
	if len(out) == 0 {
		for pos, w := range words {
			out = a.term(out, w, pos)
		}
	}
	return out
}

func (a *Analyser) term(out []Term, word string, pos int) []Term {
	if isReference(word) {
		return append(out, Term{Text: word, Pos: pos, Word: word})
	}
	whole := Stem(word)
	out = append(out, Term{Text: whole, Pos: pos, Word: word})
	return a.parts(out, word, whole, pos)
}

// parts adds the parts of a compound, and the parts of those.
func (a *Analyser) parts(out []Term, word, whole string, pos int) []Term {
	for _, part := range a.lexicon.Split(word) {
		if s := Stem(part); s != whole {
			out = a.parts(append(out, Term{Text: s, Pos: pos, Part: true}), part, s, pos)
		}
	}
	return out
}

// Stem takes a word's ending off (Snowball's Swedish stemmer).
func Stem(word string) string {
	env := snowballstem.NewEnv(word)
	swedish.Stem(env)
	return env.Current()
}

// isReference tells terms that are no words: they hold a digit or a paragraph sign.
func isReference(word string) bool { return strings.ContainsAny(word, "0123456789§") }

// Words cuts a text into words in lower case: letters and digits that stand
// together, with hyphens and colons inside a word taken as they mean: "it-stöd"
// is two words, "2017:725" one, "EU:s" is "eu", "§ 4" and "4 §" are "4§". A registry
// number is its series and its number: "KS2026/00014" is "ks", "2026/14".
func Words(text string) []string {
	text = normal(text)
	var out []string
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= 0x80 {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		switch {
		case r == '§':
			out = paragraph(out)
			i += size
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			end := wordEnd(text, i)
			if n := series(text, i, end); n > 0 {
				out = append(out, text[i:i+n])
				i += n
				continue
			}
			word := serial(text[i:end])
			if n := len(out); n > 0 && out[n-1] == "§" && digits(word) {
				out[n-1] = word + "§"
			} else {
				out = append(out, word)
			}
			i = end
			if i < len(text) && text[i] == ':' { // a genitive or an ending after a colon
				if end := wordEnd(text, i+1); end > i+1 && end-i <= 4 && !digits(word) {
					i = end
				}
			}
		default:
			i += size
		}
	}
	return out
}

// series is the length of a registry number's series, where the word from i to end
// is one that stands against its year: 2 in "ks2026/14".
func series(text string, i, end int) int {
	n := end - i - len("2026")
	if n <= 0 || !digits(text[i+n:end]) || strings.ContainsAny(text[i:i+n], "0123456789") || end+1 >= len(text) || text[end] != '/' || !digits(text[end+1:end+2]) {
		return 0
	}
	return n
}

// serial takes the zeros away before the number within a year: "2026/00014".
func serial(word string) string {
	year, n, ok := strings.Cut(word, "/")
	if !ok || len(year) != len("2026") {
		return word
	}
	return year + "/" + strings.TrimLeft(n[:len(n)-1], "0") + n[len(n)-1:]
}

// paragraph joins a paragraph sign with the number before it.
func paragraph(out []string) []string {
	if n := len(out); n > 0 && digits(out[n-1]) {
		out[n-1] += "§"
		return out
	}
	return append(out, "§")
}

// wordEnd is where the word that begins at i ends. A number goes on over a colon
// or a slash with more digits after it.
func wordEnd(text string, i int) int {
	start := i
	for i < len(text) {
		r, size := rune(text[i]), 1
		if r >= 0x80 {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
		case (r == ':' || r == '/') && i > start && digits(text[start:i]) && i+1 < len(text) && text[i+1] >= '0' && text[i+1] <= '9':
		default:
			return i
		}
		i += size
	}
	return i
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// normal gives a text one form: composed letters, lower case, no soft hyphens or
// invisible signs, every kind of space a space.
func normal(text string) string {
	if len(text) > maxText {
		text = text[:maxText]
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\u00ad' || r == '\u200b' || r == '\u200c' || r == '\u200d' || r == '\ufeff':
			return -1
		case unicode.IsSpace(r) || r == '\u00a0' || r == '\u202f':
			return ' '
		}
		return unicode.ToLower(r)
	}, norm.NFC.String(text))
	return text
}

// stop are the words that tell nothing of what a text is about.
var stop = words(`och det att i en jag hon som han på den med var sig för så till är men ett om hade de av icke mig du henne då sin nu har inte hans honom skulle hennes där min man ej vid kunde något från ut när efter upp vi dem vara vad över än dig kan sina här ha mot alla under någon eller allt mycket sedan ju denna själv detta åt utan varit hur ingen mitt ni bli blev oss din dessa några deras blir mina samma vilken er sådan vår blivit dess inom mellan sådant varför varje vilka ditt vem vilket sitta sådana vart dina vars vårt våra ert era vilkas får få ska skall måste bör finns göra gör gäller enligt samt även också vilken genom kan kunna vill behöver behövs kommer går innebär gällande olika annan annat andra sitter hos samtidigt därför eftersom ens ju sådana`)

func words(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[w] = true
	}
	return out
}
