package room

import (
	"context"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/web"
)

// door is a group of links to the room's parts.
type door struct {
	Head  string
	Links []web.NavItem
}

// doors are the parts of the project room; some are other rooms' addresses.
var doors = []door{
	{"Styrning", []web.NavItem{{Text: "Faser", Href: "faser"}, {Text: "Beslutspunkter", Href: "beslutspunkter"}, {Text: "Grupper", Href: "grupper"}, {Text: "Uppdrag i grupper", Href: "uppdrag"}, {Text: "Beslut", Href: "beslut"}, {Text: "Ändringar", Href: "andringar"}, {Text: "Beredda ärenden", Href: "beredning"}, {Text: "Planer och andra handlingar", Href: "handlingar"}}},
	{"Mål", []web.NavItem{{Text: "Målträd", Href: "mal"}, {Text: "Indikatorer", Href: "indikatorer"}, {Text: "Målverkstäder", Href: "malverkstad"}}},
	{"Analys", []web.NavItem{{Text: "Strukturscenarier", Href: "struktur"}, {Text: "Service och avstånd", Href: "service"}}},
	{"Möten", []web.NavItem{{Text: "Möten", Href: "moten"}, {Text: "Kalender", Href: "kalender"}, {Text: "Tidsförfrågningar", Href: "tidsforfragan"}, {Text: "Protokoll", Href: "protokoll"}, {Text: "Intervjuer", Href: "intervjuer"}}},
	{"Uppföljning", []web.NavItem{{Text: "Logg", Href: "logg"}, {Text: "Åtgärder", Href: "atgarder"}, {Text: "Risker", Href: "risker"}, {Text: "Avvikelser", Href: "avvikelser"}, {Text: "Lägesrapporter", Href: "rapporter"}, {Text: "Följeforskning", Href: "delrapporter"}, {Text: "Utvärderingsfrågor", Href: "utvarderingsfragor"}, {Text: "Händelser", Href: "handelser"}}},
	{"Kommunikation", []web.NavItem{{Text: "Kommunikationsplan", Href: "kommunikation"}, {Text: "Nyhetsbrev", Href: "nyhetsbrev"}, {Text: "Presentationer", Href: "presentationer"}}},
	{"Kunskap", []web.NavItem{{Text: "Kunskapsposter", Href: "kunskapsposter"}, {Text: "Källor till kunskapsposter", Href: "kunskapskallor"}, {Text: "Frågor till kunskapsbanken", Href: "kunskapsfragor"}}},
	{"Handlingar", []web.NavItem{{Text: "Diarium", Href: "diarium"}, {Text: "Ärenden", Href: "arenden"}, {Text: "Offentligt diarium", Href: "offentligt-diarium"}}},
}

func (v projectView) href(part string) string { return "/projekt/" + id.String(v.p.ID) + "/" + part }

// steps shows the phases as steps.
func (v projectView) steps(ctx context.Context) []web.Step {
	var out []web.Step
	for _, f := range v.phases {
		s := web.Step{Text: web.T(ctx, f.Is.Name), State: "todo"}
		if v.inside {
			s.Href = v.room.phases.Href(v.p.ID, f.ID)
		}
		switch f.State {
		case Done:
			s.State = "done"
		case Ongoing:
			s.State = "current"
		}
		out = append(out, s)
	}
	return out
}

// frame is what the project's page says of the frame.
func (v projectView) frame(ctx context.Context) []web.Fact {
	x := v.it.Is
	lines := func(list []string) string { return strings.Join(list, "\n") }
	out := []web.Fact{
		{Term: web.T(ctx, "Beställare"), Value: x.Orderer}, {Term: web.T(ctx, "Projektägare och utförare"), Value: x.Owner}, {Term: web.T(ctx, "Mottagare av resultatet"), Value: x.Recipient},
		{Term: web.T(ctx, "Tid"), Value: web.Day(ctx, x.From) + " – " + web.Day(ctx, x.To)}, {Term: web.T(ctx, "Kan förlängas till"), Value: web.Day(ctx, x.LastTo)},
		{Term: web.T(ctx, "Det här ingår"), Value: lines(x.ScopeIn)}, {Term: web.T(ctx, "Det här ingår inte"), Value: lines(x.ScopeOut)}, {Term: web.T(ctx, "Beroenden"), Value: lines(x.Dependencies)},
	}
	if x.Budget != 0 {
		out = append(out, web.Fact{Term: web.T(ctx, "Budget"), Value: web.Kronor(ctx, x.Budget)})
	}
	return out
}

// state is the project in numbers.
func (v projectView) state(ctx context.Context) []web.Fact {
	late, high := 0, 0
	today := calendar.Of(v.it.Changed)
	if !v.at.IsZero() {
		today = calendar.Of(v.at)
	}
	for _, a := range v.actions {
		if a.Is.Due < today {
			late++
		}
	}
	for _, r := range v.risks {
		if r.Is.Level() == "hög" && r.State != RiskClosed && r.State != RiskOccurred {
			high++
		}
	}
	next := ""
	for _, g := range v.gates {
		if g.State == Waiting || g.State == Complement {
			next = g.Is.Name + " " + web.Day(ctx, g.Is.Planned)
			break
		}
	}
	out := []web.Fact{
		{Term: web.T(ctx, "Nästa beslutspunkt"), Value: next},
		{Term: web.T(ctx, "Öppna åtgärder"), Value: web.N(ctx, len(v.actions), "1 åtgärd", "%d åtgärder")},
		{Term: web.T(ctx, "Höga risker"), Value: web.N(ctx, high, "1 risk", "%d risker")},
	}
	for _, m := range v.meetings {
		if m.State == "kallat" || m.State == "planerat" {
			out = append(out, web.Fact{Term: web.T(ctx, "Nästa möte"), Value: m.Title + " " + web.Day(ctx, m.Day)})
			break
		}
	}
	return out
}

// cellClass colours a cell of the risk matrix by its value.
func cellClass(score int) string {
	return map[string]string{"hög": "risk-high", "medel": "risk-medium", "låg": "risk-low"}[Risk{Probability: int64(score), Impact: 1}.Level()]
}

func urlText(text string) string { return url.QueryEscape(text) }

func renewForm(version int64) web.Form {
	f := web.NewForm(nil)
	f.Version = version
	return f
}

// seatsOf shows who sits in a group on the day.
func (o *Room) seatsOf(ctx context.Context, q db.Q, p journal.Project, it journal.Item[Group], at Moment) (templ.Component, error) {
	now := at
	if now.IsZero() {
		now = q.Now()
	}
	list, err := o.Members(ctx, q, p.ID, it.ID, calendar.Of(now), at)
	propose := "group.propose"
	if byOrderer(it.Is.Kind) {
		propose = "steering.propose"
	}
	mayPropose := at.IsZero() && !p.Closed && it.State == Active && may(ctx, propose, p.Resource) == nil
	seats := seatsTable(list, p, o.seats, mayPropose, it.ID)
	if it.Is.Kind == Steering {
		seats = templ.Join(steeringDuties("/projekt/"+id.String(p.ID)), seats)
	}
	return seats, err
}

// measured is the latest value with its unit, "" where nothing is measured.
func (f Figure) measured() string {
	if f.Value == "" {
		return ""
	}
	return f.Value + " " + f.Unit
}
