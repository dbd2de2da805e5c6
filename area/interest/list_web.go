package interest

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"kommunpilot/base/db"
	"kommunpilot/base/id"
	"kommunpilot/base/web"
)

// perPage is how many applications a page of the list shows.
const perPage = 100

// listView is the owner's list of what has come in.
type listView struct {
	call           Call
	list           []Application
	counts         map[State]int
	total          int
	form           web.Form
	counties       []web.Option
	groups         []web.Option
	previous, next string
	persons        []kindCount
}

// kindCount is how a kind of participation is filled so far.
type kindCount struct {
	Kind                            Kind
	Applications, Persons, Kommuner int
	Mixed                           bool
}

// filterOf reads the filter from the address.
func filterOf(v url.Values) Filter {
	get := func(name string) string { return tidy(v.Get(name)) }
	return Filter{State: State(get("lage")), County: get("lan"), Group: get("grupp"), Kind: get("form"), Text: get("q")}
}

// listed reads what the list and its exports show.
func (n *Room) listed(r *http.Request, action string) (v listView, err error) {
	c, err := id.Path[CallID](r, "id")
	if err != nil {
		return v, err
	}
	ctx := r.Context()
	v.form = web.NewForm(r.URL.Query())
	err = n.deps.DB.Read(ctx, func(q db.Q) error {
		if v.call, err = n.deps.Call(ctx, q, c); err != nil {
			return err
		}
		if err := may(ctx, action, v.call.resource()); err != nil {
			return err
		}
		if v.counts, err = n.CountByState(ctx, q, c); err != nil {
			return err
		}
		v.list, err = n.Find(ctx, q, c, filterOf(r.URL.Query()))
		return err
	})
	for _, x := range v.counts {
		v.total += x
	}
	return v, err
}

func (n *Room) list(w http.ResponseWriter, r *http.Request) error {
	v, err := n.listed(r, "application.list")
	if err != nil {
		return err
	}
	ctx := r.Context()
	v.persons = count(v.call.Kinds, v.list)
	register := n.deps.Register(v.call.Edition)
	v.counties, v.groups = []web.Option{{Label: web.T(ctx, "Alla")}}, []web.Option{{Label: web.T(ctx, "Alla")}}
	for _, x := range register.Counties() {
		v.counties = append(v.counties, web.Option{Value: x.Code, Label: x.Name})
	}
	for _, x := range slices.Concat(register.MainGroups(), register.SubGroups()) {
		v.groups = append(v.groups, web.Option{Value: x.Code, Label: x.Code + " " + x.Name})
	}
	page, _ := strconv.Atoi(r.URL.Query().Get("sida"))
	page = min(max(page, 1), (len(v.list)+perPage-1)/perPage+1)
	at := func(p int) string {
		q := r.URL.Query()
		q.Set("sida", strconv.Itoa(p))
		return "?" + q.Encode()
	}
	if page > 1 {
		v.previous = at(page - 1)
	}
	if len(v.list) > page*perPage {
		v.next = at(page + 1)
	}
	v.list = v.list[min((page-1)*perPage, len(v.list)):min(page*perPage, len(v.list))]
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Inkomna intresseanmälningar"), Wide: true, NoIndex: true, Lead: v.call.Title,
		Crumbs: []web.Crumb{{Text: v.call.Title, Href: "/utlysningar/" + id.String(v.call.ID)}}}, listPage(v))
}

// count tells how each kind of participation is filled by the applications:
// also whether the group as a whole has officials and politicians.
func count(kinds []Kind, list []Application) []kindCount {
	var out []kindCount
	for _, k := range kinds {
		c := kindCount{Kind: k}
		var all Participants
		for _, a := range list {
			if !a.Seeks(k.ID) || a.State == Withdrawn || a.State == Ineligible {
				continue
			}
			c.Applications++
			c.Kommuner += len(a.Municipalities())
			all = append(all, a.Sections.Participants.of(k.ID)...)
		}
		c.Persons, c.Mixed = len(all), all.Mixed()
		out = append(out, c)
	}
	return out
}

// problem says what the group as a whole lacks; "" where nothing. Text and
// number for web.T.
func (c kindCount) problem() (string, []any) {
	n := map[string]int{"persons": c.Persons, "municipalities": c.Kommuner, "applications": c.Applications}[c.Kind.Count]
	switch {
	case c.Kind.Mixed && c.Persons > 0 && !c.Mixed:
		return "Både tjänstepersoner och politiker behövs; det ena slaget saknas.", nil
	case n < c.Kind.Min:
		return "Minst %d behövs.", []any{c.Kind.Min}
	case c.Kind.Max > 0 && n > c.Kind.Max:
		return "Högst %d får delta; urvalet avgör.", []any{c.Kind.Max}
	}
	return "", nil
}
