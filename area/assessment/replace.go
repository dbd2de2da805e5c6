package assessment

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/mail"
	"kommunpilot/base/who"
	"kommunpilot/engine/selection"
)

// withdrawn is the state of an application that its municipality has taken back.
const withdrawn = "återtagen"

// Replacement is who steps in when selected applications have been withdrawn:
// the selection is made anew under the same rules, with those who stay fixed.
type Replacement struct {
	Gone      []Application // selected, and withdrawn since
	Stay      []Application
	In        []Application // who take the empty places
	Answer    *selection.Answer
	Reserves  []selection.Reserve // for each who stays: who would step in
	InputHash string
}

// stepIn computes the replacement of an adopted run from the states of the
// applications now. Pure but for what it is given.
func stepIn(x Run, d decided, apps []Application) (r Replacement, err error) {
	p, err := x.problem()
	if err != nil {
		return r, err
	}
	find := func(aid string) (Application, bool) {
		i := slices.IndexFunc(apps, func(a Application) bool { return id.String(a.ID) == aid })
		if i < 0 {
			return Application{}, false
		}
		return apps[i], true
	}
	var stay, gone []string
	for _, o := range d.List {
		a, ok := find(id.String(o.Application))
		switch {
		case !ok:
			continue
		case a.State == withdrawn:
			gone = append(gone, id.String(a.ID)) // a reserve that has left cannot step in either
			if o.Outcome == "vald" {
				r.Gone = append(r.Gone, a)
			}
		case o.Outcome == "vald":
			stay = append(stay, id.String(a.ID))
			r.Stay = append(r.Stay, a)
		}
	}
	options := selection.Options{NoWhyNot: true}
	if r.Answer, err = selection.Replace(p, stay, gone, options); err != nil {
		return r, inputError(err)
	}
	for _, aid := range r.Answer.Selected {
		if a, ok := find(aid); ok && !slices.Contains(stay, aid) {
			r.In = append(r.In, a)
		}
	}
	if len(r.Gone) == 0 {
		r.In = nil
		r.Reserves, err = selection.Reserves(p, stay, options)
	}
	return r, err
}

// ReplacementOf computes who steps in for an adopted run. It asks for every
// application of the call, the withdrawn ones too.
func (o *Room) ReplacementOf(ctx context.Context, q db.Q, x Run, c Call) (Replacement, error) {
	if x.State != Adopted {
		return Replacement{}, fail.New(fail.Conflict, "Ersättare utses när urvalet är beslutat.")
	}
	d, err := o.decided(ctx, q, x.ID)
	if err != nil {
		return Replacement{}, err
	}
	apps, err := o.deps.Applications(ctx, q, c.ID)
	if err != nil {
		return Replacement{}, err
	}
	return stepIn(x, d, apps)
}

// Replace gives the places of those who have withdrawn to those whom the same
// rules select now. The owner decides, with a reason for each; they get a letter.
func (o *Room) Replace(ctx context.Context, rid RunID, reason, once string) error {
	return o.actRun(ctx, rid, "selection.decide", once, func(tx *db.Tx, x Run, c Call) error {
		r, err := o.ReplacementOf(ctx, tx, x, c)
		if err != nil {
			return err
		}
		if len(r.Gone) == 0 || len(r.In) == 0 {
			return fail.New(fail.Conflict, "Det finns ingen plats att fylla, eller ingen som kan fylla den inom reglerna.")
		}
		if strings.TrimSpace(reason) == "" {
			return fail.Fields(fail.Field{Name: "reason", Message: "Skriv varför platsen fylls nu."})
		}
		for _, a := range r.In {
			if err := o.offer(ctx, tx, x, c, a, fmt.Sprintf("Ersätter %s. %s", titlesOf(r.Gone), reason)); err != nil {
				return err
			}
		}
		for _, a := range r.Gone {
			if _, err := tx.Exec(ctx, `UPDATE outcome SET outcome = 'ej vald', deviation = ? WHERE run_id = ? AND application_id = ?`, "Återtagen efter beslutet", rid, a.ID); err != nil {
				return err
			}
		}
		audit.Log(ctx, tx, audit.Entry{Act: "selection.decide", Object: "run:" + id.String(rid), Programme: c.Programme, Reason: reason,
			Data: map[string]any{"withdrawn": titlesOf(r.Gone), "selected": titlesOf(r.In), "input": r.Answer.Input}})
		return nil
	})
}

// offer makes one of the others selected and writes to it.
func (o *Room) offer(ctx context.Context, tx *db.Tx, x Run, c Call, a Application, reason string) error {
	if _, err := tx.Exec(ctx, `UPDATE outcome SET outcome = 'vald', deviation = ?, reason = ? WHERE run_id = ? AND application_id = ?`,
		fmt.Sprintf("Ersättare, beslutat av person %d", who.From(ctx).Person), reason, x.ID, a.ID); err != nil {
		return err
	}
	if err := o.deps.SetOutcome(ctx, tx, a.ID, "vald", reason); err != nil {
		return err
	}
	to, err := o.deps.Recipients(ctx, tx, a.Members)
	if err != nil || len(to) == 0 {
		return err
	}
	l := letter(c, a, Outcome{Application: a.ID, Outcome: "vald", Reason: reason})
	return o.deps.Mail(ctx, tx, mail.Message{To: to, Subject: l.Subject, Text: l.Text + "\n\n" + o.deps.PublicURL + "/intresse/" + id.String(a.ID) + "\n"})
}

// titlesOf joins the titles of applications.
func titlesOf(list []Application) string {
	var out []string
	for _, a := range list {
		out = append(out, a.Title)
	}
	return strings.Join(out, ", ")
}
