package service

import (
	"fmt"
	"net/http"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// fileFacts is what a person says of a whole file.
type fileFacts struct {
	Source string
	Day    calendar.Date
}

func (o *Room) pointsForm(w http.ResponseWriter, r *http.Request) error {
	p, err := o.projectOf(r, "service.edit")
	if err != nil {
		return err
	}
	return o.showPointsForm(w, r, http.StatusOK, p, web.NewForm(nil), nil)
}

func (o *Room) projectOf(r *http.Request, action string) (p journal.Project, err error) {
	pid, err := id.Path[who.ProjectID](r, "id")
	if err != nil {
		return p, err
	}
	err = o.deps.DB.Read(r.Context(), func(q db.Q) error { p, err = o.writable(r.Context(), q, pid, action); return err })
	return p, err
}

func (o *Room) showPointsForm(w http.ResponseWriter, r *http.Request, status int, p journal.Project, f web.Form, rep *Report) error {
	ctx := r.Context()
	v := fileView{href: o.points.ListHref(p.ID) + "/fil", form: f, fields: fileFields(ctx, &fileFacts{}), report: rep,
		lead: web.T(ctx, "En rad för varje ställe, som CSV, GeoJSON eller GeoPackage. Ett ställe som redan finns, med samma id, ändras; de andra läggs till. Är något fel sparas ingenting."),
		columns: []web.Fact{{Term: "id", Value: web.T(ctx, "ställets beteckning i källan (eller punkt)")}, {Term: "type", Value: web.T(ctx, "typen av service (eller typ), till exempel dagligvaror_full")}, {Term: "name", Value: web.T(ctx, "namnet (eller namn)")},
			{Term: "lat, lon", Value: web.T(ctx, "grader; eller x (öster) och y (norr) i SWEREF 99 TM")}, {Term: "plats, bemannad, status, giltig_fran, giltig_till, kapacitet, kommun, kalla, kalldatum, sekretess", Value: web.T(ctx, "kan finnas")}}}
	crumbs := []web.Crumb{{Text: web.T(ctx, "Projekt"), Href: "/projekt"}, {Text: p.Name, Href: fmt.Sprintf("/projekt/%d", p.ID)}, {Text: web.T(ctx, "Serviceställen"), Href: o.points.ListHref(p.ID)}}
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Läs in serviceställen"), Crumbs: crumbs}, filePage(v))
}

func (o *Room) postPoints(w http.ResponseWriter, r *http.Request) error {
	p, err := o.projectOf(r, "service.edit")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, MaxFile+formLimit)
	if err != nil {
		return err
	}
	ctx := r.Context()
	var x fileFacts
	err = web.Fill(f, fileFields(ctx, &x))
	var name string
	var data []byte
	if err == nil {
		name, data, err = readFile(r)
	}
	var rep Report
	if err == nil {
		rep, err = o.ImportPoints(ctx, p.ID, name, data, x.Source, x.Day, f.Once)
	}
	if fail.Is(err, fail.Invalid) {
		return o.showPointsForm(w, r, http.StatusUnprocessableEntity, p, f.WithError(err), &rep)
	}
	if err == nil && rep.Warnings > 0 {
		return o.showPointsForm(w, r, http.StatusOK, p, web.NewForm(nil), &rep)
	}
	return o.answer(w, r, err, web.T(ctx, "%d ställen är tillagda, %d ändrade och %d var redan som i filen.", rep.Added, rep.Changed, rep.Same), o.points.ListHref(p.ID))
}

func (o *Room) populationForm(w http.ResponseWriter, r *http.Request) error {
	p, it, err := one(o, o.inventories, r, "service.read", "service.edit")
	if err != nil {
		return err
	}
	f := web.NewForm(nil)
	f.Version = it.Version
	return o.showPopulation(w, r, http.StatusOK, p, it, f, nil)
}

