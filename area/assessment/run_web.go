package assessment

import (
	"context"
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/kommun"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
	"kommunpilot/engine/selection"
)

// selectionPage is where runs are started and listed.
type selectionPage struct {
	Call   Call
	Locked bool
	Runs   []Run
	MayRun bool
	Form   web.Form
}

func (o *Room) selection(w http.ResponseWriter, r *http.Request) error {
	return o.renderSelection(w, r, http.StatusOK, web.NewForm(url.Values{"method": {"best"}}))
}

func (o *Room) renderSelection(w http.ResponseWriter, r *http.Request, status int, f web.Form) error {
	ctx := r.Context()
	cid, err := id.Path[CallID](r, "id")
	if err != nil {
		return err
	}
	p := selectionPage{Form: f}
	err = o.deps.DB.Read(ctx, func(q db.Q) (err error) {
		if p.Call, err = o.deps.Call(ctx, q, cid); err != nil {
			return err
		}
		if err := policy.Check(who.From(ctx), "selection.read", p.Call.resource()); err != nil {
			return err
		}
		if p.Locked, err = isLocked(ctx, q, cid); err != nil {
			return err
		}
		p.Runs, err = runs(ctx, q, cid)
		return err
	})
	if err != nil {
		return err
	}
	p.MayRun = policy.Allowed(who.From(ctx), "selection.run", p.Call.resource())
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Urval"), Lead: p.Call.Title, NoIndex: true, Crumbs: p.Call.crumbs(ctx)}, selectionBody(p))
}

func (o *Room) postRun(w http.ResponseWriter, r *http.Request) error {
	cid, f, err := posted(r)
	if err != nil {
		return err
	}
	var overrides []Override
	for _, q := range f.All("override") {
		overrides = append(overrides, Override{Quota: q, Motive: f.Get("motive")})
	}
	made, err := o.Start(r.Context(), cid, f.Get("kind"), f.Get("method"), overrides, f.Once)
	if fail.Is(err, fail.Invalid) || fail.Is(err, fail.Conflict) {
		return o.renderSelection(w, r, fail.Status(err), f.WithError(err))
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, r, "/urval/"+id.String(made))
}

// runPage is one run with its answer in words.
type runPage struct {
	Run
	Of        Call
	KindName  string
	Answer    *selection.Answer
	Problem   *selection.Problem
	List      []Candidate // by id, as the run saw them
	Words     explainer
	Chosen    []Candidate
	Rest      []restRow
	Map       web.MapView
	Counties  int
	Groups    string
	MayRun    bool
	MayDecide bool
	By        string
	Form      web.Form
}

// restRow is one that was not selected, and why.
type restRow struct {
	Candidate
	Why string
}

func (o *Room) runPage(r *http.Request, action string) (p runPage, err error) {
	ctx := r.Context()
	rid, err := id.Path[RunID](r, "id")
	if err != nil {
		return p, err
	}
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		if p.Run, p.Of, err = o.runAt(ctx, q, rid, action); err != nil {
			return err
		}
		if p.By, err = o.deps.PersonName(ctx, q, p.Person); err != nil {
			return err
		}
		if p.Problem, err = p.problem(); err != nil {
			return err
		}
		if p.List, err = o.seen(ctx, q, p.Of, p.Run, p.Problem); err != nil {
			return err
		}
		p.Words = explainer{ctx: ctx, register: o.deps.Register(p.Of.Edition), list: p.List}
		if p.Words.taken, err = o.taken(ctx, q, p.Call, p.Kind); err != nil {
			return err
		}
		res, err := deciding(ctx, q, p.Of)
		p.MayRun, p.MayDecide = policy.Allowed(who.From(ctx), "selection.run", res), policy.Allowed(who.From(ctx), "selection.decide", res)
		return err
	})
	if err != nil {
		return p, err
	}
	if p.Answer, err = p.answer(); err != nil {
		return p, err
	}
	k, _ := p.Of.kind(p.Kind)
	p.KindName = k.Name
	p.Form = web.NewForm(nil)
	p.explain(ctx, o.deps.Register(p.Of.Edition))
	return p, nil
}

