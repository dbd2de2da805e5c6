package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kommunpilot/area/people"
	"kommunpilot/area/programme"
	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/who"
)

// examples fills an empty database with the three real programmes, in our own
// words. The municipalities are real; persons, texts and scores are made up,
// and dates are moved so that each programme can be walked to its end today.
type examples struct {
	rooms *rooms
	db    *db.DB
	today calendar.Date
	orgs  map[string]who.OrgID // by name, municipalities by code
	as    map[string]context.Context
	city  who.ProgrammeID
	// programmes are those of the calls, by the call's template.
	programmes map[string]who.ProgrammeID
}

var errOthers = errors.New("the database has programmes that are no examples: start --example with a database of its own")

// ensure makes the examples once. A database into which other examples have
// been loaded is left as it is.
func (e *examples) ensure(ctx context.Context) error {
	var people, programmes int
	err := e.db.Read(ctx, func(q db.Q) (err error) {
		if people, err = db.Value[int](ctx, q, `SELECT COUNT(*) FROM person WHERE email LIKE '%.example'`); err != nil {
			return err
		}
		programmes, err = db.Value[int](ctx, q, `SELECT COUNT(*) FROM programme`)
		return err
	})
	switch {
	case err != nil:
		return err
	case people > 0:
		return nil
	case programmes > 0:
		return errOthers
	}
	defer e.db.SetClock(time.Now)
	e.today, e.orgs, e.as = calendar.Of(time.Now()), map[string]who.OrgID{}, map[string]context.Context{}
	e.programmes = map[string]who.ProgrammeID{}
	ctx = who.With(ctx, who.Us)
	return e.db.Together(ctx, e.make)
}

// make carries out every step: all of them are stored, or nothing.
func (e *examples) make(ctx context.Context) error {
	now := e.today.Start().Add(12 * time.Hour)
	for _, step := range []func(context.Context) error{e.staff, e.pilots, e.premises, e.caseStudy, e.cityProgramme, e.story, e.cityClosed, e.premisesRoom, e.caseRoom, e.serviceRoom, e.knowledgeRoom} {
		e.at(now.AddDate(0, 0, -90))
		if err := step(ctx); err != nil {
			return fmt.Errorf("examples: %w", err)
		}
	}
	return nil
}

// at sets the clock that acts see.
func (e *examples) at(t time.Time) { e.db.SetClock(func() time.Time { return t }) }

// day is at noon, so many days from today.
func (e *examples) day(n int) { e.at(e.today.AddDays(n).Start().Add(12 * time.Hour)) }

// exampleStaff is everybody who is not of a municipality: a role in an organisation.
var exampleStaff = []struct {
	org   string
	kind  people.OrganisationKind
	roles []exampleRole
}{
	{"Tillväxtverket", people.Myndighet, []exampleRole{
		{title: "Programägare", email: "agare@tillvaxtverket.example", role: who.Programagare}, {title: "Handläggare", email: "handlaggare@tillvaxtverket.example", role: who.Handlaggare},
		{title: "Bedömare 1", email: "bedomare1@tillvaxtverket.example", role: who.Bedomare}, {title: "Bedömare 2", email: "bedomare2@tillvaxtverket.example", role: who.Bedomare},
		{title: "Bedömare 3", email: "bedomare3@tillvaxtverket.example", role: who.Bedomare}, {title: "Registrator", email: "registrator@tillvaxtverket.example", role: who.Registrator},
		{title: "Redaktör", email: "redaktor@tillvaxtverket.example", role: who.Redaktor},
	}},
	{"Sveriges Kommuner och Regioner", people.Forening, []exampleRole{
		{title: "Programägare", email: "agare@skr.example", role: who.Programagare}, {title: "Handläggare", email: "handlaggare@skr.example", role: who.Handlaggare},
		{title: "Bedömare 1", email: "bedomare1@skr.example", role: who.Bedomare}, {title: "Bedömare 2", email: "bedomare2@skr.example", role: who.Bedomare},
	}},
	{"Kommunutredningen", people.Myndighet, []exampleRole{
		{title: "Huvudsekreterare", email: "huvudsekreterare@utredning.example", role: who.Programagare}, {title: "Utredningssekreterare", email: "sekreterare@utredning.example", role: who.Handlaggare},
		{title: "Registrator", email: "registrator@utredning.example", role: who.Registrator},
	}},
	{exampleUniversity, people.Myndighet, nil}, // its researcher follows one programme: see pilots
}

