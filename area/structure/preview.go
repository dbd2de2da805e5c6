package structure

import (
	"context"
	"slices"
	"strconv"
	"sync"

	"kommunpilot/base/fail"
	"kommunpilot/engine/scenario"
)

// previewDraws is how many futures a preview draws: enough to see the picture
// while the meeting watches.
const previewDraws = 200

// keptProjections is how many projections are kept, so that a slider that moves
// no person is answered at once.
const keptProjections = 4

// previews computes previews, two at a time.
type previews struct {
	mu     sync.Mutex
	kept   []*scenario.Projection
	at     chan struct{}
	atOnce sync.Once
}

// run computes a plan with few draws. Errors of the plan are *scenario.Problems
// or *scenario.InputError.
func (v *previews) run(ctx context.Context, p *scenario.Plan, seed uint64) (*scenario.Result, error) {
	country, err := Country()
	if err != nil {
		return nil, err
	}
	v.atOnce.Do(func() { v.at = make(chan struct{}, 2) })
	select {
	case v.at <- struct{}{}:
		defer func() { <-v.at }()
	case <-ctx.Done():
		return nil, fail.New(fail.Unavailable, "Det är många som räknar just nu. Försök igen om en stund.")
	}
	o := scenario.Options{Draws: previewDraws, Seed: seed, Stop: func() bool { return ctx.Err() != nil }}
	for _, k := range v.list() {
		if k.Fits(country, p) && k.Seed == seed {
			o.Projection = k
		}
	}
	r, err := scenario.Run(country, p, o)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, ctx.Err()
	}
	v.keep(r.Projection)
	return r, nil
}

func (v *previews) list() []*scenario.Projection {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.kept)
}

func (v *previews) keep(p *scenario.Projection) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.kept = slices.DeleteFunc(v.kept, func(k *scenario.Projection) bool { return k == p })
	v.kept = append(v.kept, p)
	if len(v.kept) > keptProjections {
		v.kept = v.kept[1:]
	}
}

// preview is what a moved slider is answered with.
type preview struct {
	err    string
	year   int
	rows   []previewRow
	fan    []byte
	fanSay string
	bars   []byte
	barSay string
}

// previewRow is an alternative for a municipality.
type previewRow struct{ name, unit, rate, change, oneOff string }

// picture makes a preview of a plan; what is wrong in it is said in its place.
func (o *Room) picture(ctx context.Context, x *Run) (v preview) {
	p := x.plan()
	if len(p.Scenarios) == 0 {
		return v
	}
	r, err := o.preview.run(ctx, p, uint64(max(x.Seed, 0)))
	if err != nil || r == nil {
		v.err = "Räkningen avbröts."
		if err != nil {
			v.err = err.Error()
		}
		return v
	}
	v.year = p.ShownYear()
	m := &memo{r: r, year: v.year}
	for _, row := range m.first()[0].Table.Rows {
		v.rows = append(v.rows, previewRow{row[0], row[1], row[2], row[3], row[4]})
	}
	first := &r.Variants[1]
	if units := lead(r, first); len(units) > 0 {
		f := fan(r, first, units[0], scenario.RequiredRate)
		v.fan, v.fanSay = f.SVG("fan"), f.Title+". "+f.Desc
	}
	if len(r.Tornado[first.ID]) > 0 {
		c := tornado(r, first.Scenario)
		v.bars, v.barSay = c.SVG("bars"), c.Title+". "+c.Desc
	}
	return v
}

// slider is an assumption as a person moves it.
type slider struct {
	scenario.Assumption
	Low, High, Step float64
	Changed         bool
	Main            bool
}

// mainSliders are those that stand open; the others are behind a heading.
var mainSliders = []string{"aterinvestering", "effekt.administration", "samverkan_effekt", "samordning", "omstallning_grund", "invandring", "barnafodande", "volymtrend"}

// sliders are all assumptions of a run.
func sliders(x *Run) (out []slider) {
	a := x.plan().Assumptions
	defaults := map[string]scenario.Assumption{}
	for _, d := range (&scenario.Assumptions{}).All() {
		defaults[d.Key] = d
	}
	for _, s := range a.All() {
		d := defaults[s.Key]
		l := slider{Assumption: s, Changed: a.Changed(s.Key), Main: slices.Contains(mainSliders, s.Key)}
		switch {
		case d.Key == "barnafodande":
			l.Low, l.High, l.Step = 0, 3, 0.05
		case d.Key == "invandring":
			l.Low, l.High, l.Step = 0, 2, 0.1
		case d.Key == "aterinvestering":
			l.Low, l.High, l.Step = 0, 1, 0.05
		case d.Spread > 0:
			l.Low, l.High = max(d.Value-3*d.Spread, d.Low), min(d.Value+3*d.Spread, d.High)
			l.Step = (l.High - l.Low) / 60
		case d.Value == 0:
			l.Low, l.High, l.Step = max(-0.03, d.Low), min(0.03, d.High), 0.001
		default:
			l.Low, l.High = min(0, 2*d.Value), max(0, 2*d.Value)
			l.Low, l.High = max(l.Low, d.Low), min(l.High, d.High)
			l.Step = (l.High - l.Low) / 40
		}
		l.Low, l.High = min(l.Low, s.Value), max(l.High, s.Value)
		out = append(out, l)
	}
	return out
}

// plain writes a number for an input of a form.
func plain(v float64) string { return strconv.FormatFloat(v, 'g', 10, 64) }
