package service

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/kommun"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
)

// The states of a service point in the register, and what it says of its doors.
const (
	Present = "finns"
	Gone    = "borttaget"

	DoorsOpen   = "öppen"
	DoorsShut   = "stängd"
	DoorsBarred = "spärrad"
	DoorsSeason = "säsong"
)

// Point is a service point (serviceställe): one counter or machine of one type
// at a place. Points with the same Spot are one site.
type Point struct {
	Ref      string        `json:"ref"` // its id in the file that it came from
	Name     string        `json:"name"`
	Type     string        `json:"type"`
	Where    string        `json:"where"` // lat, lon
	Spot     string        `json:"spot"`  // plats: what it shares with other counters
	Kommun   string        `json:"kommun"`
	Doors    string        `json:"doors"`
	Staffed  string        `json:"staffed"`
	From     calendar.Date `json:"from"`
	To       calendar.Date `json:"to"`
	Hours    string        `json:"hours"`
	Owner    string        `json:"owner"`
	Weakness string        `json:"weakness"`
	Capacity int64         `json:"capacity"`
	Source   string        `json:"source"`
	Sourced  calendar.Date `json:"sourced"`
	Secret   string        `json:"secret"`
	Seen     calendar.Date `json:"seen"` // somebody saw it open
	SeenBy   string        `json:"seen_by"`
	Apart    []journal.ID  `json:"apart"` // near it, and told to be other places
}

// placed is a point that stands at a place.
type placed struct {
	Site
	ID    journal.ID
	Point Point
}

// at gives the point its place; ok is false where it has none.
func (x *Point) at() (lat, lon float64, ok bool) {
	lat, lon, err := parsePlace(x.Where)
	return lat, lon, err == nil
}

// openOn tells whether the point serves people on the day. Of a type whose
// national rule leaves out places that are open for a season, those do not count.
func (x *Point) openOn(day calendar.Date) bool {
	season := x.Doors == DoorsSeason && x.Type != "kontantuttag" && x.Type != "dagskassa"
	return (x.Doors == "" || x.Doors == DoorsOpen || season) && (x.From == "" || x.From <= day) && (x.To == "" || day <= x.To)
}

// wrong says what is wrong with a point, by field.
func (x *Point) wrong() (out []fail.Field) {
	if _, _, err := parsePlace(x.Where); err != nil {
		out = append(out, fail.Field{Name: "where", Message: "Platsen: " + err.Error() + "."})
	}
	if x.From != "" && x.To != "" && x.To < x.From {
		out = append(out, fail.Field{Name: "to", Message: "Sista dagen ligger före den första."})
	}
	return out
}

// openSites are the places of a type that serve people on the day, as the
// network counts them.
func openSites(list []placed, code string, day calendar.Date) []Site {
	var of []placed
	for _, p := range list {
		if p.Point.Type == code && p.Point.openOn(day) {
			of = append(of, p)
		}
	}
	return sitesOf(of)
}

// placedOf gives points their places and keys.
func placedOf(list []journal.Item[Point]) []placed {
	var out []placed
	for _, it := range list {
		lat, lon, ok := it.Is.at()
		if !ok || it.State == Gone {
			continue
		}
		key := it.Is.Spot
		if key == "" {
			key = "s" + id.String(it.ID)
		}
		out = append(out, placed{Site: Site{Key: key, Name: it.Is.Name, Lat: lat, Lon: lon, Secret: it.Is.Secret == "ja"}, ID: it.ID, Point: it.Is})
	}
	slices.SortStableFunc(out, func(a, b placed) int { return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.ID, b.ID)) })
	return out
}

// twins are two points of a type so near one another that they may be one place
// (S5): never joined without somebody's word.
type twins struct {
	A, B   placed
	Metres uint32
}

// sameSite is how near, in metres, two points are asked about (design default).
const sameSite = 30

func twinsOf(list []placed) (out []twins) {
	byType := map[string][]placed{}
	for _, p := range list {
		byType[p.Point.Type] = append(byType[p.Point.Type], p)
	}
	for _, of := range byType {
		slices.SortFunc(of, func(a, b placed) int { return cmp.Or(cmp.Compare(a.Lat, b.Lat), cmp.Compare(a.ID, b.ID)) })
		for i := range of {
			for j := i + 1; j < len(of) && (of[j].Lat-of[i].Lat)*111_000 <= sameSite+1; j++ {
				a, b := of[i], of[j]
				if a.Key == b.Key || slices.Contains(a.Point.Apart, b.ID) || slices.Contains(b.Point.Apart, a.ID) {
					continue
				}
				if m := straight(a.Lat, a.Lon, b.Lat, b.Lon); m <= sameSite {
					if b.ID < a.ID {
						a, b = b, a
					}
					out = append(out, twins{a, b, m})
				}
			}
		}
	}
	slices.SortFunc(out, func(x, y twins) int { return cmp.Or(cmp.Compare(x.A.ID, y.A.ID), cmp.Compare(x.B.ID, y.B.ID)) })
	return out
}