const exampleUniversity = "Ett lärosäte"

type exampleRole struct {
	title, email string
	role         who.Role
	programme    who.ProgrammeID // 0: all that the organisation takes part in
}

// staff makes the owners' organisations and people, and an administrator.
func (e *examples) staff(ctx context.Context) error {
	for _, x := range exampleStaff {
		err := e.db.Write(ctx, func(tx *db.Tx) error {
			org, err := e.rooms.people.CreateOrganisation(ctx, tx, people.Organisation{Kind: x.kind, Name: x.org})
			e.orgs[x.org] = org
			return err
		})
		if err != nil {
			return err
		}
		for _, r := range x.roles {
			if err := e.person(ctx, e.orgs[x.org], x.org, r); err != nil {
				return err
			}
		}
	}
	return e.person(ctx, 0, "plattformen", exampleRole{title: "Administratör", email: "admin@kommunpilot.example", role: who.Administrator})
}

// person makes somebody with a role; e.as finds him or her by e-mail address.
func (e *examples) person(ctx context.Context, org who.OrgID, orgName string, r exampleRole) error {
	return e.db.Write(ctx, func(tx *db.Tx) error {
		p, err := e.rooms.people.CreatePerson(ctx, tx, people.Person{Name: r.title + ", " + orgName, Email: r.email, Lang: "sv"})
		if err != nil {
			return err
		}
		if _, err := e.rooms.people.Grant(ctx, tx, people.Membership{Person: p, Org: org, Role: r.role, Programme: r.programme, From: e.today.AddDays(-365)}); err != nil {
			return err
		}
		actor, err := e.rooms.people.ActorOf(ctx, tx, p)
		e.as[r.email] = who.With(context.WithoutCancel(ctx), actor)
		return err
	})
}

// municipality gives a municipality a contact and a representative, once.
func (e *examples) municipality(ctx context.Context, code string) error {
	if _, done := e.orgs[code]; done {
		return nil
	}
	var org who.OrgID
	var name string
	err := e.db.Read(ctx, func(q db.Q) (err error) {
		if org, err = e.rooms.people.OrgByCode(ctx, q, code); err != nil {
			return err
		}
		name, err = e.rooms.people.OrgName(ctx, q, org)
		return err
	})
	if err != nil {
		return err
	}
	e.orgs[code] = org
	for _, r := range []exampleRole{
		{title: "Kommunkontakt", email: "kontakt@" + code + ".example", role: who.Kommunkontakt},
		{title: "Behörig företrädare", email: "foretradare@" + code + ".example", role: who.Foretradare},
		{title: "Registrator", email: "registrator@" + code + ".example", role: who.Registrator},
	} {
		if err := e.person(ctx, org, name, r); err != nil {
			return err
		}
	}
	return nil
}

func (e *examples) contact(code string) context.Context { return e.as["kontakt@"+code+".example"] }

func (e *examples) representative(code string) context.Context {
	return e.as["foretradare@"+code+".example"]
}

// call makes a programme with one published call out of a template.
func (e *examples) call(owners []string, by string, about programme.About, template string, change func(*programme.Content)) (programme.CallID, error) {
	var ids []who.OrgID
	for _, o := range owners {
		ids = append(ids, e.orgs[o])
	}
	pid, err := e.rooms.programme.CreateProgramme(e.as[by], about, ids, "")
	if err != nil {
		return 0, err
	}
	e.programmes[template] = pid
	t, ok := programme.TemplateOf(template)
	if !ok {
		return 0, fmt.Errorf("no template %q", template)
	}
	content := t.Content
	content.Responsible, content.Contact = about.Responsible, about.Contact
	change(&content)
	cid, err := e.rooms.programme.CreateCall(e.as[by], pid, content, "")
	if err != nil {
		return 0, err
	}
	return cid, e.rooms.programme.Publish(e.as[by], cid, "")
}

