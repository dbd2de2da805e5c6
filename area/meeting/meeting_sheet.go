package meeting

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// Templates are the two workshops of seed 001 with their five points, the
// meetings of seed 000 and those of seed 004, in our own words.
var Templates = []struct {
	Name   string
	Points []string
}{
	{"Workshop 1 i en fallstudie", []string{"Metod och syfte", "Utmaningar: allmänna och kommunernas egna", "Kommunernas arbete i dag", "Erfarenheter av samverkan och andra åtgärder", "Nästa steg"}},
	{"Workshop 2 i en fallstudie", []string{"Sammanfattning av workshop 1", "Modellkörningar och underlag", "Intervjuerna", "Kommunernas väg framåt: aktörsnivå", "Medskick till utredningen: systemnivå"}},
	{"Styrgruppsmöte", []string{"Föregående protokoll", "Lägesrapport", "Ändringar och avvikelser", "Beslutspunkter", "Nästa möte"}},
	{"Informationsmöte", []string{"Bakgrund till programmet", "Urvalet och skälen till det", "Det ni får och det som krävs av er", "Vad som ska göras, och hur", "Plan för utbyte mellan deltagarna", "Frågor i mindre krets, också i pauserna"}},
	{"Projektledarträff", []string{"Läget i varje projekt", "Stöd och råd som ni behöver", "Ett gott exempel från var och en", "Det vi har lärt av varandra", "Nästa träff"}},
}

func (o *Room) choices(ctx context.Context, q db.Q, p journal.Project) (sheet.Choices, error) {
	groups, err := o.deps.Groups(ctx, q, p.ID)
	if err != nil {
		return nil, err
	}
	c := sheet.Choices{}
	for _, g := range groups {
		c["group"] = append(c["group"], web.Option{Value: id.String(g.ID), Label: g.Name})
	}
	for _, t := range Templates {
		c["template"] = append(c["template"], web.Option{Value: t.Name, Label: t.Name})
	}
	if o.deps.Municipalities != nil {
		c["municipality"], err = o.deps.Municipalities(ctx, q, p)
	}
	return c, err
}

func label(list []web.Option, item journal.ID) string {
	for _, x := range list {
		if x.Value == id.String(item) {
			return x.Label
		}
	}
	return ""
}

func (o *Room) meetingSheet(d sheet.Deps) *sheet.Sheet[Meeting] {
	return &sheet.Sheet[Meeting]{
		Deps: d, Noun: journal.Noun[Meeting]{Name: "meeting", Title: "Mötet", NeedsReason: []string{Cancelled}, Moves: map[string][]string{
			Planned: {Called, Cancelled}, Called: {Moved, Running, Cancelled}, Moved: {Called, Running, Cancelled}, Running: {Held}, Held: {Minuted}}},
		Path: "moten", Title: "Möten", Lead: "Styrgrupp, arbetsgrupper, workshoppar, besök och konferenser.",
		New: "Nytt möte", NoneYet: "Inga möten ännu.", First: Planned, Read: "meeting.read", Write: "meeting.edit", Create: "meeting.create",
		Locked: []string{Running, Held, Minuted, Cancelled}, Newest: true, Choices: o.choices,
		Name:   func(m Meeting) string { return m.Title },
		Fields: meetingFields,
		Check: func(m Meeting) []fail.Field {
			var out []fail.Field
			if m.Max > 0 && m.Min > m.Max {
				out = append(out, fail.Field{Name: "max", Message: "Det högsta antalet är mindre än det minsta."})
			}
			if m.Minutes <= 0 || m.Minutes > 7*24*60 {
				out = append(out, fail.Field{Name: "minutes", Message: "Skriv hur länge mötet varar, i minuter."})
			}
			if m.Start == "" {
				out = append(out, fail.Field{Name: "start", Message: "Skriv när mötet börjar, till exempel 13.00."})
			}
			return out
		},
		Columns: []sheet.Column[Meeting]{
			{Head: "När", Cell: func(ctx context.Context, it journal.Item[Meeting], _ sheet.Choices) string {
				return web.Day(ctx, it.Is.Day) + " " + strings.ReplaceAll(it.Is.Start, ":", ".")
			}},
			{Head: "Sort", Cell: func(_ context.Context, it journal.Item[Meeting], _ sheet.Choices) string { return it.Is.Kind }},
			{Head: "Grupp", Cell: func(_ context.Context, it journal.Item[Meeting], c sheet.Choices) string {
				return label(c["group"], it.Is.Group)
			}},
		},
		Moves: []sheet.Move{{To: Running, Label: "Öppna mötet"}, {To: Held, Label: "Avsluta mötet"}, {To: Cancelled, Label: "Ställ in mötet", Danger: true, Hint: "De som är kallade får en avbokning i sin kalender."}},
		Guard: o.guardMeeting,
		After: o.afterMeeting,
		Body: func(ctx context.Context, q db.Q, p journal.Project, it journal.Item[Meeting], at time.Time) (templ.Component, error) {
			v, err := o.meetingView(ctx, q, p, it, at)
			return meetingPage(v), err
		},
	}
}

