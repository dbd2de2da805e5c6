package room

import (
	"context"
	"strings"
	"time"

	"kommunpilot/base/calendar"
	"kommunpilot/base/fail"
	"kommunpilot/base/journal"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// Moment is the time as of which something is asked for; zero is now.
type Moment = time.Time

// The states of a project.
const (
	Open    = "öppet"
	Closed  = "avslutat"
	Stopped = "stoppat"
)

// Extension is what the steering group has decided on the project's length
// (seed rule 003-01).
type Extension struct {
	Until    calendar.Date `json:"until"`
	Decision journal.ID    `json:"decision"`
}

// Project is the frame that the orderer sets and the steering group changes.
type Project struct {
	Programme    who.ProgrammeID `json:"programme"`
	Name         string          `json:"name"`
	Purpose      string          `json:"purpose"`
	Orderer      string          `json:"orderer"` // organisation that orders
	Owner        string          `json:"owner"`   // organisation that owns and performs
	Responsible  string          `json:"responsible"`
	Contact      string          `json:"contact"`
	From         calendar.Date   `json:"from"`
	To           calendar.Date   `json:"to"`
	LastTo       calendar.Date   `json:"last_to"` // to which it may be extended; "" not at all
	Extensions   []Extension     `json:"extensions"`
	Budget       int64           `json:"budget"` // öre
	ScopeIn      []string        `json:"scope_in"`
	ScopeOut     []string        `json:"scope_out"`
	Recipient    string          `json:"recipient"` // of the result
	Dependencies []string        `json:"dependencies"`
	Public       bool            `json:"public"`
	Members      []who.OrgID     `json:"members"` // municipalities besides the programme's
	Started      bool            `json:"started"` // the first gate has said go
}

// frameFields are those that may always be edited; boundFields those that the
// steering group alone changes once the project has started (003-42, -59).
func (p *Project) frameFields(ctx context.Context) []web.Bound {
	return []web.Bound{
		{Input: web.Input{Name: "name", Label: web.T(ctx, "Projektets namn"), Required: true}, To: &p.Name},
		{Input: web.Input{Name: "purpose", Label: web.T(ctx, "Syfte"), Hint: web.T(ctx, "Vad projektet ska uppnå, med egna ord."), Required: true, Rows: 4}, Kind: web.AsArea, To: &p.Purpose},
		{Input: web.Input{Name: "orderer", Label: web.T(ctx, "Beställare"), Required: true}, To: &p.Orderer},
		{Input: web.Input{Name: "owner", Label: web.T(ctx, "Projektägare och utförare"), Required: true}, To: &p.Owner},
		{Input: web.Input{Name: "recipient", Label: web.T(ctx, "Mottagare av resultatet"), Hint: web.T(ctx, "Den som tar över och beslutar om det som projektet tar fram.")}, To: &p.Recipient},
		{Input: web.Input{Name: "scope_in", Label: web.T(ctx, "Det här ingår"), Hint: web.T(ctx, "En sak per rad."), Rows: 4}, Kind: web.AsLines, To: &p.ScopeIn},
		{Input: web.Input{Name: "scope_out", Label: web.T(ctx, "Det här ingår inte"), Hint: web.T(ctx, "En sak per rad."), Rows: 4}, Kind: web.AsLines, To: &p.ScopeOut},
		{Input: web.Input{Name: "dependencies", Label: web.T(ctx, "Beroenden"), Hint: web.T(ctx, "Annan verksamhet som projektet hänger på, och vem som äger den. En per rad."), Rows: 3}, Kind: web.AsLines, To: &p.Dependencies},
		{Input: web.Input{Name: "responsible", Label: web.T(ctx, "Ansvarig för sidan"), Hint: web.T(ctx, "Roll och organisation.")}, To: &p.Responsible},
		{Input: web.Input{Name: "contact", Label: web.T(ctx, "Kontakt")}, To: &p.Contact},
		{Input: web.Input{Name: "public", Label: web.T(ctx, "Visa projektets ram, grupper och publicerade resultat för alla")}, Kind: web.AsYes, To: &p.Public},
	}
}

// Form are the fields of the page on which a room is opened, without its lists.
func (p *Project) Form(ctx context.Context) []web.Bound {
	return append(p.frameFields(ctx), p.boundFields(ctx)...)
}

func (p *Project) boundFields(ctx context.Context) []web.Bound {
	return []web.Bound{
		{Input: web.Input{Name: "from", Label: web.T(ctx, "Börjar"), Required: true}, Kind: web.AsDay, To: &p.From},
		{Input: web.Input{Name: "to", Label: web.T(ctx, "Slutar"), Required: true}, Kind: web.AsDay, To: &p.To},
		{Input: web.Input{Name: "last_to", Label: web.T(ctx, "Kan förlängas till"), Hint: web.T(ctx, "Lämna tomt om projektet inte kan förlängas.")}, Kind: web.AsDay, To: &p.LastTo},
		{Input: web.Input{Name: "budget", Label: web.T(ctx, "Budget, kronor"), Width: "short"}, Kind: web.AsMoney, To: &p.Budget},
	}
}

// check says what is wrong with a project that is to be stored.
func (p Project) check() []fail.Field {
	var out []fail.Field
	if p.From != "" && p.To != "" && p.To < p.From {
		out = append(out, fail.Field{Name: "to", Message: "Slutet ligger före början."})
	}
	if p.LastTo != "" && p.LastTo < p.To {
		out = append(out, fail.Field{Name: "last_to", Message: "Förlängningen ligger före slutet."})
	}
	if p.Budget < 0 {
		out = append(out, fail.Field{Name: "budget", Message: "Budgeten kan inte vara negativ."})
	}
	if strings.TrimSpace(p.Name) == "" {
		out = append(out, fail.Field{Name: "name", Message: "Ge projektet ett namn."})
	}
	return out
}

// errBound is told to whoever tries to change a started project's frame.
var errBound = fail.New(fail.Conflict, "Projektet har startat: budget, tidplan och mål ändras bara av styrgruppen, genom en ändringsbegäran.")

// sameBounds tells whether budget and timetable are the same.
func (p Project) sameBounds(q Project) bool {
	return p.From == q.From && p.To == q.To && p.LastTo == q.LastTo && p.Budget == q.Budget
}

// extend says whether the project may be extended to the day (003-01).
func (p Project) extend(until calendar.Date) error {
	switch {
	case until <= p.To:
		return field("until", "Den nya slutdagen måste ligga efter den nuvarande.")
	case p.LastTo == "":
		return field("until", "Projektet har ingen möjlighet till förlängning i sin ram. Ändra ramen genom en ändringsbegäran.")
	case until > p.LastTo:
		return field("until", "Projektet kan förlängas längst till "+string(p.LastTo)+".")
	}
	return nil
}
