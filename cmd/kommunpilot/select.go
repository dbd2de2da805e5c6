package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"

	"kommunpilot/base/kommun"
	"kommunpilot/engine/selection"
)

// exitInfeasible is the code of an answer that says that the rules contradict each other.
const exitInfeasible = 3

// SelectCmd selects applications by score or by lot, with proof.
type SelectCmd struct {
	Applications string `placeholder:"FILE.csv" help:"The applications: id,municipalities,score and further columns."`
	Rules        string `placeholder:"FILE.toml" help:"Places, must, never, quotas and spread."`
	Problem      string `placeholder:"FILE.json" help:"The stored input of a run (underlag.json of its page), in place of --applications and --rules."`
	Method       string `enum:"best,lottery" default:"best" help:"best (highest score sum) or lottery (fairest lot)."`
	Seed         string `placeholder:"N" help:"The seed of the lottery, and of ties when the rules say tie = \"lot\"."`
	JSON         bool   `name:"json" help:"Write the whole answer as JSON."`
	Nodes        int    `default:"200000" help:"Limit of each search, in nodes; an answer beyond it says that it is not proved."`
	Check        string `placeholder:"ANSWER.json" help:"Check an earlier answer (from --json) against the files instead of selecting."`
}

// Help says what the exit codes mean.
func (SelectCmd) Help() string {
	return `Selects among applications under quotas and proves the answer; docs/select.md describes the files.

Exit codes: 0 an answer, 2 wrong input (every error with its line), 3 no answer: the rules contradict each other, or the limit was hit before any selection was found.`
}

// Run selects and writes the answer.
func (c *SelectCmd) Run(out *Streams) error {
	p, faults, err := c.read(kommun.Default())
	if err != nil {
		return &exitError{exitBadInput, err}
	}
	for _, f := range faults {
		_, _ = fmt.Fprintln(out.Err, f.String())
	}
	if n := faults.errors(); n > 0 {
		return &exitError{exitBadInput, fmt.Errorf("%d fel i indata; inget urval gjordes", n)}
	}
	if c.Check != "" {
		return c.check(p, out.Out)
	}
	if c.Method == "lottery" && c.Seed == "" {
		return &exitError{exitBadInput, errors.New("lottningen behöver ett frö: --seed N")}
	}
	options := selection.Options{Nodes: c.Nodes}
	var a *selection.Answer
	if c.Method == "lottery" {
		a, err = selection.Lottery(p, c.Seed, options)
	} else {
		a, err = selection.Best(p, options)
	}
	if err != nil {
		var input *selection.InputError
		if errors.As(err, &input) {
			return &exitError{exitBadInput, err}
		}
		return err
	}
	if err := c.write(out.Out, p, a); err != nil {
		return err
	}
	if a.Status == selection.Infeasible {
		return &exitError{exitInfeasible, errors.New("reglerna går inte att uppfylla samtidigt")}
	}
	if a.Status == selection.Bounded && len(a.Selected) == 0 {
		return &exitError{exitInfeasible, fmt.Errorf("sökningen nådde sin gräns (--nodes %d) innan den fann något urval; höj gränsen", c.Nodes)}
	}
	return nil
}

// check verifies an answer that was written before.
func (c *SelectCmd) check(p *selection.Problem, w io.Writer) error {
	b, err := os.ReadFile(c.Check)
	if err != nil {
		return &exitError{exitBadInput, err}
	}
	var a selection.Answer
	if err := json.Unmarshal(b, &a); err != nil {
		return &exitError{exitBadInput, fmt.Errorf("%s: %w", c.Check, err)}
	}
	verify := selection.Verify
	if a.Method == "lottery" && a.Status != selection.Infeasible {
		verify = selection.VerifyLottery
	}
	if err := verify(p, &a); err != nil {
		return &exitError{exitFailed, err}
	}
	_, err = fmt.Fprintf(w, "Svaret håller: %s, indata %s\n", a.Status, a.Input)
	return err
}

