package structure

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/kommun"
	"kommunpilot/base/paper"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
	"kommunpilot/engine/scenario"
)

// kept holds the files of the results that were read last.
type kept struct {
	mu   sync.Mutex
	list []keptResult
}

type keptResult struct {
	hash  string
	files map[string][]byte
}

const keptResults = 4

// files reads a result's archive.
func (o *Room) files(ctx context.Context, x *Run) (map[string][]byte, error) {
	if x.Outcome == nil {
		return nil, fail.New(fail.NotFound, "Det finns inget resultat ännu.")
	}
	o.kept.mu.Lock()
	for _, k := range o.kept.list {
		if k.hash == x.Outcome.Hash {
			o.kept.mu.Unlock()
			return k.files, nil
		}
	}
	o.kept.mu.Unlock()
	f, err := o.deps.Files.Open(ctx, x.Outcome.Hash)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	data, err := io.ReadAll(io.LimitReader(f, resultLimit))
	if err != nil {
		return nil, fmt.Errorf("structure: %w", err)
	}
	files, err := unpack(data)
	if err != nil {
		return nil, err
	}
	o.kept.mu.Lock()
	defer o.kept.mu.Unlock()
	o.kept.list = append(o.kept.list, keptResult{x.Outcome.Hash, files})
	if len(o.kept.list) > keptResults {
		o.kept.list = o.kept.list[1:]
	}
	return files, nil
}

func unpack(data []byte) (map[string][]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("structure: %w", err)
	}
	out := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("structure: %w", err)
		}
		out[f.Name], err = io.ReadAll(io.LimitReader(r, resultLimit))
		if err = errors.Join(err, r.Close()); err != nil {
			return nil, fmt.Errorf("structure: %w", err)
		}
	}
	return out, nil
}

// memoDoc is a result's memo with what the project knows of it now.
type memoDoc struct {
	paper.Document
	numbers Numbers
}

// memo reads the memo and gives it its date, its status and what the project
// has added since: the first workshop's summary and the published interviews.
func (o *Room) memo(ctx context.Context, q db.Q, p journal.Project, it journal.Item[Run]) (*memoDoc, error) {
	files, err := o.files(ctx, &it.Is)
	if err != nil {
		return nil, err
	}
	var d memoDoc
	if err := errors.Join(json.Unmarshal(files["memo.json"], &d.Document), json.Unmarshal(files["ledande.json"], &d.numbers)); err != nil {
		return nil, fmt.Errorf("structure: %w", err)
	}
	f, err := o.deps.Frame(ctx, q, p)
	if err != nil {
		return nil, err
	}
	f.Status = it.State
	if it.Is.Delivered != "" {
		f.Date = string(it.Is.Delivered)
	}
	d.reframe(f)
	return &d, nil
}

// reframe puts what the project knows in its places.
func (d *memoDoc) reframe(f Frame) {
	facts := slices.DeleteFunc(slices.Clone(d.Facts), func(x paper.Fact) bool { return x.Term == "Datum" || x.Term == "Status" })
	if f.Date != "" {
		facts = append(facts, paper.Fact{Term: "Levererad", Value: f.Date})
	}
	d.Facts = append(facts, paper.Fact{Term: "Status", Value: f.Status})
	m := &memo{f: f}
	for i := range d.Parts {
		switch d.Parts[i].Head {
		case headWorkshop:
			d.Parts[i] = m.workshop()
		case headInterviews:
			d.Parts[i] = m.interviews()
		}
	}
}