func said(list ...string) []web.Option {
	var out []web.Option
	for _, x := range list {
		out = append(out, web.Option{Value: x, Label: x})
	}
	return out
}

func (o *Room) pointSheet(d sheet.Deps) *sheet.Sheet[Point] {
	return &sheet.Sheet[Point]{
		Deps: d, Noun: journal.Noun[Point]{Name: "servicepoint", Title: "Servicestället", Moves: map[string][]string{Present: {Gone}, Gone: {Present}}, NeedsReason: []string{Gone}},
		Path: "servicestallen", Title: "Serviceställen", Lead: "Varje butik, mack, ombud, automat och kontor: var det ligger, när det har öppet och varifrån uppgiften kommer.",
		New: "Nytt serviceställe", NoneYet: "Inga serviceställen ännu. Lägg till ett, eller läs in en fil.", First: Present, Read: "service.read", Write: "service.edit", Locked: []string{Gone},
		Name: func(x Point) string { return x.Name },
		Choices: func(ctx context.Context, q db.Q, p journal.Project) (sheet.Choices, error) {
			return o.pointChoices(ctx, q, p)
		},
		Fields: func(ctx context.Context, x *Point, c sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "name", Label: web.T(ctx, "Namn"), Required: true}, To: &x.Name},
				{Input: web.Input{Name: "type", Label: web.T(ctx, "Typ av service"), Required: true}, Kind: web.AsChoice, To: &x.Type, Options: c["type"]},
				{Input: web.Input{Name: "where", Label: web.T(ctx, "Plats"), Hint: web.T(ctx, "Latitud och longitud, till exempel 64.91200, 19.48400. Nord och öst i SWEREF 99 TM går också bra."), Required: true}, To: &x.Where},
				{Input: web.Input{Name: "kommun", Label: web.T(ctx, "Kommun")}, Kind: web.AsChoice, To: &x.Kommun, Options: c["kommun"]},
				{Input: web.Input{Name: "spot", Label: web.T(ctx, "Delar lokal med"), Hint: web.T(ctx, "Ställen med samma ord här räknas som ett ställe, till exempel Handlar'n i byn.")}, To: &x.Spot},
				{Input: web.Input{Name: "doors", Label: web.T(ctx, "Är"), Hint: web.T(ctx, "Ett stängt eller spärrat ställe räknas inte.")}, Kind: web.AsRadio, To: &x.Doors, Options: said(DoorsOpen, DoorsShut, DoorsBarred, DoorsSeason)},
				{Input: web.Input{Name: "staffed", Label: web.T(ctx, "Bemanning")}, Kind: web.AsRadio, To: &x.Staffed, Options: said("bemannad", "obemannad")},
				{Input: web.Input{Name: "hours", Label: web.T(ctx, "Öppettider"), Rows: 3}, Kind: web.AsArea, To: &x.Hours},
				{Input: web.Input{Name: "owner", Label: web.T(ctx, "Ägs av")}, Kind: web.AsChoice, To: &x.Owner, Options: said("enskild handlare", "kedja", "förening", "kommunen", "regionen", "staten", "annan")},
				{Input: web.Input{Name: "weakness", Label: web.T(ctx, "Sårbarhet"), Hint: web.T(ctx, "Till exempel: ägaren går i pension, hyresavtalet löper ut, en enda leverantör."), Rows: 2}, Kind: web.AsArea, To: &x.Weakness},
				{Input: web.Input{Name: "capacity", Label: web.T(ctx, "Kapacitet"), Hint: web.T(ctx, "Till exempel platser i skolan."), Width: "short"}, Kind: web.AsWhole, To: &x.Capacity, High: 1_000_000},
				{Input: web.Input{Name: "from", Label: web.T(ctx, "Öppet från och med")}, Kind: web.AsDay, To: &x.From},
				{Input: web.Input{Name: "to", Label: web.T(ctx, "Öppet till och med")}, Kind: web.AsDay, To: &x.To},
				{Input: web.Input{Name: "source", Label: web.T(ctx, "Varifrån uppgiften kommer"), Required: true}, To: &x.Source},
				{Input: web.Input{Name: "sourced", Label: web.T(ctx, "Uppgiftens dag"), Required: true}, Kind: web.AsDay, To: &x.Sourced},
				{Input: web.Input{Name: "secret", Label: web.T(ctx, "Får visas för alla"), Hint: web.T(ctx, "Ett hemligt ställe räknas med men visas aldrig utanför projektet.")}, Kind: web.AsRadio, To: &x.Secret, Options: []web.Option{{Value: "nej", Label: web.T(ctx, "ja, visas")}, {Value: "ja", Label: web.T(ctx, "nej, hemligt")}}},
				{Input: web.Input{Name: "ref", Label: web.T(ctx, "Beteckning i källan")}, To: &x.Ref},
			}
		},
		Check: func(x Point) []fail.Field { return x.wrong() },
		Guard: func(ctx context.Context, tx *db.Tx, p journal.Project, it *journal.Item[Point], _ string) error {
			list, err := o.typesOf(ctx, tx, p)
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(list, func(t Type) bool { return t.Code == it.Is.Type }) {
				return fail.Fields(fail.Field{Name: "type", Message: "Typen finns inte. Egna typer skrivs på inventeringen."})
			}
			if lat, lon, ok := it.Is.at(); ok {
				it.Is.Where = writePlace(lat, lon)
			}
			return nil
		},
		Columns: []sheet.Column[Point]{
			{Head: "Typ", Cell: func(_ context.Context, it journal.Item[Point], c sheet.Choices) string {
				return labelOf(c["type"], it.Is.Type)
			}},
			{Head: "Kommun", Cell: func(_ context.Context, it journal.Item[Point], _ sheet.Choices) string {
				return kommunName(it.Is.Kommun)
			}},
			{Head: "Är", Cell: func(_ context.Context, it journal.Item[Point], _ sheet.Choices) string {
				return cmp.Or(it.Is.Doors, DoorsOpen)
			}},
			{Head: "Sågs öppen", Cell: func(ctx context.Context, it journal.Item[Point], _ sheet.Choices) string {
				return web.Day(ctx, it.Is.Seen)
			}},
			{Head: "Källa", Cell: func(ctx context.Context, it journal.Item[Point], _ sheet.Choices) string {
				return strings.TrimSpace(it.Is.Source + ", " + web.Day(ctx, it.Is.Sourced))
			}},
		},
		Moves: []sheet.Move{{To: Gone, Label: "Ta bort ur registret", Danger: true, Hint: "Historiken finns kvar. Har stället lagt ner: skriv hellre sista dagen."}, {To: Present, Label: "Ta tillbaka"}},
		Body:  o.pointBody,
		Above: func(ctx context.Context, _ db.Q, p journal.Project, list []journal.Item[Point], at time.Time) (templ.Component, error) {
			live := at.IsZero() && !p.Closed && may(ctx, "service.edit", p.Resource) == nil
			f := web.NewForm(nil)
			return pointsAbove(pointsView{href: o.points.ListHref(p.ID), twins: twinsOf(placedOf(list)), live: live, form: f, count: len(list)}), nil
		},
	}
}

