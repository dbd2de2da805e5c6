package main

import (
	"context"
	"fmt"

	"kommunpilot/area/people"
	"kommunpilot/area/programme"
	"kommunpilot/area/room"
	"kommunpilot/base/db"
	"kommunpilot/base/journal"
	"kommunpilot/base/who"
)

// The city of seed 003 and its people, by role and organisation; no person is
// real.
const (
	exampleCity  = "Göteborgs Stad"
	exampleOwner = "agare@stad.example"
)

var exampleCityStaff = []exampleRole{
	{title: "Beställarens företrädare", email: exampleOwner, role: who.Programagare},
	{title: "Registrator", email: "registrator@stad.example", role: who.Registrator},
	{title: "Handläggare, stadskansliet", email: "handlaggare@stad.example", role: who.Handlaggare},
}

// exampleSeats are who sits in the groups of the support function's project:
// organisations as the plan names them, persons by role alone.
var exampleSeats = []struct{ group, email, name, role, body, politic string }{
	{"Projektledning", "projektagare@stad.example", "Projektägare, Upphandlingsbolaget", "projektägare", "Upphandlingsbolaget", "tjänsteperson"},
	{"Projektledning", "projektledare@stad.example", "Projektledare, Upphandlingsbolaget", "projektledare", "Upphandlingsbolaget", "tjänsteperson"},
	{"Projektledning", "projektledare2@stad.example", "Projektledare, Samordningsförbunden", "projektledare", "Samordningsförbunden", "tjänsteperson"},
	{"Projektledning", "foljeforskare@stad.example", "Följeforskare, ett lärosäte", "följeforskare", "Ett lärosäte", ""},
	{"Styrgrupp", "ordforande@stad.example", "Ordförande, stadskansliet", "ordförande", "Stadskansliet", "tjänsteperson"},
	{"Styrgrupp", "sekreterare@stad.example", "Sekreterare, stadskansliet", "sekreterare", "Stadskansliet", "tjänsteperson"},
	{"Styrgrupp", "higab@stad.example", "Ledamot, Higab", "ledamot", "Higab", "tjänsteperson"},
	{"Styrgrupp", "trafik@stad.example", "Ledamot, Trafikkontoret", "ledamot", "Trafikkontoret", "tjänsteperson"},
	{"Styrgrupp", "park@stad.example", "Ledamot, Park- och naturförvaltningen", "ledamot", "Park- och naturförvaltningen", "tjänsteperson"},
	{"Styrgrupp", "arbetsformedlingen@stad.example", "Ledamot, Arbetsförmedlingen", "ledamot", "Arbetsförmedlingen", "tjänsteperson"},
}

// exampleWorking are the three working groups of the plan.
var exampleWorking = []room.Group{
	{Name: "Arbetsgrupp Modell", Kind: room.Working, Mandate: "Bereder modellen för uppföljning och synkroniserar processerna.", Moments: room.Moments},
	{Name: "Arbetsgrupp Upphandling", Kind: room.Working, Side: "blå", Mandate: "Bollplank i upphandlingarna; ser till att lagen följs i varje fall.", Moments: room.Moments[:3]},
	{Name: "Arbetsgrupp Målgrupper", Kind: room.Working, Side: "grön", Mandate: "Förbereder deltagare tillsammans med distrikten och myndigheterna.", Moments: room.Moments[1:]},
}

