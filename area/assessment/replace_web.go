package assessment

import (
	"net/http"
	"net/url"
	"slices"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
	"kommunpilot/engine/selection"
)

// replacePage is the page of reserves and of who steps in.
type replacePage struct {
	Run       Run
	Of        Call
	KindName  string
	Swap      swap
	Words     explainer
	Quotas    []quotaRow
	If        []ifRow
	Since     []Replacement
	Said      []string // the replacements in words, as Since
	Waiting   int      // letters that wait
	MayDecide bool
	Form      web.Form
}

// quotaRow is a quota and how many it counts now and after.
type quotaRow struct {
	Text       string
	Now, After int
	Kept       bool
}

// ifRow says who would step in if one selected left and all others stayed.
type ifRow struct{ Leaves, In string }

func (o *Room) replacePage(r *http.Request, action string) (p replacePage, err error) {
	ctx := r.Context()
	rid, err := id.Path[RunID](r, "id")
	if err != nil {
		return p, err
	}
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		if p.Run, p.Of, err = o.runAt(ctx, q, rid, action); err != nil {
			return err
		}
		if p.Swap, err = o.swap(ctx, q, p.Run, p.Of); err != nil {
			return err
		}
		if p.Since, err = o.replacements(ctx, q, rid); err != nil {
			return err
		}
		apps, err := o.deps.Applications(ctx, q, p.Of.ID)
		if err != nil {
			return err
		}
		p.Said = sentences(ctx, p.Since, apps)
		_, letters, err := o.unsent(ctx, q, rid, p.Of)
		if err != nil {
			return err
		}
		p.Waiting = len(letters)
		res, err := deciding(ctx, q, p.Of)
		p.MayDecide = policy.Allowed(who.From(ctx), "selection.decide", res)
		return err
	})
	if err != nil {
		return p, err
	}
	p.KindName = kindName(p.Of, p.Run.Kind)
	p.Words = explainer{ctx: ctx, register: o.deps.Register(p.Of.Edition), list: slices.Concat(p.Swap.Left, p.Swap.Stay, p.Swap.Reserves)}
	p.Form = web.NewForm(p.proposed())
	return p, p.reckon()
}

// proposed fills the form with what the computation says.
func (p *replacePage) proposed() url.Values {
	v := url.Values{"shown": {p.Swap.fingerprint()}}
	for _, c := range p.Swap.Reserves {
		v.Set("o-"+id.String(c.ID), "reserv")
	}
	for _, o := range p.Swap.Proposed {
		v.Set("o-"+id.String(o.Application), o.Outcome)
		v.Set("r-"+id.String(o.Application), o.Reason)
	}
	return v
}

// reckon counts the quotas before and after, and, where nobody has left, who
// would step in for each.
func (p *replacePage) reckon() error {
	problem, err := p.Run.problem()
	if err != nil {
		return err
	}
	var now []string
	for _, c := range slices.Concat(p.Swap.Stay, p.Swap.Left) {
		now = append(now, id.String(c.ID))
	}
	before, after := problem.Held(now), problem.Held(p.Swap.after())
	for k, q := range problem.Rules.Quotas {
		kept := (q.Min == nil || after[k] >= *q.Min) && (q.Max == nil || after[k] <= *q.Max)
		if before[k] > 0 || after[k] > 0 || !kept {
			p.Quotas = append(p.Quotas, quotaRow{p.Words.quota(q), before[k], after[k], kept})
		}
	}
	if len(p.Swap.Left) > 0 || len(p.Swap.Reserves) == 0 || p.Run.Method == "lottery" {
		return nil
	}
	q := *problem
	q.Rules.Places, q.Rules.Never = len(now), nil
	for _, a := range problem.Applications {
		reserve := slices.ContainsFunc(p.Swap.Reserves, func(c Candidate) bool { return id.String(c.ID) == a.ID })
		if !reserve && !slices.Contains(now, a.ID) {
			q.Rules.Never = append(q.Rules.Never, a.ID)
		}
	}
	list, err := selection.Reserves(&q, now, selection.Options{})
	if err != nil {
		return inputError(err)
	}
	for _, x := range list {
		p.If = append(p.If, ifRow{p.Words.title(x.Withdrawn), p.Words.titles(x.Instead)})
	}
	return nil
}

func (o *Room) replacing(w http.ResponseWriter, r *http.Request) error {
	p, err := o.replacePage(r, "selection.read")
	if err != nil {
		return err
	}
	return o.renderReplacing(w, r, http.StatusOK, p)
}

