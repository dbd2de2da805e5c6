package grouping

import (
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// table reads a table of the register that the program carries.
func table(t testing.TB, name string) (rows []map[string]string) {
	t.Helper()
	f, err := os.Open("../../base/kommun/data/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all[1:] {
		row := map[string]string{}
		for i, h := range all[0] {
			row[h] = r[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// sweden is the municipalities of a county, or of the country for "", with
// rates and bases made up from their codes (the register has none).
func sweden(t testing.TB, county string) *Problem {
	t.Helper()
	p := &Problem{Objective: MostUnits}
	var at [][2]float64
	for _, r := range table(t, "skr-2023.csv") {
		if r["valid_to"] != "" || !strings.HasPrefix(r["code"], county) {
			continue
		}
		n, err := strconv.ParseInt(r["population"], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		lat, _ := strconv.ParseFloat(r["lat"], 64)
		lon, _ := strconv.ParseFloat(r["lon"], 64)
		code, _ := strconv.Atoi(r["code"])
		p.Nodes = append(p.Nodes, Node{Code: r["code"], Population: n, TaxRate: 17 + float64(code*7919%600)/100, TaxBase: float64(n) * (180_000 + float64(code*104729%60_000))})
		at = append(at, [2]float64{lat, lon})
	}
	for _, r := range table(t, "neighbours.csv") {
		p.Edges = append(p.Edges, [2]string{r["code_a"], r["code_b"]})
	}
	p.Minutes = func(a, b int) float64 {
		dy, dx := 111.2*(at[a][0]-at[b][0]), 111.2*math.Cos(at[a][0]*math.Pi/180)*(at[a][1]-at[b][1])
		return math.Hypot(dx, dy) * 1.3 / 70 * 60
	}
	return p
}

// numbering is the order of the municipalities in the polygon file of the
// specification, in which its states were counted.
func numbering(t testing.TB) []string {
	t.Helper()
	b, err := os.ReadFile("../../cmd/kommunpilot/grouping_numbering.txt")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(b))
}

func TestV9_PartitionsAndStatesOfEachCounty(t *testing.T) {
	for _, r := range []struct {
		county                     string
		nodes, partitions, reached int
	}{
		{"09", 1, 1, 2}, {"10", 5, 20, 9}, {"13", 6, 40, 18}, {"22", 7, 178, 49}, {"03", 8, 466, 66}, {"23", 8, 632, 84},
		{"07", 8, 610, 85}, {"04", 9, 1244, 127}, {"19", 10, 5707, 337}, {"21", 10, 3194, 331}, {"08", 12, 16724, 492},
		{"18", 12, 60690, 1161}, {"05", 13, 139197, 2221}, {"06", 13, 121600, 2127}, {"25", 14, 490576, 3435},
		{"20", 15, 1167862, 5885}, {"24", 15, 1260196, 7137}, {"17", 16, 3885778, 15305},
	} {
		p := sweden(t, r.county)
		p.Numbering = numbering(t)
		partitions, states, err := Count(p)
		if err != nil || len(p.Nodes) != r.nodes || partitions != r.partitions || states != r.reached {
			t.Errorf("%s: %d nodes, %d partitions, %d states, %v", r.county, len(p.Nodes), partitions, states, err)
		}
		a, err := Solve(p, Options{})
		if err != nil || a.States != r.reached || a.Status != Optimal || a.Value != float64(r.nodes) {
			t.Errorf("%s: %v %v", r.county, a, err)
		}
	}
}

func TestV9_SmallGroupsOfTheCountry(t *testing.T) {
	p := sweden(t, "")
	at := map[string]int{}
	for i, k := range p.Nodes {
		at[k.Code] = i
	}
	adjacent := make([][]int, len(p.Nodes))
	for _, e := range withoutSix(p) {
		a, b := at[e[0]], at[e[1]]
		adjacent[a], adjacent[b] = append(adjacent[a], b), append(adjacent[b], a)
	}
	count := map[int]int{}
	Groups(adjacent, 5, func(m []int) { count[len(m)]++ })
	if want := map[int]int{1: 290, 2: 746, 3: 2601, 4: 10093, 5: 41570}; !reflect.DeepEqual(count, want) {
		t.Errorf("%v", count)
	}
	Groups(adjacent, 0, func([]int) { t.Error("a group of none") })
}

// oracle finds the best grouping by going through every partition.
func oracle(p *Problem) (value float64, units [][]string, partitions int) {
	at := map[string]int{}
	nodes := slices.Clone(p.Nodes)
	slices.SortFunc(nodes, func(a, b Node) int { return strings.Compare(a.Code, b.Code) })
	for i, k := range nodes {
		at[k.Code] = i
	}
	original := map[string]int{}
	for i, k := range p.Nodes {
		original[k.Code] = i
	}
	touch := make([][]bool, len(nodes))
	for i := range touch {
		touch[i] = make([]bool, len(nodes))
	}
	for _, e := range p.Edges {
		a, okA := at[e[0]]
		b, okB := at[e[1]]
		if okA && okB {
			touch[a][b], touch[b][a] = true, true
		}
	}
	minutes := func(a, b int) float64 {
		if a == b {
			return 0
		}
		return math.Round(10*p.Minutes(original[nodes[a].Code], original[nodes[b].Code])) / 10
	}
	allowed := func(m []int) bool {
		var people int64
		for _, i := range m {
			people += nodes[i].Population
		}
		if people < p.MinPopulation || p.MaxMembers > 0 && len(m) > p.MaxMembers {
			return false
		}
		reached := []int{m[0]}
		for k := 0; k < len(reached); k++ {
			for _, j := range m {
				if touch[reached[k]][j] && !slices.Contains(reached, j) {
					reached = append(reached, j)
				}
			}
		}
		if len(reached) != len(m) {
			return false
		}
		inside := func(codes []string) (n int) {
			for _, c := range codes {
				if slices.Contains(m, at[c]) {
					n++
				}
			}
			return n
		}
		for _, codes := range p.Together {
			if n := inside(codes); n > 0 && n < len(codes) {
				return false
			}
		}
		for _, codes := range p.Apart {
			if inside(codes) > 1 {
				return false
			}
		}
		return p.MaxMinutes == 0 || slices.ContainsFunc(m, func(v int) bool {
			return !slices.ContainsFunc(m, func(i int) bool { return minutes(i, v) > p.MaxMinutes+1e-9 })
		})
	}
	cost := func(m []int) float64 {
		switch p.Objective {
		case MostUnits:
			return -1
		case FewestUnits:
			return 1
		case Tax:
			var income, base, v float64
			for _, i := range m {
				income, base = income+nodes[i].TaxBase*nodes[i].TaxRate, base+nodes[i].TaxBase
			}
			for _, i := range m {
				v += float64(nodes[i].Population) * math.Abs(nodes[i].TaxRate-income/base)
			}
			return math.Round(v*1e4) / 1e4
		}
		least := math.Inf(1)
		for _, v := range m {
			sum := 0.0
			for _, i := range m {
				sum += minutes(i, v) * float64(nodes[i].Population)
			}
			least = min(least, sum)
		}
		return least
	}
	value = math.Inf(1)
	var groups [][]int
	var place func(int)
	place = func(i int) {
		if i == len(nodes) {
			sum := 0.0
			for _, m := range groups {
				if !allowed(m) {
					return
				}
				sum += cost(m)
			}
			partitions++
			var named [][]string
			for _, m := range groups {
				var codes []string
				for _, i := range m {
					codes = append(codes, nodes[i].Code)
				}
				named = append(named, codes)
			}
			if better := sum < value-1e-6; better || sum < value+1e-6 && slices.CompareFunc(named, units, slices.Compare[[]string]) < 0 {
				if better {
					value = sum
				}
				units = named
			}
			return
		}
		for g := range groups {
			groups[g] = append(groups[g], i)
			place(i + 1)
			groups[g] = groups[g][:len(groups[g])-1]
		}
		groups = append(groups, []int{i})
		place(i + 1)
		groups = groups[:len(groups)-1]
	}
	place(0)
	switch p.Objective {
	case MostUnits:
		value = -value
	case Travel:
		var people int64
		for _, k := range nodes {
			people += k.Population
		}
		value /= float64(max(1, people))
	}
	return value, units, partitions
}

// randomMap draws a small map with rules, infeasible ones among them.
func randomMap(t *rapid.T) *Problem {
	n := rapid.IntRange(1, 8).Draw(t, "n")
	p := &Problem{Objective: rapid.SampledFrom([]Objective{MostUnits, FewestUnits, Tax, Travel}).Draw(t, "objective")}
	var at [][2]float64
	for i := range n {
		p.Nodes = append(p.Nodes, Node{
			Code: fmt.Sprintf("%04d", 1000+(i*37)%90), Population: int64(rapid.IntRange(0, 50).Draw(t, "people")) * 1000,
			TaxRate: float64(rapid.IntRange(1700, 2400).Draw(t, "rate")) / 100, TaxBase: float64(rapid.IntRange(1, 900).Draw(t, "base")) * 1e6,
		})
		at = append(at, [2]float64{rapid.Float64Range(0, 90).Draw(t, "x"), rapid.Float64Range(0, 90).Draw(t, "y")})
	}
	p.Minutes = func(a, b int) float64 { return math.Hypot(at[a][0]-at[b][0], at[a][1]-at[b][1]) }
	for i := range n {
		for j := range i {
			if rapid.IntRange(0, 9).Draw(t, "edge") < 4 {
				p.Edges = append(p.Edges, [2]string{p.Nodes[j].Code, p.Nodes[i].Code})
			}
		}
	}
	p.MinPopulation = int64(rapid.IntRange(0, 60).Draw(t, "least")) * 1000
	if rapid.Bool().Draw(t, "limited") {
		p.MaxMembers = rapid.IntRange(1, 5).Draw(t, "members")
	}
	if rapid.IntRange(0, 4).Draw(t, "timed") == 0 {
		p.MaxMinutes = float64(rapid.IntRange(10, 90).Draw(t, "minutes"))
	}
	pair := func(name string) []string {
		i := rapid.IntRange(0, n-1).Draw(t, name)
		j := rapid.IntRange(0, n-2).Draw(t, name)
		if j >= i {
			j++
		}
		return []string{p.Nodes[i].Code, p.Nodes[j].Code}
	}
	if n > 1 && rapid.IntRange(0, 3).Draw(t, "together") == 0 {
		p.Together = append(p.Together, pair("mate"))
	}
	if n > 1 && rapid.IntRange(0, 3).Draw(t, "apart") == 0 {
		p.Apart = append(p.Apart, pair("foe"))
	}
	return p
}

func TestV9_OptimumIsThatOfEveryPartition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := randomMap(t)
		value, units, partitions := oracle(p)
		check := func(method string, a *Answer) {
			if partitions == 0 {
				if a.Status != Infeasible {
					t.Fatalf("%s: %v, and no partition is allowed", method, a)
				}
				return
			}
			if a.Status != Optimal || math.Abs(a.Value-value) > 1e-6 || a.Bound != a.Value || !reflect.DeepEqual(a.Units, units) || a.SizeLimit != 0 {
				t.Fatalf("%s: %v %v, want %g %v", method, a, a.Units, value, units)
			}
		}
		a, err := Solve(p, Options{})
		if err != nil {
			t.Fatal(err)
		}
		check("programme", a)
		var codes []string
		for _, k := range p.Nodes {
			codes = append(codes, k.Code)
		}
		numbered := *p
		numbered.Numbering = rapid.Permutation(codes).Draw(t, "numbering")[rapid.IntRange(0, 1).Draw(t, "left out"):]
		if a, err = Solve(&numbered, Options{}); err != nil {
			t.Fatal(err)
		}
		check("numbered programme", a)
		c, err := newCounty(p)
		if err != nil {
			t.Fatal(err)
		}
		b := &Answer{}
		c.large(b, Options{Columns: 1 << 20, Steps: 1 << 20})
		if b.Method != "varje sammanhängande del är en enhet" {
			check("search", b)
		}
		if n, _, err := Count(p); err != nil || n != partitions {
			t.Fatalf("%d partitions are counted, there are %d; %v", n, partitions, err)
		}
	})
}

// No answer of the search with little room may be wrong, only weaker.
func TestV9_ASearchThatIsCutShortClaimsNoMoreThanItKnows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := randomMap(t)
		value, _, partitions := oracle(p)
		c, err := newCounty(p)
		if err != nil {
			t.Fatal(err)
		}
		a := &Answer{}
		c.large(a, Options{Columns: rapid.IntRange(1, 40).Draw(t, "columns"), Steps: rapid.IntRange(1, 20).Draw(t, "steps")})
		sign := 1.0
		if p.Objective == MostUnits {
			sign = -1
		}
		switch a.Status {
		case Infeasible:
			if partitions > 0 {
				t.Fatalf("%v, and %d are allowed", a, partitions)
			}
		case Undecided:
		default:
			again := *p
			if partitions == 0 || sign*a.Value < sign*value-1e-6 {
				t.Fatalf("%v, and the best is %g of %d", a, value, partitions)
			}
			if a.SizeLimit > 0 {
				again.MaxMembers = a.SizeLimit
				value, _, _ = oracle(&again)
			}
			if sign*a.Bound > sign*value+1e-6 || a.Status == Optimal && math.Abs(a.Value-value) > 1e-6 {
				t.Fatalf("%v, and the best of at most %d members is %g", a, a.SizeLimit, value)
			}
			for _, codes := range a.Units {
				var s uint64
				for _, code := range codes {
					s |= 1 << slices.Index(c.codes, code)
				}
				if !c.allows(s) || c.component(s&-s, s) != s {
					t.Fatalf("%v is not allowed", codes)
				}
			}
		}
	})
}

