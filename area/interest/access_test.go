package interest

import (
	"context"
	"fmt"
	"math/rand"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/policy"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// readersOf are those who ask, by a short name.
var readersOf = map[string]who.Actor{
	"public": {}, "KF": someone(who.Foretradare, norsjo), "KK": someone(who.Kommunkontakt, norsjo), "EK": someone(who.Ekonom, norsjo), "RG own": someone(who.Registrator, norsjo),
	"other KF": someone(who.Foretradare, stockholm), "other RG": someone(who.Registrator, stockholm),
	"HL": someone(who.Handlaggare, agency), "PÄ": someone(who.Programagare, agency), "RG": someone(who.Registrator, agency), "BD": someone(who.Bedomare, agency), "BD assigned": assigned,
	"FF": someone(who.Foljeforskare, agency), "AD": someone(who.Administrator, agency), "LV": someone(who.Leverantor, agency),
	"HL elsewhere": someone(who.Handlaggare, stockholm), "KF, another programme": {Kind: who.Person, Person: 77, Grants: []who.Grant{{Role: who.Foretradare, Org: norsjo, Programme: 99}}},
}

var assigned = who.Actor{Kind: who.Person, Person: 4711, Grants: []who.Grant{{Role: who.Bedomare, Org: agency}}}

// TestWhoReadsWhat goes through every page with every reader: those who are
// named get 200 and what they must see; the public is led to sign in; all
// others are refused.
func TestWhoReadsWhat(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t, Schema()))
	w.n.deps.Assessors = func(context.Context, db.Q, ApplicationID) ([]who.PersonID, []who.PersonID, error) {
		return []who.PersonID{assigned.Person}, nil, nil
	}
	draft := "/intresse/" + whole64(w.ready(norsjo, "pilot"))
	sentID := func() ApplicationID {
		a, err := w.n.Start(w.ctx(someone(who.Kommunkontakt, norsjo)), Starting{Call: 8, Org: norsjo, Kinds: []string{"pilot"}})
		w.must(err)
		w.fillIn(w.ctx(someone(who.Kommunkontakt, norsjo)), a)
		w.must(w.n.Submit(w.ctx(someone(who.Foretradare, norsjo)), a, Sending{}))
		return a
	}()
	sent := "/intresse/" + whole64(sentID)
	w.must(w.n.SaveDecision(w.ctx(someone(who.Kommunkontakt, norsjo)), sentID, norsjo, 1, DecisionContent{Own: "KS 1"}, nil, ""))
	all := func(names ...string) []string { return names }
	member := all("KF", "KK", "EK")
	owner := all("HL", "PÄ", "RG")
	for _, row := range []struct {
		path  string
		who   []string
		shows string
	}{
		{draft, member, "Norsjö"},
		{draft + "/svar", member, "Vad vill ni göra?"},
		{draft + "/utskrift", member, "Samordna varor"},
		{draft + "/granska", member, "Granska"},
		{draft + "/bilagor", member, "Bilagor"},
		{draft + "/medsokande", member, "Norsjö"},
		{draft + "/atertag", all("KF"), "Återta"},
		{draft + "/behorighet", nil, ""},
		{sent, slices.Concat(member, owner, all("BD assigned")), "Norsjö"},
		{sent + "/svar", slices.Concat(member, owner, all("BD assigned")), "Samordna varor"},
		{sent + "/utskrift", slices.Concat(member, owner, all("BD assigned")), "Samordna varor"},
		{sent + "/kvitto", slices.Concat(member, owner, all("BD assigned")), "Kontrollsumma"},
		{sent + "/komplettering", slices.Concat(member, owner, all("BD assigned")), "Komplettering"},
		{sent + "/atertag", all("KF"), "Återta"},
		{sent + "/behorighet", all("HL"), "004 rad 24"},
		{sent + "/beslut", all("KF", "KK", "RG own", "HL", "PÄ", "FF"), "Norsjö"},
		{sent + "/beslut/10", all("KF", "KK", "RG own"), "Kommunens diarienummer"},
		{sent + "/utfall", owner, "Utfall"}, // the members only after the decision
		{"/utlysningar/8/intresseanmalningar", owner, "Norsjö"},
		{"/utlysningar/8/intresse", all("KF", "KK", "other KF"), "Vem svarar?"},
		{"/mina-intressen", nil, "everybody who is signed in"},
	} {
		for name, actor := range readersOf {
			got := webtest.Fetch(t, w.h, row.path, webtest.As(actor))
			allowed := slices.Contains(row.who, name) || row.path == "/mina-intressen" && name != "public"
			switch {
			case allowed && got.Status != http.StatusOK:
				t.Errorf("%s %s: %d", name, row.path, got.Status)
			case allowed && row.path != "/mina-intressen" && !strings.Contains(got.Body, row.shows):
				t.Errorf("%s %s does not show %q", name, row.path, row.shows)
			case !allowed && name == "public" && (got.Status == http.StatusSeeOther && strings.HasPrefix(got.Header.Get("Location"), "/logga-in")):
			case !allowed && got.Status != http.StatusForbidden && got.Status != http.StatusNotFound:
				t.Errorf("%s %s: %d, want a refusal", name, row.path, got.Status)
			case !allowed && row.shows != "" && row.path != "/mina-intressen" && strings.Contains(got.Body, "Samordna varor"):
				t.Errorf("%s %s: the refusal shows content", name, row.path)
			}
		}
	}
	for _, kind := range []string{"xlsx", "csv", "json"} {
		for name, actor := range readersOf {
			got := webtest.Fetch(t, w.h, "/utlysningar/8/intresseanmalningar/export."+kind, webtest.As(actor))
			if (got.Status == http.StatusOK) != slices.Contains(owner, name) {
				t.Errorf("%s export.%s: %d", name, kind, got.Status)
			}
		}
	}
}