// cityProgramme makes the city, its people and the programme of seed 003.
func (e *examples) cityProgramme(ctx context.Context) error {
	err := e.db.Write(ctx, func(tx *db.Tx) error {
		org, err := e.rooms.people.CreateOrganisation(ctx, tx, people.Organisation{Kind: people.Bolag, Name: exampleCity + ", stadskansliet"})
		e.orgs[exampleCity] = org
		return err
	})
	if err != nil {
		return err
	}
	for _, r := range exampleCityStaff {
		if err := e.person(ctx, e.orgs[exampleCity], exampleCity, r); err != nil {
			return err
		}
	}
	for _, s := range exampleSeats {
		if err := e.seated(ctx, s.email, s.name); err != nil {
			return err
		}
	}
	pid, err := e.rooms.programme.CreateProgramme(e.as[exampleOwner], programme.About{
		Name: "Social hänsyn i upphandling", Purpose: "Staden använder sina upphandlingar för att fler ska få arbete.", Responsible: "Projektledare, Upphandlingsbolaget", Contact: "socialhansyn@stad.example",
		Rules: []programme.Rule{{Key: "procurement.share_target", Value: "50 procent av tjänsteupphandlingarna", Source: "003-02", Force: programme.Must}, {Key: "pilot.length", Value: "två år, kan förlängas ett år", Source: "003-01", Force: programme.Must}},
	}, []who.OrgID{e.orgs[exampleCity]}, "")
	e.city = pid
	return err
}

// seated makes somebody who has no role but the seats of groups.
func (e *examples) seated(ctx context.Context, email, name string) error {
	return e.db.Write(ctx, func(tx *db.Tx) error {
		p, err := e.rooms.people.CreatePerson(ctx, tx, people.Person{Name: name, Email: email, Lang: "sv"})
		if err != nil {
			return err
		}
		actor, err := e.rooms.people.ActorOf(ctx, tx, p)
		e.as[email] = who.With(context.WithoutCancel(ctx), actor)
		return err
	})
}

// supportRoom opens the project room of the support function with its groups,
// before its first gate.
func (e *examples) supportRoom() (who.ProjectID, error) {
	pid, err := e.rooms.room.Create(e.as[exampleOwner], room.Project{
		Programme: e.city, Name: "Stödfunktion för social hänsyn", Purpose: "Förvaltningar, bolag och leverantörer får stöd så att personer långt från arbetsmarknaden får arbete genom upphandlingar.",
		Orderer: "Kommunstyrelsen", Owner: "Upphandlingsbolaget", Responsible: "Projektledare, Upphandlingsbolaget", Contact: "socialhansyn@stad.example",
		From: e.today.AddDays(-180), To: e.today.AddDays(550), LastTo: e.today.AddDays(915), Budget: 240_000_000,
		ScopeIn:   []string{"Anställning och sysselsättning", "Arbetstagares rättigheter", "Social integration", "Lika möjligheter"},
		ScopeOut:  []string{"Markanvisning och försäljning av fastigheter", "Etisk upphandling som inte rör målet"},
		Recipient: "Kommunstyrelsen", Dependencies: []string{"Stadens upphandlingsprocess, Upphandlingsbolaget", "Samordningsförbundens insatser"}, Public: true,
	}, "")
	if err != nil {
		return 0, err
	}
	ids, err := e.groupIDs(pid)
	if err != nil {
		return 0, err
	}
	for _, s := range exampleSeats {
		if err := e.rooms.room.Seat(e.as[exampleOwner], pid, room.Seat{Group: ids[s.group], Email: s.email, Role: s.role, Body: s.body, Politic: s.politic, From: e.today.AddDays(-180)}); err != nil {
			return 0, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	for _, g := range exampleWorking {
		made, err := e.rooms.room.AddGroup(e.as["projektledare@stad.example"], pid, g)
		if err != nil {
			return 0, err
		}
		for _, email := range []string{"projektledare@stad.example", "higab@stad.example"} {
			if err := e.rooms.room.Seat(e.as["ordforande@stad.example"], pid, room.Seat{Group: made, Email: email, Role: "ledamot", From: e.today.AddDays(-180)}); err != nil {
				return 0, err
			}
		}
	}
	return pid, nil
}

// groupIDs finds the room's groups by name.
func (e *examples) groupIDs(pid who.ProjectID) (map[string]journal.ID, error) {
	out := map[string]journal.ID{}
	ctx := e.as[exampleOwner]
	return out, e.db.Read(ctx, func(q db.Q) error {
		list, err := e.rooms.room.Groups(ctx, q, pid)
		for _, g := range list {
			out[g.Name] = g.ID
		}
		return err
	})
}
