package meeting

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/journal"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
	"kommunpilot/engine/slot"
)

// The states of a date poll.
const (
	PollDraft     = "utkast"
	PollOpen      = "öppen"
	PollClosed    = "stängd"
	PollBooked    = "bokad"
	PollCancelled = "avbruten"
)

// Option is a time that may be chosen. Its number stays when the poll is
// edited, so that answers stay with their time.
type Option struct {
	ID    int64         `json:"id"`
	Day   calendar.Date `json:"day"`
	Start string        `json:"start"`
	Place string        `json:"place"`
	Gone  bool          `json:"gone"` // removed after somebody had answered
}

// Poll asks a group which time suits (tidsförfrågan).
type Poll struct {
	Title     string        `json:"title"`
	Group     journal.ID    `json:"group"`
	Minutes   int64         `json:"minutes"`
	Options   []Option      `json:"options"`
	Next      int64         `json:"next"`     // number of the next option
	Required  []string      `json:"required"` // roles that must be able to come
	Min       int64         `json:"min"`
	Mixed     bool          `json:"mixed"`
	Deadline  calendar.Date `json:"deadline"`
	Occasions []string      `json:"occasions"` // when municipalities meet anyway (001-17)
	Named     []Occasion    `json:"named"`     // and when they say that they do
	Meeting   journal.ID    `json:"meeting"`
	times     string
}

// timesText writes the options one a line: 2026-03-31 13.00 Rådhuset.
func (p Poll) timesText() string {
	var out []string
	for _, o := range p.Options {
		if !o.Gone {
			out = append(out, strings.TrimSpace(string(o.Day)+" "+strings.ReplaceAll(o.Start, ":", ".")+" "+o.Place))
		}
	}
	return strings.Join(out, "\n")
}

// setTimes reads what timesText writes. A time that was there keeps its
// number; one that is left out is kept as gone, with its answers.
func (p *Poll) setTimes(text string) error {
	var next []Option
	var wrong []fail.Field
	for n, line := range web.SplitLines(text) {
		words := strings.Fields(line)
		bad := func() {
			wrong = append(wrong, fail.Field{Name: "times", Message: fmt.Sprintf("Rad %d: skriv dag, klockslag och plats, till exempel 2026-03-31 13.00 Rådhuset.", n+1)})
		}
		if len(words) < 2 {
			bad()
			continue
		}
		day, err := calendar.Parse(words[0])
		h, m, ok := strings.Cut(strings.ReplaceAll(words[1], ".", ":"), ":")
		hour, err1 := strconv.Atoi(h)
		minute, err2 := strconv.Atoi(m)
		if err != nil || day == "" || !ok || err1 != nil || err2 != nil || hour > 23 || minute > 59 || hour < 0 || minute < 0 {
			bad()
			continue
		}
		o := Option{Day: day, Start: fmt.Sprintf("%02d:%02d", hour, minute), Place: strings.Join(words[2:], " ")}
		i := slices.IndexFunc(p.Options, func(x Option) bool { return x.Day == o.Day && x.Start == o.Start })
		if i >= 0 {
			o.ID = p.Options[i].ID
		} else {
			p.Next++
			o.ID = p.Next
		}
		next = append(next, o)
	}
	if len(wrong) > 0 {
		return fail.Fields(wrong...)
	}
	for _, o := range p.Options {
		if !slices.ContainsFunc(next, func(x Option) bool { return x.ID == o.ID }) {
			o.Gone = true
			next = append(next, o)
		}
	}
	p.Options = next
	return nil
}

// offered are the options that can be chosen.
func (p Poll) offered() []Option {
	return slices.DeleteFunc(slices.Clone(p.Options), func(o Option) bool { return o.Gone })
}

