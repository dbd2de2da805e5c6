package meeting

import (
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"kommunpilot/base/fail"
	"kommunpilot/base/web"
)

// cueLimit is how many cues a form takes.
const cueLimit = 3000

// FormatCaptions writes cues as WebVTT; ParseCaptions reads them back equal.
func FormatCaptions(cues []Cue) string {
	var b strings.Builder
	b.WriteString("WEBVTT\n")
	for _, c := range cues {
		fmt.Fprintf(&b, "\n%s --> %s\n%s\n", stampText(c.From), stampText(c.To), c.Text)
	}
	return b.String()
}

// stampText writes a time as 00:00:01.000, in whole milliseconds.
func stampText(d time.Duration) string {
	ms := d.Milliseconds()
	return fmt.Sprintf("%02d:%02d:%02d.%03d", ms/3600000, ms/60000%60, ms/1000%60, ms%1000)
}

var cueTag = regexp.MustCompile(`<[^<>]*>`)

// Transcript is the captions' text without times and markup: a paragraph of
// the cues between two pauses of at least two seconds.
func Transcript(cues []Cue) string {
	var b strings.Builder
	var end time.Duration // of the cue before
	for i, c := range cues {
		switch {
		case i == 0:
		case c.From-end >= 2*time.Second:
			b.WriteString("\n\n")
		default:
			b.WriteString(" ")
		}
		end = c.To
		b.WriteString(strings.Join(strings.Fields(html.UnescapeString(cueTag.ReplaceAllString(c.Text, ""))), " "))
	}
	return b.String()
}

// cueRow is a cue as a person types it.
type cueRow struct{ From, To, Text string }

func (c Cue) row() cueRow { return cueRow{stampText(c.From), stampText(c.To), c.Text} }

func cueRows(cues []Cue) []cueRow {
	var out []cueRow
	for _, c := range cues {
		out = append(out, c.row())
	}
	return out
}

// cueName is the name of a field of the cue with the index.
func cueName(field string, i int) string { return field + "-" + strconv.Itoa(i) }

// rowValues are the values of the form's fields.
func rowValues(rows []cueRow) url.Values {
	v := url.Values{}
	for i, c := range rows {
		v.Set(cueName("from", i), c.From)
		v.Set(cueName("to", i), c.To)
		v.Set(cueName("text", i), c.Text)
	}
	return v
}

// formRows reads the cues of a form.
func formRows(f web.Form) []cueRow {
	var out []cueRow
	for i := 0; i < cueLimit && f.Values.Has(cueName("from", i)); i++ {
		out = append(out, cueRow{f.Get(cueName("from", i)), f.Get(cueName("to", i)), f.Get(cueName("text", i))})
	}
	return out
}

// checkRows reads cues as they are typed, and says at each field what is wrong
// there (length 0: the film's length is not known).
func checkRows(rows []cueRow, length time.Duration) (cues []Cue, wrong []fail.Field) {
	end, have := time.Duration(0), false // of the last cue whose times are right
	for i, r := range rows {
		say := func(field, what string, args ...any) {
			wrong = append(wrong, fail.Field{Name: cueName(field, i), Message: fmt.Sprintf("Textblock %d: ", i+1) + fmt.Sprintf(what, args...)})
		}
		from, err1 := stamp(r.From)
		to, err2 := stamp(r.To)
		if err1 != nil {
			say("from", "skriv tiden som 00:00:01.000.")
		}
		if err2 != nil {
			say("to", "skriv tiden som 00:00:01.000.")
		}
		if err1 == nil && have && from < end {
			say("from", "textblocket börjar innan det förra har slutat.")
		}
		if err1 == nil && err2 == nil {
			if to <= from {
				say("to", "textblocket slutar innan det börjar.")
			} else {
				end, have = to, true
			}
		}
		if err2 == nil && length > 0 && to > length {
			say("to", "textblocket slutar efter filmens slut (%d sekunder).", int(length.Seconds()))
		}
		text := cleanText(r.Text)
		switch {
		case text == "":
			say("text", "textblocket är tomt.")
		case strings.Contains(text, "-->"):
			say("text", "texten får inte innehålla -->.")
		}
		cues = append(cues, Cue{from, to, text})
	}
	return cues, wrong
}

// cleanText trims lines and takes away blank ones: a blank line ends a cue.
func cleanText(text string) string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// changeRows carries out a button of the form: lagg-till-2 adds an empty cue
// after the second, ta-bort-2, dela-2 and sla-ihop-2 remove it, split it and
// merge it with the next. It tells which cue to show, or -1 where the button
// is none of these.
func changeRows(rows []cueRow, button string) (out []cueRow, at int) {
	i := strings.LastIndex(button, "-")
	n, err := strconv.Atoi(button[i+1:])
	if i < 0 || err != nil || n < 0 || n > len(rows) || len(rows) >= cueLimit {
		return rows, -1
	}
	rows = slices.Clone(rows)
	switch act := button[:i]; {
	case act == "lagg-till":
		next := cueRow{From: stampText(0)}
		if n > 0 {
			next.From = rows[n-1].To
		}
		return slices.Insert(rows, n, next), n
	case n == 0:
		return rows, -1
	case act == "ta-bort":
		return slices.Delete(rows, n-1, n), max(0, min(n-1, len(rows)-2))
	case act == "dela":
		a, b := splitRow(rows[n-1])
		rows[n-1] = a
		return slices.Insert(rows, n, b), n
	case act == "sla-ihop" && n < len(rows):
		rows[n-1] = cueRow{rows[n-1].From, rows[n].To, strings.TrimSpace(rows[n-1].Text + "\n" + rows[n].Text)}
		return slices.Delete(rows, n, n+1), n - 1
	}
	return rows, -1
}

// splitRow halves a cue: the text at the blank nearest its middle, the time in
// the same proportion; times that cannot be read stay at their ends.
func splitRow(r cueRow) (a, b cueRow) {
	text := []rune(r.Text)
	cut := -1
	for i, c := range text {
		if (c == ' ' || c == '\n') && (cut < 0 || abs(2*i-len(text)) < abs(2*cut-len(text))) {
			cut = i
		}
	}
	if cut < 0 {
		cut = len(text)
	}
	a, b = cueRow{From: r.From, Text: strings.TrimSpace(string(text[:cut]))}, cueRow{To: r.To, Text: strings.TrimSpace(string(text[cut:]))}
	from, err1 := stamp(r.From)
	to, err2 := stamp(r.To)
	if err1 == nil && err2 == nil && to > from {
		share := 0.5
		if cut < len(text) {
			share = float64(cut) / float64(len(text))
		}
		middle := stampText(from + time.Duration(float64(to-from)*share))
		a.To, b.From = middle, middle
	}
	return a, b
}

func abs(n int) int { return max(n, -n) }
