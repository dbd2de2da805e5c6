package interest

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"kommunpilot/base/blob"
	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/fail"
	"kommunpilot/base/mail"
	"kommunpilot/base/web"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// The organisations of the tests.
const (
	agency     who.OrgID = 1
	norsjo     who.OrgID = 10
	mala       who.OrgID = 11
	skelleftea who.OrgID = 12
	kalmar     who.OrgID = 20
	sodermore  who.OrgID = 21 // a district board of Kalmar
	stockholm  who.OrgID = 30
)

var orgs = map[who.OrgID]Org{
	agency: {ID: agency, Name: "Tillväxtverket", Kind: "myndighet"},
	norsjo: {ID: norsjo, Code: "2417", Name: "Norsjö", Kind: "kommun"}, mala: {ID: mala, Code: "2418", Name: "Malå", Kind: "kommun"},
	skelleftea: {ID: skelleftea, Code: "2482", Name: "Skellefteå", Kind: "kommun"}, stockholm: {ID: stockholm, Code: "0180", Name: "Stockholm", Kind: "kommun"},
	kalmar: {ID: kalmar, Code: "0880", Name: "Kalmar", Kind: "kommun"}, sodermore: {ID: sodermore, Name: "Södermöre kommundelsnämnd", Kind: "kommundelsnamnd", Parent: kalmar},
}

// offset numbers a person by role within the organisation.
var offset = map[who.Role]who.PersonID{who.Foretradare: 1, who.Kommunkontakt: 2, who.Registrator: 3, who.Ekonom: 4, who.Handlaggare: 5, who.Programagare: 6, who.Bedomare: 7, who.Administrator: 8, who.Foljeforskare: 9}

// someone is a person with the role in the organisation.
func someone(role who.Role, org who.OrgID) who.Actor {
	return who.Actor{Kind: who.Person, Person: who.PersonID(org)*100 + offset[role], Name: role.Name() + ", " + orgs[org].Name, Grants: []who.Grant{{Role: role, Org: org}}}
}

// world is the room with what stands around it.
type world struct {
	t       testing.TB
	d       *db.DB
	n       *Room
	h       http.Handler
	call    *Call
	letters []mail.Message
	now     time.Time
	gone    map[who.PersonID]bool // whose role has ended
}

const callPage = "/utlysningar/7"

