package programme

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"kommunpilot/base/id"
	"kommunpilot/base/web/webtest"
)

func TestMemberListTakesCodesAndNames(t *testing.T) {
	for name, row := range map[string]struct{ text, want string }{
		"codes":            {"1983\n1984\n", "1983 1984"},
		"names":            {"Köping\narboga\nUpplands Väsby kommun\nStockholms stad\n", "1983 1984 0114 0180"},
		"a spreadsheet's":  {"\ufeffNamn;Kommunkod;Invånare\r\nKöping;1983;26116\r\n;;\r\nArboga;1984;14087\r\n", "1983 1984"},
		"name column":      {"Län\tKommun\nVästmanland\tKöping\n", "1983"},
		"no last new line": {"1983", "1983"},
		"quoted":           {"\"Köping\",\"x\"\n", "1983"},
	} {
		codes, faults := readMembers([]byte(row.text), register)
		if got := strings.Join(codes, " "); got != row.want || len(faults) > 0 {
			t.Errorf("%s: %q %v, want %q", name, got, faults, row.want)
		}
	}
}

func TestMemberListSaysWhatIsWrongOnWhichLine(t *testing.T) {
	for name, row := range map[string]struct {
		text string
		want []string
	}{
		"several at once": {"kommunkod\n1983\n\n114\nKöpin\n1983\n9999\nAtlantis\n", []string{`Rad 4: "114" är ingen kommunkod. Menas 0114, Upplands Väsby?`, `Rad 5: "Köpin" finns inte i registret. Menas 1983, Köping?`,
			"Rad 6: 1983 finns redan på rad 2.", `Rad 7: "9999" finns inte`, `Rad 8: "Atlantis" finns inte i registret. Skriv`}},
		"ended":          {"1917\n", []string{"Rad 1: koden 1917 (Heby) gäller inte längre. Området hör nu till 0331 Heby."}},
		"column missing": {"namn;kod\nKöping\n", []string{"Rad 2: kommunen saknas."}},
		"empty":          {"\n \n", []string{"Filen har inga kommuner."}},
		"head alone":     {"kommunkod\n", []string{"Filen har inga kommuner."}},
		"latin 1":        {"K\xf6ping\n", []string{"UTF-8"}},
		"binary":         {"PK\x00\x03", []string{"UTF-8"}},
		"quote":          {"1983\n\"1984\n", []string{"Rad", "citattecknen"}},
		"a formula":      {"=cmd|'/c calc'!A0\n", []string{"Rad 1:"}},
		"long":           {strings.Repeat("Atlantis\n", 30), []string{"Rad 20:", "Och 10 rader till."}},
		"too long":       {strings.Repeat("Atlantis\n", 2000), []string{"fler än 1000 rader"}},
	} {
		_, faults := readMembers([]byte(row.text), register)
		var said []string
		for _, f := range faults {
			if f.Name != memberFile {
				t.Errorf("%s: the fault is at %q", name, f.Name)
			}
			said = append(said, f.Message)
		}
		all := strings.Join(said, "\n")
		for _, want := range row.want {
			if !strings.Contains(all, want) {
				t.Errorf("%s: no %q in\n%s", name, want, all)
			}
		}
		if len(faults) == 0 || len(faults) > maxLines+1 {
			t.Errorf("%s: %d faults", name, len(faults))
		}
	}
}

func FuzzMemberList(f *testing.F) {
	for _, s := range []string{"1983\n1984", "namn;kod\nKöping;1983", "\"", "\ufeff\t\t\n", "1983,\"a\nb\""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		codes, faults := readMembers(b, register)
		if len(codes)+len(faults) == 0 {
			t.Error("neither an answer nor a word about why")
		}
		for _, c := range codes {
			if _, ok := register.ByCode(c); !ok {
				t.Errorf("%q is no code", c)
			}
		}
	})
}

// upload posts a section of the editor with a file, as a browser does.
func (f *fixture) upload(path string, form url.Values, text string) webtest.Answer {
	f.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for name, list := range form {
		for _, v := range list {
			if err := m.WriteField(name, v); err != nil {
				f.t.Fatal(err)
			}
		}
	}
	w, err := m.CreateFormFile(memberFile, "kommuner.csv")
	if err != nil {
		f.t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		f.t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		f.t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", m.FormDataContentType())
	return webtest.Do(f.t, f.handler, r, webtest.As(officer))
}

func TestMemberListIsUploadedInTheEditor(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		cid := f.draft("pilot")
		path := "/utlysningar/" + id.String(cid) + "/redigera/behorighet"
		page := webtest.Get(t, f.handler, path, webtest.As(officer))
		webtest.Has(t, page, `form[enctype="multipart/form-data"] input[type=file][name=memberfile]`)
		v := webtest.Filled(t, page, "")
		v.Del(memberFile)
		v.Set("members", "1980")
		bad := f.upload(path, v, "1983\nKöpin\n")
		if bad.Status != http.StatusUnprocessableEntity {
			t.Fatalf("status %d", bad.Status)
		}
		webtest.HasFieldError(t, bad.Doc, memberFile, "Rad 2:")
		if got := bad.Doc.Find("textarea[name=members]").Text(); strings.TrimSpace(got) != "1980" || len(f.get(cid).Content.Members) > 0 {
			t.Errorf("the list is not kept as it was: %q", got)
		}
		if a := f.upload(path, v, "namn\nKöping\nArboga\n"); a.Status != http.StatusSeeOther {
			t.Fatalf("status %d", a.Status)
		}
		if got := f.get(cid).Content.Members; !slices.Equal(got, []string{"1983", "1984"}) {
			t.Errorf("%v", got)
		}
		v = webtest.Filled(t, webtest.Get(t, f.handler, path, webtest.As(officer)), "")
		v.Set("members", "1984")
		if a := webtest.Post(t, f.handler, path, v, webtest.As(officer)); a.Status != http.StatusSeeOther {
			t.Fatalf("without a file: %d", a.Status)
		}
		if got := f.get(cid).Content.Members; !slices.Equal(got, []string{"1984"}) {
			t.Errorf("without a file: %v", got)
		}
	})
}

