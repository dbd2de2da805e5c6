package interest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/who"
)

const applicationColumns = `id, call_id, programme_id, lead_org_id, state, together, edition, form, invited, created_at, created_by, touched_at, submitted_at, signed_by, signed_name, override_text, version`

// scanApplications gives a scanner for one answer. Applications to a call have
// the same form, so each form is read once; it is shared and never changed.
func scanApplications() func(r db.Row) (Application, error) {
	forms := map[string]Form{}
	return func(r db.Row) (Application, error) { return scanApplication(r, forms) }
}

func scanApplication(r db.Row, forms map[string]Form) (a Application, err error) {
	var form string
	if err := r.Scan(&a.ID, &a.Call, &a.Programme, &a.Lead, &a.State, &a.Joint, &a.Edition, &form, &a.Invited, &a.Created, &a.CreatedBy,
		&a.Touched, &a.Submitted, &a.SignedBy, &a.SignedName, &a.Override, &a.Version); err != nil {
		return a, err
	}
	if f, known := forms[form]; known {
		a.Form = f
		return a, nil
	}
	err = json.Unmarshal([]byte(form), &a.Form)
	forms[form] = a.Form
	return a, err
}

// object names an application in the audit log.
func object(a ApplicationID) string { return "application:" + id.String(a) }

// Application reads one application with everything in it.
func (n *Room) Application(ctx context.Context, q db.Q, a ApplicationID) (Application, error) {
	x, err := db.One(ctx, q, scanApplications(), `SELECT `+applicationColumns+` FROM application WHERE id = ?`, int64(a))
	if err != nil {
		return x, err
	}
	list := []Application{x}
	if err := fillIn(ctx, q, list, `= ?`, int64(a)); err != nil {
		return x, err
	}
	return list[0], nil
}

// Applications reads every application of a call that has been sent in, those
// that were withdrawn too, in the order of their numbers, with everything in them.
func (n *Room) Applications(ctx context.Context, q db.Q, call CallID) ([]Application, error) {
	list, err := db.All(ctx, q, scanApplications(), `SELECT `+applicationColumns+` FROM application WHERE call_id = ? AND submitted_at IS NOT NULL ORDER BY id`, int64(call))
	if err != nil {
		return nil, err
	}
	return list, fillIn(ctx, q, list, `IN (SELECT id FROM application WHERE call_id = ?)`, int64(call))
}

// fillIn reads what belongs to the applications in four statements, whatever
// their number. which is a condition on application_id.
func fillIn(ctx context.Context, q db.Q, list []Application, which string, args ...any) error {
	byID := map[ApplicationID]*Application{}
	for i := range list {
		list[i].Versions = map[string]int64{}
		byID[list[i].ID] = &list[i]
	}
	each := func(query string, scan func(r db.Row) error) error {
		_, err := db.All(ctx, q, func(r db.Row) (struct{}, error) { return struct{}{}, scan(r) }, query, args...)
		return err
	}
	if err := each(`SELECT application_id, kind, outcome, reason FROM application_kind WHERE application_id `+which+` ORDER BY application_id, kind`, func(r db.Row) error {
		var a ApplicationID
		var k ChosenKind
		err := r.Scan(&a, &k.ID, &k.Outcome, &k.Reason)
		if x := byID[a]; x != nil {
			x.Kinds = append(x.Kinds, k)
		}
		return err
	}); err != nil {
		return err
	}
	if err := each(`SELECT application_id, org_id, parent_id, kind, name, code, kommun, county, main_group, sub_group, state, at, person_id FROM applicant WHERE application_id `+which+` ORDER BY application_id, at, org_id`, func(r db.Row) error {
		var a ApplicationID
		var p Applicant
		err := r.Scan(&a, &p.Org, &p.Parent, &p.Kind, &p.Name, &p.Code, &p.Kommun, &p.County, &p.MainGroup, &p.SubGroup, &p.State, &p.At, &p.Person)
		if x := byID[a]; x != nil {
			p.Lead = p.Org == x.Lead
			x.Applicants = append(x.Applicants, p)
		}
		return err
	}); err != nil {
		return err
	}
	if err := each(`SELECT application_id, section, content, version FROM application_section WHERE application_id `+which, func(r db.Row) error {
		var a ApplicationID
		var section, content string
		var version int64
		if err := r.Scan(&a, &section, &content, &version); err != nil {
			return err
		}
		x := byID[a]
		if x == nil {
			return nil
		}
		x.Versions[section] = version
		return x.Sections.decode(section, content)
	}); err != nil {
		return err
	}
	err := each(`SELECT application_id, id, name, about, type, size, hash, at, person_id FROM attachment WHERE removed_at IS NULL AND application_id `+which+` ORDER BY application_id, id`, func(r db.Row) error {
		var a ApplicationID
		var f Attachment
		err := r.Scan(&a, &f.ID, &f.Name, &f.About, &f.Type, &f.Size, &f.Hash, &f.At, &f.Person)
		if x := byID[a]; x != nil {
			x.Attachments = append(x.Attachments, f)
		}
		return err
	})
	for i := range list { // the lead stands first
		slices.SortStableFunc(list[i].Applicants, func(a, b Applicant) int { return rank(b.Lead) - rank(a.Lead) })
	}
	return err
}

