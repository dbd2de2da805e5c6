package main

import (
	"context"
	"slices"

	"kommunpilot/area/assessment"
	"kommunpilot/area/interest"
	"kommunpilot/area/overview"
	"kommunpilot/area/programme"
	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/id"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// What the rooms ask of the applications, in their own words.

func (r *rooms) programmeParticipants(ctx context.Context, q db.Q, cid programme.CallID) ([]programme.Participant, error) {
	list, err := r.interest.Participants(ctx, q, interest.CallID(cid))
	if err != nil || len(list) == 0 {
		return nil, err
	}
	c, err := r.programme.Call(ctx, q, cid)
	if err != nil {
		return nil, err
	}
	var out []programme.Participant
	for _, x := range list {
		y := programme.Participant{Title: x.Title, Kind: "plain", Codes: x.Municipalities, State: string(x.State), Detail: x.Kind}
		for _, k := range c.Kinds {
			if k.ID == x.Kind {
				y.Detail = k.Name
				if k.MapStyle != "" {
					y.Kind = k.MapStyle
				}
			}
		}
		out = append(out, y)
	}
	return out, nil
}

func (r *rooms) programmeAnswers(ctx context.Context, q db.Q, cid programme.CallID) (int, error) {
	return r.interest.Answers(ctx, q, interest.CallID(cid))
}

func (r *rooms) draftHolders(ctx context.Context, q db.Q, cid programme.CallID) ([]string, error) {
	return r.interest.DraftHolders(ctx, q, interest.CallID(cid))
}

// invitationAnswered carries an answer to an invitation on: a yes becomes a
// selected application that waits for each municipality's decision.
func (r *rooms) invitationAnswered(ctx context.Context, tx *db.Tx, c programme.Call, i programme.Invitation) error {
	switch i.State {
	case programme.Accepted:
		x := interest.Accepted{Call: interest.CallID(c.ID), Org: i.Org, Reference: i.Answer.OwnRef}
		for _, code := range i.Letter.Together {
			org, err := r.people.OrgByCode(ctx, tx, code)
			if err != nil {
				return err
			}
			x.With = append(x.With, org)
		}
		_, err := r.interest.AcceptInvitation(ctx, tx, x)
		return err
	case programme.Declined:
		return r.interest.DeclineInvitation(ctx, tx, interest.CallID(c.ID), i.Org)
	}
	return nil
}

func (r *rooms) setOutcome(ctx context.Context, tx *db.Tx, a assessment.ApplicationID, outcome, reason string) error {
	return r.interest.SetOutcome(ctx, tx, interest.ApplicationID(a), interest.State(outcome), reason)
}

// stepIn gives an application in reserve a place of one kind.
func (r *rooms) stepIn(ctx context.Context, tx *db.Tx, a assessment.ApplicationID, kind, reason string) error {
	return r.interest.SetKindOutcome(ctx, tx, interest.ApplicationID(a), kind, interest.Selected, reason)
}

func (r *rooms) assessmentLeft(ctx context.Context, q db.Q, cid assessment.CallID) ([]assessment.Leaving, error) {
	list, err := r.interest.LeftOf(ctx, q, interest.CallID(cid))
	var out []assessment.Leaving
	for _, x := range list {
		out = append(out, assessment.Leaving{Application: assessment.ApplicationID(x.Application), Kind: x.Kind, Why: x.Why, At: x.At})
	}
	return out, err
}

// assessable are the states in which an application is eligible, or was.
var assessable = []interest.State{interest.Eligible, interest.Assessed, interest.Selected, interest.Reserve, interest.NotSelected, interest.Confirmed}

func (r *rooms) assessmentApplications(ctx context.Context, q db.Q, cid assessment.CallID) ([]assessment.Application, error) {
	list, err := r.interest.Applications(ctx, q, interest.CallID(cid))
	var out []assessment.Application
	for _, a := range list {
		x := assessment.Application{ID: assessment.ApplicationID(a.ID), Title: a.Name(), Codes: a.Municipalities(), Eligible: slices.Contains(assessable, a.State), State: string(a.State)}
		for _, k := range a.Kinds {
			x.Kinds = append(x.Kinds, k.ID)
		}
		for _, m := range a.Members() {
			x.Members = append(x.Members, m.Org)
		}
		out = append(out, x)
	}
	return out, err
}

// interestMotive gives an applicant its scores and the reason.
func (r *rooms) interestMotive(ctx context.Context, q db.Q, a interest.ApplicationID) (interest.Motive, error) {
	own, err := r.assessment.OwnResult(ctx, q, assessment.ApplicationID(a))
	if err != nil {
		return interest.Motive{}, err
	}
	out := interest.Motive{Total: own.Points, WhyNot: own.Reason}
	for _, s := range own.Scores {
		i := slices.IndexFunc(out.Scores, func(x interest.Score) bool { return x.Criterion == s.Criterion })
		if i < 0 {
			out.Scores = append(out.Scores, interest.Score{Criterion: s.Criterion})
			i = len(out.Scores) - 1
		} else {
			out.Scores[i].Points += ", "
		}
		out.Scores[i].Points += web.Number(ctx, float64(s.Score), 0)
		out.Scores[i].Motives = append(out.Scores[i].Motives, s.Motive)
	}
	return out, nil
}

// interestTodos lists the applications that wait for the person's municipality.
func (r *rooms) interestTodos(ctx context.Context, q db.Q, a who.Actor) ([]overview.Todo, error) {
	if len(a.Orgs(who.Foretradare, who.Kommunkontakt)) == 0 {
		return nil, nil
	}
	list, err := r.interest.Mine(ctx, q, a)
	if err != nil {
		return nil, err
	}
	var out []overview.Todo
	for _, x := range list {
		c, err := r.programme.Call(ctx, q, programme.CallID(x.Call))
		if err != nil {
			return nil, err
		}
		todo := overview.Todo{Context: c.Title, Href: "/intresse/" + id.String(x.ID)}
		switch x.State {
		case interest.Draft:
			if c.State != programme.Open {
				continue
			}
			todo.Text, todo.Due = web.T(ctx, "Gör klart svaret"), c.Dates.Close
		case interest.Completing:
			todo.Text = web.T(ctx, "Komplettera svaret")
		case interest.Selected:
			todo.Text, todo.Due = web.T(ctx, "Registrera kommunens beslut"), calendar.Date("")
			todo.Href += "/beslut"
		default:
			continue
		}
		out = append(out, todo)
	}
	return out, nil
}
