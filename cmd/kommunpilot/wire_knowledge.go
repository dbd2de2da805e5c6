package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"kommunpilot/area/knowledge"
	"kommunpilot/area/meeting"
	"kommunpilot/area/overview"
	"kommunpilot/area/room"
	services "kommunpilot/area/service"
	"kommunpilot/area/structure"
	"kommunpilot/base/db"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// What the knowledge bank asks of the other rooms, and the service plans of it.

// knowledgeEvidence lists what has been documented in a project, by the kind of
// source that it is: only what has been approved or decided.
func (r *rooms) knowledgeEvidence(ctx context.Context, q db.Q, p journal.Project) (map[string][]web.Option, error) {
	type titled struct {
		Title  string `json:"title"`
		Name   string `json:"name"`
		Matter string `json:"matter"`
		Number string `json:"number"`
	}
	out := map[string][]web.Option{}
	for _, x := range []struct {
		noun, kind string
		states     []string // nil: all
	}{
		{"projectdecision", knowledge.Decision, []string{room.Taken, room.Executed, room.Followed}},
		{"minutes", knowledge.Minutes, []string{meeting.MinutesApproved, meeting.NotesShared}},
		{"indicator", knowledge.Indicator, nil},
		{"interview", knowledge.Interview, []string{meeting.InterviewApproved, meeting.InterviewPublished}},
		{"structure", knowledge.ScenarioRun, []string{structure.Published}},
	} {
		list, err := journal.Noun[titled]{Name: x.noun}.List(ctx, q, journal.Query{Project: p.ID})
		if err != nil {
			return nil, err
		}
		for _, it := range list {
			if x.states != nil && !slices.Contains(x.states, it.State) {
				continue
			}
			text := strings.TrimSpace(it.Is.Title + it.Is.Name + it.Is.Matter + " " + it.Is.Number)
			out[x.kind] = append(out[x.kind], web.Option{Value: fmt.Sprintf("%s:%d", x.noun, it.ID), Label: text})
		}
	}
	return out, nil
}

func (r *rooms) knowledgeTodos(ctx context.Context, q db.Q, a who.Actor) ([]overview.Todo, error) {
	list, err := r.knowledge.Todos(ctx, q, a)
	var out []overview.Todo
	for _, t := range list {
		out = append(out, overview.Todo{Text: t.Text, Context: t.Project, Href: t.Href, Due: t.Due})
	}
	return out, err
}

// planProposals are the bank's entries for a chapter of a service plan.
func (r *rooms) planProposals(ctx context.Context, q db.Q, n services.Need) ([]services.Proposal, error) {
	words := []string{n.Kind}
	for _, t := range n.Types {
		words = append(words, strings.ReplaceAll(t, "_", " "))
	}
	list, err := r.knowledge.Offers(ctx, q, knowledge.Need{Kommun: n.Kommun, Kind: n.Kind, Words: strings.Join(words, " "), Gap: n.Gap})
	var out []services.Proposal
	for _, x := range list {
		out = append(out, services.Proposal(x))
	}
	return out, err
}

// planTook tells the bank that a plan has taken an entry in.
func (r *rooms) planTook(ctx context.Context, tx *db.Tx, p journal.Project, entry int64, plan journal.ID) error {
	type plans struct {
		Title  string   `json:"title"`
		Places []string `json:"places"`
	}
	it, err := journal.Noun[plans]{Name: "serviceplan"}.Get(ctx, tx, plan)
	if err != nil {
		return err
	}
	return r.knowledge.Took(ctx, tx, journal.ID(entry), knowledge.Use{Title: it.Is.Title + ", " + p.Name + " (" + id.String(plan) + ")", Plan: plan, Municipalities: it.Is.Places})
}
