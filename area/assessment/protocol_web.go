package assessment

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/web"
	"kommunpilot/engine/selection"
)

// protocolPage is everything about a run on paper.
type protocolPage struct {
	runPage
	Facts    []web.Fact
	Draw     []web.Fact // of a lottery
	Rules    []string
	Quotas   []quotaRow
	Rows     []protocolRow // by outcome and points
	Decision []web.Fact
	Since    []string
}

// protocolRow is one in the run: what the run gave it, what was decided, and why.
type protocolRow struct {
	Candidate
	Outcome
	Run   string // "vald" or "ej vald"
	Names string // its municipalities
}

// protocolPage reads a run with its decision.
func (o *Room) protocolPage(r *http.Request) (p protocolPage, err error) {
	if p.runPage, err = o.runPage(r, "selection.read"); err != nil {
		return p, err
	}
	ctx := r.Context()
	var d decided
	var by string
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		if d, err = o.decided(ctx, q, p.ID); fail.Is(err, fail.NotFound) {
			return nil // not decided yet
		}
		if err != nil {
			return err
		}
		apps, err := o.deps.Applications(ctx, q, p.Of.ID)
		if err != nil {
			return err
		}
		p.Since = sentences(ctx, d.Since, apps)
		by, err = o.deps.PersonName(ctx, q, d.Person)
		return err
	})
	if err != nil {
		return p, err
	}
	p.facts(ctx)
	p.rules()
	p.rows(o, d)
	if !d.At.IsZero() {
		p.decision(ctx, d, by)
	}
	return p, nil
}

func (p *protocolPage) facts(ctx context.Context) {
	add := func(term, value string) {
		if value != "" {
			p.Facts = append(p.Facts, web.Fact{Term: term, Value: value})
		}
	}
	add(web.T(ctx, "Utlysning"), p.Of.Title)
	add(web.T(ctx, "Gäller"), p.KindName)
	add(web.T(ctx, "Körning"), id.String(p.ID))
	add(web.T(ctx, "Läge"), web.T(ctx, string(p.State)))
	add(web.T(ctx, "Metod"), methodText(ctx, p.Method))
	add(web.T(ctx, "Gjord"), web.DateTime(ctx, p.Created))
	add(web.T(ctx, "Av"), p.By)
	add(web.T(ctx, "Kommungruppsindelning"), p.Of.Edition)
	add(web.T(ctx, "Beräkning"), p.Engine)
	add(web.T(ctx, "Underlagets kontrollsumma (SHA-256)"), p.InputHash)
	if p.Answer == nil {
		add(web.T(ctx, "Bindning av fröet"), p.Commitment)
		return
	}
	sum := sha256.Sum256([]byte(p.Result))
	add(web.T(ctx, "Svarets kontrollsumma (SHA-256)"), hex.EncodeToString(sum[:]))
	add(web.T(ctx, "Utfall"), statusText(ctx, p.Answer))
	add(web.T(ctx, "Sammanlagd poäng"), comma(string(p.Answer.Value)))
	add(web.T(ctx, "Högsta möjliga enligt beviset"), comma(string(p.Answer.Bound)))
	add(web.T(ctx, "Beviset"), proofText(ctx, p.Answer))
	if s := p.Answer.Spread; s != nil {
		add(web.T(ctx, "Spridning"), spreadText(ctx, s))
	}
	if d := p.Answer.Draw; d != nil {
		p.Draw = []web.Fact{{Term: web.T(ctx, "Bindning av fröet"), Value: d.Commitment}, {Term: web.T(ctx, "Frö"), Value: d.Seed},
			{Term: web.T(ctx, "Dragen lott"), Value: web.T(ctx, "%s av %s", d.Ticket, d.Tickets)}, {Term: web.T(ctx, "Dragen panel"), Value: web.T(ctx, "%d av %d", d.Drawn+1, len(d.Panels))}}
	}
}

// proofText says how large the proof is.
func proofText(ctx context.Context, a *selection.Answer) string {
	if a.Draw != nil {
		return web.N(ctx, len(a.Stages), "ett steg", "%d steg")
	}
	if a.Certificate == nil || a.Certificate.Score == nil {
		return ""
	}
	leaves := 0
	for _, n := range a.Certificate.Score.Tree {
		if n.Column < 0 {
			leaves++
		}
	}
	return web.N(ctx, leaves, "ett fall, med sina multiplikatorer", "%d fall, vart och ett med sina multiplikatorer")
}

func spreadText(ctx context.Context, s *selection.SpreadValue) string {
	if s.Objective == selection.SpreadMinDistance {
		return web.T(ctx, "%s km mellan de två närmaste, högst möjligt %s km", web.Number(ctx, float64(s.Value)/1000, 0), web.Number(ctx, float64(s.Bound)/1000, 0))
	}
	return web.T(ctx, "%d olika, högst möjligt %d", s.Value, s.Bound)
}

