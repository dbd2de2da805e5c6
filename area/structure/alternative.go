package structure

import (
	"context"
	"net/url"
	"slices"
	"strconv"

	"kommunpilot/base/web"
	"kommunpilot/engine/scenario"
)

// alternative is a scenario of one step as a form has it.
type alternative struct {
	Name, Kind               string
	Members                  []string
	From                     int64
	Rule, Protection         string
	Areas                    []string
	Form, Host, Key, Payment string
	OneOff, Fixed            float64
}

// step is the change that the form says.
func (a *alternative) step() scenario.Step {
	st := scenario.Step{Kind: scenario.Kind(a.Kind), Members: slices.Clone(a.Members), From: int(a.From)}
	if st.Kind == scenario.Merger {
		st.Rule, st.Protection, st.OneOff = scenario.RateRule(a.Rule), scenario.Protection(a.Protection), a.OneOff*1e6
		return st
	}
	st.Areas, st.Form, st.Host, st.Key, st.Fixed = slices.Clone(a.Areas), scenario.Form(a.Form), a.Host, scenario.Key(a.Key), a.Fixed
	st.Responsibility = st.Kind == scenario.Asymmetric && a.Payment == "ansvar"
	return st
}

// alternativeOf is the first step of a scenario.
func alternativeOf(s *scenario.Scenario) alternative {
	a := alternative{Name: s.Name}
	if len(s.Steps) == 0 {
		return a
	}
	st := &s.Steps[0]
	a.Kind, a.Members, a.From, a.Rule, a.Protection, a.Areas = string(st.Kind), st.Members, int64(st.From), string(st.Rule), string(st.Protection), st.Areas
	a.Form, a.Host, a.Key, a.OneOff, a.Fixed, a.Payment = string(st.Form), st.Host, string(st.Key), st.OneOff/1e6, st.Fixed, "avtal"
	if st.Responsibility {
		a.Payment = "ansvar"
	}
	return a
}

// values fill the form.
func (a alternative) values(nr string) url.Values {
	v := url.Values{"name": {a.Name}, "kind": {a.Kind}, "members": a.Members, "from": {strconv.FormatInt(a.From, 10)}, "rule": {a.Rule}, "protection": {a.Protection},
		"areas": a.Areas, "form": {a.Form}, "host": {a.Host}, "key": {a.Key}, "payment": {a.Payment}, "nr": {nr}}
	if a.OneOff > 0 {
		v.Set("one_off", strconv.FormatFloat(a.OneOff, 'f', -1, 64))
	}
	if a.Fixed > 0 {
		v.Set("fixed", strconv.FormatFloat(a.Fixed, 'f', -1, 64))
	}
	return v
}