func (o *Room) pollSheet(d sheet.Deps) *sheet.Sheet[Poll] {
	return &sheet.Sheet[Poll]{
		Deps: d, Noun: journal.Noun[Poll]{Name: "poll", Title: "Tidsförfrågan", NeedsReason: []string{PollCancelled}, Moves: map[string][]string{
			PollDraft: {PollOpen, PollCancelled}, PollOpen: {PollClosed, PollCancelled}, PollClosed: {PollOpen, PollBooked, PollCancelled}}},
		Path: "tidsforfragan", Title: "Tidsförfrågningar", Lead: "Fråga gruppen vilken tid som passar: ja, om det behövs, eller nej. Svaren finns kvar när frågan ändras.",
		New: "Ny tidsförfrågan", NoneYet: "Inga tidsförfrågningar ännu.", First: PollDraft, Read: "meeting.read", Write: "meeting.edit", Create: "meeting.create", Newest: true,
		Locked: []string{PollBooked, PollCancelled}, Choices: o.choices, Name: func(p Poll) string { return p.Title },
		Fields: func(ctx context.Context, p *Poll, c sheet.Choices) []web.Bound {
			if p.times == "" {
				p.times = p.timesText()
			}
			return []web.Bound{
				{Input: web.Input{Name: "title", Label: web.T(ctx, "Vad gäller mötet?"), Required: true}, To: &p.Title},
				{Input: web.Input{Name: "group", Label: web.T(ctx, "Grupp som frågas"), Required: true}, Kind: web.AsChoice, To: &p.Group, Options: c["group"]},
				{Input: web.Input{Name: "times", Label: web.T(ctx, "Tider att välja på"), Hint: web.T(ctx, "En per rad: dag, klockslag och plats, till exempel 2026-03-31 13.00 Rådhuset."), Required: true, Rows: 8}, Kind: web.AsArea, To: &p.times},
				{Input: web.Input{Name: "minutes", Label: web.T(ctx, "Längd i minuter"), Required: true, Width: "short"}, Kind: web.AsWhole, To: &p.Minutes, Low: 5, High: 7 * 24 * 60},
				{Input: web.Input{Name: "required", Label: web.T(ctx, "De här måste kunna komma")}, Kind: web.AsMany, To: &p.Required, Options: options("ordförande", "sekreterare", "projektledare", "projektägare")},
				{Input: web.Input{Name: "min", Label: web.T(ctx, "Minst så många personer"), Width: "short"}, Kind: web.AsWhole, To: &p.Min, High: 10000},
				{Input: web.Input{Name: "mixed", Label: web.T(ctx, "Både politiker och tjänstepersoner ska delta")}, Kind: web.AsYes, To: &p.Mixed},
				{Input: web.Input{Name: "deadline", Label: web.T(ctx, "Svara senast"), Required: true}, Kind: web.AsDay, To: &p.Deadline},
				{Input: web.Input{Name: "occasions", Label: web.T(ctx, "Tillfällen då kommunerna ändå träffas"), Hint: web.T(ctx, "Ett per rad."), Rows: 3}, Kind: web.AsLines, To: &p.Occasions},
			}
		},
		Columns: []sheet.Column[Poll]{
			{Head: "Grupp", Cell: func(_ context.Context, it journal.Item[Poll], c sheet.Choices) string {
				return label(c["group"], it.Is.Group)
			}},
			{Head: "Svara senast", Cell: func(ctx context.Context, it journal.Item[Poll], _ sheet.Choices) string {
				return web.Day(ctx, it.Is.Deadline)
			}},
		},
		Moves: []sheet.Move{{To: PollOpen, Label: "Öppna för svar"}, {To: PollClosed, Label: "Stäng för svar"}, {To: PollCancelled, Label: "Avbryt", Danger: true}},
		Guard: func(_ context.Context, _ *db.Tx, _ journal.Project, it *journal.Item[Poll], from string) error {
			if it.Is.times != "" {
				if err := it.Is.setTimes(it.Is.times); err != nil {
					return err
				}
			}
			if it.State == PollOpen && from != PollOpen && len(it.Is.offered()) == 0 {
				return fail.New(fail.Conflict, "Tidsförfrågan har ingen tid att välja på.")
			}
			return nil
		},
		Body: func(ctx context.Context, q db.Q, p journal.Project, it journal.Item[Poll], at time.Time) (templ.Component, error) {
			v, err := o.pollView(ctx, q, p, it)
			v.live = at.IsZero() && !p.Closed
			return pollPage(v), err
		},
	}
}

// pollAnswers are the answers of a poll: person -> option -> answer.
func pollAnswers(ctx context.Context, q db.Q, poll journal.ID) (map[who.PersonID]map[int64]string, error) {
	type row struct {
		person who.PersonID
		option int64
		answer string
	}
	list, err := db.All(ctx, q, func(r db.Row) (x row, err error) { return x, r.Scan(&x.person, &x.option, &x.answer) },
		`SELECT person_id, option_id, answer FROM poll_answer WHERE poll_id = ?`, int64(poll))
	out := map[who.PersonID]map[int64]string{}
	for _, x := range list {
		if out[x.person] == nil {
			out[x.person] = map[int64]string{}
		}
		out[x.person][x.option] = x.answer
	}
	return out, err
}

// The words of an answer.
var answerWords = map[string]slot.Answer{"ja": slot.Yes, "om det behövs": slot.IfNeeded, "nej": slot.No}

// Answer stores the actor's answers, by option number, and the occasion that
// the actor names; nil leaves what was named.
func (o *Room) Answer(ctx context.Context, poll journal.ID, answers map[int64]string, occasion *string, once string) error {
	actor := who.From(ctx)
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		it, err := o.polls.Noun.Get(ctx, tx, poll)
		if err != nil {
			return err
		}
		p, err := o.deps.Project(ctx, tx, it.Project)
		if err != nil {
			return err
		}
		if err := may(ctx, "meeting.reply", p.Resource); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		if it.State != PollOpen {
			return fail.New(fail.Conflict, "Tidsförfrågan är inte öppen för svar.")
		}
		for _, x := range it.Is.offered() {
			a, ok := answers[x.ID]
			if !ok || a == "" {
				continue
			}
			if _, known := answerWords[a]; !known {
				return fail.Fields(fail.Field{Name: "svar-" + strconv.FormatInt(x.ID, 10), Message: "Svara ja, om det behövs eller nej."})
			}
			if _, err := tx.Exec(ctx, `INSERT INTO poll_answer (poll_id, option_id, person_id, answer, at) VALUES (?, ?, ?, ?, ?)
				ON CONFLICT (poll_id, option_id, person_id) DO UPDATE SET answer = excluded.answer, at = excluded.at`, int64(poll), x.ID, int64(actor.Person), a, tx.Now()); err != nil {
				return err
			}
		}
		o.note(ctx, tx, p, "meeting.reply", "poll", poll, answers)
		if occasion == nil {
			return nil
		}
		return o.nameOccasion(ctx, tx, p, it, *occasion)
	})
}

