package people

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

func TestOrganisationNumbers(t *testing.T) {
	for in, want := range map[string]string{
		"212000-0142": "212000-0142",
		"2120000142":  "212000-0142",
		"212000 0142": "212000-0142",
		"202100-6164": "202100-6164",
		"212000-0143": "", // last digit
		"121212-1212": "", // a personal number's third digit
		"212000-014":  "",
		"21200O-0142": "",
		"":            "",
	} {
		got, ok := organisationNumber(in)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q %v, want %q", in, got, ok, want)
		}
	}
}

func TestOrganisationRules(t *testing.T) {
	for _, c := range []struct {
		name  string
		o     Organisation
		field string // that is wrong; "" for none
	}{
		{"a municipality", Organisation{Kind: Kommun, Name: "Kiruna kommun", Code: "2584"}, ""},
		{"without a kind", Organisation{Name: "X"}, "kind"},
		{"of an unknown kind", Organisation{Kind: "klubb", Name: "X"}, "kind"},
		{"without a name", Organisation{Kind: Bolag, Name: " \t "}, "name"},
		{"a wrong number", Organisation{Kind: Bolag, Name: "X", Number: "212000-0143"}, "number"},
		{"a municipality with two digits", Organisation{Kind: Kommun, Name: "X", Code: "25"}, "code"},
		{"a municipality without a code", Organisation{Kind: Kommun, Name: "X"}, "code"},
		{"a region", Organisation{Kind: Region, Name: "X", Code: "25"}, ""},
		{"a county administrative board", Organisation{Kind: Lansstyrelse, Name: "X", Code: "25"}, ""},
		{"a company with a code", Organisation{Kind: Bolag, Name: "X", Code: "2584"}, "code"},
		{"a district without a municipality", Organisation{Kind: Kommundelsnamnd, Name: "X"}, "parent"},
		{"a district", Organisation{Kind: Kommundelsnamnd, Name: "X", Parent: 7}, ""},
		{"its own parent", Organisation{ID: 7, Kind: Bolag, Name: "X", Parent: 7}, "parent"},
		{"ends before it begins", Organisation{Kind: Forening, Name: "X", ValidFrom: "2026-01-02", ValidTo: "2026-01-02"}, "valid_to"},
	} {
		_, err := c.o.checked()
		if fields := fieldsOf(err); (c.field == "") != (err == nil) || c.field != "" && (len(fields) != 1 || fields[0].Name != c.field) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestOrganisationIsValidInTime(t *testing.T) {
	o := Organisation{ValidFrom: "2007-01-01", ValidTo: "2027-01-01"}
	for day, in := range map[calendar.Date]bool{"2006-12-31": false, "2007-01-01": true, "2026-12-31": true, "2027-01-01": false} {
		if o.In(day) != in {
			t.Errorf("%s: in force %v", day, !in)
		}
	}
	if o.State("2026-12-31") != aktiv || o.State("2027-01-01") != upphord {
		t.Error("the state does not follow the day")
	}
}

// TestSeed_001_09_and_004_05_ADistrictBoardIsAnOrganisationOfItsMunicipality:
// a district board can be an applicant of its own.
func TestSeed_001_09_and_004_05_ADistrictBoardIsAnOrganisationOfItsMunicipality(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		var district who.OrgID
		w.do(func(ctx context.Context, tx *db.Tx) (err error) {
			district, err = w.p.CreateOrganisation(ctx, tx, Organisation{Kind: Kommundelsnamnd, Name: "Vittangi kommundelsnämnd", Parent: w.north})
			return err
		})
		ctx := who.With(context.Background(), who.Us)
		err := w.d.Write(ctx, func(tx *db.Tx) error {
			_, err := w.p.CreateOrganisation(ctx, tx, Organisation{Kind: Kommundelsnamnd, Name: "Under en myndighet", Parent: w.authority})
			return err
		})
		if !fail.Is(err, fail.Invalid) {
			t.Errorf("a district of an authority: %v", err)
		}
		if err := w.d.Read(ctx, func(q db.Q) error {
			o, err := w.p.Org(ctx, q, district)
			if o.Parent != w.north {
				t.Errorf("%+v", o)
			}
			children, _ := w.p.Children(ctx, q, w.north)
			if len(children) != 1 || children[0].ID != district {
				t.Errorf("%+v", children)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAMergerDoesNotRenameHistory(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.do(func(ctx context.Context, tx *db.Tx) error {
			return w.p.EndOrganisation(ctx, tx, w.north, "2026-12-31", []who.OrgID{w.south, w.authority}, "Delas i två")
		})
		ctx := context.Background()
		look := func(code string) error {
			return w.d.Read(ctx, func(q db.Q) error { _, err := w.p.OrgByCode(ctx, q, code); return err })
		}
		if err := look("2584"); err != nil {
			t.Errorf("in force until its last day: %v", err)
		}
		w.now = calendar.Date("2027-01-01").Start()
		if err := look("2584"); !fail.Is(err, fail.NotFound) {
			t.Errorf("the day after: %v", err)
		}
		if err := w.d.Read(ctx, func(q db.Q) error {
			o, err := w.p.Org(ctx, q, w.north)
			if o.Name != "Kiruna kommun" || len(o.Successors) != 2 {
				t.Errorf("%+v", o)
			}
			s, _ := w.p.Org(ctx, q, w.south)
			if len(s.Predecessors) != 1 || s.Predecessors[0] != w.north {
				t.Errorf("%+v", s)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		// The code is free for the next municipality that has it.
		w.do(func(ctx context.Context, tx *db.Tx) error {
			_, err := w.p.CreateOrganisation(ctx, tx, Organisation{Kind: Kommun, Name: "Nya Kiruna kommun", Code: "2584", ValidFrom: "2027-01-01"})
			return err
		})
		if err := look("2584"); err != nil {
			t.Error(err)
		}
	})
}

func TestOrganisationPages(t *testing.T) {
	each(t, func(t *testing.T, w *town) {
		w.resident("admin@exempel.se", who.Administrator, 0)
		admin := w.signedIn("admin@exempel.se")
		doc := admin.must("/organisationer?q=kiruna").Doc
		webtest.HasText(t, doc, "tbody tr", "Kiruna kommun")
		webtest.HasNoText(t, doc, "Ystads kommun")
		webtest.Has(t, admin.must("/organisationer?q=finnsinte").Doc, ".empty")

		form := admin.must("/organisationer/ny").Doc
		v := webtest.Filled(t, form, "")
		v.Set("kind", string(Bolag))
		v.Set("name", "Energibolaget <script>alert(1)</script>")
		v.Set("number", "212000-0143")
		wrong := want(t, admin.post("/organisationer/ny", v), http.StatusUnprocessableEntity)
		webtest.HasFieldError(t, wrong.Doc, "number", "Organisationsnumret stämmer inte")
		if got := webtest.Filled(t, wrong.Doc, ""); got.Get("name") != v.Get("name") || got.Get("number") != "212000-0143" {
			t.Errorf("what was typed is lost: %v", got)
		}
		v = webtest.Filled(t, wrong.Doc, "")
		v.Set("number", "2120000142")
		made := want(t, admin.post("/organisationer/ny", v), http.StatusSeeOther)
		page := admin.must(made.Header.Get("Location")).Doc
		webtest.HasText(t, page, "h1", "Energibolaget <script>alert(1)</script>")
		webtest.HasText(t, page, ".facts", "212000-0142")
		webtest.HasText(t, page, ".flash", "Organisationen är tillagd.")
		webtest.HasNo(t, admin.must(made.Header.Get("Location")).Doc, ".flash")
		if a := admin.post("/organisationer/ny", v); a.Status != http.StatusConflict {
			t.Errorf("the second of two clicks: %d", a.Status)
		}

		// Two administrators edit the same organisation.
		path := "/organisationer/" + id.String(w.south) + "/redigera"
		first := webtest.Filled(t, admin.must(path).Doc, "")
		second := webtest.Filled(t, admin.must(path).Doc, "")
		first.Set("name", "Ystad kommun")
		want(t, admin.post(path, first), http.StatusSeeOther)
		second.Set("name", "Ystads nya kommun")
		clash := want(t, admin.post(path, second), http.StatusConflict)
		webtest.HasText(t, clash.Doc, ".conflict", "Ystad kommun")
		webtest.HasText(t, clash.Doc, ".conflict", "Ystads nya kommun")
		again := webtest.Filled(t, clash.Doc, "")
		want(t, admin.post(path, again), http.StatusSeeOther)
		webtest.HasText(t, admin.must("/organisationer/"+id.String(w.south)).Doc, "h1", "Ystads nya kommun")

		// Ending one.
		end := "/organisationer/" + id.String(w.south) + "/avsluta"
		webtest.HasFieldError(t, want(t, admin.post(end, url.Values{}), http.StatusUnprocessableEntity).Doc, "successor", "Välj vilken annan organisation som tar över.")
		ok := admin.post(end, url.Values{"valid_to": {"2026-12-31"}, "successor": {id.String(w.north)}, "reason": {"Går samman"}})
		want(t, ok, http.StatusSeeOther)
		webtest.HasText(t, admin.must("/organisationer/"+id.String(w.north)).Doc, ".facts dd a", "Ystads nya kommun")
	})
}