func newWorld(t testing.TB, d *db.DB) *world {
	t.Helper()
	w := &world{t: t, d: d, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), gone: map[who.PersonID]bool{}}
	d.SetClock(func() time.Time { return w.now })
	w.call = &Call{
		ID: 7, Programme: 3, Owners: []who.OrgID{agency}, OwnerName: "Tillväxtverket", Title: "Pilotkommuner för lokal service", State: "öppen",
		Opens: w.now.AddDate(0, 0, -7), Closes: w.now.AddDate(0, 0, 28), Published: true, Joint: true, FormalDecision: true, Edition: "SKR 2023", FormVersion: 4,
		Questions:    []Question{{ID: "gora", Label: "Vad vill ni göra?", Kind: "long", Required: true}, {ID: "antal", Label: "Antal butiker", Kind: "number"}, {ID: "bredband", Label: "Finns bredband?", Kind: "yesno"}},
		Requirements: []Requirement{{"bada", "Arbetar både strategiskt och praktiskt.", "004-12", true, true, true}, {"larande", "Deltar i lärande och utbyte.", "004-14", true, true, true}, {"langsiktig", "Tar in servicefrågorna i planering och budget.", "004-15", true, false, true}},
		Eligibility:  []Rule{{ID: "signerad", Text: "Undertecknad av behörig företrädare.", Source: "004 rad 24", Test: "signed"}, {ID: "krav", Text: "Alla krav är godtagna.", Source: "004-01", Test: "statement"}},
		Kinds:        []Kind{{ID: "pilot", Name: "Pilotkommun", Count: "applications", Min: 2, Target: 13, Max: 15, From: "2026-09-01", To: "2028-12-31"}, {ID: "ambassador", Name: "Ambassadör", Count: "applications"}},
		Budget:       BudgetRule{Asked: true, GrantMax: 6000, OwnMin: 4000, Source: "004-10"},
		Responsible:  "Handläggare, Tillväxtverket", Contact: "service@example.org",
	}
	files, err := blob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w.n = New(Deps{
		DB: d, Files: files, PublicURL: "https://kommunpilot.example", MaxUpload: 1 << 20,
		Call: func(_ context.Context, _ db.Q, c CallID) (Call, error) {
			if c != 7 && c != 8 { // two calls of the same programme
				return Call{}, fail.New(fail.NotFound, "Utlysningen finns inte.")
			}
			x := *w.call
			x.ID = c
			return x, nil
		},
		Org: func(_ context.Context, _ db.Q, o who.OrgID) (Org, error) { return orgs[o], nil },
		OrgByCode: func(_ context.Context, _ db.Q, code string) (Org, error) {
			for _, o := range orgs {
				if o.Code == code && code != "" {
					return o, nil
				}
			}
			return Org{}, fail.New(fail.NotFound, "Organisationen finns inte.")
		},
		People: func(_ context.Context, _ db.Q, org who.OrgID, _ who.ProgrammeID, roles ...who.Role) ([]Person, error) {
			var out []Person
			for _, r := range roles {
				a := someone(r, org)
				if !w.gone[a.Person] {
					out = append(out, Person{ID: a.Person, Name: a.Name, Email: fmt.Sprintf("%s.%d@example.org", r, org)})
				}
			}
			return out, nil
		},
		PersonName: func(_ context.Context, _ db.Q, p who.PersonID) (string, error) {
			return fmt.Sprintf("Person %d", p), nil
		},
		Motive: func(context.Context, db.Q, ApplicationID) (Motive, error) {
			return Motive{Total: "74,5 av 100", Scores: []Score{{Criterion: "Nytänkande", Weight: "10 %", Points: "3,5 av 5", Motives: []string{"Ny modell för varuförsörjning."}}}, WhyNot: "Två poäng till hade räckt."}, nil
		},
		Mail: func(_ context.Context, tx *db.Tx, m mail.Message) error {
			tx.AfterCommit(func() { w.letters = append(w.letters, m) })
			return nil
		},
	})
	shell := web.NewShell(web.ShellConfig{MaxBody: 4 << 20, Log: slog.New(slog.DiscardHandler)})
	mux := http.NewServeMux()
	web.Mount(mux, shell, web.OwnRoutes())
	web.Mount(mux, shell, w.n.Routes())
	w.h = shell.Middleware(mux)
	return w
}

// each runs the test on every database.
func each(t *testing.T, test func(w *world)) {
	dbtest.Each(t, []fs.FS{Schema()}, func(t *testing.T, d *db.DB) { test(newWorld(t, d)) })
}

func (w *world) ctx(a who.Actor) context.Context { return who.With(context.Background(), a) }

// must ends the test on an error.
func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// post sends a form that must be taken, and gives where it leads.
func (w *world) post(a who.Actor, path string, v url.Values) string {
	w.t.Helper()
	got := webtest.Post(w.t, w.h, path, v, webtest.As(a))
	if got.Status != http.StatusSeeOther {
		text := got.Body
		if got.Doc != nil {
			text = strings.Join(strings.Fields(got.Doc.Find("main").Text()), " ")
		}
		w.t.Fatalf("POST %s: %d\n%s", path, got.Status, text)
	}
	return got.Header.Get("Location")
}

// fill takes a page's form, changes it and sends it.
func (w *world) fill(a who.Actor, path string, changes url.Values) string {
	w.t.Helper()
	v := webtest.Filled(w.t, webtest.Get(w.t, w.h, path, webtest.As(a)), "")
	for k, list := range changes {
		v[k] = list
	}
	return w.post(a, path, v)
}

