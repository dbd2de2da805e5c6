package meeting

import (
	"context"
	"time"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/journal"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// The states of an attendance.
const (
	Invited  = "inbjuden"
	Comes    = "ja"
	Declines = "nej"
	Waits    = "reserv"
	Attended = "deltog"
	Absent   = "uteblev"
)

// Attendance is somebody's place at a meeting. Entered orders the waiting list.
type Attendance struct {
	Meeting journal.ID    `json:"meeting"`
	Person  who.PersonID  `json:"person"`
	Name    string        `json:"name"`
	Email   string        `json:"email"`
	Body    string        `json:"body"`
	Politic string        `json:"politic"`
	Entered time.Time     `json:"entered"`
	Day     calendar.Date `json:"day"`
}

func (o *Room) attendanceSheet(d sheet.Deps) *sheet.Sheet[Attendance] {
	moves := map[string][]string{
		Invited: {Comes, Declines, Waits, Attended, Absent}, Comes: {Declines, Attended, Absent}, Declines: {Comes, Waits, Attended, Absent},
		Waits: {Comes, Declines, Attended, Absent}, Attended: {Absent}, Absent: {Attended},
	}
	return &sheet.Sheet[Attendance]{
		Deps: d, Noun: journal.Noun[Attendance]{Name: "attendance", Title: "Anmälan", Moves: moves},
		Path: "anmalningar", Title: "Anmälningar till möten", Lead: "Vilka som är kallade, vad de har svarat och vilka som deltog.", NoneYet: "Ingen är kallad ännu.",
		Read: "meeting.read", Newest: true, Name: func(a Attendance) string { return a.Name },
		Fields: func(ctx context.Context, a *Attendance, _ sheet.Choices) []web.Bound {
			return []web.Bound{{Input: web.Input{Name: "body", Label: web.T(ctx, "Företräder")}, To: &a.Body}, {Input: web.Input{Name: "politic", Label: web.T(ctx, "Är")}, To: &a.Politic}}
		},
	}
}

// invited lists those who are called to a meeting, in the order of the call.
func (o *Room) invited(ctx context.Context, q db.Q, meeting journal.ID, at time.Time) ([]journal.Item[Attendance], error) {
	return o.attendance.Noun.List(ctx, q, journal.Query{Parent: meeting, At: at})
}

// coming counts those who come, or came.
func coming(list []journal.Item[Attendance]) (p present) {
	for _, a := range list {
		if a.State != Comes && a.State != Attended {
			continue
		}
		p.Persons++
		switch a.Is.Politic {
		case "politiker":
			p.Politicians++
		case "tjänsteperson":
			p.Officials++
		}
	}
	return p
}

// place is what a yes gives: a place, or the waiting list when the meeting is
// full or somebody else waits already.
func place(limit int64, list []journal.Item[Attendance], me journal.ID) string {
	if limit <= 0 {
		return Comes
	}
	taken, waiting := int64(0), false
	for _, a := range list {
		if a.ID == me {
			continue
		}
		switch a.State {
		case Comes:
			taken++
		case Waits:
			waiting = true
		}
	}
	if taken >= limit || waiting {
		return Waits
	}
	return Comes
}

// promoted are those of the waiting list who get the places that are free, in
// the order in which they entered it. So there is never a free place while
// somebody waits.
func promoted(limit int64, list []journal.Item[Attendance]) []journal.Item[Attendance] {
	free := limit
	var waiting []journal.Item[Attendance]
	for _, a := range list {
		switch a.State {
		case Comes:
			free--
		case Waits:
			at := len(waiting)
			for at > 0 && (waiting[at-1].Is.Entered.After(a.Is.Entered)) {
				at--
			}
			waiting = append(waiting[:at], append([]journal.Item[Attendance]{a}, waiting[at:]...)...)
		}
	}
	if limit <= 0 {
		return waiting
	}
	return waiting[:max(0, min(int64(len(waiting)), free))]
}

// Reply is the actor's answer to a call: ja or nej. Who has no call but may
// read the meeting adds himself or herself.
func (o *Room) Reply(ctx context.Context, meeting journal.ID, yes bool, once string) (state string, err error) {
	actor := who.From(ctx)
	err = o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		// Two who answer at once take their turns, so that the last place is given once.
		if _, err := tx.Exec(ctx, `UPDATE item SET version = version WHERE id = ?`, int64(meeting)); err != nil {
			return err
		}
		m, err := o.meetings.Noun.Get(ctx, tx, meeting)
		if err != nil {
			return err
		}
		p, err := o.deps.Project(ctx, tx, m.Project)
		if err != nil {
			return err
		}
		if err := may(ctx, "meeting.reply", p.Resource); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		if m.State != Called && m.State != Moved {
			return fail.Newf(fail.Conflict, "Mötet är %s och tar inte emot svar.", m.State)
		}
		list, err := o.invited(ctx, tx, meeting, time.Time{})
		if err != nil {
			return err
		}
		var mine journal.Item[Attendance]
		for _, a := range list {
			if a.Is.Person == actor.Person {
				mine = a
			}
		}
		if mine.ID == 0 {
			if mine, err = o.attendance.Noun.Add(ctx, tx, p, meeting, Invited, Attendance{Meeting: meeting, Person: actor.Person, Name: actor.Name, Entered: tx.Now(), Day: m.Is.Day}, journal.Act{Name: "meeting.reply"}); err != nil {
				return err
			}
		}
		state = Declines
		if yes {
			state = place(m.Is.Max, list, mine.ID)
			if mine.State == Comes {
				state = Comes
			}
		}
		if state == mine.State {
			return nil
		}
		if state == Waits {
			mine.Is.Entered = tx.Now()
		}
		mine.State = state
		if err := o.attendance.SaveIn(ctx, tx, p, mine, "", journal.Act{Name: "meeting.reply"}); err != nil {
			return err
		}
		return o.promote(ctx, tx, p, m)
	})
	return state, err
}

// promote gives free places to those who wait, and writes to them.
func (o *Room) promote(ctx context.Context, tx *db.Tx, p journal.Project, m journal.Item[Meeting]) error {
	list, err := o.invited(ctx, tx, m.ID, time.Time{})
	if err != nil {
		return err
	}
	for _, a := range promoted(m.Is.Max, list) {
		a.State = Comes
		if err := o.attendance.SaveIn(ctx, tx, p, a, Waits, journal.Act{Name: "meeting.promote"}); err != nil {
			return err
		}
		if a.Is.Email != "" {
			if err := o.mailTo(ctx, tx, p, m, a, "Du har fått plats: ", request); err != nil {
				return err
			}
		}
	}
	return nil
}
