package people

import (
	"net/http"
	"slices"
	"strings"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/kommun"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

type registerView struct {
	Query, County, Group string
	Count                int
	Rows                 []kommun.Kommun
	Counties, Groups     []web.Option
	Previous, Next       string
	MainGroups           []kommun.Group
	Edition              string
}

// register lists the municipalities; open to everybody.
func (p *Room) register(w http.ResponseWriter, r *http.Request) error {
	ctx, reg, query := r.Context(), p.deps.Register, r.URL.Query()
	v := registerView{Query: strings.TrimSpace(query.Get("q")), County: query.Get("lan"), Group: query.Get("grupp"), MainGroups: reg.MainGroups(), Edition: reg.Edition()}
	all := slices.Clone(reg.All())
	bySwedish(all, func(k kommun.Kommun) string { return k.Name })
	if v.Query != "" {
		all = reg.Search(v.Query, len(all))
	}
	all = slices.DeleteFunc(all, func(k kommun.Kommun) bool {
		return v.County != "" && k.County != v.County || v.Group != "" && k.MainGroup != v.Group && k.SubGroup != v.Group
	})
	v.Count = len(all)
	v.Rows, v.Previous, v.Next = paged(r, all)
	v.Counties = []web.Option{{Value: "", Label: web.T(ctx, "Alla län")}}
	for _, c := range reg.Counties() {
		v.Counties = append(v.Counties, web.Option{Value: c.Code, Label: c.Name})
	}
	v.Groups = []web.Option{{Value: "", Label: web.T(ctx, "Alla kommungrupper")}}
	for _, g := range slices.Concat(reg.MainGroups(), reg.SubGroups()) {
		v.Groups = append(v.Groups, web.Option{Value: g.Code, Label: g.Code + " " + g.Name})
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Kommunregistret"), Wide: true,
		Lead: web.T(ctx, "Sveriges kommuner med län, kommungrupp, folkmängd och landareal.")}, registerPage(v))
}

type municipalityView struct {
	kommun.Kommun
	MainGroupName string
	Neighbours    []kommun.Kommun
	Successors    []kommun.Kommun
	Edition       string
	Org           who.OrgID
}

func (p *Room) municipality(w http.ResponseWriter, r *http.Request) error {
	ctx, reg := r.Context(), p.deps.Register
	k, ok := reg.ByCode(r.PathValue("kod"))
	if !ok {
		return fail.New(fail.NotFound, "Det finns ingen kommun med den koden.")
	}
	v := municipalityView{Kommun: k, Edition: reg.Edition()}
	for _, g := range reg.MainGroups() {
		if g.Code == k.MainGroup {
			v.MainGroupName = g.Name
		}
	}
	find := func(codes []string) (out []kommun.Kommun) {
		for _, c := range codes {
			if n, ok := reg.ByCode(c); ok {
				out = append(out, n)
			}
		}
		return out
	}
	v.Neighbours, v.Successors = find(reg.Neighbours(k.Code)), find(k.Successors)
	if err := p.deps.DB.Read(ctx, func(q db.Q) (err error) {
		v.Org, err = p.OrgByCode(ctx, q, k.Code)
		if fail.Is(err, fail.NotFound) {
			return nil
		}
		return err
	}); err != nil {
		return err
	}
	name := k.FullName
	if name == "" {
		name = k.Name
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: name, Crumbs: crumbs(ctx, []web.Crumb{{Text: "Kommunregistret", Href: "/register"}})}, municipalityPage(v))
}
