package grouping

import "math"

// Screened is what is known of one small group.
type Screened struct {
	Members    []int // indices in the order of nodes, rising
	Population int64
	TaxRate    float64 // common rate in per cent
	TaxChange  float64 // Σ |rate − own rate| · inhabitants, percentage points times inhabitants
	Centre     int     // index
	Minutes    float64 // mean travel to the centre, per inhabitant
}

// Screen evaluates every connected group of 1 to most members of a map of any
// size, and calls visit with each. Members are used again; visit copies what it
// keeps. Rates and times are as in Problem; nodes without a base weigh nothing in
// the common rate, and a group of such nodes only has no rate (NaN). Cost
// O(groups · most²).
func Screen(nodes []Node, edges [][2]string, minutes func(a, b int) float64, most int, visit func(Screened)) error {
	at := map[string]int{}
	for i, k := range nodes {
		if _, twice := at[k.Code]; twice {
			return bad("%s is there twice", k.Code)
		}
		at[k.Code] = i
	}
	adjacent := make([][]int, len(nodes))
	met := map[[2]int]bool{}
	for _, e := range edges {
		a, okA := at[e[0]]
		b, okB := at[e[1]]
		if okA && okB && a != b && !met[[2]int{min(a, b), max(a, b)}] {
			met[[2]int{min(a, b), max(a, b)}] = true
			adjacent[a], adjacent[b] = append(adjacent[a], b), append(adjacent[b], a)
		}
	}
	var rising []int
	Groups(adjacent, most, func(members []int) {
		rising = append(rising[:0], members...)
		for i := range rising {
			for j := i; j > 0 && rising[j] < rising[j-1]; j-- {
				rising[j], rising[j-1] = rising[j-1], rising[j]
			}
		}
		visit(screen(nodes, minutes, rising))
	})
	return nil
}

func screen(nodes []Node, minutes func(a, b int) float64, members []int) Screened {
	s := Screened{Members: members, Centre: -1}
	var income, base float64
	for _, i := range members {
		s.Population += nodes[i].Population
		income += nodes[i].TaxBase * nodes[i].TaxRate
		base += nodes[i].TaxBase
	}
	s.TaxRate = income / base
	for _, i := range members {
		s.TaxChange += math.Abs(s.TaxRate-nodes[i].TaxRate) * float64(nodes[i].Population)
	}
	least := math.Inf(1)
	for _, centre := range members {
		sum := 0.0
		for _, i := range members {
			if i != centre {
				sum += minutes(i, centre) * float64(nodes[i].Population)
			}
		}
		if sum < least {
			least, s.Centre = sum, centre
		}
	}
	s.Minutes = least / float64(max(1, s.Population))
	return s
}
