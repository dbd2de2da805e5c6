package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"kommunpilot/area/meeting"
	"kommunpilot/area/people"
	"kommunpilot/area/programme"
	"kommunpilot/area/room"
	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/mail"
	sheets "kommunpilot/base/sheet"
	"kommunpilot/base/who"
	"kommunpilot/engine/example"
)

// player carries out the script of one programme through the rooms' own acts:
// each at its time, as its person, with that person's rights.
type player struct {
	rooms   *rooms
	db      *db.DB
	clerks  map[string]sheets.Clerk
	actors  map[string]who.Actor
	names   map[string]int64 // what the script has named
	project who.ProjectID
}

// newPlayer is a player who knows nobody yet.
func newPlayer(r *rooms, d *db.DB) *player {
	p := &player{rooms: r, db: d, clerks: map[string]sheets.Clerk{}}
	for _, list := range [][]sheets.Clerk{r.room.Clerks(), r.goal.Clerks(), r.meeting.Clerks(), r.record.Clerks(), r.outreach.Clerks(), r.structure.Clerks(), r.service.Clerks(), r.knowledge.Clerks()} {
		for _, c := range list {
			p.clerks[c.Noun()] = c
		}
	}
	p.actors, p.names = map[string]who.Actor{}, map[string]int64{}
	return p
}

// founding are the acts that are no sheet's.
var founding = map[string]func(p *player, ctx context.Context, l example.Line) (int64, error){
	example.Begin:     func(*player, context.Context, example.Line) (int64, error) { return 0, nil },
	"organisation":    (*player).organisation,
	"person":          (*player).person,
	"programme":       (*player).programme,
	"project":         (*player).open,
	"meeting.takeup":  (*player).takeUp,
	"meeting.matters": (*player).matters,
	"meeting.call":    (*player).call,
	"meeting.reply":   (*player).reply,
	"meeting.deal":    (*player).deal,
	"minutes.approve": (*player).approve,

	"structure.plan":    (*player).structurePlan,
	"structure.count":   (*player).structureCount,
	"structure.approve": (*player).structureApprove,

	"service.points": (*player).servicePoints,
}

// knows tells whether there is such an act.
func (p *player) knows(act string) bool {
	if founding[act] != nil {
		return true
	}
	noun, verb, ok := strings.Cut(act, ".")
	return ok && p.clerks[noun] != nil && slices.Contains([]string{"add", "change", "move"}, verb)
}

// play carries the lines out in one transaction: all of them, or none. The
// error names the line.
func (p *player) play(ctx context.Context, lines []example.Line) error {
	defer p.db.SetClock(time.Now)
	return p.db.Together(ctx, func(ctx context.Context) error {
		ctx = mail.Quietly(ctx)
		for i, l := range lines {
			at := l.At
			p.db.SetClock(func() time.Time { return at })
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := p.act(ctx, l); err != nil {
				number := l.Number
				if number == 0 {
					number = i + 1
				}
				return fmt.Errorf("line %d: %s %s: %w", number, l.Who, l.Act, spoken(err))
			}
		}
		return nil
	})
}

// spoken is an error with the sentences of its fields.
func spoken(err error) error {
	x := fail.As(err)
	if x == nil || len(x.Fields) == 0 {
		return err
	}
	var out []string
	for _, f := range x.Fields {
		out = append(out, f.Name+": "+f.Message)
	}
	return errors.New(strings.Join(out, " "))
}

func (p *player) act(ctx context.Context, l example.Line) error {
	actor := who.Us
	if l.Who != example.System {
		var ok bool
		if actor, ok = p.actors[l.Who]; !ok {
			return fmt.Errorf("there is nobody named %q", l.Who)
		}
	}
	ctx = who.With(ctx, actor)
	made, err := p.carry(ctx, l)
	if err != nil {
		return err
	}
	if l.As != "" {
		p.names[l.As] = made
	}
	return nil
}

func (p *player) carry(ctx context.Context, l example.Line) (int64, error) {
	if f := founding[l.Act]; f != nil {
		return f(p, ctx, l)
	}
	noun, verb, _ := strings.Cut(l.Act, ".")
	c := p.clerks[noun]
	if c == nil {
		return 0, fmt.Errorf("there is no act %q", l.Act)
	}
	values, err := p.values(ctx, l)
	if err != nil {
		return 0, err
	}
	switch verb {
	case "add":
		made, err := c.Enter(ctx, p.project, values)
		return int64(made), err
	case "change":
		item, err := p.on(ctx, l)
		if err != nil {
			return 0, err
		}
		return 0, c.Amend(ctx, item, values)
	case "move":
		item, err := p.on(ctx, l)
		if err != nil {
			return 0, err
		}
		return 0, c.Shift(ctx, item, l.To, l.Why)
	}
	return 0, fmt.Errorf("there is no act %q", l.Act)
}

