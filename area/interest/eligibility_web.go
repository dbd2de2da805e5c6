package interest

import (
	"net/http"
	"net/url"
	"strings"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/web"
)

// judging is the page on which an officer decides on eligibility.
type judging struct {
	view
	results []RuleResult
	others  []string // applications in which the same municipalities take part
	form    web.Form
}

func (n *Room) judging(r *http.Request, judged map[string]string) (j judging, err error) {
	a, err := id.Path[ApplicationID](r, "id")
	if err != nil {
		return j, err
	}
	ctx := r.Context()
	err = n.deps.DB.Read(ctx, func(q db.Q) error {
		m, err := n.matter(ctx, q, a)
		if err != nil {
			return err
		}
		if err := may(ctx, "application.assess_eligibility", m.resource()); err != nil {
			return err
		}
		if j.view, err = n.view(ctx, q, m); err != nil {
			return err
		}
		j.results = m.run(n.deps.Register(m.Edition), judged)
		if j.eligibility != nil {
			j.results = j.eligibility.Results
		}
		j.others, err = otherApplications(ctx, q, m)
		return err
	})
	return j, err
}

func (n *Room) eligibilityForm(w http.ResponseWriter, r *http.Request) error {
	j, err := n.judging(r, nil)
	if err != nil {
		return err
	}
	v := url.Values{}
	failed := false
	for _, x := range j.results {
		failed = failed || !x.Passed
	}
	if !failed {
		v.Set("motive", "Alla formella regler är uppfyllda.")
	}
	j.form = web.NewForm(v)
	return renderJudging(w, r, http.StatusOK, j)
}

func renderJudging(w http.ResponseWriter, r *http.Request, status int, j judging) error {
	ctx := r.Context()
	return web.Render(w, r, status, j.page(ctx, web.T(ctx, "Behörighet")), eligibilityPage(j))
}

func (n *Room) decideEligibility(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Bind(r, maxForm)
	if err != nil {
		return err
	}
	judged := map[string]string{}
	for name := range f.Values {
		if rule, ok := strings.CutPrefix(name, "rule-"); ok {
			judged[rule] = f.Get(name)
		}
	}
	j, err := n.judging(r, judged)
	if err != nil {
		return err
	}
	answer := f.Get("eligible")
	if answer != "ja" && answer != "nej" {
		err = fail.Fields(fail.Field{Name: "eligible", Message: "Välj om intresseanmälan är behörig."})
	} else {
		err = n.DecideEligibility(r.Context(), j.m.ID, Judging{Eligible: answer == "ja", Motive: f.Get("motive"), Judged: judged, Once: f.Once})
	}
	switch {
	case err == nil, twice(err):
		return web.Redirect(w, r, j.href("/behorighet"))
	case fail.Is(err, fail.Invalid), fail.Is(err, fail.Conflict):
		j.form = f.WithError(err)
		return renderJudging(w, r, fail.Status(err), j)
	}
	return err
}

func (n *Room) completionPage(w http.ResponseWriter, r *http.Request) error {
	v, err := n.load(r)
	if err != nil {
		return err
	}
	return n.renderCompletion(w, r, http.StatusOK, v, web.NewForm(nil))
}

func (n *Room) renderCompletion(w http.ResponseWriter, r *http.Request, status int, v view, f web.Form) error {
	ctx := r.Context()
	return web.Render(w, r, status, v.page(ctx, web.T(ctx, "Komplettering")), completionBody(v, f))
}

func (n *Room) requestCompletion(w http.ResponseWriter, r *http.Request) error {
	v, err := n.load(r)
	if err != nil {
		return err
	}
	f, err := web.Bind(r, maxForm)
	if err != nil {
		return err
	}
	day, ok := f.Day("deadline")
	err = nil
	if !ok {
		err = fail.Fields(fail.Field{Name: "deadline", Message: "Skriv datumet som år-månad-dag, till exempel 2026-03-31."})
	}
	if err == nil {
		err = n.RequestCompletion(r.Context(), v.m.ID, Completion{Text: f.Get("text"), Sections: f.All("sections"), Deadline: day}, f.Once)
	}
	return n.afterCompletion(w, r, v, f, err)
}

func (n *Room) answerCompletion(w http.ResponseWriter, r *http.Request) error {
	v, err := n.load(r)
	if err != nil {
		return err
	}
	f, err := web.Bind(r, maxForm)
	if err != nil {
		return err
	}
	err = n.AnswerCompletion(r.Context(), v.m.ID, f.Get("answer"), Sending{Once: f.Once})
	return n.afterCompletion(w, r, v, f, err)
}

func (n *Room) afterCompletion(w http.ResponseWriter, r *http.Request, v view, f web.Form, err error) error {
	switch {
	case err == nil, twice(err):
		return web.Redirect(w, r, v.href("/komplettering"))
	case fail.Is(err, fail.Invalid), fail.Is(err, fail.Conflict):
		return n.renderCompletion(w, r, fail.Status(err), v, f.WithError(err))
	}
	return err
}

// earliest is the first day that can be a deadline.
func (v view) earliest() calendar.Date { return calendar.Of(v.now).AddDays(1) }
