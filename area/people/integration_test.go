package people

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/policy"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

func TestIntegrationRules(t *testing.T) {
	admin := who.Actor{Kind: who.Person, Person: 1, Grants: []who.Grant{{Role: who.Administrator}}}
	has := []Membership{{Person: 2, Role: who.Handlaggare, Org: 5, From: "2026-01-01"}}
	good := Integration{Name: "Ärendesystemet", Org: 5, Role: who.Handlaggare, Scopes: []string{"call.read"}, Receiver: 2, Expires: "2027-01-01"}
	const today calendar.Date = "2026-06-15"
	for name, c := range map[string]struct {
		change func(i *Integration)
		field  string
	}{
		"good":                         {func(*Integration) {}, ""},
		"no name":                      {func(i *Integration) { i.Name = "" }, "name"},
		"no organisation":              {func(i *Integration) { i.Org = 0 }, "org"},
		"an administrator's key":       {func(i *Integration) { i.Role = who.Administrator }, "role"},
		"no scope":                     {func(i *Integration) { i.Scopes = nil }, "scopes"},
		"an unknown scope":             {func(i *Integration) { i.Scopes = []string{"call.explode"} }, "scopes"},
		"users are out of reach":       {func(i *Integration) { i.Scopes = []string{"people.edit"} }, "scopes"},
		"everything of a sort":         {func(i *Integration) { i.Scopes = []string{"call.*"} }, "scopes"},
		"past":                         {func(i *Integration) { i.Expires = today }, "last"},
		"for ever":                     {func(i *Integration) { i.Expires = "2036-01-01" }, "last"},
		"to oneself":                   {func(i *Integration) { i.Receiver = 1 }, "receiver"},
		"to nobody":                    {func(i *Integration) { i.Receiver = 0 }, "receiver"},
		"more than the receiver's own": {func(i *Integration) { i.Org = 6 }, "receiver"},
	} {
		i := good
		c.change(&i)
		fields := fieldsOf(i.checked(admin, has, today))
		found := slices.ContainsFunc(fields, func(f fail.Field) bool { return f.Name == c.field })
		if (c.field == "") != (len(fields) == 0) || c.field != "" && !found {
			t.Errorf("%s: %v", name, fields)
		}
	}
}

// TestIntegrationWalk: the administrator sets it up, the receiver fetches the
// key once, the key acts within its scopes, and dies with the receiver's role.
func TestIntegrationWalk(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.resident("admin@exempel.se", who.Administrator, 0)
		receiver := w.resident("hl@exempel.se", who.Handlaggare, w.authority)
		w.resident("annan@exempel.se", who.Handlaggare, w.authority)
		admin := w.signedIn("admin@exempel.se")
		v := webtest.Filled(t, admin.must("/integrationer/ny").Doc, "")
		webtest.HasFieldError(t, want(t, admin.post("/integrationer/ny", v), http.StatusUnprocessableEntity).Doc, "scopes", "Välj minst en sak")
		v = webtest.Filled(t, admin.must("/integrationer/ny").Doc, "")
		v.Set("name", "Ärendesystemet")
		v.Set("org", idText(w.authority))
		v.Set("role", string(who.Handlaggare))
		v.Set("receiver", "hl@exempel.se")
		v["scopes"] = []string{"call.read", "application.read"}
		v.Set("last", "2027-01-31")
		path := want(t, admin.post("/integrationer/ny", v), http.StatusSeeOther).Header.Get("Location")
		want(t, admin.post(path+"/nyckel", nil), http.StatusForbidden) // not the administrator
		want(t, w.signedIn("annan@exempel.se").get(path), http.StatusForbidden)
		if w.lastLink() != path {
			t.Errorf("the receiver is led to %s", w.lastLink())
		}
		b := w.signedIn("hl@exempel.se")
		key := want(t, b.post(path+"/nyckel", nil), http.StatusOK).Doc.Find(".ds-alert code").Text()
		if !strings.HasPrefix(key, keyPrefix) || len(key) < 60 {
			t.Fatalf("key %q", key)
		}
		webtest.HasNoText(t, b.must(path).Doc, key)
		want(t, b.post(path+"/nyckel", nil), http.StatusConflict)

		var actor who.Actor
		call := func(key string) webtest.Answer {
			h := w.p.Middleware(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { actor = who.From(r.Context()) }))
			r := httptest.NewRequest(http.MethodPost, "/api/x", strings.NewReader("{}"))
			r.Header.Set("Authorization", "bearer "+key)
			return webtest.Do(t, h, r)
		}
		want(t, call(key), http.StatusOK)
		own := policy.Resource{Programme: programme, Owners: []who.OrgID{w.authority}, Submitted: true}
		if actor.Kind != who.Token || !policy.Allowed(actor, "application.read", own) {
			t.Errorf("%+v", actor)
		}
		for _, action := range []string{"call.edit", "application.list", "people.read", "account.own"} {
			if policy.Allowed(actor, action, own) {
				t.Errorf("beyond its scopes: %s", action)
			}
		}
		if policy.Allowed(actor, "application.read", policy.Resource{Programme: 2, Owners: []who.OrgID{w.south}, Submitted: true}) {
			t.Error("in another organisation's programme")
		}
		bad := want(t, call(key+"x"), http.StatusUnauthorized)
		if bad.Header.Get("Content-Type") != "application/problem+json" || bad.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%v", bad.Header)
		}
		webtest.HasText(t, admin.must("/integrationer").Doc, "tbody", "23 november 2026")

		// The receiver's role ends; so does the key (rule 12).
		w.do(func(ctx context.Context, tx *db.Tx) error {
			all, err := memberships(ctx, tx, receiver)
			if err != nil {
				return err
			}
			return w.p.EndGrant(ctx, tx, all[0].ID, "2026-11-23", "Byter tjänst")
		})
		want(t, call(key), http.StatusOK)
		w.now = calendar.Date("2026-11-24").Start()
		want(t, call(key), http.StatusUnauthorized)
	})
}

func TestAKeyCanBeEndedAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.resident("admin@exempel.se", who.Administrator, 0)
		receiver := w.resident("hl@exempel.se", who.Handlaggare, w.authority)
		var i IntegrationID
		w.do(func(ctx context.Context, tx *db.Tx) (err error) {
			i, err = w.p.CreateIntegration(ctx, tx, Integration{Name: "X", Org: w.authority, Role: who.Handlaggare, Scopes: []string{"call.read"}, Receiver: receiver, Expires: "2027-01-01"})
			return err
		})
		path := "/integrationer/" + idText(i)
		b := w.signedIn("hl@exempel.se")
		key := want(t, b.post(path+"/nyckel", nil), http.StatusOK).Doc.Find(".ds-alert code").Text()
		webtest.HasFieldError(t, want(t, b.post(path+"/avsluta", nil), http.StatusUnprocessableEntity).Doc, "reason", "Skriv varför")
		want(t, b.post(path+"/avsluta", url.Values{"reason": {"Nyckeln har kommit på avvägar"}}), http.StatusSeeOther)
		if _, err := w.p.integrationActor(context.Background(), key); err == nil {
			t.Error("the key works on")
		}
		w.now = start.AddDate(1, 0, 0)
		if _, err := w.p.integrationActor(context.Background(), key); err == nil {
			t.Error("the key works on")
		}
	})
}