// find gives the number of what the script has named.
func (p *player) find(ctx context.Context, name string) (int64, error) {
	if noun, newest := strings.CutPrefix(name, example.Newest); newest {
		var n int64
		err := p.db.Read(ctx, func(q db.Q) (err error) {
			n, err = db.Value[int64](ctx, q, `SELECT COALESCE(MAX(id), 0) FROM item WHERE project_id = ? AND noun = ?`, int64(p.project), noun)
			return err
		})
		if err == nil && n == 0 {
			err = fmt.Errorf("the project has no %s yet", noun)
		}
		return n, err
	}
	n, ok := p.names[name]
	if !ok {
		return 0, fmt.Errorf("nothing is named %q", name)
	}
	return n, nil
}

func (p *player) on(ctx context.Context, l example.Line) (journal.ID, error) {
	if l.On == "" {
		return 0, errors.New(`"on" is missing: the name of what is acted on`)
	}
	n, err := p.find(ctx, l.On)
	return journal.ID(n), err
}

// values are the line's fields with numbers in the place of names.
func (p *player) values(ctx context.Context, l example.Line) (url.Values, error) {
	out := url.Values{}
	for field, texts := range l.Fields {
		if name, ok := example.ReferenceIn(field); ok {
			n, err := p.find(ctx, name)
			if err != nil {
				return nil, err
			}
			field = strings.Replace(field, "@"+name, id.String(journal.ID(n)), 1)
		}
		for _, text := range texts {
			if name, ok := example.Reference(text); ok {
				n, err := p.find(ctx, name)
				if err != nil {
					return nil, err
				}
				text = strings.Replace(text, "@"+name, id.String(journal.ID(n)), 1)
			}
			out.Add(field, text)
		}
	}
	return out, nil
}

// one reads the named fields of an act that is no sheet's; others are refused.
func (p *player) one(ctx context.Context, l example.Line, fields ...string) (map[string]string, error) {
	values, err := p.values(ctx, l)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	var unknown []string
	for name := range values {
		if !slices.Contains(fields, name) {
			unknown = append(unknown, name)
		}
		out[name] = values.Get(name)
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		return nil, fmt.Errorf("the act has no field %s; it has %s", strings.Join(unknown, ", "), strings.Join(fields, ", "))
	}
	return out, nil
}

func (p *player) organisation(ctx context.Context, l example.Line) (int64, error) {
	x, err := p.one(ctx, l, "name", "kind", "code")
	if err != nil {
		return 0, err
	}
	var org who.OrgID
	err = p.db.Write(ctx, func(tx *db.Tx) (err error) {
		if x["code"] != "" { // a municipality that the register has
			org, err = p.rooms.people.OrgByCode(ctx, tx, x["code"])
			return err
		}
		org, err = p.rooms.people.CreateOrganisation(ctx, tx, people.Organisation{Kind: people.OrganisationKind(x["kind"]), Name: x["name"]})
		return err
	})
	return int64(org), err
}

func (p *player) person(ctx context.Context, l example.Line) (int64, error) {
	x, err := p.one(ctx, l, "name", "email", "role", "org")
	if err != nil {
		return 0, err
	}
	if !strings.HasSuffix(x["email"], ".example") {
		return 0, fmt.Errorf("the address %q must end with .example, which is nobody's: examples have no real people", x["email"])
	}
	var made who.PersonID
	err = p.db.Write(ctx, func(tx *db.Tx) error {
		if made, err = p.rooms.people.CreatePerson(ctx, tx, people.Person{Name: x["name"], Email: x["email"], Lang: "sv"}); err != nil {
			return err
		}
		if x["role"] != "" {
			org, err := id.Parse[who.OrgID](x["org"])
			if err != nil {
				return fmt.Errorf("the role %q needs the field org", x["role"])
			}
			if _, err := p.rooms.people.Grant(ctx, tx, people.Membership{Person: made, Org: org, Role: who.Role(x["role"]), From: calendar.Of(tx.Now())}); err != nil {
				return err
			}
		}
		p.actors[l.As], err = p.rooms.people.ActorOf(ctx, tx, made)
		return err
	})
	return int64(made), err
}

func (p *player) programme(ctx context.Context, l example.Line) (int64, error) {
	x, err := p.one(ctx, l, "name", "purpose", "mandate", "owner", "responsible", "contact")
	if err != nil {
		return 0, err
	}
	owner, err := id.Parse[who.OrgID](x["owner"])
	if err != nil {
		return 0, errors.New(`the field owner is missing: the organisation that owns the programme, "@name"`)
	}
	made, err := p.rooms.programme.CreateProgramme(ctx, programme.About{Name: x["name"], Purpose: x["purpose"], Mandate: x["mandate"], Responsible: x["responsible"], Contact: x["contact"]}, []who.OrgID{owner}, "")
	return int64(made), err
}

