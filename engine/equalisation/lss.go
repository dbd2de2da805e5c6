package equalisation

// The constants of the annex to förordning (2008:776), wording to SFS 2025:1172.
const (
	lssChildren   = 1.25 // bostad barn och ungdomar, of bostad vuxna
	lssFamily     = 0.45 // familjehem, of bostad vuxna
	lssByInsurer  = 0.50 // personlig assistans by Försäkringskassan, of that by the municipality
	lssSupervised = 0.55 // korttidstillsyn, of korttidsvistelse
	lssRelief     = 0.25 // avlösarservice, of korttidsvistelse
	lssEscort     = 0.25 // ledsagarservice, of korttidsvistelse
	lssContact    = 0.10 // kontaktperson, of korttidsvistelse

	lssPayroll    = 0.4718 // employer's fees on wages
	lssStaffShare = 0.85   // the staff's share of other costs, and of the standard cost
	lssPaidShare  = 0.20   // Försäkringskassan is paid for the first 20 hours: this share
	lssWeight     = 0.7    // how much of the difference of staff costs counts
)

// LSSDecisions are the numbers of decisions two years before the utjämningsår.
type LSSDecisions struct {
	Adults     float64 // BV bostad vuxna
	Children   float64 // BB bostad barn och ungdomar
	Family     float64 // FH familjehem
	Daily      float64 // DV daglig verksamhet
	Short      float64 // KV korttidsvistelse
	Supervised float64 // KT korttidstillsyn
	Relief     float64 // AS avlösarservice
	Escort     float64 // LS ledsagarservice
	Contact    float64 // KP kontaktperson
	Assistance float64 // PAK personlig assistans by the municipality, those with BV not counted
	Insured    float64 // PAF personlig assistans by Försäkringskassan
}

// LSSAccounts are net costs of the country two years before, kr, by row of the
// municipalities' accounts (RS).
type LSSAccounts struct {
	Row5131, Row5133, Row5135, Row5139 float64
}

// LSSPrices are the national costs of one decision, kr.
type LSSPrices struct {
	Adults, Children, Family          float64
	Daily                             float64
	Short, Supervised, Relief, Escort float64
	Contact                           float64
	Assistance, Insured               float64
}

// LSSPricesOf computes the national unit costs from the country's net costs and
// decisions. The error wraps ErrInput.
func LSSPricesOf(a LSSAccounts, n LSSDecisions) (p LSSPrices, err error) {
	for _, row := range []struct {
		cost, weight float64
		name         string
		set          func(float64)
	}{
		{a.Row5131, n.Adults + lssChildren*n.Children + lssFamily*n.Family, "5131", func(v float64) { p.Adults, p.Children, p.Family = v, lssChildren*v, lssFamily*v }},
		{a.Row5133, n.Assistance + lssByInsurer*n.Insured, "5133", func(v float64) { p.Assistance, p.Insured = v, lssByInsurer*v }},
		{a.Row5135, n.Daily, "5135", func(v float64) { p.Daily = v }},
		{a.Row5139, n.Short + lssSupervised*n.Supervised + lssRelief*n.Relief + lssEscort*n.Escort + lssContact*n.Contact, "5139", func(v float64) {
			p.Short, p.Supervised, p.Relief, p.Escort, p.Contact = v, lssSupervised*v, lssRelief*v, lssEscort*v, lssContact*v
		}},
	} {
		if !(row.weight > 0) {
			return LSSPrices{}, bad("no decisions to divide row %s by", row.name)
		}
		row.set(row.cost / row.weight)
	}
	return p, nil
}

// LSSStaff are the accounts that the staff cost is computed from, kr.
type LSSStaff struct {
	Wages     float64 // A external wages
	Contracts float64 // B contract and purchase of services
	Internal  float64 // C internal purchases and other internal costs
	ByKommun  float64 // D internally allocated costs, kommunnyckeln
	BySCB     float64 // E internally allocated costs, SCB-nyckeln
	Income    float64 // F internal income
	Received  float64 // G payment from Försäkringskassan
	Paid      float64 // H payment to Försäkringskassan
	Sales     float64 // J sales to other municipalities
}