// comma writes the engine's decimal as Swedish does.
func comma(s string) string { return strings.Replace(s, ".", ",", 1) }

// percent writes a chance: "33,3 %".
func percent(ctx context.Context, s string) string {
	return web.Number(ctx, 100*decimal(s), 1) + " %"
}

// rules says what the run was made under; the quotas with how many they count.
func (p *protocolPage) rules() {
	ctx := p.Words.ctx
	p.Rules = append(p.Rules, p.Words.clause(selection.Clause{Kind: "places", Limit: p.Problem.Rules.Places}))
	for _, key := range p.Problem.Rules.Must {
		p.Rules = append(p.Rules, p.Words.clause(selection.Clause{Kind: "must", ID: key}))
	}
	for _, key := range p.Problem.Rules.Never {
		p.Rules = append(p.Rules, p.Words.clause(selection.Clause{Kind: "never", ID: key})+": "+p.Words.never(key))
	}
	switch s := p.Problem.Rules.Spread; {
	case s == nil || p.Method == "lottery":
	case s.Objective == selection.SpreadMinDistance:
		p.Rules = append(p.Rules, web.T(ctx, "Mellan urval med samma poäng väljs det där de två närmaste kommunerna ligger längst från varandra."))
	default:
		p.Rules = append(p.Rules, web.T(ctx, "Mellan urval med samma poäng väljs det som täcker flest län."))
	}
	if p.Method == "best" {
		p.Rules = append(p.Rules, web.T(ctx, "Är två urval ändå lika avgör ordningen efter svarens nummer."))
	}
	var selected []string
	if p.Answer != nil {
		selected = p.Answer.Selected
	}
	for k, n := range p.Problem.Held(selected) {
		q := p.Problem.Rules.Quotas[k]
		kept := (q.Min == nil || n >= *q.Min) && (q.Max == nil || n <= *q.Max)
		p.Quotas = append(p.Quotas, quotaRow{p.Words.quota(q), n, n, kept})
	}
}

// rows joins what the run gave with what was decided.
func (p *protocolPage) rows(o *Room, d decided) {
	if p.Answer == nil {
		return
	}
	proposed := proposal(p.List, p.Answer, p.Method, o.deps.Register(p.Of.Edition))
	for _, x := range p.List {
		row := protocolRow{Candidate: x, Run: "ej vald"}
		if slices.Contains(p.Answer.Selected, id.String(x.ID)) {
			row.Run = "vald"
		}
		list := d.List
		if len(list) == 0 {
			list = proposed
		}
		if i := slices.IndexFunc(list, func(y Outcome) bool { return y.Application == x.ID }); i >= 0 {
			row.Outcome = list[i]
		}
		if len(d.List) == 0 {
			row.Outcome.Outcome = "" // nothing is decided
		}
		var names []string
		for _, code := range x.Codes {
			if k, ok := o.deps.Register(p.Of.Edition).ByCode(code); ok {
				names = append(names, k.Name)
			}
		}
		row.Names = strings.Join(names, ", ")
		p.Rows = append(p.Rows, row)
	}
	slices.SortStableFunc(p.Rows, func(x, y protocolRow) int {
		if x.Run != y.Run {
			return strings.Compare(y.Run, x.Run) // "vald" first
		}
		return int(min(1, max(-1, y.Score-x.Score)))
	})
}

func (p *protocolPage) decision(ctx context.Context, d decided, by string) {
	count := map[string]int{}
	deviations := 0
	for _, x := range d.List {
		count[x.Outcome]++
		if x.Deviation != "" {
			deviations++
		}
	}
	p.Decision = []web.Fact{{Term: web.T(ctx, "Beslutat"), Value: web.DateTime(ctx, d.At)}, {Term: web.T(ctx, "Av"), Value: by},
		{Term: web.T(ctx, "Utfall"), Value: web.T(ctx, "%d valda, %d reserver, %d ej valda", count["vald"], count["reserv"], count["ej vald"])},
		{Term: web.T(ctx, "Avvikelser från körningen"), Value: strconv.Itoa(deviations)}}
	if !d.Sent.IsZero() {
		p.Decision = append(p.Decision, web.Fact{Term: web.T(ctx, "Breven skickade"), Value: web.DateTime(ctx, d.Sent)})
	}
}

func (o *Room) protocol(w http.ResponseWriter, r *http.Request) error {
	p, err := o.protocolPage(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Urvalsprotokoll"), Lead: fmt.Sprintf("%s: %s", p.Of.Title, p.KindName), NoIndex: true,
		Crumbs: p.Of.crumbs(ctx, web.Crumb{Text: web.T(ctx, "Urvalskörning %d", p.ID), Href: "/urval/" + id.String(p.ID)})}, protocolBody(p))
}