func meetingFields(ctx context.Context, m *Meeting, c sheet.Choices) []web.Bound {
	return []web.Bound{
		{Input: web.Input{Name: "title", Label: web.T(ctx, "Rubrik"), Required: true}, To: &m.Title},
		{Input: web.Input{Name: "kind", Label: web.T(ctx, "Sorts möte"), Required: true}, Kind: web.AsChoice, To: &m.Kind, Options: options(Kinds...)},
		{Input: web.Input{Name: "group", Label: web.T(ctx, "Grupp som kallas")}, Kind: web.AsChoice, To: &m.Group, Options: c["group"]},
		{Input: web.Input{Name: "day", Label: web.T(ctx, "Dag"), Required: true}, Kind: web.AsDay, To: &m.Day},
		{Input: web.Input{Name: "start", Label: web.T(ctx, "Börjar klockan"), Hint: web.T(ctx, "Till exempel 13.00."), Required: true, Width: "short"}, Kind: web.AsClock, To: &m.Start},
		{Input: web.Input{Name: "minutes", Label: web.T(ctx, "Längd i minuter"), Required: true, Width: "short"}, Kind: web.AsWhole, To: &m.Minutes, Low: 1, High: 7 * 24 * 60},
		{Input: web.Input{Name: "place", Label: web.T(ctx, "Plats")}, To: &m.Place},
		{Input: web.Input{Name: "link", Label: web.T(ctx, "Länk till digitalt möte")}, To: &m.Link},
		{Input: web.Input{Name: "purpose", Label: web.T(ctx, "Syfte"), Rows: 3}, Kind: web.AsArea, To: &m.Purpose},
		{Input: web.Input{Name: "min", Label: web.T(ctx, "Minst så många personer"), Width: "short"}, Kind: web.AsWhole, To: &m.Min, High: 10000},
		{Input: web.Input{Name: "max", Label: web.T(ctx, "Högst så många personer"), Hint: web.T(ctx, "De som inte får plats står på väntelista."), Width: "short"}, Kind: web.AsWhole, To: &m.Max, High: 10000},
		{Input: web.Input{Name: "mixed", Label: web.T(ctx, "Både politiker och tjänstepersoner ska delta")}, Kind: web.AsYes, To: &m.Mixed},
		{Input: web.Input{Name: "per_body", Label: web.T(ctx, "Lämpligt antal från varje organ"), Hint: web.T(ctx, "Till exempel 2–4. Ett mål, inte ett krav.")}, To: &m.PerBody},
		{Input: web.Input{Name: "material", Label: web.T(ctx, "Underlag som skickas ut"), Hint: web.T(ctx, "Ett per rad."), Rows: 3}, Kind: web.AsLines, To: &m.Material},
		{Input: web.Input{Name: "reading", Label: web.T(ctx, "Arbetsdagar för inläsning"), Width: "short"}, Kind: web.AsWhole, To: &m.Reading, High: 60},
		{Input: web.Input{Name: "visits", Label: web.T(ctx, "Kommun som besöks")}, Kind: web.AsChoice, To: &m.Visits, Options: c["municipality"]},
		{Input: web.Input{Name: "template", Label: web.T(ctx, "Dagordning från en mall")}, Kind: web.AsChoice, To: &m.Template, Options: c["template"]},
		{Input: web.Input{Name: "repeat", Label: web.T(ctx, "Upprepas så många gånger"), Width: "short"}, Kind: web.AsWhole, To: &m.Repeat, High: 52},
		{Input: web.Input{Name: "weeks", Label: web.T(ctx, "Med så många veckor emellan"), Width: "short"}, Kind: web.AsWhole, To: &m.Weeks, High: 52},
		{Input: web.Input{Name: "override", Label: web.T(ctx, "Varför hålls mötet ändå?"), Hint: web.T(ctx, "Behövs bara när färre kommer än det minsta antalet, eller när politiker eller tjänstepersoner saknas."), Rows: 2}, Kind: web.AsArea, To: &m.Override},
	}
}