// TestWhoDoesWhat sends every form as every actor. Only the named ones get
// past the policy: a refusal of theirs is about the form, never about them.
func TestWhoDoesWhat(t *testing.T) {
	for _, row := range []struct {
		path string
		who  []string
		form url.Values
	}{
		{"/intresse/%d/svar", []string{"KF", "KK"}, url.Values{"_version": {"99"}}},
		{"/intresse/%d/kontakt", []string{"KF", "KK"}, url.Values{"_version": {"99"}}},
		{"/intresse/%d/medsokande", []string{"KF", "KK"}, url.Values{"kommun": {"x"}}},
		{"/intresse/%d/meddela", []string{"KF", "KK"}, nil},
		{"/intresse/%d/bilagor/1/ta-bort", []string{"KF", "KK"}, nil},
		{"/intresse/%d/granska", []string{"KF"}, url.Values{"override": {strings.Repeat("x", maxMotive+1)}}},
		{"/intresse/%d/atertag", []string{"KF"}, nil},
		{"/intresse/%d/komplettering/svar", []string{"KF"}, nil},
		{"/intresse/%d/komplettering", []string{}, nil}, // a draft is nobody's to ask about
		{"/intresse/%d/behorighet", []string{}, nil},
		{"/intresse/%d/bekrafta", []string{"KF", "RG own", "HL", "PÄ"}, nil},
		{"/utlysningar/7/intresse", []string{"KF", "KK", "other KF"}, nil},
	} {
		w := newWorld(t, dbtest.SQLite(t, Schema()))
		path := row.path
		a := w.ready(norsjo, "pilot")
		if strings.Contains(path, "%d") {
			path = fmt.Sprintf(path, a)
		}
		for name, actor := range readersOf {
			got := webtest.Post(t, w.h, path, row.form, webtest.As(actor))
			refused := got.Status == http.StatusForbidden || got.Status == http.StatusUnauthorized
			if refused == slices.Contains(row.who, name) && got.Status != http.StatusNotFound {
				t.Errorf("%s POST %s: %d", name, path, got.Status)
			}
		}
		if x := w.read(a); x.State != Draft && !strings.Contains(path, "atertag") {
			t.Errorf("POST %s moved the application to %s", path, x.State)
		}
	}
}

// The list that SQL filters holds exactly what the policy lets the actor read.
func TestMyListHoldsWhatThePolicyLetsMeRead(t *testing.T) {
	each(t, func(w *world) {
		random := rand.New(rand.NewSource(20261123))
		var all []ApplicationID
		for _, org := range []who.OrgID{norsjo, mala, skelleftea, sodermore, stockholm} {
			all = append(all, w.ready(org, "pilot"))
		}
		w.must(w.n.InviteApplicant(w.ctx(someone(who.Kommunkontakt, norsjo)), all[0], "0180", ""))
		w.must(w.n.Submit(w.ctx(someone(who.Foretradare, mala)), all[1], Sending{}))
		roles := []who.Role{who.Foretradare, who.Kommunkontakt, who.Ekonom, who.Registrator, who.Handlaggare, who.Administrator}
		places := []who.OrgID{norsjo, mala, skelleftea, kalmar, sodermore, stockholm, agency}
		for range 300 {
			actor := who.Actor{Kind: who.Person, Person: 5}
			for range random.Intn(4) {
				actor.Grants = append(actor.Grants, who.Grant{Role: roles[random.Intn(len(roles))], Org: places[random.Intn(len(places))], Programme: who.ProgrammeID(random.Intn(3) * 3 / 2)})
			}
			ctx := context.Background()
			w.must(w.d.Read(ctx, func(q db.Q) error {
				list, err := w.n.Mine(ctx, q, actor)
				w.must(err)
				for _, a := range all {
					m, err := w.n.matter(ctx, q, a)
					w.must(err)
					want := ownReader(actor, m)
					got := slices.ContainsFunc(list, func(x Application) bool { return x.ID == a })
					if got != want {
						w.t.Errorf("%+v application %d (%s): in the list %v, policy %v", actor.Grants, a, m.State, got, want)
					}
				}
				return nil
			}))
		}
	})
}

// ownReader tells whether the policy lets the actor read the application, or
// its decision, as one of the applicant's own.
func ownReader(actor who.Actor, m matter) bool {
	r := m.resource()
	r.Owners = nil // the owner has a list of its own
	if policy.Allowed(actor, "application.read", r) {
		return true
	}
	d := m.editable()
	d.Owners = nil
	return !m.Submitted.IsZero() && policy.Allowed(actor, "decision.read", d)
}