// upload sends a file.
func (w *world) upload(a who.Actor, path, name string, content []byte, fields url.Values) webtest.Answer {
	w.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for k, list := range fields {
		for _, v := range list {
			w.must(m.WriteField(k, v))
		}
	}
	part, err := m.CreateFormFile("file", name)
	w.must(err)
	_, err = part.Write(content)
	w.must(err)
	w.must(m.Close())
	r := httptest.NewRequest(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return webtest.Do(w.t, w.h, r, webtest.As(a))
}

// pdf is a small file that is one.
var pdf = []byte("%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n")

// ready begins an application and fills it in, through the acts.
func (w *world) ready(org who.OrgID, kinds ...string) ApplicationID {
	w.t.Helper()
	ctx := w.ctx(someone(who.Kommunkontakt, org))
	a, err := w.n.Start(ctx, Starting{Call: 7, Org: org, Kinds: kinds})
	w.must(err)
	w.fillIn(ctx, a)
	return a
}

func (w *world) fillIn(ctx context.Context, a ApplicationID) {
	w.t.Helper()
	_, err := w.n.SaveContact(ctx, a, 1, Contact{Reference: "KS 2026/12", People: []ContactPerson{{Name: "Utvecklingsstrateg", Email: "strateg@example.org"}}})
	w.must(err)
	_, err = w.n.SaveAnswers(ctx, a, 1, Answers{"gora": "Samordna varor och post i byarna."})
	w.must(err)
	_, err = w.n.SaveCommitments(ctx, a, 1, Commitments{"bada": {Yes: true}, "larande": {Yes: true}, "langsiktig": {Yes: true, How: "I översiktsplanen."}})
	w.must(err)
	_, err = w.n.SaveBudget(ctx, a, 1, Budget{Costs: []Cost{{"Lön", 100_000_00}}, Grant: 60_000_00, Own: 40_000_00})
	w.must(err)
}

// sent is an application that has been sent in.
func (w *world) sent(org who.OrgID, kinds ...string) ApplicationID {
	w.t.Helper()
	a := w.ready(org, kinds...)
	w.must(w.n.Submit(w.ctx(someone(who.Foretradare, org)), a, Sending{}))
	return a
}

// eligible is an application that has been decided to be eligible.
func (w *world) eligible(org who.OrgID, kinds ...string) ApplicationID {
	w.t.Helper()
	a := w.sent(org, kinds...)
	w.must(w.n.DecideEligibility(w.ctx(someone(who.Handlaggare, agency)), a, Judging{Eligible: true, Motive: "Alla regler är uppfyllda."}))
	return a
}

// outcome sets the outcome as the selection's decision does.
func (w *world) outcome(a ApplicationID, o State) {
	w.t.Helper()
	w.must(w.d.Write(w.ctx(someone(who.Programagare, agency)), func(tx *db.Tx) error {
		return w.n.SetOutcome(w.ctx(someone(who.Programagare, agency)), tx, a, o, "Högst poäng inom kvoterna.")
	}))
}

func (w *world) state(a ApplicationID) State {
	w.t.Helper()
	return w.read(a).State
}

func (w *world) read(a ApplicationID) (x Application) {
	w.t.Helper()
	w.must(w.d.Read(context.Background(), func(q db.Q) (err error) { x, err = w.n.Application(context.Background(), q, a); return err }))
	return x
}

func (w *world) decision(a ApplicationID, org who.OrgID) (d Decision) {
	w.t.Helper()
	w.must(w.d.Read(context.Background(), func(q db.Q) error {
		list, err := w.n.Decisions(context.Background(), q, a)
		d = decisionOf(list, org)
		return err
	}))
	return d
}

// told tells whether a letter with the subject went to the address.
func (w *world) told(to, subject string) bool {
	return slices.ContainsFunc(w.letters, func(m mail.Message) bool {
		return slices.Contains(m.To, to) && strings.Contains(m.Subject, subject)
	})
}

func whole64[T ~int64](v T) string { return fmt.Sprint(int64(v)) }