// guardMeeting holds the rules when a meeting opens, and counts a change of
// time as a move once it has been called to.
func (o *Room) guardMeeting(ctx context.Context, tx *db.Tx, p journal.Project, it *journal.Item[Meeting], from string) error {
	if from == Called || from == Moved {
		before, err := o.meetings.Noun.Get(ctx, tx, it.ID)
		if err != nil {
			return err
		}
		if it.State == from && (before.Is.Day != it.Is.Day || before.Is.Start != it.Is.Start || before.Is.Minutes != it.Is.Minutes || before.Is.Place != it.Is.Place || before.Is.Link != it.Is.Link) {
			it.Is.Sequence++
			if from == Called {
				it.State = Moved
			}
		}
		if it.State == Cancelled {
			it.Is.Sequence++
		}
	}
	if it.State != Running || from == Running {
		return nil
	}
	it.Is.Started = tx.Now()
	list, err := o.invited(ctx, tx, it.ID, time.Time{})
	if err != nil {
		return err
	}
	if wrong := it.Is.broken(coming(list)); len(wrong) > 0 && strings.TrimSpace(it.Is.Override) == "" {
		return fail.New(fail.Conflict, "Mötet kan inte öppnas: "+strings.Join(wrong, "; ")+". Den som äger mötet kan skriva varför det hålls ändå.")
	}
	return nil
}

// afterMeeting makes the agenda of a template and the meetings that repeat,
// and tells those who are called of a move or a cancellation.
func (o *Room) afterMeeting(ctx context.Context, tx *db.Tx, p journal.Project, it journal.Item[Meeting], from string) error {
	switch {
	case from == "":
		return o.furnish(ctx, tx, p, it)
	case it.State == Cancelled && (from == Called || from == Moved):
		return o.send(ctx, tx, p, it, "Inställt: ", cancel)
	case (from == Called || from == Moved) && it.State == Moved:
		return o.send(ctx, tx, p, it, "Ändrat: ", request)
	}
	return nil
}

func (o *Room) furnish(ctx context.Context, tx *db.Tx, p journal.Project, it journal.Item[Meeting]) error {
	i := slices.IndexFunc(Templates, func(t struct {
		Name   string
		Points []string
	}) bool {
		return t.Name == it.Is.Template
	})
	if i >= 0 {
		for n, point := range Templates[i].Points {
			if _, err := o.items.Noun.Add(ctx, tx, p, it.ID, ItemPlanned, Item{Meeting: it.ID, Order: int64(n + 1), Title: point}, journal.Act{Name: "meeting.create"}); err != nil {
				return err
			}
		}
	}
	if it.Is.Repeat <= 1 || it.Is.Weeks <= 0 {
		return nil
	}
	next := it.Is
	for n := int64(1); n < it.Is.Repeat; n++ {
		next.Day, next.Repeat = it.Is.Day.AddDays(int(n*it.Is.Weeks*7)), 0
		if _, err := o.meetings.AddIn(ctx, tx, p, 0, next); err != nil {
			return err
		}
	}
	return nil
}

// meetingView is what a meeting's page shows.
type meetingView struct {
	room      *Room
	p         journal.Project
	it        journal.Item[Meeting]
	items     []journal.Item[Item]
	invited   []journal.Item[Attendance]
	minutes   []journal.Item[Minutes]
	matters   []Matter
	mine      *journal.Item[Attendance]
	mayEdit   bool
	mayWrite  bool
	mayReply  bool
	readsMins bool
	material  []Material
	form      web.Form
}