func TestBodiesOfAKindAreEdited(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		cid := f.draft("pilot")
		kind := f.get(cid).Kinds[0]
		path := "/utlysningar/" + id.String(cid) + "/redigera/organ"
		v := webtest.Filled(t, webtest.Get(t, f.handler, path, webtest.As(officer)), "")
		v.Set("body-0", "Kommunstyrelsen")
		v.Set("of-0", "")
		v.Set("min-0", "3")
		v.Set("max-0", "2")
		v.Set("force-0", "aim")
		bad := webtest.Post(t, f.handler, path, v, webtest.As(officer))
		webtest.HasFieldError(t, bad.Doc, "max-0", "Högst är mindre än minst.")
		webtest.HasFieldError(t, bad.Doc, "of-0", "Välj vilken deltagandeform organet hör till.")
		v.Set("of-0", kind.ID)
		v.Set("max-0", "4")
		if a := webtest.Post(t, f.handler, path, v, webtest.As(officer)); a.Status != http.StatusSeeOther {
			t.Fatalf("status %d", a.Status)
		}
		if got := f.get(cid).Kinds[0].Bodies; len(got) != 1 || got[0] != (Body{"Kommunstyrelsen", 3, 4, Aim}) {
			t.Errorf("%+v", got)
		}
		webtest.HasText(t, webtest.Get(t, f.handler, "/utlysningar/"+id.String(cid), webtest.As(officer)), "main", "3–4 från Kommunstyrelsen")
		// The kinds' own page keeps the bodies.
		kinds := "/utlysningar/" + id.String(cid) + "/redigera/former"
		if a := webtest.Post(t, f.handler, kinds, webtest.Filled(t, webtest.Get(t, f.handler, kinds, webtest.As(officer)), ""), webtest.As(officer)); a.Status != http.StatusSeeOther || len(f.get(cid).Kinds[0].Bodies) != 1 {
			t.Errorf("%d %+v", a.Status, f.get(cid).Kinds)
		}
	})
}

func TestPublishedCallIsOpenDataAndADraftIsNot(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		cid := f.draft("pilot")
		f.must(f.SaveCall(as(officer), cid, 1, "", "", func(c *Content) error {
			c.Title = `=HYPERLINK("https://x.example")`
			return nil
		}))
		path := "/utlysningar/" + id.String(cid) + "/data."
		for _, kind := range []string{"csv", "json"} {
			if a := webtest.Fetch(t, f.handler, path+kind); a.Status == http.StatusOK {
				t.Errorf("a draft as %s: %d", kind, a.Status)
			}
		}
		f.must(f.Publish(as(owner), cid, ""))
		a := webtest.Fetch(t, f.handler, path+"csv")
		if a.Status != http.StatusOK || !strings.HasPrefix(a.Body, "\ufeff") || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/csv") {
			t.Fatalf("%d %q", a.Status, a.Header)
		}
		r := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.Body, "\ufeff")))
		r.Comma = ';'
		rows, err := r.ReadAll()
		f.must(err)
		count := map[string]int{}
		for _, row := range rows[1:] {
			count[row[0]]++
			for _, cell := range row {
				if strings.HasPrefix(cell, "=") {
					t.Errorf("a formula: %q", cell)
				}
			}
		}
		c := f.get(cid)
		for part, want := range map[string]int{"deltagandeform": len(c.Kinds), "erbjudande": len(c.Offers), "krav": len(c.Requirements), "behörighet": len(c.Eligibility), "kriterium": len(c.Criteria), "kvot": len(c.Quotas)} {
			if count[part] != want {
				t.Errorf("%d rows of %s, want %d", count[part], part, want)
			}
		}
		var open struct {
			Call Content `json:"call"`
		}
		f.must(json.Unmarshal([]byte(webtest.Fetch(t, f.handler, path+"json").Body), &open))
		if len(open.Call.Requirements) != len(c.Requirements) {
			t.Errorf("%+v", open)
		}
	})
}