// part writes a piece of a page that another page fetches.
func part(w http.ResponseWriter, r *http.Request, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(r.Context(), &b); err != nil {
		return fmt.Errorf("structure: %w", err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(b.Bytes()) // the reader may have left
	return nil
}

// resultView is the whole result on one page.
type resultView struct {
	href, files string
	doc         *memoDoc
	drawing     *web.MapView
	alternative string
	options     []web.Option
	public      bool
}

func (o *Room) result(w http.ResponseWriter, r *http.Request) error {
	p, it, err := o.one(r, "structure.read")
	if err != nil {
		return err
	}
	ctx := r.Context()
	v, err := o.resultOf(ctx, p, it, r.URL.Query().Get("alternativ"))
	if err != nil {
		return err
	}
	v.href = o.runs.Href(p.ID, it.ID)
	v.files = v.href + "/fil"
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Resultat: %s", it.Is.Title), Wide: true, Crumbs: o.crumbs(ctx, p, it)}, resultPage(v))
}

func (o *Room) resultOf(ctx context.Context, p journal.Project, it journal.Item[Run], alternative string) (v resultView, err error) {
	err = o.deps.DB.Read(ctx, func(q db.Q) error { v.doc, err = o.memo(ctx, q, p, it); return err })
	if err != nil {
		return v, err
	}
	for _, s := range v.doc.numbers.Scenarios {
		if len(s.Changes) > 0 {
			v.options = append(v.options, web.Option{Value: s.ID, Label: s.Name})
			if alternative == s.ID || alternative == "" && v.drawing == nil {
				v.alternative = s.ID
				v.drawing = verdictMap(ctx, &s, v.doc.numbers.Year)
			}
		}
	}
	return v, nil
}

// verdictMap colours the municipalities by what a scenario changes for them; the
// words stand in the shapes' titles and in the table.
func verdictMap(ctx context.Context, s *NumbersOne, year int) *web.MapView {
	register := kommun.Default()
	verdicts := map[string]string{}
	var codes []string
	for _, c := range s.Changes {
		verdicts[c.Code] = verdict(&scenario.Change{Lower: c.Lower, Higher: c.Higher})
		codes = append(codes, c.Code)
	}
	around := slices.Clone(codes)
	for _, c := range codes {
		around = append(around, register.Neighbours(c)...)
	}
	drawn := register.Map(register.Around(around...))
	m := &web.MapView{Title: web.T(ctx, "Skatten år %d mot att inget göra: %s", year, s.Name), ViewBox: drawn.ViewBox(), TableHref: "#" + anchor("Vinnare och förlorare")}
	classes := map[string]string{"vinner (lägre skatt)": "map-a", "förlorar (högre skatt)": "map-b", "ungefär oförändrat": "map-c"}
	var says []string
	for _, shape := range drawn.Kommuner {
		x := web.MapShape{D: shape.D, Class: "map-land"}
		if k, ok := register.ByCode(shape.Code); ok {
			x.Title = k.Name
			if word := verdicts[shape.Code]; word != "" {
				x.Class, x.Title = classes[word], k.Name+": "+word
				says = append(says, x.Title)
			}
		}
		m.Shapes = append(m.Shapes, x)
	}
	m.Desc = strings.Join(says, "; ")
	return m
}

// anchor is the id of a heading.
func anchor(head string) string {
	return strings.NewReplacer(" ", "-", "å", "a", "ä", "a", "ö", "o", ",", "", ":", "").Replace(strings.ToLower(head))
}

// figuresView opens every number of a unit in a year: formula, inputs and row.
type figuresView struct {
	href, scenario, unit string
	year                 int
	scenarios, units     []web.Option
	years                []web.Option
	rows                 []figureRow
	sources              []scenario.Source
}

// figureRow is a number with what it comes of.
type figureRow struct {
	scenario.Indicator
	mid, span string
	line      int // of resultat.csv
}

func (o *Room) figures(w http.ResponseWriter, r *http.Request) error {
	p, it, err := o.one(r, "structure.read")
	if err != nil {
		return err
	}
	ctx := r.Context()
	files, err := o.files(ctx, &it.Is)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	var numbers Numbers
	if err := json.Unmarshal(files["ledande.json"], &numbers); err != nil {
		return fmt.Errorf("structure: %w", err)
	}
	v, err := readFigures(files["resultat.csv"], numbers, q.Get("alternativ"), q.Get("enhet"), q.Get("ar"))
	if err != nil {
		return err
	}
	v.href = o.runs.Href(p.ID, it.ID)
	if country, err := Country(); err == nil {
		v.sources = country.Sources
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Tal för tal: %s", it.Is.Title), Wide: true, Crumbs: o.crumbs(ctx, p, it)}, figuresPage(v))
}

// readFigures picks the numbers of one unit and year from the result's table.
func readFigures(table []byte, numbers Numbers, sc, unit, year string) (v figuresView, err error) {
	rows, err := csv.NewReader(bytes.NewReader(table)).ReadAll()
	if err != nil || len(rows) < 2 {
		return v, fmt.Errorf("structure: the result's table: %w", err)
	}
	add := func(list *[]web.Option, value, label string) {
		if !slices.ContainsFunc(*list, func(o web.Option) bool { return o.Value == value }) {
			*list = append(*list, web.Option{Value: value, Label: label})
		}
	}
	v.scenario, v.unit, v.year = sc, unit, numbers.Year
	if n, err := strconv.Atoi(year); err == nil {
		v.year = n
	}
	for _, s := range numbers.Scenarios {
		add(&v.scenarios, s.ID, s.Name)
	}
	for _, row := range rows[1:] {
		add(&v.years, row[3], row[3])
		if v.scenario == "" {
			v.scenario = row[0]
		}
		if row[0] == v.scenario {
			add(&v.units, row[1], row[2])
		}
	}
	if !slices.ContainsFunc(v.units, func(o web.Option) bool { return o.Value == v.unit }) && len(v.units) > 0 {
		v.unit = v.units[0].Value
	}
	for i, row := range rows[1:] {
		if row[0] != v.scenario || row[1] != v.unit || row[3] != strconv.Itoa(v.year) {
			continue
		}
		k := slices.IndexFunc(scenario.Indicators[:], func(x scenario.Indicator) bool { return x.Code == row[4] })
		if k < 0 {
			continue
		}
		d := scenario.Indicators[k]
		value := func(col int) float64 { f, _ := strconv.ParseFloat(row[col], 64); return f } // our own table
		v.rows = append(v.rows, figureRow{Indicator: d, mid: number(value(10), d.Decimals), span: number(value(8), d.Decimals) + " – " + number(value(12), d.Decimals), line: i + 2})
	}
	return v, nil
}

// asked is what a person may fetch of a result, by the name in the address.
var asked = map[string]string{
	"memo.docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "memo.pdf": "application/pdf",
	"resultat.zip": "application/zip", "resultat.csv": "text/csv; charset=utf-8", "skillnader.csv": "text/csv; charset=utf-8", "kanslighet.csv": "text/csv; charset=utf-8",
	"demokrati.csv": "text/csv; charset=utf-8", "antaganden.csv": "text/csv; charset=utf-8", "underlag.csv": "text/csv; charset=utf-8", "ledande.json": "application/json", "manifest.json": "application/json",
}

func (o *Room) download(w http.ResponseWriter, r *http.Request) error {
	p, it, err := o.one(r, "structure.read")
	if err != nil {
		return err
	}
	return o.send(w, r, p, it)
}

// send writes a file of a result. The memo is written as the project now knows it.
func (o *Room) send(w http.ResponseWriter, r *http.Request, p journal.Project, it journal.Item[Run]) error {
	name := path.Base(r.PathValue("namn"))
	kind, known := asked[name]
	if !known {
		return fail.New(fail.NotFound, "Filen finns inte.")
	}
	ctx := r.Context()
	files, err := o.files(ctx, &it.Is)
	if err != nil {
		return err
	}
	data := files[name]
	switch name {
	case "resultat.zip":
		data, err = pack(files)
	case "memo.docx", "memo.pdf":
		var d *memoDoc
		if err = o.deps.DB.Read(ctx, func(q db.Q) error { d, err = o.memo(ctx, q, p, it); return err }); err != nil {
			return err
		}
		if name == "memo.docx" {
			data, err = d.DOCX()
		} else if data, err = paper.Print(ctx, d.HTML()); errors.Is(err, paper.ErrNoPrinter) {
			return fail.New(fail.Unavailable, "PDF kan inte göras på den här servern: Chromium är inte installerat. Hämta dokumentet som Word.")
		}
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, _ = w.Write(data) // the reader may have left
	return nil
}

// Approve is a municipality's yes to the result as it is (000-14, by analogy).
func (o *Room) Approve(ctx context.Context, item journal.ID, org who.OrgID, version int64, once string) error {
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		it, err := o.runs.Noun.Get(ctx, tx, item)
		if err != nil {
			return err
		}
		p, err := o.deps.Project(ctx, tx, it.Project)
		if err != nil {
			return err
		}
		r := p.Resource
		r.Members = []who.OrgID{org}
		if err := may(ctx, "structure.approve", r); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, once); err != nil {
			return err
		}
		list, err := o.concerned(ctx, tx, &it.Is)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(c concern) bool { return c.org == org && org != 0 })
		if i < 0 || it.State != Ready && it.State != Delivered || !it.Is.current() {
			return fail.New(fail.Conflict, "Det finns inget resultat att godkänna för kommunen.")
		}
		actor := who.From(ctx)
		if version != 0 {
			it.Version = version
		}
		it.Is.Approvals = append(slices.Clone(it.Is.Approvals), Approval{Org: org, Name: list[i].name, Person: actor.Person, Hash: it.Is.Outcome.Hash, At: tx.Now()})
		return o.runs.SaveIn(ctx, tx, p, it, it.State, journal.Act{Name: "structure.approve"})
	})
}

