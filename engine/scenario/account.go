package scenario

// account is what a unit, a municipality or several merged, has in one year. Kronor.
type account struct {
	inhabitants  float64 // that the equalisation counts
	base         float64 // uprated tax base
	cost         []float64
	staff        float64
	people       float64 // 31 December
	work, old    float64
	adults, need float64
	voters       float64
	standard     float64 // standard cost, kr
	rest         float64 // other general grants
	grant, fee   float64 // rates of the county
	shift        float64 // tax shift that has been made: change of IU and KU
	shifted      float64 // and the rate that moved to the region, a fraction
	protected    float64 // hold-harmless
	interest     float64 // and amortisation of new debt
	debt         float64 // new debt that is left
	oneOff       float64
	rate         float64 // base year's rate weighted by tax base
	lowest       float64 // of the parts' rates
	weightedBy   float64
}

// open fills the account of a place in a year, before any change.
func (e *evaluator) open(a *account, f *future, i, y int) {
	p := &e.place[i]
	cost := a.cost
	*a = account{
		inhabitants: e.inhabitants(f, i, y), base: e.taxBase(f, i, y), people: e.n(f, i, y, wAll), work: e.n(f, i, y, wWork),
		old: e.n(f, i, y, wOld), adults: e.n(f, i, y, wAdults), grant: p.grantRate, fee: p.feeRate, cost: cost,
		rate: p.rate, lowest: p.rate, weightedBy: p.base,
	}
	a.voters = a.adults * p.voters
	trend := 1.0
	for range y {
		trend *= 1 + e.par.trend
	}
	for k := range e.areas {
		n := e.n(f, i, y, wAreas+k)
		a.need += n
		a.cost[k] = p.cost[k] * n * f.shocks.price[y] * trend
		a.staff += p.staff[k] * n * trend
		a.standard += p.standard[k] * n * f.shocks.price[y]
	}
	a.standard *= a.inhabitants / a.people
	a.rest = p.rest * a.inhabitants * f.shocks.growth[y]
}

// add merges another unit into a.
func (a *account) add(b *account) {
	a.inhabitants += b.inhabitants
	a.base += b.base
	a.people += b.people
	a.work += b.work
	a.old += b.old
	a.adults += b.adults
	a.voters += b.voters
	a.need += b.need
	a.staff += b.staff
	a.standard += b.standard
	a.rest += b.rest
	a.shift += b.shift
	a.shifted = max(a.shifted, b.shifted)
	a.protected += b.protected
	a.interest += b.interest
	a.debt += b.debt
	a.oneOff += b.oneOff
	a.rate = (a.rate*a.weightedBy + b.rate*b.weightedBy) / (a.weightedBy + b.weightedBy)
	a.weightedBy += b.weightedBy
	a.lowest = min(a.lowest, b.lowest)
	for k := range a.cost {
		a.cost[k] += b.cost[k]
	}
}

// costs is the net cost, one-off costs apart.
func (a *account) costs() (sum float64) {
	for _, v := range a.cost {
		sum += v
	}
	return sum
}

// incomeGrant and costGrant are inkomst- and kostnadsutjämning, kr.
func (e *evaluator) incomeGrant(a *account, f *future, y int) float64 {
	return e.income(f.mean[y], a.base, a.inhabitants, a.grant, a.fee)
}

func (e *evaluator) costGrant(a *account, f *future, y int) float64 {
	return a.standard - f.std[y]*a.inhabitants
}

// grants is what a unit receives in general grants, kr. Each is the
// regleringspost per inhabitant.
func (e *evaluator) grants(a *account, f *future, y int, each float64) float64 {
	return e.incomeGrant(a, f, y) + e.costGrant(a, f, y) + a.rest + a.shift + a.protected + each*a.inhabitants
}

// required is the tax that gives the target result, kr (structure.md 9, step 8):
//
//	T + U - C - I = ρ (T + U)
func (e *evaluator) required(a *account, grants float64) float64 {
	rho := e.par.target
	return (a.costs() + a.oneOff + a.interest - (1-rho)*grants) / (1 - rho)
}

// requiredRate is the same as per cent of the tax base. What a tax shift moved to
// the region is counted in, so that it can be held against doing nothing.
func (e *evaluator) requiredRate(a *account, grants float64) float64 {
	return 100 * (e.required(a, grants)/a.base + a.shifted)
}
