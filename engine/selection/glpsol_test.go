package selection

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// cplexLP writes the problem in CPLEX's LP format.
func cplexLP(in *instance) string {
	var b strings.Builder
	b.WriteString("Maximize\n obj:")
	for i, s := range in.score {
		fmt.Fprintf(&b, " %+d x%d\n", s, i)
	}
	b.WriteString("Subject To\n")
	for r, row := range in.rows {
		var sum strings.Builder
		for i, a := range in.atoms {
			for k, at := range a.row {
				if at == r {
					fmt.Fprintf(&sum, " %+d x%d\n", a.coef[k], i)
				}
			}
		}
		if sum.Len() > 0 {
			fmt.Fprintf(&b, " l%d:%s >= %d\n u%d:%s <= %d\n", r, sum.String(), row.lo, r, sum.String(), row.hi)
		}
	}
	b.WriteString("Bounds\n")
	for i, a := range in.atoms {
		fmt.Fprintf(&b, " %d <= x%d <= %d\n", a.lo, i, a.hi)
	}
	b.WriteString("Generals\n")
	for i := range in.atoms {
		fmt.Fprintf(&b, " x%d\n", i)
	}
	return b.String() + "End\n"
}

// glpsol solves the problem with GLPK and returns the objective in units.
func glpsol(t testing.TB, in *instance) (value int64, took time.Duration) {
	t.Helper()
	if _, err := exec.LookPath("glpsol"); err != nil {
		t.Skip("glpsol is not installed (Debian: glpk-utils)")
	}
	dir := t.TempDir()
	model, result := filepath.Join(dir, "m.lp"), filepath.Join(dir, "out")
	if err := os.WriteFile(model, []byte(cplexLP(in)), 0o600); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if out, err := exec.Command("glpsol", "--lp", model, "-w", result).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	took = time.Since(start)
	b, err := os.ReadFile(result)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(b), "\n") {
		var rows, cols int
		var status string
		var v float64
		if n, _ := fmt.Sscanf(line, "s mip %d %d %s %g", &rows, &cols, &status, &v); n == 4 && status == "o" {
			return int64(v + 0.5), took
		}
	}
	t.Fatalf("glpsol found no optimum:\n%s", b)
	return 0, took
}

// TestBestAgainstGLPK holds larger cases, with and without joint applications,
// against GLPK's branch and bound.
func TestBestAgainstGLPK(t *testing.T) {
	for seed := range uint64(12) {
		p := sweden(120+20*int(seed%9), seed, int(seed%3)*12)
		a, err := Best(p, Options{NoWhyNot: true})
		if err != nil || a.Status != Optimal || Verify(p, a) != nil {
			t.Fatal(seed, err, a.Status)
		}
		in, _ := newInstance(p)
		value, _ := glpsol(t, in)
		if got := in.points(value); got != a.Value.String() {
			t.Errorf("seed %d: %s, GLPK finds %s", seed, a.Value, got)
		}
	}
}

// TestRatioToGLPK prints how long both take for optimum and proof at 290
// applications. bench/select/run.sh runs it; elsewhere it is skipped.
func TestRatioToGLPK(t *testing.T) {
	if os.Getenv("BENCH_SELECT") == "" {
		t.Skip("a measurement, run by bench/select/run.sh")
	}
	for _, joint := range []int{0, 20} {
		p := sweden(290, 1, joint)
		in, _ := newInstance(p)
		var own, other time.Duration
		const rounds = 5
		for range rounds {
			start := time.Now()
			r, err := newInstance(p)
			if err != nil {
				t.Fatal(err)
			}
			lo, hi := r.bounds()
			r.ask(query{cost: r.score, lo: lo, hi: hi, options: options{above: nothing, tree: true}})
			own += time.Since(start)
			_, took := glpsol(t, in)
			other += took
		}
		fmt.Printf("290 applications, %2d joint: own %8.2f ms with proof, glpsol %8.2f ms with its start and no proof, ratio %.1f\n",
			joint, float64(own.Microseconds())/1000/rounds, float64(other.Microseconds())/1000/rounds, float64(other)/float64(own))
	}
}
