package main

import (
	"context"

	"kommunpilot/area/assessment"
	"kommunpilot/area/overview"
	"kommunpilot/area/programme"
	"kommunpilot/base/db"
	"kommunpilot/base/who"
)

func (r *rooms) programmeParticipants(context.Context, db.Q, programme.CallID) ([]programme.Participant, error) {
	return nil, nil
}

func (r *rooms) programmeAnswers(context.Context, db.Q, programme.CallID) (int, error) { return 0, nil }

func (r *rooms) draftHolders(context.Context, db.Q, programme.CallID) ([]string, error) {
	return nil, nil
}

func (r *rooms) setOutcome(context.Context, *db.Tx, assessment.ApplicationID, string, string) error {
	return nil
}

func (r *rooms) assessmentApplications(context.Context, db.Q, assessment.CallID) ([]assessment.Application, error) {
	return nil, nil
}

func (r *rooms) interestTodos(context.Context, db.Q, who.Actor) ([]overview.Todo, error) {
	return nil, nil
}