func TestV9_ConflictIsLeast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := randomMap(t)
		a, err := Solve(p, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if a.Status != Infeasible {
			if len(a.Conflict)+len(a.Unplaced) > 0 {
				t.Fatal(a.Conflict, a.Unplaced)
			}
			return
		}
		if len(a.Conflict) == 0 {
			t.Fatal("no conflict is named")
		}
		c, _ := newCounty(p)
		rules := c.rules()
		keep := func(texts []string) *Answer {
			again := *p
			again.Together, again.Apart = slices.Clone(p.Together), slices.Clone(p.Apart)
			for _, r := range rules {
				if !slices.Contains(texts, r.text) {
					r.drop(&again)
				}
			}
			again.Together = slices.DeleteFunc(again.Together, func(l []string) bool { return l == nil })
			again.Apart = slices.DeleteFunc(again.Apart, func(l []string) bool { return l == nil })
			_, _, n := oracle(&again)
			if n == 0 {
				return nil
			}
			return a
		}
		if keep(a.Conflict) != nil {
			t.Fatalf("%v are not in conflict", a.Conflict)
		}
		for i := range a.Conflict {
			if keep(slices.Delete(slices.Clone(a.Conflict), i, i+1)) == nil {
				t.Fatalf("%v: without number %d still in conflict", a.Conflict, i+1)
			}
		}
	})
}

