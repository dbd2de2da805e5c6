package demography

import "math"

// Bounds that keep a schedule within what a year can hold.
const (
	mostOut    = 0.6  // risk of moving away
	leastIn    = 0.1  // in-migrants at least this part of those the country's risk sends away
	oldestOwn  = 80   // above, municipalities' own patterns are noise
	mostNet    = 0.25 // net migration of a cell, of those who live there
	netDefault = 0.003
	rounds     = 25 // of the calibration
)

// fitMigration gives the pool its risks and shares: the country's schedule, each
// municipality's own net pattern by age, and a level that lets the municipality
// grow as the regression of totals says over ten years.
func (m *Model) fitMigration(h *History) {
	n := len(m.Codes)
	s := newSeries(h)
	g := fitGrowth(s)

	var nation [Cells]float64
	all := 0.0
	for i := range m.Pop {
		for c, v := range m.Pop[i] {
			nation[c] += v
			all += v
		}
	}
	risk := domestic(nation, all)
	western := western()
	for c := range m.Emigration {
		m.Emigration[c] = risk[c] * emigrationRisk / domesticRisk
		m.ImmAge[c] = western[c]
	}
	net, immigrate := nationalNet(h, s, all)
	gross := max(net, 0) + emigrationRisk
	m.Immigrate = AR1{Mean: 1, Phi: immigrate.Phi, SD: immigrate.SD / gross, Now: 1}
	m.Immigrants = make([]float64, n)
	size := make([]float64, n)
	for i := range m.Pop {
		for _, v := range m.Pop[i] {
			size[i] += v
		}
		m.Immigrants[i] = (net + emigrationRisk) * size[i]
	}
	own := ownPattern(h, m, nation)
	level := make([]float64, n)
	m.Local = make([]LocalShock, n)
	want, ok := wanted(s, g)
	for range rounds {
		if !ok {
			break
		}
		m.setPool(own, level, risk)
		got := m.grow()
		for i := range level {
			level[i] += want[i] - got[i]
		}
	}
	m.setPool(own, level, risk)
	for i := range m.Local {
		in := 0.0
		for c := range m.Share[i] {
			in += float64(m.Share[i][c])
		}
		// A rate of growth divided by the rate of in-migration is a relative change of in-migration.
		f := g.scale(size[i]) * size[i] / max(in, 1)
		m.Local[i] = LocalShock{g.level * f, g.year * f, g.phi}
	}
}

// domestic is the country's risk of moving by cell: the Western standard on the
// level of domesticRisk.
func domestic(nation [Cells]float64, all float64) (risk [Cells]float64) {
	sum := 0.0
	for c := range risk {
		if c < Ages {
			risk[c] = WesternWomen.At(float64(c))
		} else {
			risk[c] = WesternMen.At(float64(c - Ages))
		}
		sum += risk[c] * nation[c]
	}
	for c := range risk {
		risk[c] *= domesticRisk * all / sum
	}
	return risk
}

// wanted is each municipality's yearly growth relative to the country.
func wanted(s *series, g growth) ([]float64, bool) {
	if s.last-s.first < growthPast {
		return nil, false
	}
	out := make([]float64, len(s.log))
	for i := range out {
		out[i] = dot(g.beta, s.terms(i, s.last))
	}
	return out, true
}

// grow is the yearly growth relative to the country of a run without shocks.
func (m *Model) grow() []float64 {
	r, err := m.Run(Options{Years: growthYears, Draws: 1, Still: true, Workers: 1})
	if err != nil {
		panic(err) // the options are right and the model was made here
	}
	nation0, nation1 := 0.0, 0.0
	out := make([]float64, len(m.Codes))
	for i := range out {
		was, is := 0.0, float64(r.Total(i, growthYears-1)[0])
		for _, v := range m.Pop[i] {
			was += v
		}
		nation0, nation1 = nation0+was, nation1+is
		out[i] = math.Log(max(is, 1)/max(was, 1)) / growthYears
	}
	for i := range out {
		out[i] -= math.Log(nation1/nation0) / growthYears
	}
	return out
}

// setPool makes risks and shares of a net pattern and a level.
func (m *Model) setPool(own [][Cells]float64, level []float64, risk [Cells]float64) {
	n := len(m.Codes)
	if m.Out == nil {
		m.Out, m.Share = make([][Cells]float32, n), make([][Cells]float32, n)
	}
	for c := range Cells {
		sum, people := 0.0, 0.0
		net := func(i int) float64 { return own[i][c] + level[i]*risk[c]/domesticRisk }
		for i := range n {
			sum += net(i) * m.Pop[i][c]
			people += m.Pop[i][c]
		}
		mean := 0.0
		if people > 0 {
			mean = sum / people // domestic moves cancel
		}
		for i := range n {
			v := min(max(net(i)-mean, -mostNet), mostNet)
			out := risk[c]
			if in := out + v; in < leastIn*risk[c] {
				out = leastIn*risk[c] - v
			}
			out = min(out, mostOut)
			m.Out[i][c] = float32(out)
			// A floor of people lets a cell that is empty today have in-migrants tomorrow.
			m.Share[i][c] = float32(max(out+v, leastIn*risk[c]) * max(m.Pop[i][c], 0.1))
		}
	}
}

