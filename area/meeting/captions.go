package meeting

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"kommunpilot/base/fail"
)

// Cue is a caption with its time.
type Cue struct {
	From, To time.Duration
	Text     string
}

// ParseCaptions reads WebVTT captions and says what is wrong, by line: a
// missing heading, a time that is none, captions that overlap, an empty one,
// or one that runs past the film (length 0: not known).
func ParseCaptions(text string, length time.Duration) ([]Cue, error) {
	lines := strings.Split(strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r\n", "\n"), "\n")
	wrong := func(n int, what string, args ...any) error {
		return fail.Fields(fail.Field{Name: "captions", Message: fmt.Sprintf("Rad %d: ", n) + fmt.Sprintf(what, args...)})
	}
	if len(lines) == 0 || lines[0] != "WEBVTT" && !strings.HasPrefix(lines[0], "WEBVTT ") {
		return nil, wrong(1, "textningen ska börja med WEBVTT.")
	}
	var cues []Cue
	for i := 1; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		if strings.HasPrefix(line, "NOTE") || strings.HasPrefix(line, "STYLE") || strings.HasPrefix(line, "REGION") {
			for i < len(lines) && strings.TrimSpace(lines[i]) != "" {
				i++
			}
			continue
		}
		from, rest, ok := strings.Cut(line, "-->")
		if !ok {
			continue // a blank line, or a cue's name
		}
		to, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
		c := Cue{}
		var err1, err2 error
		c.From, err1 = stamp(strings.TrimSpace(from))
		c.To, err2 = stamp(to)
		switch {
		case err1 != nil || err2 != nil:
			return nil, wrong(i+1, "skriv tiden som 00:00:01.000 --> 00:00:04.000.")
		case c.To <= c.From:
			return nil, wrong(i+1, "textblocket slutar innan det börjar.")
		case len(cues) > 0 && c.From < cues[len(cues)-1].To:
			return nil, wrong(i+1, "textblocket börjar innan det förra har slutat.")
		case length > 0 && c.To > length:
			return nil, wrong(i+1, "textblocket slutar efter filmens slut (%d sekunder).", int(length.Seconds()))
		}
		var said []string
		for i+1 < len(lines) && strings.TrimSpace(lines[i+1]) != "" {
			i++
			said = append(said, strings.TrimSpace(lines[i]))
		}
		if c.Text = strings.Join(said, "\n"); c.Text == "" {
			return nil, wrong(i+1, "textblocket är tomt.")
		}
		cues = append(cues, c)
	}
	if len(cues) == 0 {
		return nil, wrong(len(lines), "textningen har inga textblock.")
	}
	return cues, nil
}

// stamp reads 00:01.000 or 00:00:01.000.
func stamp(text string) (time.Duration, error) {
	parts := strings.Split(text, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return 0, strconv.ErrSyntax
	}
	seconds, thousandths, ok := strings.Cut(parts[len(parts)-1], ".")
	if !ok || len(thousandths) != 3 || len(seconds) != 2 {
		return 0, strconv.ErrSyntax
	}
	total := time.Duration(0)
	for _, p := range append(append([]string{}, parts[:len(parts)-1]...), seconds) {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 || len(p) < 2 {
			return 0, strconv.ErrSyntax
		}
		total = total*60 + time.Duration(n)*time.Second
	}
	n, err := strconv.Atoi(thousandths)
	if err != nil || n < 0 {
		return 0, strconv.ErrSyntax
	}
	return total + time.Duration(n)*time.Millisecond, nil
}