func (c *SelectCmd) write(w io.Writer, p *selection.Problem, a *selection.Answer) error {
	if !c.JSON {
		_, err := io.WriteString(w, protocol(p, a))
		return err
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(a)
}

// fault is one thing to say about an input file.
type fault struct {
	File    string
	Line    int
	What    string
	Mend    string
	Warning bool
}

// String is the fault as one line: where, what, how to mend.
func (f fault) String() string {
	s := fmt.Sprintf("%s:%d: ", f.File, f.Line)
	if f.Warning {
		s += "obs: "
	}
	s += f.What
	if f.Mend != "" {
		s += ". " + f.Mend
	}
	return s
}

// faults collects what is said about the input files.
type faults []fault

func (fs faults) errors() (n int) {
	for _, f := range fs {
		if !f.Warning {
			n++
		}
	}
	return n
}

// stored reads the input that a run of the platform has stored.
func (c *SelectCmd) stored() (*selection.Problem, error) {
	if c.Applications != "" || c.Rules != "" {
		return nil, errors.New("ge antingen --problem eller --applications och --rules, inte båda")
	}
	b, err := os.ReadFile(c.Problem)
	if err != nil {
		return nil, err
	}
	p := &selection.Problem{}
	if err := json.Unmarshal(b, p); err != nil {
		return nil, fmt.Errorf("%s: filen är inte ett underlag som plattformen har skrivit: %w", c.Problem, err)
	}
	if issues := p.Validate(); len(issues) > 0 {
		return nil, fmt.Errorf("%s: %s: %s. Hämta underlaget på nytt från körningens sida", c.Problem, issues[0].Where, issues[0].What)
	}
	return p, nil
}

// read reads both files into a problem. The error is about a file that cannot
// be opened; everything wrong inside the files is in faults.
func (c *SelectCmd) read(register *kommun.Register) (*selection.Problem, faults, error) {
	if c.Problem != "" {
		p, err := c.stored()
		return p, nil, err
	}
	if c.Applications == "" || c.Rules == "" {
		return nil, nil, errors.New("ge --applications FILE.csv och --rules FILE.toml, eller --problem FILE.json")
	}
	applications, err := os.ReadFile(c.Applications)
	if err != nil {
		return nil, nil, err
	}
	rules, err := os.ReadFile(c.Rules)
	if err != nil {
		return nil, nil, err
	}
	p := &selection.Problem{}
	a := applicationReader{file: c.Applications, register: register, lottery: c.Method == "lottery"}
	p.Applications = a.read(applications)
	r := rulesReader{file: c.Rules, text: string(rules), apps: &a, list: p.Applications, seed: c.Seed, register: register}
	p.Rules = r.read(rules)
	a.attributes(p.Applications, p.Rules)
	if s := p.Rules.Spread; s != nil && s.Objective == selection.SpreadMinDistance {
		p.Distances = distances(p.Applications, register)
	}
	return p, slices.Concat(a.faults, r.faults), nil
}

// distances are the distances in metres between the main localities of all
// municipalities that apply, rounded to 100 m so that no processor's last bit
// of a sine can change an answer.
func distances(apps []selection.Application, register *kommun.Register) (out []selection.Distance) {
	var codes []string
	for _, a := range apps {
		for _, m := range a.Municipalities {
			codes = append(codes, m.Code)
		}
	}
	slices.Sort(codes)
	codes = slices.Compact(codes)
	for i, b := range codes {
		kb, _ := register.ByCode(b)
		for _, a := range codes[:i] {
			ka, _ := register.ByCode(a)
			metres := 100 * int64(math.Round(kommun.Distance(ka, kb)/100))
			out = append(out, selection.Distance{A: a, B: b, Metres: metres})
		}
	}
	return out
}

// protocol is the answer in Swedish, to be read and printed.
func protocol(p *selection.Problem, a *selection.Answer) string {
	var b bytes.Buffer
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(&b, format+"\n", args...) }
	line("URVALSPROTOKOLL")
	line("")
	line("Metod:    %s", map[string]string{"best": "högsta sammanlagda poäng", "lottery": "rättvis lottning (leximin)"}[a.Method])
	line("Platser:  %d av %d ansökningar", p.Rules.Places, len(p.Applications))
	line("Indata:   %s", a.Input)
	line("Program:  %s", a.Engine)
	line("Utfall:   %s", map[selection.Status]string{selection.Optimal: "bevisat", selection.Infeasible: "reglerna går inte att uppfylla samtidigt",
		selection.Bounded: "inte bevisat, sökningen nådde sin gräns"}[a.Status])
	if a.Status == selection.Infeasible {
		line("\nDetta går inte ihop:")
		for _, c := range a.Conflict {
			line("  - %s", c.Text)
		}
		line("\nMinsta ändring som hjälper:")
		for _, c := range a.Relaxation {
			line("  - %s", c.Text)
		}
		return b.String()
	}
	if a.Value != "" {
		line("Poäng:    %s (högsta möjliga enligt beviset: %s)", a.Value, a.Bound)
	}
	if s := a.Spread; s != nil {
		line("Spridning: %s %d (högst möjligt %d), poäng som gavs upp: %s", s.Objective, s.Value, s.Bound, s.GivenUp)
	}
	line("\nValda:")
	names := map[string]string{}
	score := map[string]string{}
	for _, app := range p.Applications {
		var parts []string
		for _, m := range app.Municipalities {
			parts = append(parts, m.Attributes["name"])
		}
		names[app.ID], score[app.ID] = strings.Join(parts, " + "), app.Score.String()
	}
	for _, id := range a.Selected {
		line("  %-12s %8s  %s", id, score[id], names[id])
	}
	if a.Draw != nil {
		lotteryProtocol(line, a)
	}
	if len(a.WhyNot) > 0 {
		line("\nInte valda, och varför:")
		for _, w := range a.WhyNot {
			line("  %-12s %s: %s", w.ID, names[w.ID], w.Text)
		}
	}
	return b.String()
}

func lotteryProtocol(line func(string, ...any), a *selection.Answer) {
	d := a.Draw
	line("\nLottningen:")
	line("  frö          %s", d.Seed)
	line("  utfästelse   %s", d.Commitment)
	line("  lott         %s av %s", d.Ticket, d.Tickets)
	line("  panel        %d av %d", d.Drawn+1, len(d.Panels))
	if o := d.OffBy; o != nil {
		line("\nInte bevisat: den minsta chansen efter steg %d är %s. Den kan i ingen lottning bli större än %s; högst %s (%s) är kvar att vinna.",
			o.Stage, o.Chance, o.Limit, o.Gap, o.Decimal)
	}
	line("\nSannolikheter:")
	for _, c := range d.Probabilities {
		line("  %-12s %s  (%s)", c.ID, c.Decimal, c.Probability)
	}
	line("\nPaneler:")
	for k, panel := range d.Panels {
		line("  %4d  %s  %s", k+1, panel.Weight, strings.Join(panel.IDs, " "))
	}
}
