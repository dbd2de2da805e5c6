package main

import (
	"context"
	_ "embed"
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"

	"kommunpilot/area/knowledge"
	"kommunpilot/engine/example"
)

//go:embed examples_knowledge.toml
var exampleKnowledge string

// exampleEntry is an entry of the examples' file.
type exampleEntry struct {
	Kind, Title, Summary, Problem, Done, Result, Conditions, Transfer, Motive string
	Services, Municipalities                                                  []string
	Cost, Hours, Months                                                       int64
	Figures                                                                   string
	Example                                                                   bool
	Sources                                                                   []struct{ Kind, Title, Href string }
}

// knowledgeRoom is a bank with entries of every kind, published by an editor; one
// has been reviewed again.
func (e *examples) knowledgeRoom(ctx context.Context) error {
	var file struct{ Entry []exampleEntry }
	if _, err := toml.Decode(exampleKnowledge, &file); err != nil {
		return err
	}
	people := map[string]string{example.Owner: "agare@tillvaxtverket.example", "handlaggare": "handlaggare@tillvaxtverket.example", "redaktör": "redaktor@tillvaxtverket.example"}
	t := &tale{today: e.today}
	t.on(-80, example.Owner)
	t.do("project", "projekt", said{"programme": "@program", "name": "Kunskapsbanken, exempel", "purpose": "Här samlas det som projekten har lärt sig. Lagar och deras adresser är verkliga; händelser och siffror i de poster som är märkta som exempel är påhittade.",
		"orderer": "Tillväxtverket", "owner": "Tillväxtverket", "recipient": "Alla kommuner", "from": t.date(-80), "to": t.date(1000), "members": []string{"@org:2417"}, "responsible": "Redaktör, Tillväxtverket", "contact": "kunskapsbank@tillvaxtverket.example"})
	for i, x := range file.Entry {
		t.entry(fmt.Sprintf("post%d", i+1), i, x)
	}
	// One has been looked at again.
	t.on(-10, "handlaggare")
	t.move("post1", "knowledge", knowledge.Reviewing, "Tiden har blivit kortare")
	t.do("knowledge.change", "post1", said{"checked": t.date(-10), "again": t.date(700), "reason": "Ny erfarenhet"})
	t.on(-9, "redaktör")
	t.move("post1", "knowledge", knowledge.Published, "")
	return e.stage(e.programmes["pilot"], people).play(ctx, example.InOrder(t.lines))
}

// entry writes an entry with its sources and publishes it.
func (t *tale) entry(name string, i int, x exampleEntry) {
	t.on(-70+i, "handlaggare")
	fields := said{"kind": x.Kind, "title": x.Title, "summary": x.Summary, "problem": x.Problem, "done": x.Done, "result": x.Result, "conditions": x.Conditions, "transfer": x.Transfer, "motive": x.Motive,
		"services": x.Services, "municipalities": x.Municipalities, "licence": "CC BY 4.0", "language": "sv", "responsible": "Redaktör, Tillväxtverket", "contact": "kunskapsbank@tillvaxtverket.example",
		"checked": t.date(-70 + i), "again": t.date(300 + 10*i)}
	for field, n := range map[string]int64{"cost": x.Cost, "hours": x.Hours, "months": x.Months} {
		if n > 0 {
			fields[field] = fmt.Sprint(n)
		}
	}
	for field, yes := range map[string]bool{"before_after": strings.Contains(x.Figures, "b"), "comparison": strings.Contains(x.Figures, "c"), "by_others": strings.Contains(x.Figures, "o"), "example": x.Example} {
		if yes {
			fields[field] = "ja"
		}
	}
	t.do("knowledge.add", name, fields)
	for _, s := range x.Sources {
		t.do("knowledgesource.add", "", said{"entry": "@" + name, "kind": s.Kind, "title": s.Title, "href": s.Href})
	}
	t.move(name, "knowledge", knowledge.Review, "")
	t.who = "redaktör"
	t.move(name, "knowledge", knowledge.Published, "")
}