func (o *Room) meetingView(ctx context.Context, q db.Q, p journal.Project, it journal.Item[Meeting], at time.Time) (v meetingView, err error) {
	v = meetingView{room: o, p: p, it: it, form: web.NewForm(nil)}
	r := p.Resource
	r.Creator = it.By
	live := at.IsZero() && !p.Closed
	v.mayEdit, v.mayWrite, v.mayReply = live && may(ctx, "meeting.edit", r) == nil, live && may(ctx, "minutes.write", r) == nil, live && may(ctx, "meeting.reply", r) == nil
	v.readsMins = may(ctx, "minutes.read", p.Resource) == nil
	if v.items, err = o.itemsOf(ctx, q, it.ID, at); err != nil {
		return v, err
	}
	if o.deps.Material != nil {
		if v.material, err = o.deps.Material(ctx, q, p.ID, it.ID); err != nil {
			return v, err
		}
	}
	if v.invited, err = o.invited(ctx, q, it.ID, at); err != nil {
		return v, err
	}
	for i, a := range v.invited {
		if me := who.From(ctx).Person; me != 0 && a.Is.Person == me {
			v.mine = &v.invited[i]
		}
	}
	if v.minutes, err = o.minutes.Noun.List(ctx, q, journal.Query{Parent: it.ID, At: at}); err != nil || !v.mayEdit {
		return v, err
	}
	if o.deps.Matters != nil {
		all, err := o.waiting(ctx, q, p, it.Is.Kind)
		if err != nil {
			return v, err
		}
		for _, m := range all {
			if !slices.ContainsFunc(v.items, func(x journal.Item[Item]) bool { return x.Is.Key == m.Key }) {
				v.matters = append(v.matters, m)
			}
		}
	}
	return v, nil
}

// waiting lists what may stand on the agenda of a kind of meeting: what waits
// for a decision, and for others than the steering group what is prepared.
func (o *Room) waiting(ctx context.Context, q db.Q, p journal.Project, kind string) ([]Matter, error) {
	all, err := o.deps.Matters(ctx, q, p)
	if err != nil || kind == "styrgrupp" || o.deps.Preparing == nil {
		return all, err
	}
	more, err := o.deps.Preparing(ctx, q, p)
	return append(all, more...), err
}

// Listed is a meeting for other rooms.
type Listed struct {
	ID    journal.ID
	Title string
	Kind  string
	Group journal.ID
	Day   calendar.Date
	State string
}

// Meetings lists the project's meetings by day.
func (o *Room) Meetings(ctx context.Context, q db.Q, p who.ProjectID) ([]Listed, error) {
	list, err := o.meetings.Noun.List(ctx, q, journal.Query{Project: p})
	var out []Listed
	for _, m := range list {
		out = append(out, Listed{m.ID, m.Is.Title, m.Is.Kind, m.Is.Group, m.Is.Day, m.State})
	}
	slices.SortStableFunc(out, func(a, b Listed) int { return strings.Compare(string(a.Day), string(b.Day)) })
	return out, err
}

// WorkshopNotes is what the project's first workshop that has notes came to: its
// shared notes or approved minutes, point by point. Empty while there are none.
func (o *Room) WorkshopNotes(ctx context.Context, q db.Q, p who.ProjectID) (out []string, err error) {
	meetings, err := o.Meetings(ctx, q, p)
	if err != nil {
		return nil, err
	}
	minutes, err := o.minutes.Noun.List(ctx, q, journal.Query{Project: p})
	if err != nil {
		return nil, err
	}
	for _, m := range meetings {
		if m.Kind != "workshop" {
			continue
		}
		for _, x := range minutes {
			if x.Is.Meeting != m.ID || x.State == MinutesDraft || x.State == MinutesSent {
				continue
			}
			for _, part := range x.Is.Text {
				for _, text := range part.Text {
					out = append(out, part.Head+": "+text)
				}
			}
			return out, nil
		}
	}
	return nil, nil
}
