package structure

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"kommunpilot/engine/scenario"
)

// Files are all files of a result by name: tables as CSV, charts as SVG, the
// plan, the leading numbers as JSON, and the memo as HTML and DOCX. The same
// result gives the same bytes.
func Files(r *scenario.Result, f Frame) (map[string][]byte, error) {
	out := Charts(r)
	for _, t := range r.Tables() {
		out[t.Name+".csv"] = t.CSV()
	}
	out["plan.scenario"] = r.Plan.File()
	leading, err := json.MarshalIndent(Leading(r), "", "  ")
	if err != nil {
		return nil, fmt.Errorf("structure: %w", err)
	}
	out["ledande.json"] = append(leading, '\n')
	memo := Memo(r, f)
	out["memo.html"] = memo.HTML()
	if out["memo.docx"], err = memo.DOCX(); err != nil {
		return nil, fmt.Errorf("structure: %w", err)
	}
	return out, nil
}

// Numbers are the leading numbers of a run.
type Numbers struct {
	Title     string       `json:"title"`
	Year      int          `json:"year"`
	Draws     int          `json:"draws"`
	Seed      uint64       `json:"seed"`
	Scenarios []NumbersOne `json:"scenarios"`
	Notes     []string     `json:"notes"`
}

// NumbersOne are those of a scenario; the first is doing nothing.
type NumbersOne struct {
	ID      string          `json:"id"`
	Name    string          `json:"name"`
	Sum     bool            `json:"pure_summation"`
	Units   []NumbersUnit   `json:"units"`
	Changes []NumbersChange `json:"changes"`
	OneOff  *NumbersBand    `json:"one_off_kr,omitempty"`
}

// NumbersUnit is a unit's required rate and population in the year.
type NumbersUnit struct {
	Code       string      `json:"code"`
	Name       string      `json:"name"`
	Population NumbersBand `json:"population"`
	Rate       NumbersBand `json:"required_rate"`
}

// NumbersChange is a municipality's paired change of the required rate against
// doing nothing.
type NumbersChange struct {
	Code           string      `json:"code"`
	Name           string      `json:"name"`
	AgainstNothing NumbersBand `json:"against_nothing"`
	AgainstSum     NumbersBand `json:"against_pure_summation"`
	AgainstToday   NumbersBand `json:"against_today"`
	Lower          float64     `json:"probability_lower"`
	Higher         float64     `json:"probability_higher"`
}

// NumbersBand is a mean and quantiles.
type NumbersBand struct {
	Mean float64 `json:"mean"`
	Q05  float64 `json:"q05"`
	Q10  float64 `json:"q10"`
	Q25  float64 `json:"q25"`
	Q50  float64 `json:"q50"`
	Q75  float64 `json:"q75"`
	Q90  float64 `json:"q90"`
	Q95  float64 `json:"q95"`
}

func band(b scenario.Band) NumbersBand {
	q := b.Q
	return NumbersBand{b.Mean, q[0], q[1], q[2], q[3], q[4], q[5], q[6]}
}

// Leading are the numbers that a result leads with.
func Leading(r *scenario.Result) Numbers {
	year := r.Plan.ShownYear()
	out := Numbers{Title: r.Plan.Title, Year: year, Draws: r.Draws, Seed: r.Seed, Notes: r.Notes}
	for i := range r.Variants {
		v := &r.Variants[i]
		one := NumbersOne{ID: v.ID, Name: v.Name, Sum: v.Sum, Units: []NumbersUnit{}, Changes: []NumbersChange{}}
		for _, u := range lead(r, v) {
			rate, _ := v.Get(u, year-r.Plan.Base, scenario.RequiredRate)
			people, ok := v.Get(u, year-r.Plan.Base, scenario.Population)
			if ok {
				one.Units = append(one.Units, NumbersUnit{v.Units[u].Code, v.Units[u].Name, band(people), band(rate)})
			}
		}
		for j := range v.Changes {
			if c := &v.Changes[j]; c.Year == year && c.Indicator == scenario.RequiredRate {
				name := c.Code
				if at := v.Unit(c.Code); at >= 0 {
					name = v.Units[at].Name
				}
				one.Changes = append(one.Changes, NumbersChange{c.Code, name, band(c.Nothing), band(c.Sum), band(c.Today), c.Lower, c.Higher})
			}
		}
		if b := r.OneOff[v.ID]; b.Mean > 0 {
			x := band(b)
			one.OneOff = &x
		}
		out.Scenarios = append(out.Scenarios, one)
	}
	return out
}

// Summary writes the leading numbers as a person reads them in a terminal.
func Summary(w io.Writer, r *scenario.Result) error {
	n := Leading(r)
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n%d, %d framtider, frö %d. Kronor i skatt per 100 kronor; mitten, och inom parentes åtta framtider av tio.\n\n", orElse(n.Title, "Strukturscenarier"), n.Year, n.Draws, n.Seed)
	t := tabwriter.NewWriter(&b, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "Alternativ\tNödvändig skattesats\tÄndring mot att inget göra")
	for _, s := range n.Scenarios {
		if s.Sum {
			continue
		}
		for i, u := range s.Units {
			name, change := "", ""
			if i == 0 {
				name = s.Name
			}
			for _, c := range s.Changes {
				if c.Code == u.Code {
					change = change1(c)
				}
			}
			_, _ = fmt.Fprintf(t, "%s\t%s %s (%s till %s)\t%s\n", name, u.Name, number(u.Rate.Q50, 2), number(u.Rate.Q10, 2), number(u.Rate.Q90, 2), change)
		}
		for _, c := range s.Changes {
			if !alone(s.Units, c.Code) {
				_, _ = fmt.Fprintf(t, "\t  %s\t%s\n", c.Name, change1(c))
			}
		}
		if s.OneOff != nil {
			_, _ = fmt.Fprintf(t, "\tengångskostnad %s (%s till %s)\t\n", millions(s.OneOff.Q50), number(s.OneOff.Q10/1e6, 0), millions(s.OneOff.Q90))
		}
	}
	_ = t.Flush() // a buffer takes everything
	_, err := io.WriteString(w, strings.ReplaceAll(b.String(), "\u00a0", " "))
	return err
}

func alone(units []NumbersUnit, code string) bool {
	for _, u := range units {
		if u.Code == code {
			return true
		}
	}
	return false
}

func change1(c NumbersChange) string {
	return fmt.Sprintf("%s (%s till %s)", signed(c.AgainstNothing.Q50, 2), signed(c.AgainstNothing.Q10, 2), signed(c.AgainstNothing.Q90, 2))
}