// Cost is the computed staff cost PC, kr.
func (s LSSStaff) Cost() float64 {
	return s.Wages*(1+lssPayroll) + lssStaffShare*(s.Contracts+s.Internal+s.ByKommun+s.BySCB) -
		lssStaffShare*(s.Income+s.Received+s.Sales) + lssStaffShare*lssPaidShare*(s.Paid/lssPaidShare-s.Received)
}

// Index is PKIX for a standard cost S, kr: how the municipality's staff costs
// compare with the standard's.
func (s LSSStaff) Index(standard float64) float64 {
	return (standard + lssWeight*(s.Cost()-lssStaffShare*standard)) / standard
}

// LSSMunicipality is what the LSS equalisation needs to know of a municipality.
type LSSMunicipality struct {
	Code        string
	Decisions   LSSDecisions
	Paid        float64 // FK payment to Försäkringskassan, kr
	Staff       LSSStaff
	NetCost     float64 // kr, two years before
	Inhabitants float64 // 1 November the year before
}

// Standard is the standard cost S by the national prices, kr.
func (m LSSMunicipality) Standard(p LSSPrices) float64 {
	n := m.Decisions
	return n.Adults*p.Adults + n.Children*p.Children + n.Family*p.Family + n.Daily*p.Daily + n.Short*p.Short +
		n.Supervised*p.Supervised + n.Relief*p.Relief + n.Escort*p.Escort + n.Contact*p.Contact +
		n.Assistance*p.Assistance + n.Insured*p.Insured + m.Paid
}

// LSSOutcome is a municipality's outcome.
type LSSOutcome struct {
	Code          string
	Standard      float64 // S, kr
	Index         float64 // PKIX
	PerInhabitant float64 // final standard cost, kr per inhabitant
	Amount        float64 // bidrag (positive) or avgift, kr
}

// LSSResult is the outcome of the country.
type LSSResult struct {
	Correction float64 // korrigeringsfaktor
	Mean       float64 // kr per inhabitant
	Outcomes   []LSSOutcome
	// Assumption says what has not been confirmed.
	Assumption string
}

// LSS computes the LSS equalisation of the whole country (förordning 2008:776):
// standard costs by national prices, staff cost index, the year's price index
// (kpif, 1.013 for 1.3 per cent), and the correction that makes the standard
// costs sum to the net costs at the year's prices. That a municipality receives
// or pays what its standard cost differs from the national mean is assumed, since
// 3 § lag (2008:342) has not been read; the amounts then sum to zero. Errors wrap
// ErrInput. Cost O(n).
func LSS(all []LSSMunicipality, p LSSPrices, kpif float64) (*LSSResult, error) {
	if !(kpif > 0) {
		return nil, bad("a price index of %g", kpif)
	}
	r := &LSSResult{Assumption: "3 § lag (2008:342): that the amount is the difference to the national mean"}
	var raw, net, people sum
	for _, m := range all {
		s := m.Standard(p)
		if !(s > 0) || !(m.Inhabitants > 0) {
			return nil, bad("municipality %s has a standard cost of %g kr and %g inhabitants", m.Code, s, m.Inhabitants)
		}
		o := LSSOutcome{Code: m.Code, Standard: s, Index: m.Staff.Index(s)}
		raw.add(s * o.Index * kpif)
		net.add(m.NetCost * kpif)
		people.add(m.Inhabitants)
		r.Outcomes = append(r.Outcomes, o)
	}
	if !(raw.value() > 0) {
		return nil, bad("the standard costs of the country sum to %g kr", raw.value())
	}
	r.Correction = net.value() / raw.value()
	r.Mean = net.value() / people.value()
	for i, m := range all {
		o := &r.Outcomes[i]
		o.PerInhabitant = o.Standard * o.Index * kpif * r.Correction / m.Inhabitants
		o.Amount = (o.PerInhabitant - r.Mean) * m.Inhabitants
	}
	return r, nil
}
