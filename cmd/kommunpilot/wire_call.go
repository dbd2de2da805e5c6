package main

import (
	"context"
	"slices"

	"kommunpilot/area/assessment"
	"kommunpilot/area/interest"
	"kommunpilot/area/overview"
	"kommunpilot/area/programme"
	"kommunpilot/base/db"
	"kommunpilot/base/id"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// What the rooms ask of a call, in their own words.

func decided(s programme.State) bool { return s == programme.Decided || s == programme.Ended }

func (r *rooms) interestCall(ctx context.Context, q db.Q, cid interest.CallID) (interest.Call, error) {
	c, err := r.programme.Call(ctx, q, programme.CallID(cid))
	if err != nil {
		return interest.Call{}, err
	}
	// Read as the system: a key may reach applications without programme.read.
	p, err := r.programme.Programme(who.With(ctx, who.Us), q, c.Programme)
	if err != nil {
		return interest.Call{}, err
	}
	out := interest.Call{
		ID: cid, Programme: c.Programme, Owners: c.Owners, OwnerName: p.OwnerNames(), Title: c.Title, State: c.State.Name(),
		Opens: c.OpensAt(), Closes: c.ClosesAt(), Published: c.Public(), Cancelled: c.State == programme.Cancelled,
		Targeted: c.Targeted, Joint: c.Joint, FormalDecision: c.FormalDecision, Decided: decided(c.State),
		Edition: c.Edition, FormVersion: c.FormVersion, Members: c.Members, Responsible: c.Responsible, Contact: c.Contact,
	}
	if c.State != programme.Published && c.State != programme.Open && out.Closes.After(q.Now()) {
		out.Closes = q.Now() // closed before its day
	}
	for _, x := range c.Questions {
		out.Questions = append(out.Questions, interest.Question(x))
	}
	for _, x := range c.Requirements {
		out.Requirements = append(out.Requirements, interest.Requirement(x))
	}
	for _, x := range c.Eligibility {
		out.Eligibility = append(out.Eligibility, interest.Rule{ID: x.ID, Text: x.Text, Source: x.Source, Test: x.Kind, Param: x.Param})
	}
	for _, k := range c.Kinds {
		y := interest.Kind{ID: k.ID, Name: k.Name, Purpose: k.Purpose, Count: k.Count, Min: k.Min, Target: k.Target, Max: k.Max, Mixed: k.Mixed, From: c.Dates.Start, To: c.Dates.End}
		for _, b := range k.Bodies {
			y.Bodies = append(y.Bodies, interest.Body{Name: b.Name, Min: b.Min, Max: b.Max, Force: interest.Force(b.Force)})
		}
		out.Kinds = append(out.Kinds, y)
	}
	if c.GrantShare > 0 {
		out.Budget = interest.BudgetRule{Asked: true, GrantMax: c.GrantShare * 100, OwnMin: (100 - c.GrantShare) * 100, Source: "004-10, 004-13"}
	}
	return out, nil
}

func (r *rooms) assessmentCall(ctx context.Context, q db.Q, cid assessment.CallID) (assessment.Call, error) {
	c, err := r.programme.Call(ctx, q, programme.CallID(cid))
	if err != nil {
		return assessment.Call{}, err
	}
	out := assessment.Call{
		ID: cid, Programme: c.Programme, Owners: c.Owners, Title: c.Title, State: string(c.State), Decided: decided(c.State),
		Closed: !slices.Contains([]programme.State{programme.Draft, programme.Published, programme.Open}, c.State),
		Spread: c.Spread, TieRule: c.TieRule, Edition: c.Edition, Contact: c.Contact,
	}
	for _, k := range c.Criteria {
		out.Criteria = append(out.Criteria, assessment.Criterion{ID: k.ID, Name: k.Name, Guidance: k.Guidance, Step: k.Step, Weight: k.Weight, Low: k.Low, High: k.High, Measured: k.Measured})
	}
	for _, x := range c.Quotas {
		out.Quotas = append(out.Quotas, assessment.Quota{Attribute: x.Attribute, Value: x.Value, Count: x.Count, Min: x.Min, Max: x.Max, Aim: x.Force == programme.Aim})
	}
	for _, k := range c.Kinds {
		places := k.Target
		if places == 0 {
			places = k.Max
		}
		if places == 0 {
			places = c.Places
		}
		out.Kinds = append(out.Kinds, assessment.Kind{ID: k.ID, Name: k.Name, Persons: k.Count == "persons", Places: places})
	}
	return out, nil
}

func (r *rooms) overviewCalls(ctx context.Context, q db.Q) ([]overview.Call, error) {
	list, err := r.programme.Calls(ctx, q)
	if err != nil {
		return nil, err
	}
	names := map[who.ProgrammeID]string{}
	programmes, err := r.programme.Programmes(ctx, q)
	for _, p := range programmes {
		names[p.ID] = p.Name
	}
	var out []overview.Call
	for _, c := range list {
		if c.Public() {
			out = append(out, overview.Call{Title: c.Title, Programme: names[c.Programme], Href: "/utlysningar/" + id.String(c.ID),
				State: web.T(ctx, c.State.Name()), Open: c.State == programme.Open, Closes: c.Dates.Close})
		}
	}
	return out, err
}

func (r *rooms) overviewProgrammes(ctx context.Context, q db.Q) ([]overview.Programme, error) {
	list, err := r.programme.Programmes(ctx, q)
	if err != nil {
		return nil, err
	}
	var out []overview.Programme
	for _, p := range list {
		x := overview.Programme{Name: p.Name, Owner: p.OwnerNames(), Href: "/program/" + id.String(p.ID)}
		codes := map[string]bool{}
		calls, err := r.programme.CallsOf(ctx, q, p.ID)
		if err != nil {
			return nil, err
		}
		for _, c := range calls {
			all, err := r.programmeParticipants(ctx, q, c.ID)
			if err != nil {
				return nil, err
			}
			for _, y := range all {
				for _, code := range y.Codes {
					codes[code] = true
				}
			}
		}
		x.Municipalities = len(codes)
		out = append(out, x)
	}
	return out, nil
}

// assessmentTodos lists the calls in which the person has something to assess.
func (r *rooms) assessmentTodos(ctx context.Context, q db.Q, a who.Actor) ([]overview.Todo, error) {
	waiting, err := r.assessment.Waiting(ctx, q, a.Person)
	if err != nil {
		return nil, err
	}
	var out []overview.Todo
	for cid, n := range waiting {
		c, err := r.programme.Call(ctx, q, programme.CallID(cid))
		if err != nil {
			return nil, err
		}
		out = append(out, overview.Todo{Text: web.N(ctx, n, "Bedöm ett svar", "Bedöm %d svar"), Context: c.Title, Href: "/bedomningar", Due: c.Dates.Assessment})
	}
	slices.SortFunc(out, func(x, y overview.Todo) int {
		if x.Context < y.Context {
			return -1
		}
		return 1
	})
	return out, nil
}

// invitationTodos lists the invitations that wait for an answer.
func (r *rooms) invitationTodos(ctx context.Context, q db.Q, a who.Actor) ([]overview.Todo, error) {
	var out []overview.Todo
	for _, org := range a.Orgs(who.Foretradare, who.Kommunkontakt) {
		list, err := r.programme.InvitationsTo(ctx, q, org)
		if err != nil {
			return nil, err
		}
		for _, i := range list {
			if !slices.Contains([]programme.InvitationState{programme.Sent, programme.Seen, programme.Talk}, i.State) {
				continue
			}
			c, err := r.programme.Call(ctx, q, i.Call)
			if err != nil {
				return nil, err
			}
			out = append(out, overview.Todo{Text: web.T(ctx, "Svara på inbjudan"), Context: c.Title, Href: "/inbjudningar/" + id.String(i.ID), Due: i.ReplyBy})
		}
	}
	return out, nil
}