func TestInfeasibleSaysWhatAndWhy(t *testing.T) {
	three := func() *Problem {
		return &Problem{Objective: MostUnits, Edges: [][2]string{{"0001", "0002"}}, Nodes: []Node{{Code: "0001", Population: 5}, {Code: "0002", Population: 4}, {Code: "0003", Population: 3}}}
	}
	for _, r := range []struct {
		about    string
		change   func(*Problem)
		unplaced string
		conflict string
	}{
		{"an island too small", func(p *Problem) { p.MinPopulation = 4 }, "[{0003 har ingen granne och 3 invånare, färre än 4}]", "[minst 4 invånare]"},
		{"a part too small", func(p *Problem) { p.MinPopulation = 10 }, "[{0001 har med allt som den hänger ihop med 9 invånare, färre än 10} {0002 har med allt som den hänger ihop med 9 invånare, färre än 10} {0003 har ingen granne och 3 invånare, färre än 10}]", "[minst 10 invånare]"},
		{"together over water", func(p *Problem) { p.Together = [][]string{{"0001", "0003"}} }, "[{0001 ska vara med 0003, som den inte hänger ihop med} {0003 ska vara med 0001, som den inte hänger ihop med}]", "[tillsammans: 0001, 0003]"},
		{"together and apart", func(p *Problem) { p.Together, p.Apart = [][]string{{"0001", "0002"}}, [][]string{{"0002", "0001"}} }, "[{0001 ska vara både med och utan 0002} {0002 ska vara både med och utan 0001}]", "[tillsammans: 0001, 0002 isär: 0002, 0001]"},
		{"too few members", func(p *Problem) { p.MaxMembers, p.Together = 1, [][]string{{"0001", "0002"}} }, "[{0001 ska vara i en enhet med 2 kommuner, och högst 1 är tillåtna} {0002 ska vara i en enhet med 2 kommuner, och högst 1 är tillåtna}]", "[högst 1 kommuner i en enhet tillsammans: 0001, 0002]"},
		{"too small groups", func(p *Problem) { p.MaxMembers, p.MinPopulation, p.Nodes = 1, 5, p.Nodes[:2] }, "[{0002 ingen sammanhängande grupp på högst 1 kommuner med den har fler än 4 invånare, färre än 5}]", "[minst 5 invånare högst 1 kommuner i en enhet]"},
	} {
		p := three()
		r.change(p)
		a, err := Solve(p, Options{})
		if err != nil || a.Status != Infeasible || fmt.Sprint(a.Unplaced) != r.unplaced || fmt.Sprint(a.Conflict) != r.conflict || a.Units != nil {
			t.Errorf("%s: %v %v\n%v\n%v", r.about, a, err, a.Unplaced, a.Conflict)
		}
	}
	a, err := Solve(three(), Options{})
	if err != nil || !slices.Equal(a.Isolated, []string{"0003"}) || a.Value != 3 {
		t.Error(a, err)
	}
	p := three()
	p.Nodes, p.MinPopulation = p.Nodes[:2], 9
	if a, err := Solve(p, Options{}); err != nil || a.Value != 1 {
		t.Error("a unit of exactly the least population is allowed:", a, err)
	}
}