// explain sorts the candidates in chosen and rest, and draws the map.
func (p *runPage) explain(ctx context.Context, register *kommun.Register) {
	if p.Answer == nil {
		return
	}
	why := p.whyNot()
	counties, groups := map[string]bool{}, map[string]int{}
	country := register.Map(kommun.Box{})
	p.Map = web.MapView{Title: web.T(ctx, "De som urvalet väljer"), ViewBox: country.ViewBox(), TableHref: "#valda",
		Legend: []web.MapLegend{{Kind: "pilot", Text: web.T(ctx, "Vald")}, {Kind: "plain", Text: web.T(ctx, "Inte vald")}}}
	for _, s := range country.Counties {
		p.Map.Shapes = append(p.Map.Shapes, web.MapShape{D: s.D, Class: "map-land"})
	}
	for _, x := range p.List {
		chosen := slices.Contains(p.Answer.Selected, id.String(x.ID))
		kind := "plain"
		if chosen {
			p.Chosen, kind = append(p.Chosen, x), "pilot"
		} else {
			p.Rest = append(p.Rest, restRow{x, why[id.String(x.ID)]})
		}
		for _, code := range x.Codes {
			k, ok := register.ByCode(code)
			if !ok {
				continue
			}
			if chosen {
				counties[k.County] = true
				groups[k.MainGroup]++
			}
			px, py := country.Place(k.Lat, k.Lon)
			p.Map.Points = append(p.Map.Points, web.MapPoint{X: px, Y: py, Kind: kind, Title: x.Title})
		}
	}
	p.Counties = len(counties)
	for _, g := range register.MainGroups() {
		p.Groups += " " + g.Code + " " + web.Number(ctx, float64(groups[g.Code]), 0)
	}
	p.Groups = strings.TrimSpace(p.Groups)
	p.Map.Desc = web.T(ctx, "%d valda i %d län.", len(p.Chosen), p.Counties)
}

// whyNot says by id what it would have taken, with the applicants' names.
func (p *runPage) whyNot() map[string]string {
	out := map[string]string{}
	for _, x := range p.Answer.WhyNot {
		out[x.ID] = p.Words.why(x)
	}
	return out
}

func (o *Room) run(w http.ResponseWriter, r *http.Request) error {
	p, err := o.runPage(r, "selection.read")
	if err != nil {
		return err
	}
	return o.renderRun(w, r, http.StatusOK, p)
}

func (o *Room) renderRun(w http.ResponseWriter, r *http.Request, status int, p runPage) error {
	ctx := r.Context()
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Urvalskörning %d", p.ID), Lead: p.Of.Title + ": " + p.KindName, NoIndex: true,
		Crumbs: p.Of.crumbs(ctx, web.Crumb{Text: web.T(ctx, "Urval"), Href: p.Of.href() + "/urval"})}, runBody(p))
}

func (o *Room) runInput(w http.ResponseWriter, r *http.Request) error {
	return o.download(w, r, func(x Run) string { return x.Input })
}

func (o *Room) runAnswer(w http.ResponseWriter, r *http.Request) error {
	return o.download(w, r, func(x Run) string { return x.Result })
}

// download gives the stored bytes as they are.
func (o *Room) download(w http.ResponseWriter, r *http.Request, pick func(Run) string) error {
	p, err := o.runPage(r, "selection.read")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="urval-`+id.String(p.ID)+`.json"`)
	_, err = w.Write([]byte(pick(p.Run)))
	return err
}

func (o *Room) runCSV(w http.ResponseWriter, r *http.Request) error {
	p, err := o.runPage(r, "selection.read")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="urval-`+id.String(p.ID)+`.csv"`)
	c := csv.NewWriter(w)
	rows := [][]string{{"id", "titel", "kommuner", "poang", "vald", "skal"}}
	for _, x := range p.Chosen {
		rows = append(rows, []string{id.String(x.ID), safe(x.Title), strings.Join(x.Codes, "+"), Points(x.Score), "ja", ""})
	}
	for _, x := range p.Rest {
		rows = append(rows, []string{id.String(x.ID), safe(x.Title), strings.Join(x.Codes, "+"), Points(x.Score), "nej", safe(x.Why)})
	}
	return c.WriteAll(rows)
}

