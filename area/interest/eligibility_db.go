package interest

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/who"
)

// Judging is an officer's decision on eligibility. Judged holds the answers to
// rules that a person judges, by rule: "ja" or "nej".
type Judging struct {
	Eligible bool
	Motive   string
	Judged   map[string]string
	Once     string
}

// DecideEligibility decides whether the application meets the formal rules.
// The outcome of every rule is kept with the decision.
func (n *Room) DecideEligibility(ctx context.Context, a ApplicationID, j Judging) error {
	j.Motive = tidy(j.Motive)
	motive := j.Motive
	return n.deps.DB.Write(ctx, func(tx *db.Tx) error {
		m, err := n.hold(ctx, tx, a)
		if err != nil {
			return err
		}
		if err := may(ctx, "application.assess_eligibility", m.resource()); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, j.Once); err != nil {
			return err
		}
		to := Ineligible
		if j.Eligible {
			to = Eligible
		}
		if err := CanMove(m.State, to, j.Motive); err != nil {
			return err
		}
		results := m.run(n.deps.Register(m.Edition), j.Judged)
		if err := canDecide(results, j.Eligible, j.Motive); err != nil {
			return err
		}
		b, err := json.Marshal(results)
		if err != nil {
			return fmt.Errorf("interest: results: %w", err)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO eligibility (application_id, at, person_id, eligible, motive, results) VALUES (?, ?, ?, ?, ?, ?)`,
			int64(a), tx.Now(), int64(who.From(ctx).Person), j.Eligible, motive, string(b)); err != nil {
			return err
		}
		if err := n.move(ctx, tx, &m, to, "application.assess_eligibility", motive); err != nil {
			return err
		}
		if j.Eligible {
			return nil
		}
		var failed []string
		for _, r := range results {
			if !r.Passed {
				failed = append(failed, "- "+r.Rule.Text+" ("+r.Rule.Source+") "+r.Why)
			}
		}
		return n.tellMembers(ctx, tx, m, "Intresseanmälan är inte behörig: "+m.of.Title,
			"Er intresseanmälan till "+m.of.Title+" uppfyller inte de formella reglerna. Det säger inget om förslagets kvalitet.\n\n"+strings.Join(failed, "\n")+"\n\nMotiv: "+motive+"\n\n"+n.link(a, ""))
	})
}

// eligibilityOf reads the decision on eligibility; nil where there is none.
func eligibilityOf(ctx context.Context, q db.Q, a ApplicationID) (*Eligibility, error) {
	e, err := db.One(ctx, q, func(r db.Row) (e Eligibility, err error) {
		var results string
		if err := r.Scan(&e.At, &e.By, &e.Eligible, &e.Motive, &results); err != nil {
			return e, err
		}
		return e, json.Unmarshal([]byte(results), &e.Results)
	}, `SELECT at, person_id, eligible, motive, results FROM eligibility WHERE application_id = ?`, int64(a))
	if fail.Is(err, fail.NotFound) {
		return nil, nil
	}
	return &e, err
}

// otherApplications names the live applications to the same call in which one
// of the municipalities takes part as well.
func otherApplications(ctx context.Context, q db.Q, m matter) ([]string, error) {
	var out []string
	for _, code := range m.Municipalities() {
		found, err := db.Values[ApplicationID](ctx, q, `SELECT DISTINCT a.id FROM application a JOIN applicant p ON p.application_id = a.id
			WHERE a.call_id = ? AND a.id <> ? AND a.submitted_at IS NOT NULL AND a.state <> 'återtagen' AND p.state = 'bekräftad' AND p.kommun = ? ORDER BY a.id`, int64(m.Call), int64(m.ID), code)
		if err != nil {
			return nil, err
		}
		for _, x := range m.Members() {
			if x.Kommun == code && len(found) > 0 {
				out = append(out, fmt.Sprintf("%s deltar också i intresseanmälan %d.", x.Name, found[0]))
			}
		}
	}
	return out, nil
}