func TestProblemsThatCannotBe(t *testing.T) {
	good := func() *Problem {
		return &Problem{Objective: MostUnits, Nodes: []Node{{Code: "0001", Population: 5}, {Code: "0002", Population: 4}}}
	}
	for about, change := range map[string]func(*Problem){
		"nobody":           func(p *Problem) { p.Nodes = nil },
		"too many":         func(p *Problem) { p.Nodes = make([]Node, 65) },
		"no objective":     func(p *Problem) { p.Objective = "" },
		"negative":         func(p *Problem) { p.MinPopulation = -1 },
		"twice":            func(p *Problem) { p.Nodes[1].Code = "0001" },
		"people":           func(p *Problem) { p.Nodes[1].Population = -4 },
		"no rate":          func(p *Problem) { p.Objective = Tax },
		"no times":         func(p *Problem) { p.Objective = Travel },
		"wrong times":      func(p *Problem) { p.Objective, p.Minutes = Travel, func(int, int) float64 { return math.NaN() } },
		"unknown together": func(p *Problem) { p.Together = [][]string{{"0001", "0009"}} },
		"lonely together":  func(p *Problem) { p.Together = [][]string{{"0001"}} },
		"doubled apart":    func(p *Problem) { p.Apart = [][]string{{"0001", "0001"}} },
	} {
		p := good()
		change(p)
		if _, err := Solve(p, Options{}); !errors.Is(err, ErrInput) {
			t.Errorf("%s: %v", about, err)
		}
	}
	if _, err := Describe(good(), [][]string{{"0009"}}); !errors.Is(err, ErrInput) {
		t.Error(err)
	}
	if _, err := Describe(good(), [][]string{{}}); !errors.Is(err, ErrInput) {
		t.Error(err)
	}
	if _, _, err := Count(sweden(t, "01")); !errors.Is(err, ErrInput) {
		t.Error(err)
	}
}