// fields of the form. Members are those that were chosen on the map or the list.
func (a *alternative) fields(ctx context.Context, c *scenario.Country, members []string) []web.Bound {
	var chosen []web.Option
	hosts := []web.Option{{Value: scenario.RegionCode, Label: web.T(ctx, "Regionen")}}
	for _, code := range members {
		if i, ok := c.Find(code); ok {
			chosen = append(chosen, web.Option{Value: code, Label: c.Units[i].Name})
			hosts = append(hosts, web.Option{Value: code, Label: c.Units[i].Name})
		}
	}
	var areas []web.Option
	for _, x := range scenario.DefaultAreas() {
		areas = append(areas, web.Option{Value: x.Code, Label: x.Name})
	}
	choice := func(values ...string) (out []web.Option) {
		for _, v := range values {
			out = append(out, web.Option{Value: v, Label: web.T(ctx, v)})
		}
		return out
	}
	return []web.Bound{
		{Input: web.Input{Name: "name", Label: web.T(ctx, "Alternativets namn"), Required: true, MaxLength: 100}, To: &a.Name},
		{Input: web.Input{Name: "members", Label: web.T(ctx, "Kommuner"), Hint: web.T(ctx, "Valda på kartan eller i listan.")}, Kind: web.AsMany, To: &a.Members, Options: chosen},
		{Input: web.Input{Name: "from", Label: web.T(ctx, "Gäller från år"), Hint: web.T(ctx, "En ny kommun bildas den 1 januari året efter ett val: 2027, 2031."), Required: true, Width: "short"}, Kind: web.AsWhole, To: &a.From, Low: scenario.ReferenceBase + 1, High: scenario.ReferenceBase + scenario.MostYears},
		{Input: web.Input{Name: "kind", Label: web.T(ctx, "Vad ändras?"), Required: true}, Kind: web.AsRadio, To: &a.Kind, Options: []web.Option{
			{Value: string(scenario.Merger), Label: web.T(ctx, "Sammanläggning"), Hint: web.T(ctx, "Kommunerna blir en.")},
			{Value: string(scenario.Cooperation), Label: web.T(ctx, "Samverkan"), Hint: web.T(ctx, "De sköter några områden tillsammans.")},
			{Value: string(scenario.Asymmetric), Label: web.T(ctx, "Asymmetrisk lösning"), Hint: web.T(ctx, "En kommun, eller regionen, tar över en uppgift.")},
		}},
		{Input: web.Input{Name: "rule", Label: web.T(ctx, "Ny kommun: skattesats från första dagen")}, Kind: web.AsChoice, To: &a.Rule, Options: choice(string(scenario.Required), string(scenario.Weighted), string(scenario.Lowest))},
		{Input: web.Input{Name: "one_off", Label: web.T(ctx, "Ny kommun: engångskostnad i miljoner kronor"), Hint: web.T(ctx, "Tomt: förvalet räknas efter antal kommuner och invånare."), Width: "short"}, Kind: web.AsNumber, To: &a.OneOff},
		{Input: web.Input{Name: "protection", Label: web.T(ctx, "Ny kommun: skydd mot förlorad utjämning"), Hint: web.T(ctx, "Sverige har inget sådant skydd i underlaget.")}, Kind: web.AsChoice, To: &a.Protection, Options: []web.Option{{Value: string(scenario.NoProtection), Label: web.T(ctx, "inget")}, {Value: string(scenario.Norway), Label: web.T(ctx, "som i Norge: 15 år och 5 års nedtrappning")}, {Value: string(scenario.Luzern), Label: web.T(ctx, "som i Luzern: 6 år och 1 år till hälften")}}},
		{Input: web.Input{Name: "areas", Label: web.T(ctx, "Samverkan eller uppgift: områden")}, Kind: web.AsMany, To: &a.Areas, Options: areas},
		{Input: web.Input{Name: "form", Label: web.T(ctx, "Samverkan: form")}, Kind: web.AsChoice, To: &a.Form, Options: choice(string(scenario.Agreement), string(scenario.JointBoard), string(scenario.Federation))},
		{Input: web.Input{Name: "host", Label: web.T(ctx, "Värd eller utförare")}, Kind: web.AsChoice, To: &a.Host, Options: hosts},
		{Input: web.Input{Name: "key", Label: web.T(ctx, "Kostnaden delas efter")}, Kind: web.AsChoice, To: &a.Key, Options: choice(string(scenario.ByInhabitants), string(scenario.ByNeed), string(scenario.ByUse), string(scenario.FixedAndUse))},
		{Input: web.Input{Name: "fixed", Label: web.T(ctx, "Fast och rörlig: den fasta delen, 0 till 1"), Width: "short"}, Kind: web.AsNumber, To: &a.Fixed},
		{Input: web.Input{Name: "payment", Label: web.T(ctx, "Asymmetrisk: hur betalas uppgiften?")}, Kind: web.AsChoice, To: &a.Payment, Options: []web.Option{{Value: "avtal", Label: web.T(ctx, "genom avtal, efter nyckeln")}, {Value: "ansvar", Label: web.T(ctx, "regionen får ansvaret, med skatteväxling i länet")}}},
	}
}