func (o *Room) renderReplacing(w http.ResponseWriter, r *http.Request, status int, p replacePage) error {
	ctx := r.Context()
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Reserver och ersättare"), Lead: p.Of.Title + ": " + p.KindName, NoIndex: true,
		Crumbs: p.Of.crumbs(ctx, web.Crumb{Text: web.T(ctx, "Urvalskörning %d", p.Run.ID), Href: "/urval/" + id.String(p.Run.ID)})}, replaceBody(p))
}

func (o *Room) postReplacing(w http.ResponseWriter, r *http.Request) error {
	p, err := o.replacePage(r, "selection.decide")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	var list []Outcome
	for _, x := range p.Swap.Reserves {
		n := id.String(x.ID)
		list = append(list, Outcome{x.ID, f.Get("o-" + n), f.Get("d-" + n), f.Get("r-" + n)})
	}
	ctx := r.Context()
	err = o.Replace(ctx, p.Run.ID, f.Get("shown"), list, f.Get("motive"), f.Once)
	if fail.Is(err, fail.Invalid) || fail.Is(err, fail.Conflict) {
		f.Values.Set("shown", p.Swap.fingerprint())
		p.Form = f.WithError(err)
		return o.renderReplacing(w, r, fail.Status(err), p)
	}
	if err != nil {
		return err
	}
	web.Flash(ctx, web.T(ctx, "Beslutet är fattat. Läs breven innan de skickas."))
	return web.Redirect(w, r, "/urval/"+id.String(p.Run.ID)+"/ersattare/brev")
}

func (o *Room) replacementLetters(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	rid, err := id.Path[RunID](r, "id")
	if err != nil {
		return err
	}
	p := lettersPage{Form: web.NewForm(nil)}
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		if p.Run, p.Of, err = o.runAt(ctx, q, rid, "selection.read"); err != nil {
			return err
		}
		_, letters, err := o.unsent(ctx, q, rid, p.Of)
		if err != nil {
			return err
		}
		for _, l := range letters {
			p.Letters = append(p.Letters, l.Letter)
		}
		p.Sent = len(letters) == 0
		res, err := deciding(ctx, q, p.Of)
		p.MaySend = policy.Allowed(who.From(ctx), "selection.decide", res)
		return err
	})
	if err != nil {
		return err
	}
	if p.Sent {
		return web.Redirect(w, r, "/urval/"+id.String(rid)+"/ersattare")
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Brev om ersättare"), Lead: p.Of.Title, NoIndex: true,
		Crumbs: p.Of.crumbs(ctx, web.Crumb{Text: web.T(ctx, "Reserver och ersättare"), Href: "/urval/" + id.String(rid) + "/ersattare"})}, lettersBody(p))
}

func (o *Room) postReplacementLetters(w http.ResponseWriter, r *http.Request) error {
	rid, f, err := postedRun(r)
	if err != nil {
		return err
	}
	if err := o.TellReplaced(r.Context(), rid, f.Once); err != nil {
		return err
	}
	web.Flash(r.Context(), web.T(r.Context(), "Breven är skickade."))
	return web.Redirect(w, r, "/urval/"+id.String(rid)+"/ersattare")
}

func (o *Room) replacementInput(w http.ResponseWriter, r *http.Request) error {
	return o.replacementFile(w, r, func(x Replacement) string { return x.Input })
}

func (o *Room) replacementAnswer(w http.ResponseWriter, r *http.Request) error {
	return o.replacementFile(w, r, func(x Replacement) string { return x.Result })
}

// replacementFile gives what a replacement was computed from, or its answer, byte for byte.
func (o *Room) replacementFile(w http.ResponseWriter, r *http.Request, pick func(Replacement) string) error {
	ctx := r.Context()
	rid, err := id.Path[RunID](r, "id")
	if err != nil {
		return err
	}
	nr, err := id.Path[ReplacementID](r, "nr")
	if err != nil {
		return err
	}
	var list []Replacement
	if err := o.deps.DB.Read(ctx, func(q db.Q) error {
		if _, _, err := o.runAt(ctx, q, rid, "selection.read"); err != nil {
			return err
		}
		list, err = o.replacements(ctx, q, rid)
		return err
	}); err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(x Replacement) bool { return x.ID == nr })
	if i < 0 || pick(list[i]) == "" {
		return fail.New(fail.NotFound, "Ersättningen finns inte, eller så beräknades inget.")
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="ersattning-`+id.String(nr)+`.json"`)
	_, err = w.Write([]byte(pick(list[i])))
	return err
}