func rank(b bool) int {
	if b {
		return 1
	}
	return 0
}

// content gives the part of a section, for storing.
func (s *Sections) content(section string) (any, error) {
	switch section {
	case "kontakt":
		return &s.Contact, nil
	case "svar":
		return &s.Answers, nil
	case "ataganden":
		return &s.Commitments, nil
	case "deltagare":
		return &s.Participants, nil
	case "budget":
		return &s.Budget, nil
	}
	return nil, fmt.Errorf("interest: no section %q", section)
}

func (s *Sections) decode(section, content string) error {
	part, err := s.content(section)
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(content), part)
}

// matter reads an application with its call.
func (n *Room) matter(ctx context.Context, q db.Q, a ApplicationID) (matter, error) {
	x, err := n.Application(ctx, q, a)
	if err != nil {
		return matter{}, err
	}
	c, err := n.deps.Call(ctx, q, x.Call)
	if err != nil {
		return matter{}, err
	}
	m := matter{Application: x, of: c}
	if n.deps.Assessors != nil {
		m.assigned, m.conflicts, err = n.deps.Assessors(ctx, q, a)
	}
	return m, err
}

// read is matter for those who may read it.
func (n *Room) read(ctx context.Context, q db.Q, a ApplicationID) (matter, error) {
	m, err := n.matter(ctx, q, a)
	if err != nil {
		return m, err
	}
	return m, may(ctx, "application.read", m.resource())
}

// hold takes the application for this transaction, so that acts on it come
// one after the other, and reads it.
func (n *Room) hold(ctx context.Context, tx *db.Tx, a ApplicationID) (matter, error) {
	rows, err := tx.Exec(ctx, `UPDATE application SET touched_at = ? WHERE id = ?`, tx.Now(), int64(a))
	if err != nil {
		return matter{}, err
	}
	if rows == 0 {
		return matter{}, fail.New(fail.NotFound, "Det du söker finns inte.")
	}
	return n.matter(ctx, tx, a)
}

// move changes the state: guarded, an event, and an entry in the log.
func (n *Room) move(ctx context.Context, tx *db.Tx, m *matter, to State, act, why string) error {
	if err := CanMove(m.State, to, why); err != nil {
		return err
	}
	if err := db.Changed(tx.Exec(ctx, `UPDATE application SET state = ?, version = version + 1 WHERE id = ? AND state = ?`, string(to), int64(m.ID), string(m.State))); err != nil {
		return err
	}
	if err := event(ctx, tx, m.ID, m.State, to, why); err != nil {
		return err
	}
	m.log(ctx, tx, act, why, map[string]any{"from": m.State, "to": to})
	m.State = to
	return nil
}

func event(ctx context.Context, tx *db.Tx, a ApplicationID, from, to State, why string) error {
	_, err := tx.Exec(ctx, `INSERT INTO application_event (application_id, at, person_id, from_state, to_state, reason) VALUES (?, ?, ?, ?, ?, ?)`,
		int64(a), tx.Now(), int64(who.From(ctx).Person), string(from), string(to), why)
	return err
}

func (m matter) log(ctx context.Context, tx *db.Tx, act, why string, data any) {
	audit.Log(ctx, tx, audit.Entry{Act: act, Object: object(m.ID), Programme: m.Programme, Org: m.Lead, Reason: why, Data: data})
}

// Event is one change of state.
type Event struct {
	At       time.Time
	Person   who.PersonID
	From, To string
	Reason   string
}

func scanEvent(r db.Row) (e Event, err error) {
	return e, r.Scan(&e.At, &e.Person, &e.From, &e.To, &e.Reason)
}