// nameOccasion keeps what the actor says of when they meet anyway.
func (o *Room) nameOccasion(ctx context.Context, tx *db.Tx, p journal.Project, it journal.Item[Poll], text string) error {
	if len([]rune(text)) > maxOccasion {
		return fail.Fields(fail.Field{Name: "occasion", Message: "Skriv kortare: dag, klockslag och plats."})
	}
	actor := who.From(ctx)
	x := Occasion{Person: actor.Person, Name: actor.Name, Text: text}
	members, err := o.deps.Members(ctx, tx, p.ID, it.Is.Group, calendar.Of(tx.Now()))
	if err != nil {
		return err
	}
	for _, s := range members {
		if s.Person == actor.Person {
			x.Body = s.Body
		}
	}
	if !it.Is.name(x) {
		return nil
	}
	return o.polls.Noun.Save(ctx, tx, p, it, journal.Act{Name: "meeting.reply"})
}

// pollView is what a poll's page shows.
type pollView struct {
	room     *Room
	p        journal.Project
	it       journal.Item[Poll]
	ranked   []slot.Result
	people   []Sitting
	answers  map[who.PersonID]map[int64]string
	mine     map[int64]string
	mayReply bool
	mayBook  bool
	live     bool
	form     web.Form
}

func (o *Room) pollView(ctx context.Context, q db.Q, p journal.Project, it journal.Item[Poll]) (v pollView, err error) {
	v = pollView{room: o, p: p, it: it, form: web.NewForm(nil)}
	v.form.Version = it.Version
	if v.answers, err = pollAnswers(ctx, q, it.ID); err != nil {
		return v, err
	}
	if v.people, err = o.deps.Members(ctx, q, p.ID, it.Is.Group, calendar.Of(q.Now())); err != nil {
		return v, err
	}
	v.mine = v.answers[who.From(ctx).Person]
	r := p.Resource
	r.Creator = it.By
	v.mayReply, v.mayBook = it.State == PollOpen && may(ctx, "meeting.reply", p.Resource) == nil, (it.State == PollOpen || it.State == PollClosed) && may(ctx, "meeting.edit", r) == nil
	offered := it.Is.offered()
	var people []slot.Person
	for _, s := range v.people {
		x := slot.Person{Required: slices.Contains(it.Is.Required, s.Role), Body: s.Body, Politic: s.Politic}
		for _, option := range offered {
			x.Answers = append(x.Answers, answerWords[v.answers[s.Person][option.ID]])
		}
		people = append(people, x)
	}
	v.ranked = slot.Rank(len(offered), people, slot.Rules{Min: int(it.Is.Min), Mixed: it.Is.Mixed})
	return v, nil
}

// Book makes a planned meeting of one of the poll's times.
func (o *Room) Book(ctx context.Context, poll journal.ID, option, version int64, once string) (made journal.ID, err error) {
	err = o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		it, err := o.polls.Noun.Get(ctx, tx, poll)
		if err != nil {
			return err
		}
		p, err := o.deps.Project(ctx, tx, it.Project)
		if err != nil {
			return err
		}
		r := p.Resource
		r.Creator = it.By
		if err := may(ctx, "meeting.edit", r); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		i := slices.IndexFunc(it.Is.offered(), func(x Option) bool { return x.ID == option })
		if i < 0 {
			return fail.New(fail.Conflict, "Den tiden finns inte längre i tidsförfrågan.")
		}
		x := it.Is.offered()[i]
		kind := "annat"
		groups, err := o.deps.Groups(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		for _, g := range groups {
			if g.ID == it.Is.Group && slices.Contains(Kinds, g.Kind) {
				kind = g.Kind
			}
		}
		m, err := o.meetings.AddIn(ctx, tx, p, 0, Meeting{Title: it.Is.Title, Kind: kind, Group: it.Is.Group, Day: x.Day, Start: x.Start, Minutes: it.Is.Minutes, Place: x.Place, Min: it.Is.Min, Mixed: it.Is.Mixed})
		if err != nil {
			return err
		}
		made = m.ID
		if it.State == PollOpen {
			it.Version = version
			it.State = PollClosed
			if err := o.polls.Noun.Save(ctx, tx, p, it, journal.Act{Name: "meeting.edit"}); err != nil {
				return err
			}
			version++
		}
		it.Version, it.State, it.Is.Meeting = version, PollBooked, made
		return o.polls.Noun.Save(ctx, tx, p, it, journal.Act{Name: "meeting.edit", Reason: "Bokad"})
	})
	return made, err
}