// open opens the project room.
func (p *player) open(ctx context.Context, l example.Line) (int64, error) {
	v, err := p.values(ctx, l)
	if err != nil {
		return 0, err
	}
	in, err := id.Parse[who.ProgrammeID](v.Get("programme"))
	if err != nil {
		return 0, errors.New(`the field programme is missing: "@name" of the programme`)
	}
	x := room.Project{Programme: in, ScopeIn: v["scope_in"], ScopeOut: v["scope_out"], Dependencies: v["dependencies"]}
	for _, org := range v["members"] {
		n, err := id.Parse[who.OrgID](org)
		if err != nil {
			return 0, fmt.Errorf("members: %q is no organisation", org)
		}
		x.Members = append(x.Members, n)
	}
	for _, taken := range []string{"programme", "members", "scope_in", "scope_out", "dependencies"} {
		v.Del(taken)
	}
	if err := sheets.Fill(v, x.Form(ctx)); err != nil {
		return 0, err
	}
	if p.project, err = p.rooms.room.Create(ctx, x, ""); err != nil {
		return 0, err
	}
	return int64(p.project), p.db.Read(ctx, func(q db.Q) error {
		groups, err := p.rooms.room.Groups(ctx, q, p.project)
		for _, g := range groups { // the two of example.Given
			p.names[strings.ToLower(g.Name)] = int64(g.ID)
		}
		return err
	})
}

func (p *player) takeUp(ctx context.Context, l example.Line) (int64, error) {
	x, err := p.one(ctx, l, "title", "about")
	if err != nil {
		return 0, err
	}
	m, err := p.on(ctx, l)
	if err != nil {
		return 0, err
	}
	return 0, p.rooms.meeting.TakeUpNew(ctx, m, x["title"], x["about"])
}

// waiting lists what waits for the steering group.
func (p *player) waiting(ctx context.Context) (out []meeting.Matter, err error) {
	err = p.db.Read(ctx, func(q db.Q) error {
		frame, err := p.rooms.room.Frame(ctx, q, p.project)
		if err != nil {
			return err
		}
		out, err = p.rooms.meetingMatters(ctx, q, frame)
		return err
	})
	return out, err
}

// matters puts what waits on the agenda, kind by kind.
func (p *player) matters(ctx context.Context, l example.Line) (int64, error) {
	v, err := p.values(ctx, l)
	if err != nil {
		return 0, err
	}
	m, err := p.on(ctx, l)
	if err != nil {
		return 0, err
	}
	all, err := p.waiting(ctx)
	if err != nil {
		return 0, err
	}
	for _, kind := range v["kinds"] {
		n := 0
		for _, x := range all {
			if k, _, _ := strings.Cut(x.Key, ":"); k != kind {
				continue
			}
			if err := p.rooms.meeting.AddMatter(ctx, m, x.Key, ""); err != nil {
				return 0, err
			}
			n++
		}
		if n == 0 {
			return 0, fmt.Errorf("no matter of the kind %q waits for the steering group", kind)
		}
	}
	return 0, nil
}

func (p *player) call(ctx context.Context, l example.Line) (int64, error) {
	m, err := p.on(ctx, l)
	if err != nil {
		return 0, err
	}
	return 0, p.rooms.meeting.CallTo(ctx, m)
}

func (p *player) reply(ctx context.Context, l example.Line) (int64, error) {
	x, err := p.one(ctx, l, "answer")
	if err != nil {
		return 0, err
	}
	m, err := p.on(ctx, l)
	if err != nil {
		return 0, err
	}
	_, err = p.rooms.meeting.Reply(ctx, m, x["answer"] == "ja", "")
	return 0, err
}

// deal writes at every item of the agenda: at a matter what its kind's fields
// say (the outcome, .text, .votes, .reservation), at another item its notes.
func (p *player) deal(ctx context.Context, l example.Line) (int64, error) {
	v, err := p.values(ctx, l)
	if err != nil {
		return 0, err
	}
	m, err := p.on(ctx, l)
	if err != nil {
		return 0, err
	}
	all, err := p.waiting(ctx)
	if err != nil {
		return 0, err
	}
	notes := map[string]meeting.Note{}
	for _, x := range all {
		kind, _, _ := strings.Cut(x.Key, ":")
		outcome := v.Get(kind)
		if outcome == "" {
			continue
		}
		n := meeting.Note{State: meeting.ItemDealt, Outcome: outcome, Notes: "Underlaget gicks igenom.", Proposals: []string{"Enligt beredningen"}, Decision: v.Get(kind + ".text"), Votes: v.Get(kind + ".votes")}
		if r := v.Get(kind + ".reservation"); r != "" {
			n.Reservations = []string{r}
		}
		notes[x.Key] = n
	}
	for _, line := range v["notes"] {
		title, text, _ := strings.Cut(line, ": ")
		notes[title] = meeting.Note{State: meeting.ItemDealt, Notes: text}
	}
	return 0, p.rooms.meeting.DealWith(ctx, m, notes)
}

func (p *player) approve(ctx context.Context, l example.Line) (int64, error) {
	m, err := p.on(ctx, l)
	if err != nil {
		return 0, err
	}
	return 0, p.rooms.meeting.ApproveNow(ctx, m)
}