func events(ctx context.Context, q db.Q, a ApplicationID) ([]Event, error) {
	return db.All(ctx, q, scanEvent, `SELECT at, person_id, from_state, to_state, reason FROM application_event WHERE application_id = ? ORDER BY id`, int64(a))
}

// SaveContact stores whom to turn to. Version is the page's, and the answer
// its new one; every Save is a Conflict where somebody else saved meanwhile.
func (n *Room) SaveContact(ctx context.Context, a ApplicationID, version int64, c Contact) (int64, error) {
	return n.save(ctx, a, "kontakt", version, c, c.check)
}

// SaveAnswers stores the answers to the call's questions.
func (n *Room) SaveAnswers(ctx context.Context, a ApplicationID, version int64, x Answers) (int64, error) {
	return n.save(ctx, a, "svar", version, x, x.check)
}

// SaveCommitments stores what is undertaken of what the call requires.
func (n *Room) SaveCommitments(ctx context.Context, a ApplicationID, version int64, c Commitments) (int64, error) {
	return n.save(ctx, a, "ataganden", version, c, c.check)
}

// SaveParticipants stores who takes part.
func (n *Room) SaveParticipants(ctx context.Context, a ApplicationID, version int64, list Participants) (int64, error) {
	return n.save(ctx, a, "deltagare", version, list, list.check)
}

// SaveBudget stores the draft of the budget.
func (n *Room) SaveBudget(ctx context.Context, a ApplicationID, version int64, b Budget) (int64, error) {
	return n.save(ctx, a, "budget", version, b, b.check)
}

// save stores one page. A draft may be saved after the call has closed, so
// that nothing typed is lost; it cannot be sent.
func (n *Room) save(ctx context.Context, a ApplicationID, section string, version int64, content any, check func(matter) error) (int64, error) {
	err := n.deps.DB.Write(ctx, func(tx *db.Tx) error {
		m, err := n.hold(ctx, tx, a)
		if err != nil {
			return err
		}
		if err := may(ctx, "application.edit", m.editable()); err != nil {
			return err
		}
		open, err := openCompletion(ctx, tx, a)
		if err != nil {
			return err
		}
		if err := m.mayChange(section, open); err != nil {
			return err
		}
		if err := check(m); err != nil {
			return err
		}
		b, err := json.Marshal(content)
		if err != nil {
			return fmt.Errorf("interest: %s: %w", section, err)
		}
		if err := db.Changed(tx.Exec(ctx, `UPDATE application_section SET content = ?, at = ?, person_id = ?, version = version + 1 WHERE application_id = ? AND section = ? AND version = ?`,
			string(b), tx.Now(), int64(who.From(ctx).Person), int64(a), section, version)); err != nil {
			return err
		}
		m.log(ctx, tx, "application.edit", "", map[string]any{"section": section, "content": content})
		return nil
	})
	return version + 1, err
}

// Sent is what was sent in at a moment, exactly.
type Sent struct {
	At      time.Time
	Person  who.PersonID
	Content string // JSON
	Hash    string // SHA-256 of Content
}

func sentOf(ctx context.Context, q db.Q, a ApplicationID) ([]Sent, error) {
	return db.All(ctx, q, func(r db.Row) (s Sent, err error) { return s, r.Scan(&s.At, &s.Person, &s.Content, &s.Hash) },
		`SELECT at, person_id, content, hash FROM application_submission WHERE application_id = ? ORDER BY id`, int64(a))
}

// keep stores the application as it is sent, so that what was sent can always
// be shown, whatever is changed later.
func (m matter) keep(ctx context.Context, tx *db.Tx, by Person) error {
	b, err := json.Marshal(struct {
		Application ApplicationID
		Call        CallID
		At          time.Time
		SignedBy    who.PersonID
		SignedName  string
		Form        int64
		Kinds       []ChosenKind
		Applicants  []Applicant
		Sections    Sections
		Attachments []Attachment
		Override    string
	}{m.ID, m.Call, tx.Now(), by.ID, by.Name, m.Form.Version, m.Kinds, m.Members(), m.Sections, m.Attachments, m.Override})
	if err != nil {
		return fmt.Errorf("interest: submission: %w", err)
	}
	sum := sha256.Sum256(b)
	_, err = tx.Exec(ctx, `INSERT INTO application_submission (application_id, at, person_id, content, hash) VALUES (?, ?, ?, ?, ?)`,
		int64(m.ID), tx.Now(), int64(who.From(ctx).Person), string(b), hex.EncodeToString(sum[:]))
	return err
}

// folded is a name as it is searched for.
func folded(s string) string { return strings.ToLower(s) }