// premises is the development project of seed 000: an open call with three
// kinds of participation, open today.
func (e *examples) premises(ctx context.Context) error {
	e.day(-10)
	about := programme.About{
		Name: "Lokaler för kommunens verksamhet", Purpose: "Kommuner, politiker och tjänstepersoner, formar tillsammans ett stöd för hur lokaler planeras.",
		Fund: "En fond som kommunerna betalar till gemensamt", Responsible: "Handläggare, Sveriges Kommuner och Regioner", Contact: "lokaler@skr.example",
		Rules: []programme.Rule{
			{Key: "workshop.min", Value: "10 personer", Source: "000-11", Force: programme.Must}, {Key: "workshop.max", Value: "30 personer", Source: "000-11", Force: programme.Must},
			{Key: "interviews.target", Value: "4 kommuner", Source: "000-12", Force: programme.Aim}, {Key: "interviews.groups", Value: "A, B och C är med", Source: "000-16", Force: programme.Aim},
		},
	}
	members := []string{"0180", "0192", "0380", "0480", "0580", "0680", "0780", "0880", "1080", "1280", "1281", "1380", "1480", "1490", "1780", "1880", "1980", "1983", "2080", "2180", "2281", "2380", "2480", "2580"}
	_, err := e.call([]string{"Sveriges Kommuner och Regioner"}, "agare@skr.example", about, "tre-former", func(c *programme.Content) {
		c.Members = members
		t := e.today
		c.Dates = programme.Dates{Publish: t.AddDays(-10), Open: t.AddDays(-10), Close: t.AddDays(21), Assessment: t.AddDays(35), Decision: t.AddDays(42), Start: t.AddDays(49), End: t.AddDays(180),
			Fixing: t.AddDays(45), Event: t.AddDays(60)}
	})
	if err != nil {
		return err
	}
	for _, code := range []string{"0880", "1480", "1983", "2480"} {
		if err := e.municipality(ctx, code); err != nil {
			return err
		}
	}
	return e.rooms.programme.Tick(ctx)
}

// caseStudy is the inquiry's targeted invitation of seed 001 to three
// municipalities that take part together.
func (e *examples) caseStudy(ctx context.Context) error {
	e.day(-7)
	about := programme.About{
		Name: "Fallstudier om kommuners kapacitet", Purpose: "Utredningen och SKR undersöker tillsammans med kommuner vad sammanläggning, samverkan och olika uppgifter kan ge.",
		Mandate: "Regeringens uppdrag att undersöka hur kommunernas kapacitet kan stärkas.", Responsible: "Huvudsekreterare, Kommunutredningen", Contact: "utredningen@utredning.example",
		Rules: []programme.Rule{{Key: "casestudy.participants_per_body", Value: "2–4 från varje organ", Source: "001-07", Force: programme.Aim}, {Key: "casestudy.formal_decision", Value: "kommunstyrelsen i varje kommun", Source: "001-16", Force: programme.Must}},
	}
	cid, err := e.call([]string{"Kommunutredningen", "Sveriges Kommuner och Regioner"}, "huvudsekreterare@utredning.example", about, "inbjudan", func(c *programme.Content) {
		t := e.today
		c.Dates = programme.Dates{Publish: t.AddDays(-7), Open: t.AddDays(-7), Close: t.AddDays(28), Decision: t.AddDays(28), Start: t.AddDays(35), End: t.AddDays(215)}
	})
	if err != nil {
		return err
	}
	three := []string{"1983", "1984", "1960"}
	for _, code := range three {
		if err := e.municipality(ctx, code); err != nil {
			return err
		}
		letter := programme.Letter{
			Date: e.today.AddDays(-7), OurRef: "Fi 2017:02", Role: "Huvudsekreterare", Unit: "Kommunutredningen", Phone: "08-000 00 00", Email: "utredningen@utredning.example",
			Text:     "Vi bjuder in er till en fallstudie tillsammans med era grannar.\n\nFallstudien består av två workshoppar med arbete emellan. Mellan dem får ni beräkningar för just era kommuner. Ni avgör själva vilka som deltar; två till fyra personer från arbetsutskottet och lika många från förvaltningsledningen brukar vara lagom.\n\nVi ber kommunstyrelsen i varje kommun fatta ett formellt beslut om att delta.",
			Contacts: []programme.Contact{{Day: e.today.AddDays(-40), How: "Telefonsamtal med kommunchefen", Note: "Kommunen är intresserad och vill se upplägget i skrift."}},
		}
		for _, other := range three {
			if other != code {
				letter.Together = append(letter.Together, other)
			}
		}
		iid, err := e.rooms.programme.Invite(e.as["sekreterare@utredning.example"], cid, e.orgs[code], letter, e.today.AddDays(21), "")
		if err != nil {
			return err
		}
		if err := e.rooms.programme.Send(e.as["sekreterare@utredning.example"], iid, ""); err != nil {
			return err
		}
	}
	return e.rooms.programme.Tick(ctx)
}
