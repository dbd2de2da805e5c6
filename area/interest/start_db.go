package interest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/policy"
	"kommunpilot/base/who"
)

// Starting is what somebody chooses when an answer to a call is begun.
type Starting struct {
	Call  CallID
	Org   who.OrgID
	Kinds []string
	Joint bool // together with others, who are invited afterwards
	Once  string
}

// Start begins an application as a draft. An organisation has one live
// application per call; a second one is a Conflict that names the first.
func (n *Room) Start(ctx context.Context, s Starting) (made ApplicationID, err error) {
	err = n.deps.DB.Write(ctx, func(tx *db.Tx) error {
		c, err := n.deps.Call(ctx, tx, s.Call)
		if err != nil {
			return err
		}
		if err := db.Once(ctx, tx, s.Once); err != nil {
			return err
		}
		lead, err := n.applicant(ctx, tx, c, s.Org)
		if err != nil {
			return err
		}
		if err := may(ctx, "application.create", policy.Resource{Programme: c.Programme, Owners: c.Owners, Published: c.Published, Members: lead.orgs()}); err != nil {
			return err
		}
		if err := canStart(c, s, lead, tx.Now()); err != nil {
			return err
		}
		made, err = n.create(ctx, tx, c, s, lead, false)
		return err
	})
	return made, err
}

// errBegun tells that the organisation already has an application; see Begun.
var errBegun = errors.New("interest: already begun")

// create stores a new draft with its pages empty.
func (n *Room) create(ctx context.Context, tx *db.Tx, c Call, s Starting, lead Applicant, invited bool) (ApplicationID, error) {
	if begun, err := n.Begun(ctx, tx, c.ID, s.Org); err != nil {
		return 0, err
	} else if begun != 0 {
		return 0, &fail.Error{Kind: fail.Conflict, Message: "Organisationen har redan en intresseanmälan till den här utlysningen.", Err: errBegun}
	}
	form, err := json.Marshal(c.form())
	if err != nil {
		return 0, fmt.Errorf("interest: form: %w", err)
	}
	person := int64(who.From(ctx).Person)
	a, err := db.Insert[ApplicationID](ctx, tx, `INSERT INTO application (call_id, programme_id, lead_org_id, state, together, edition, form_version, form, invited, created_at, created_by, touched_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		int64(c.ID), int64(c.Programme), int64(s.Org), string(Draft), s.Joint, c.Edition, c.FormVersion, string(form), invited, tx.Now(), person, tx.Now())
	if db.IsUnique(err) {
		return 0, &fail.Error{Kind: fail.Conflict, Message: "Organisationen har redan en intresseanmälan till den här utlysningen.", Err: errBegun}
	}
	if err != nil {
		return 0, err
	}
	for _, k := range s.Kinds {
		if _, err := tx.Exec(ctx, `INSERT INTO application_kind (application_id, kind) VALUES (?, ?)`, int64(a), k); err != nil {
			return 0, err
		}
	}
	for _, section := range sectionPaths {
		empty := "{}"
		if section == "deltagare" {
			empty = "[]"
		}
		if _, err := tx.Exec(ctx, `INSERT INTO application_section (application_id, section, content, at, person_id) VALUES (?, ?, ?, ?, ?)`, int64(a), section, empty, tx.Now(), person); err != nil {
			return 0, err
		}
	}
	lead.State = Joined
	if err := putApplicant(ctx, tx, a, lead); err != nil {
		return 0, err
	}
	if err := event(ctx, tx, a, "", Draft, ""); err != nil {
		return 0, err
	}
	m := matter{Application: Application{ID: a, Call: c.ID, Programme: c.Programme, Lead: s.Org}, of: c}
	m.log(ctx, tx, "application.create", "", map[string]any{"call": c.ID, "kinds": s.Kinds, "joint": s.Joint})
	return a, nil
}

// canStart says what is wrong with how an answer is begun.
func canStart(c Call, s Starting, lead Applicant, now time.Time) error {
	if err := c.Accepts(now); err != nil {
		return err
	}
	if c.Targeted {
		return fail.New(fail.Forbidden, "Utlysningen är riktad. Den som är inbjuden svarar på sin inbjudan.")
	}
	var p problems
	if len(s.Kinds) == 0 {
		p.add("kinds", "Välj minst en deltagandeform.")
	}
	for _, k := range s.Kinds {
		if _, ok := c.kind(k); !ok {
			p.add("kinds", "Utlysningen har ingen sådan deltagandeform.")
		}
	}
	if s.Joint && !c.Joint {
		p.add("joint", "I den här utlysningen svarar varje kommun för sig.")
	}
	if lead.Kommun == "" {
		p.add("org", "Bara kommuner och kommundelsnämnder kan svara.")
	} else if len(c.Members) > 0 && !slices.Contains(c.Members, lead.Kommun) {
		p.add("org", "Kommunen finns inte i listan över dem som kan svara.")
	}
	return fail.Fields(p...)
}

// Begun finds the organisation's live application to a call; 0 for none.
func (n *Room) Begun(ctx context.Context, q db.Q, call CallID, org who.OrgID) (ApplicationID, error) {
	found, err := db.Values[ApplicationID](ctx, q, `SELECT id FROM application WHERE call_id = ? AND lead_org_id = ? AND state <> 'återtagen'`, int64(call), int64(org))
	if err != nil || len(found) == 0 {
		return 0, err
	}
	return found[0], nil
}

// applicant makes a member out of an organisation, with the groups that its
// municipality has in the call's edition. A district board stands for its
// parent municipality (seed rules 001-09 and 004-05).
func (n *Room) applicant(ctx context.Context, q db.Q, c Call, org who.OrgID) (Applicant, error) {
	o, err := n.deps.Org(ctx, q, org)
	if err != nil {
		return Applicant{}, err
	}
	a := Applicant{Org: o.ID, Parent: o.Parent, Kind: o.Kind, Name: o.Name, Code: o.Code, State: Invited, At: q.Now(), Person: who.From(ctx).Person}
	kommun := o
	if o.Kind == "kommundelsnamnd" {
		if kommun, err = n.deps.Org(ctx, q, o.Parent); err != nil {
			return a, err
		}
	} else if o.Kind != "kommun" {
		return a, nil
	}
	if k, ok := n.deps.Register(c.Edition).ByCode(kommun.Code); ok {
		a.Kommun, a.County, a.MainGroup, a.SubGroup = k.Code, k.County, k.MainGroup, k.SubGroup
	}
	return a, nil
}

func putApplicant(ctx context.Context, tx *db.Tx, application ApplicationID, a Applicant) error {
	_, err := tx.Exec(ctx, `INSERT INTO applicant (application_id, org_id, parent_id, kind, name, folded, code, kommun, county, main_group, sub_group, state, at, person_id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		int64(application), int64(a.Org), int64(a.Parent), a.Kind, a.Name, folded(a.Name), a.Code, a.Kommun, a.County, a.MainGroup, a.SubGroup, string(a.State), tx.Now(), int64(who.From(ctx).Person))
	return err
}

// today is the calendar date of the transaction.
func today(q db.Q) calendar.Date { return calendar.Of(q.Now()) }