func (o *Room) postApprove(w http.ResponseWriter, r *http.Request) error {
	p, it, err := o.one(r, "structure.read")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	org, err := id.Parse[who.OrgID](f.Get("org"))
	if err != nil {
		return fail.New(fail.Invalid, "Kommunen saknas i formuläret.")
	}
	err = o.Approve(r.Context(), it.ID, org, f.Version, f.Once)
	return o.answer(w, r, err, web.T(r.Context(), "Godkännandet är sparat. Det gäller just detta resultat."), o.runs.Href(p.ID, it.ID))
}

// published reads a run that everybody may see.
func (o *Room) published(r *http.Request) (p journal.Project, it journal.Item[Run], err error) {
	item, err := id.Path[journal.ID](r, "post")
	if err != nil {
		return p, it, err
	}
	ctx := r.Context()
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		if it, err = o.runs.Noun.Get(ctx, q, item); err != nil {
			return err
		}
		if p, err = o.deps.Project(ctx, q, it.Project); err != nil {
			return err
		}
		if o.allowed(ctx, "structure.public", p, it) != nil || it.State != Published {
			return fail.New(fail.NotFound, "Sidan finns inte.")
		}
		return o.publishable(ctx, q, &it.Is) // asked again at every showing
	})
	return p, it, err
}

func (o *Room) public(w http.ResponseWriter, r *http.Request) error {
	p, it, err := o.published(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	v, err := o.resultOf(ctx, p, it, r.URL.Query().Get("alternativ"))
	if err != nil {
		return err
	}
	v.public, v.href = true, "/strukturscenarier/"+id.String(it.ID)
	v.files = v.href
	return web.Render(w, r, http.StatusOK, web.Page{Title: it.Is.Title, Lead: p.Name, Wide: true}, resultPage(v))
}

func (o *Room) publicFile(w http.ResponseWriter, r *http.Request) error {
	p, it, err := o.published(r)
	if err != nil {
		return err
	}
	return o.send(w, r, p, it)
}
