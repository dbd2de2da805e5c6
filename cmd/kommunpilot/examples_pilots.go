package main

import (
	"context"

	"kommunpilot/area/programme"
	"kommunpilot/base/db"
	"kommunpilot/base/who"
)

// examplePilot is one answer to the pilot call. Scores are made up: three
// assessors' sums would select the thirteen that were pilots in reality.
type examplePilot struct {
	codes  []string // the first leads
	board  string   // a district board that applies for the municipality
	kind   string
	scores [6]int // serviceglest, näringsliv, ideell, samordning, långsiktigt, nytänkande
}

// examplePilots are the thirteen pilots (fifteen municipalities) and five
// ambassadors of 2012, and some that answered in the example alone.
var examplePilots = []examplePilot{
	{codes: []string{"2506"}, kind: "pilot", scores: [6]int{5, 4, 4, 4, 4, 4}},
	{codes: []string{"2422"}, kind: "pilot", scores: [6]int{5, 4, 4, 4, 4, 3}},
	{codes: []string{"2417", "2418", "2482"}, kind: "pilot", scores: [6]int{5, 4, 4, 5, 5, 5}},
	{codes: []string{"2361"}, kind: "pilot", scores: [6]int{5, 5, 4, 4, 4, 4}},
	{codes: []string{"2085"}, kind: "pilot", scores: [6]int{4, 4, 4, 4, 4, 4}},
	{codes: []string{"1885"}, kind: "pilot", scores: [6]int{4, 4, 5, 4, 4, 3}},
	{codes: []string{"1430"}, kind: "pilot", scores: [6]int{4, 4, 4, 4, 4, 3}},
	{codes: []string{"1737"}, kind: "pilot", scores: [6]int{5, 4, 4, 4, 4, 3}},
	{codes: []string{"1766"}, kind: "pilot", scores: [6]int{4, 5, 4, 4, 4, 3}},
	{codes: []string{"1730"}, kind: "pilot", scores: [6]int{4, 4, 4, 4, 5, 3}},
	{codes: []string{"0512"}, kind: "pilot", scores: [6]int{4, 4, 5, 4, 4, 4}},
	{codes: []string{"0880"}, board: "Södermöre kommundelsnämnd", kind: "pilot", scores: [6]int{4, 4, 5, 5, 4, 4}},
	{codes: []string{"0760"}, kind: "pilot", scores: [6]int{4, 4, 4, 4, 4, 4}},
	{codes: []string{"2582"}, kind: "ambassador", scores: [6]int{4, 4, 4, 5, 5, 4}},
	{codes: []string{"2284"}, kind: "ambassador", scores: [6]int{4, 5, 4, 4, 5, 4}},
	{codes: []string{"0885"}, kind: "ambassador", scores: [6]int{4, 4, 4, 4, 4, 4}},
	{codes: []string{"0580"}, kind: "ambassador", scores: [6]int{3, 4, 4, 5, 5, 4}},
	{codes: []string{"1290"}, kind: "ambassador", scores: [6]int{3, 4, 4, 4, 5, 4}},
	{codes: []string{"1764"}, kind: "pilot", scores: [6]int{4, 3, 3, 3, 3, 3}},
	{codes: []string{"2326"}, kind: "pilot", scores: [6]int{4, 3, 3, 3, 2, 3}},
	{codes: []string{"2039"}, kind: "pilot", scores: [6]int{5, 3, 3, 3, 3, 2}},
	{codes: []string{"1438"}, kind: "pilot", scores: [6]int{4, 3, 4, 3, 2, 3}},
	{codes: []string{"0821"}, kind: "pilot", scores: [6]int{4, 2, 3, 3, 3, 3}},
	{codes: []string{"2505"}, kind: "pilot", scores: [6]int{5, 3, 2, 3, 3, 2}},
}

// pilots is the pilot municipalities programme of seed 004: the time for
// answers has ended, the assessment waits.
func (e *examples) pilots(ctx context.Context) error {
	e.day(-75)
	about := programme.About{
		Name: "Lokal service i glesbygd och landsbygd", Purpose: "Kommunen har en nyckelroll när service ska finnas nära. Programmet prövar hur, så att platser blir attraktiva att bo och driva företag på.",
		Mandate: "Regeringens uppdrag om service i gles- och landsbygder.", Fund: "Bidrag med högst 60 procent av insatsens hela kostnad", Responsible: "Handläggare, Tillväxtverket", Contact: "service@tillvaxtverket.example",
		Rules: []programme.Rule{
			{Key: "grant.max_share", Value: "60 procent", Source: "004-10", Force: programme.Must}, {Key: "own.min_share", Value: "40 procent", Source: "004-13", Force: programme.Must},
			{Key: "pilot.period", Value: "ungefär två och ett halvt år", Source: "004-10", Force: programme.Aim}, {Key: "selection.criteria", Value: "steg 1 och sju kriterier", Source: "004-07", Force: programme.Must},
		},
		Calendar: []string{"Besök i alla kommuner i augusti och september", "Två träffar per år för projektledare", "En större konferens per år"},
	}
	cid, err := e.call([]string{"Tillväxtverket"}, "agare@tillvaxtverket.example", about, "pilot", func(c *programme.Content) {
		t := e.today
		c.Dates = programme.Dates{Publish: t.AddDays(-75), Open: t.AddDays(-75), Close: t.AddDays(-1), Assessment: t.AddDays(21), Decision: t.AddDays(30), Start: t.AddDays(60), End: t.AddDays(60 + 913)}
	})
	if err != nil {
		return err
	}
	var call programme.Call
	if err := e.db.Read(ctx, func(q db.Q) (err error) { call, err = e.rooms.programme.Call(ctx, q, cid); return err }); err != nil {
		return err
	}
	researcher := exampleRole{title: "Följeforskare", email: "forskare@larosate.example", role: who.Foljeforskare, programme: call.Programme}
	if err := e.person(ctx, e.orgs[exampleUniversity], exampleUniversity, researcher); err != nil {
		return err
	}
	for _, p := range examplePilots {
		for _, code := range p.codes {
			if err := e.municipality(ctx, code); err != nil {
				return err
			}
		}
	}
	e.day(-30)
	if err := e.rooms.programme.Tick(ctx); err != nil {
		return err
	}
	if err := e.answers(ctx, cid); err != nil {
		return err
	}
	e.day(0)
	return e.rooms.programme.Tick(ctx)
}