// pointsView is what stands above the list of points.
type pointsView struct {
	href  string
	twins []twins
	live  bool
	form  web.Form
	count int
}

func labelOf(list []web.Option, value string) string {
	for _, x := range list {
		if x.Value == value {
			return x.Label
		}
	}
	return value
}

func kommunName(code string) string {
	if k, ok := kommun.Default().ByCode(code); ok {
		return k.Name
	}
	return code
}

// typesOf are the types of a project: the carried ones and those that its
// inventories add.
func (o *Room) typesOf(ctx context.Context, q db.Q, p journal.Project) ([]Type, error) {
	list, err := o.inventories.Noun.List(ctx, q, journal.Query{Project: p.ID})
	var own []string
	for _, it := range list {
		own = append(own, it.Is.Own...)
	}
	slices.Sort(own)
	return types(slices.Compact(own), ""), err
}

func (o *Room) pointChoices(ctx context.Context, q db.Q, p journal.Project) (sheet.Choices, error) {
	list, err := o.typesOf(ctx, q, p)
	c := sheet.Choices{"kommun": kommunOptions()}
	for _, t := range list {
		c["type"] = append(c["type"], web.Option{Value: t.Code, Label: web.T(ctx, t.Name)})
	}
	return c, err
}

func kommunOptions() []web.Option {
	var out []web.Option
	for _, k := range kommun.Default().All() {
		out = append(out, web.Option{Value: k.Code, Label: k.Name})
	}
	slices.SortFunc(out, func(a, b web.Option) int { return cmp.Compare(a.Label, b.Label) })
	return out
}

// pointBody is the point's own page below its facts: confirm that it is there.
func (o *Room) pointBody(ctx context.Context, _ db.Q, p journal.Project, it journal.Item[Point], at time.Time) (templ.Component, error) {
	f := web.NewForm(nil)
	f.Version = it.Version
	return pointPage(pointView{it: it, href: o.points.Href(p.ID, it.ID), form: f, live: at.IsZero() && !p.Closed && it.State == Present && may(ctx, "service.edit", p.Resource) == nil}), nil
}

type pointView struct {
	it   journal.Item[Point]
	href string
	form web.Form
	live bool
}
