package interest

import (
	"context"
	"slices"
	"time"

	"kommunpilot/base/db"
)

// Left is a submitted application that is no longer there to take its place:
// withdrawn, broken off, or refused by its municipalities' decisions. Kind "" is
// every kind that it sought.
type Left struct {
	Application ApplicationID
	Kind        string
	Why         string
	At          time.Time
}

func scanLeft(r db.Row) (x Left, err error) {
	return x, r.Scan(&x.Application, &x.Kind, &x.Why, &x.At)
}

// LeftOf lists those who have left a call, by application.
func (n *Room) LeftOf(ctx context.Context, q db.Q, call CallID) ([]Left, error) {
	withdrawn, err := db.All(ctx, q, scanLeft, `SELECT a.id, '', e.reason, e.at FROM application a JOIN application_event e ON e.application_id = a.id AND e.to_state = a.state
		WHERE a.call_id = ? AND a.state = ? AND a.submitted_at IS NOT NULL ORDER BY a.id`, int64(call), string(Withdrawn))
	if err != nil {
		return nil, err
	}
	broken, err := db.All(ctx, q, scanLeft, `SELECT p.application_id, p.kind, e.reason, e.at FROM participation p JOIN participation_event e ON e.participation_id = p.id AND e.to_state = p.state
		WHERE p.call_id = ? AND p.state = ? ORDER BY p.application_id, p.kind`, int64(call), string(Broken))
	if err != nil {
		return nil, err
	}
	refused, err := refusedBy(ctx, q, call)
	if err != nil {
		return nil, err
	}
	out := withdrawn
	for _, x := range slices.Concat(broken, refused) {
		if !slices.ContainsFunc(withdrawn, func(y Left) bool { return y.Application == x.Application }) {
			out = append(out, x)
		}
	}
	slices.SortStableFunc(out, func(x, y Left) int { return int(x.Application - y.Application) })
	return out, nil
}

// refusedBy lists the selected whose every municipality has registered a
// decision not to take part.
func refusedBy(ctx context.Context, q db.Q, call CallID) ([]Left, error) {
	const selected = `IN (SELECT id FROM application WHERE call_id = ? AND state = 'vald')`
	decisions, err := db.All(ctx, q, scanDecision, `SELECT `+decisionColumns+` FROM municipal_decision WHERE application_id `+selected+` ORDER BY application_id, id`, int64(call))
	if err != nil {
		return nil, err
	}
	members, err := db.Values[ApplicationID](ctx, q, `SELECT application_id FROM applicant WHERE application_id `+selected+` AND state = 'bekräftad'`, int64(call))
	if err != nil {
		return nil, err
	}
	left := map[ApplicationID]int{} // members that have not refused
	for _, a := range members {
		left[a]++
	}
	var out []Left
	for _, d := range decisions {
		if !d.Registered() || d.Joins != "nej" {
			continue
		}
		if left[d.Application]--; left[d.Application] == 0 {
			out = append(out, Left{Application: d.Application, Why: d.Organ + " har beslutat att inte delta.", At: d.RegisteredAt})
		}
	}
	return out, nil
}