// nationalNet is net immigration as a share of the population: the mean of the
// last five years, and how it varies. It is growth of the totals less births and
// plus deaths, which are scaled to the municipalities at hand.
func nationalNet(h *History, s *series, all float64) (float64, AR1) {
	births := nationalBirths(h.Births, h.Base)
	var rates []float64
	for y := max(s.first+1, 1969); y <= s.last; y++ {
		deaths, mean := h.NationalDeaths[y], h.NationalMean[y]
		if deaths == nil || mean == nil {
			continue
		}
		dead, people, born := 0.0, 0.0, 0.0
		for c := range deaths {
			dead, people = dead+deaths[c], people+mean[c]
		}
		if b := births[y]; b != nil {
			for _, v := range b {
				born += v
			}
		} else if p, ok := h.Pop[y]; ok {
			part := 0.0
			for i := range p {
				born += p[i][Cell(Women, 0)] + p[i][Cell(Men, 0)]
				for _, v := range p[i] {
					part += v
				}
			}
			born *= people / part * (1 + deaths[0]/mean[0])
		} else {
			continue
		}
		now, before := math.Exp(s.nation[y-s.first]), math.Exp(s.nation[y-1-s.first])
		rates = append(rates, (now-before)/before-(born-dead)/people)
	}
	if len(rates) < 5 {
		return netDefault, AR1{Phi: 0.8, SD: 0.001}
	}
	mean := 0.0
	for _, v := range rates[len(rates)-5:] {
		mean += v / 5
	}
	const span = 5
	if len(rates) < 15 {
		return mean, AR1{Phi: 0.8, SD: 0.001}
	}
	// The spread is that of the same forecast in the years that are over: the mean
	// of five years held against the five that came.
	r := fitAR1(rates)
	ss, n := 0.0, 0.0
	for o := span; o+span <= len(rates); o++ {
		e := 0.0
		for k := range span {
			e += (rates[o+k] - rates[o-1-k]) / span
		}
		ss, n = ss+e*e, n+1
	}
	r.SD = math.Sqrt(ss / n / meanVariance(r.Phi, span))
	return mean, r
}

// ownPattern is each municipality's net migration by cell, beyond the country's,
// as a share of those who live there. Where the file has several years it is
// what is left of the change of each cohort when the deaths are put back;
// elsewhere, and in part, it is read from the age structure: a municipality that
// has twice the country's share of people of 22 and the country's share of 18
// gains in between, year after year.
func ownPattern(h *History, m *Model, nation [Cells]float64) [][Cells]float64 {
	n := len(m.Codes)
	standing := make([][Cells]float64, n)
	for i := range n {
		standing[i] = standingPattern(m.Pop[i], nation)
	}
	seen, years := residuals(h, n)
	if years == 0 {
		return standing
	}
	part := float64(years) / float64(years+2)
	for i := range n {
		for c := range Cells {
			a := c % Ages
			if a > oldestOwn || a == 0 {
				continue
			}
			standing[i][c] = (1-part)*standing[i][c] + part*seen[i][c]
		}
	}
	return standing
}

// smooth is the sum of a cell and its neighbours by age, up to reach years away.
func smooth(v *[Cells]float64, c, reach int) (sum float64) {
	s := c / Ages * Ages
	for k := max(c-reach, s); k <= min(c+reach, s+Open); k++ {
		sum += v[k]
	}
	return sum
}

// standingPattern reads net migration from the age structure, ages 17 to 34.
func standingPattern(p, nation [Cells]float64) (out [Cells]float64) {
	const belief = 60 // persons of the country's pattern that weigh against the municipality's own
	all, here := 0.0, 0.0
	for c := range p {
		all, here = all+nation[c], here+p[c]
	}
	if all == 0 || here == 0 {
		return out
	}
	ratio := func(c int) float64 {
		expected := smooth(&nation, c, 1) / all * here
		return (smooth(&p, c, 1) + belief) / (expected + belief)
	}
	for s := range Sexes {
		for a := 17; a <= 34; a++ {
			c := Cell(Sex(s), a)
			out[c] = min(max(math.Log(ratio(c)/ratio(c-1)), -mostNet), mostNet)
		}
	}
	return out
}

// residuals are net migration rates of the last years, at most five, beyond the
// country's, smoothed over five ages; and how many years they rest on.
func residuals(h *History, n int) ([][Cells]float64, int) {
	net, people := make([][Cells]float64, n), make([][Cells]float64, n)
	years := 0
	for y := h.Base; y > h.Base-5; y-- {
		was, ok1 := h.Pop[y-1]
		is, ok2 := h.Pop[y]
		dead, ok3 := h.Deaths[y]
		if !ok1 || !ok2 || !ok3 {
			break
		}
		years++
		for i := range n {
			for s := range Sexes {
				for a := 1; a < Open; a++ {
					c := Cell(Sex(s), a)
					died := (dead[i][c-1] + dead[i][c]) / 2
					net[i][c] += is[i][c] - was[i][c-1] + died
					people[i][c] += was[i][c-1]
				}
			}
		}
	}
	if years == 0 {
		return nil, 0
	}
	var nationNet, nationPeople [Cells]float64
	for i := range n {
		for c := range Cells {
			nationNet[c] += net[i][c]
			nationPeople[c] += people[i][c]
		}
	}
	const belief = 100
	out := make([][Cells]float64, n)
	for i := range n {
		for c := range Cells {
			country := smooth(&nationNet, c, 2) / max(smooth(&nationPeople, c, 2), 1)
			k := smooth(&people[i], c, 2)
			out[i][c] = min(max((smooth(&net[i], c, 2)-country*k)/(k+belief), -mostNet), mostNet)
		}
	}
	return out, years
}
