package people

import (
	"net/http"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// exampleGroup is an organisation with its example persons.
type exampleGroup struct {
	Name    string
	Persons []exampleRow
}

type exampleRow struct {
	Person who.PersonID
	Name   string
	Role   string
	Detail string // the programme, where the role is for one
}

// examples lists everybody by organisation and role. The route exists in
// example mode alone.
func (p *Room) examples(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	var groups []exampleGroup
	if err := p.deps.DB.Read(ctx, func(q db.Q) error {
		today := calendar.Of(q.Now())
		all, err := db.All(ctx, q, scanMembership, `SELECT `+membershipColumns+` FROM membership WHERE from_date <= ? AND (to_date = '' OR to_date > ?) ORDER BY id`, today, today)
		if err != nil {
			return err
		}
		views, err := p.roleViews(ctx, q, all)
		if err != nil {
			return err
		}
		var persons []who.PersonID
		for _, m := range all {
			persons = append(persons, m.Person)
		}
		names, err := p.PersonNames(ctx, q, uniq(persons))
		if err != nil {
			return err
		}
		at := map[who.OrgID]int{}
		for _, v := range views {
			i, ok := at[v.Org]
			if !ok {
				name := v.OrgName
				if v.Org == 0 {
					name = web.T(ctx, "Hela plattformen")
				}
				i = len(groups)
				at[v.Org] = i
				groups = append(groups, exampleGroup{Name: name})
			}
			groups[i].Persons = append(groups[i].Persons, exampleRow{Person: v.Person, Name: names[v.Person], Role: v.RoleName, Detail: v.ProgrammeName})
		}
		seated, err := db.Values[who.PersonID](ctx, q, `SELECT id FROM person WHERE id NOT IN (SELECT person_id FROM membership) ORDER BY id`)
		if err != nil || len(seated) == 0 {
			return err
		}
		if names, err = p.PersonNames(ctx, q, seated); err != nil {
			return err
		}
		g := exampleGroup{Name: web.T(ctx, "Projektens grupper")}
		for _, x := range seated {
			g.Persons = append(g.Persons, exampleRow{Person: x, Name: names[x], Role: web.T(ctx, "Sitter i ett projekts grupper")})
		}
		groups = append(groups, g)
		return nil
	}); err != nil {
		return err
	}
	bySwedish(groups, func(g exampleGroup) string { return g.Name })
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Prova i en roll"), NoIndex: true,
		Lead: web.T(ctx, "Välj vem du vill vara. Alla personer är påhittade.")}, examplesPage(groups, r.URL.Query().Get("till")))
}

func (p *Room) exampleSignIn(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Bind(r, smallForm)
	if err != nil {
		return err
	}
	person, err := id.Parse[who.PersonID](f.Get("person"))
	if err != nil {
		return fail.New(fail.Invalid, "Välj en person i listan.")
	}
	ctx := r.Context()
	var x Person
	if err := p.deps.DB.Read(ctx, func(q db.Q) error { x, err = p.Person(ctx, q, person); return err }); err != nil {
		return err
	}
	x.Lang = web.Lang(ctx)
	if err := p.enterAs(w, r, x); err != nil {
		return err
	}
	return web.Redirect(w, r, targetOf(f.Get("till")))
}