// safe keeps a spreadsheet from reading a text as a formula.
func safe(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// postedRun reads the run and the form of a POST about a run.
func postedRun(r *http.Request) (RunID, web.Form, error) {
	rid, err := id.Path[RunID](r, "id")
	if err != nil {
		return 0, web.Form{}, err
	}
	f, err := web.Bind(r, formLimit)
	return rid, f, err
}

// afterRun shows the run with what is wrong, or goes on to it.
func (o *Room) afterRun(w http.ResponseWriter, r *http.Request, rid RunID, err error, done string) error {
	if fail.Is(err, fail.Conflict) {
		p, inner := o.runPage(r, "selection.read")
		if inner != nil {
			return inner
		}
		p.Form = p.Form.WithError(err)
		return o.renderRun(w, r, http.StatusConflict, p)
	}
	if err != nil {
		return err
	}
	web.Flash(r.Context(), web.T(r.Context(), done))
	return web.Redirect(w, r, "/urval/"+id.String(rid))
}

func (o *Room) postDraw(w http.ResponseWriter, r *http.Request) error {
	rid, f, err := postedRun(r)
	if err != nil {
		return err
	}
	return o.afterRun(w, r, rid, o.Draw(r.Context(), rid, f.Once), "Lottningen är gjord.")
}

func (o *Room) postVerify(w http.ResponseWriter, r *http.Request) error {
	rid, _, err := postedRun(r)
	if err != nil {
		return err
	}
	return o.afterRun(w, r, rid, o.Recheck(r.Context(), rid), "Kontrollen gick bra: samma underlag ger samma svar, och beviset håller.")
}

func (o *Room) postReviewed(w http.ResponseWriter, r *http.Request) error {
	rid, f, err := postedRun(r)
	if err != nil {
		return err
	}
	return o.afterRun(w, r, rid, o.Review(r.Context(), rid, f.Once), "Körningen är granskad och kan beslutas.")
}

// decisionPage is the form for the decision: one row per application.
func (o *Room) decisionPage(w http.ResponseWriter, r *http.Request) error {
	p, err := o.runPage(r, "selection.decide")
	if err != nil {
		return err
	}
	var proposed []Outcome
	ctx := r.Context()
	err = o.deps.DB.Read(ctx, func(q db.Q) (err error) { proposed, p.List, err = o.Propose(ctx, q, p.Run, p.Of); return err })
	if err != nil {
		return err
	}
	v := url.Values{}
	for _, x := range proposed {
		v.Set("o-"+id.String(x.Application), x.Outcome)
		v.Set("r-"+id.String(x.Application), x.Reason)
	}
	return o.renderDecision(w, r, http.StatusOK, p, web.NewForm(v))
}

func (o *Room) renderDecision(w http.ResponseWriter, r *http.Request, status int, p runPage, f web.Form) error {
	ctx := r.Context()
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Besluta om urvalet"), Lead: p.Of.Title + ": " + p.KindName, NoIndex: true,
		Crumbs: p.Of.crumbs(ctx, web.Crumb{Text: web.T(ctx, "Urvalskörning %d", p.ID), Href: "/urval/" + id.String(p.ID)})}, decisionBody(p, f))
}

func (o *Room) postDecision(w http.ResponseWriter, r *http.Request) error {
	p, err := o.runPage(r, "selection.decide")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	ctx := r.Context()
	if err := o.deps.DB.Read(ctx, func(q db.Q) (err error) { _, p.List, err = o.Propose(ctx, q, p.Run, p.Of); return err }); err != nil {
		return err
	}
	var list []Outcome
	for _, x := range p.List {
		n := id.String(x.ID)
		list = append(list, Outcome{x.ID, f.Get("o-" + n), f.Get("d-" + n), f.Get("r-" + n)})
	}
	err = o.Decide(ctx, p.ID, list, f.Once)
	if fail.Is(err, fail.Invalid) || fail.Is(err, fail.Conflict) {
		return o.renderDecision(w, r, fail.Status(err), p, f.WithError(err))
	}
	if err != nil {
		return err
	}
	web.Flash(ctx, web.T(ctx, "Urvalet är beslutat. Läs breven innan de skickas."))
	return web.Redirect(w, r, "/urval/"+id.String(p.ID)+"/brev")
}

// lettersPage previews every letter.
type lettersPage struct {
	Run     Run
	Of      Call
	Sent    bool
	MaySend bool
	Letters []Letter
	Form    web.Form
}

func (o *Room) letters(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	x, err := o.runPage(r, "selection.read")
	if err != nil {
		return err
	}
	p := lettersPage{Run: x.Run, Of: x.Of, MaySend: x.MayDecide, Form: x.Form}
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		d, err := o.decided(ctx, q, x.ID)
		if err != nil {
			return err
		}
		p.Sent = d.State == "meddelat"
		apps, err := o.deps.Applications(ctx, q, x.Of.ID)
		for _, out := range d.List {
			for _, a := range apps {
				if a.ID == out.Application {
					p.Letters = append(p.Letters, letter(x.Of, a, out))
				}
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Brev"), Lead: x.Of.Title, NoIndex: true,
		Crumbs: x.Of.crumbs(ctx, web.Crumb{Text: web.T(ctx, "Urvalskörning %d", x.ID), Href: "/urval/" + id.String(x.ID)})}, lettersBody(p))
}

func (o *Room) postLetters(w http.ResponseWriter, r *http.Request) error {
	rid, f, err := postedRun(r)
	if err != nil {
		return err
	}
	if err := o.Communicate(r.Context(), rid, f.Once); err != nil {
		return err
	}
	web.Flash(r.Context(), web.T(r.Context(), "Breven är skickade."))
	return web.Redirect(w, r, "/urval/"+id.String(rid)+"/brev")
}
