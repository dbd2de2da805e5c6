package interest

import (
	"slices"
	"strings"
	"time"

	"kommunpilot/base/calendar"
	"kommunpilot/base/fail"
	"kommunpilot/base/who"
)

// CompletionID names a request for completion.
type CompletionID int64

// The states of a request for completion.
const (
	completionOpen     = "öppen"
	completionAnswered = "besvarad"
	completionExpired  = "utgången"
)

// Completion asks an applicant to complete some pages by a day.
type Completion struct {
	ID         CompletionID
	At         time.Time
	By         who.PersonID
	Text       string
	Sections   []string // paths of the pages that may be changed
	Deadline   calendar.Date
	State      string
	Answer     string
	AnsweredAt time.Time
	AnsweredBy who.PersonID
	Reminded   time.Time
}

// remindBefore is how many workdays before the deadline a reminder goes out.
const remindBefore = 2

// Due tells whether the time has run out at the moment now.
func (c Completion) Due(now time.Time) bool { return !now.Before(c.Deadline.End()) }

// remind tells whether a reminder should go out today.
func (c Completion) remind(today calendar.Date) bool {
	return c.State == completionOpen && c.Reminded.IsZero() && today >= calendar.WorkdaysBefore(c.Deadline, remindBefore) && today <= c.Deadline
}

// maxDays is the longest time to complete.
const maxDays = 90

// check says what is wrong with a request made on the day.
func (c Completion) check(today calendar.Date) error {
	var p problems
	if strings.TrimSpace(c.Text) == "" {
		p.add("text", "Skriv vad som behöver kompletteras.")
	}
	p.text("text", c.Text)
	switch {
	case c.Deadline == "":
		p.add("deadline", "Ange senaste dag för kompletteringen.")
	case c.Deadline <= today:
		p.add("deadline", "Sista dagen ska ligga efter i dag.")
	case today.DaysTo(c.Deadline) > maxDays:
		p.add("deadline", "Sista dagen får ligga högst 90 dagar bort.")
	}
	if len(c.Sections) == 0 {
		p.add("sections", "Välj vad som får ändras: minst en del.")
	}
	for _, s := range c.Sections {
		if s != "bilagor" && !slices.Contains(sectionPaths, s) {
			return fail.New(fail.Invalid, "Delen finns inte.")
		}
	}
	return fail.Fields(p...)
}

// sectionPaths are the pages that people write on.
var sectionPaths = []string{"kontakt", "svar", "ataganden", "deltagare", "budget"}

// mayChange tells whether a page of the application may be changed now: all of
// them in a draft, those that were asked for in a completion.
func (m matter) mayChange(section string, open *Completion) error {
	switch {
	case m.State == Draft:
		return nil
	case m.State == Completing && open != nil && slices.Contains(open.Sections, section):
		return nil
	case m.State == Completing:
		return fail.New(fail.Conflict, "Den här delen ingår inte i kompletteringen och kan inte ändras.")
	}
	return fail.New(fail.Conflict, "Intresseanmälan är inlämnad och kan inte ändras. Den som handlägger kan begära en komplettering.")
}