func (o *Room) showPopulation(w http.ResponseWriter, r *http.Request, status int, p journal.Project, it journal.Item[Inventory], f web.Form, rep *Report) error {
	ctx := r.Context()
	v := fileView{href: o.inventories.Href(p.ID, it.ID) + "/befolkning", form: f, fields: fileFields(ctx, &fileFacts{}), report: rep, have: it.Is.Population,
		lead: web.T(ctx, "En rad för varje ruta eller punkt där människor bor, som CSV, GeoJSON eller GeoPackage (SCB:s rutor). Filen ersätter den befolkning som inventeringen har."),
		columns: []web.Fact{{Term: "ruta", Value: web.T(ctx, "rutans beteckning (eller id)")}, {Term: "x, y", Value: web.T(ctx, "rutans mitt i SWEREF 99 TM; eller lat, lon")}, {Term: "p_tot", Value: web.T(ctx, "antal invånare (eller population)")},
			{Term: "kommun, deso, namn, p_70plus", Value: web.T(ctx, "kan finnas")}}}
	return web.Render(w, r, status, web.Page{Title: web.T(ctx, "Läs in befolkning"), Crumbs: o.crumbs(ctx, p, it)}, filePage(v))
}

func (o *Room) postPopulation(w http.ResponseWriter, r *http.Request) error {
	p, it, err := one(o, o.inventories, r, "service.read", "service.edit")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, MaxFile+formLimit)
	if err != nil {
		return err
	}
	ctx := r.Context()
	var x fileFacts
	err = web.Fill(f, fileFields(ctx, &x))
	var name string
	var data []byte
	if err == nil {
		name, data, err = readFile(r)
	}
	var rep Report
	if err == nil {
		rep, err = o.ImportPopulation(ctx, it.ID, f.Version, name, data, x.Source, x.Day, f.Once)
	}
	if fail.Is(err, fail.Invalid) {
		return o.showPopulation(w, r, http.StatusUnprocessableEntity, p, it, f.WithError(err), &rep)
	}
	return o.answer(w, r, err, web.T(ctx, "%s personer på %d platser är inlästa.", web.Number(ctx, float64(rep.People), 0), rep.Cells), o.inventories.Href(p.ID, it.ID))
}

// postSeen notes that somebody saw the place open.
func (o *Room) postSeen(w http.ResponseWriter, r *http.Request) error {
	p, it, err := one(o, o.points, r, "service.read", "service.edit")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	ctx := r.Context()
	name, err := "", error(nil)
	err = o.deps.DB.Read(ctx, func(q db.Q) error { name, err = o.deps.PersonName(ctx, q, who.From(ctx).Person); return err })
	if err != nil {
		return err
	}
	err = o.points.Change(ctx, it.ID, f.Version, "", f.Once, func(x *Point) error {
		x.Seen, x.SeenBy = calendar.Of(o.deps.DB.Now()), name
		return nil
	})
	return o.answer(w, r, err, web.T(ctx, "Det är antecknat att stället sågs öppet i dag."), o.points.Href(p.ID, it.ID))
}

// postTwins decides whether two points that lie close are one place.
func (o *Room) postTwins(w http.ResponseWriter, r *http.Request) error {
	p, err := o.projectOf(r, "service.edit")
	if err != nil {
		return err
	}
	f, err := web.Bind(r, formLimit)
	if err != nil {
		return err
	}
	a, okA := f.Int("a")
	b, okB := f.Int("b")
	if !okA || !okB {
		return fail.New(fail.Invalid, "Välj två ställen.")
	}
	ctx := r.Context()
	err = o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := o.writable(ctx, tx, p.ID, "service.edit"); err != nil {
			return err
		}
		if err := db.Once(ctx, tx, f.Once); err != nil {
			return err
		}
		first, err := o.points.Noun.Get(ctx, tx, journal.ID(a))
		if err != nil {
			return err
		}
		second, err := o.points.Noun.Get(ctx, tx, journal.ID(b))
		if err != nil {
			return err
		}
		if first.Project != p.ID || second.Project != p.ID {
			return fail.New(fail.NotFound, "Stället finns inte.")
		}
		if f.Get("go") == "tva" {
			first.Is.Apart = append(first.Is.Apart, second.ID)
			return o.points.SaveIn(ctx, tx, p, first, first.State, journal.Act{Name: "service.edit", Reason: "Två olika ställen"})
		}
		spot := or(first.Is.Spot, or(second.Is.Spot, first.Is.Name))
		for _, it := range []*journal.Item[Point]{&first, &second} {
			if it.Is.Spot == spot {
				continue
			}
			it.Is.Spot = spot
			if err := o.points.SaveIn(ctx, tx, p, *it, it.State, journal.Act{Name: "service.edit", Reason: "Samma ställe"}); err != nil {
				return err
			}
		}
		return nil
	})
	return o.answer(w, r, err, web.T(ctx, "Det är antecknat."), o.points.ListHref(p.ID))
}
