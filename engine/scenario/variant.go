package scenario

import (
	"slices"
	"strings"
)

// Indicator is a number that is computed for each unit and year.
type Indicator struct {
	Code, Name, Unit string
	Quality          Quality // the best that it can be
	Decimals         int
	Formula          string // how it is computed, with the paragraph or section it rests on
}

// The indicators, in the order they are written.
const (
	Population = iota
	Working
	Dependency
	Elderly
	NeedIndex
	NetCost
	TaxBase
	IncomeGrant
	CostGrant
	OtherGrants
	Adjustment
	RequiredRate
	ResultToday
	OneOff
	NewDebt
	Staff
	Voters
	Seats
	ShareBefore
	ShareAfter
	ShiftRate
	ShiftNet
	indicators
)

// Indicators describe them.
var Indicators = [indicators]Indicator{
	{"folkmangd", "Folkmängd", "personer", Full, 0, "kohortframskrivning av delarna, summerade"},
	{"andel_20_64", "Andel 20–64 år", "procent", Full, 1, "personer 20–64 / alla"},
	{"forsorjningskvot", "Försörjningskvot", "personer per person 20–64", Full, 2, "alla / personer 20–64"},
	{"folkmangd_80", "80 år och äldre", "personer", Full, 0, "summan av åldrarna 80–100+"},
	{"behov", "Demografiskt behov", "index, basår 100", Proxy, 1, "Σ pris(ålder) · personer(ålder), mot basåret"},
	{"nettokostnad", "Nettokostnad", "kr per invånare", Proxy, 0, "Σ områden: kostnad per behov · behov · priser · (1 + infasning · effekt)"},
	{"skatteunderlag", "Uppräknat skatteunderlag", "kr per invånare", Proxy, 0, "basårets underlag · åldrarnas inkomst · tillväxt (3 § lag 2004:773)"},
	{"inkomstutjamning", "Inkomstutjämning", "kr per invånare", Proxy, 0, "länets skattesats · (1,15 · medelskattekraft · invånare − underlag), 3–7 §§ lag (2004:773)"},
	{"kostnadsutjamning", "Kostnadsutjämning, den del som följer åldrarna", "kr per invånare", Proxy, 0, "standardkostnad − landets medel, 8–10 §§ lag (2004:773)"},
	{"ovriga_bidrag", "Övriga bidrag och avgifter", "kr per invånare", Proxy, 0, "basårets rest av generella bidrag, uppräknad"},
	{"regleringspost", "Regleringspost", "kr per invånare", Proxy, 0, "(anslag − Σ utjämning) / landets invånare, 15–16 §§ lag (2004:773)"},
	{"nodvandig_skattesats", "Nödvändig skattesats", "kr per 100 kr", Proxy, 2, "(kostnad + engångskostnad + ränta − (1−ρ) · bidrag) / (1−ρ) / skatteunderlag, och det som en skatteväxling flyttat till regionen"},
	{"resultat_vid_vald_skatt", "Resultat vid vald skattesats", "kr per invånare", Proxy, 0, "skatt + bidrag − kostnad; skattesatsen är dagens, för en ny kommun den som scenariot anger"},
	{"engangskostnad", "Engångskostnad", "kr per invånare", Proxy, 0, "omställningskostnaden delad på åren"},
	{"ny_skuld", "Ny skuld", "kr per invånare", Proxy, 0, "skuld som tas före sammanläggningen, efter amortering"},
	{"personal", "Årsarbetare", "årsarbetare", Proxy, 0, "personal per behov · behov"},
	{"rostberattigade", "Röstberättigade", "personer", Proxy, 0, "18 år och äldre"},
	{"minsta_mandat", "Minsta antal ledamöter i fullmäktige", "ledamöter", Full, 0, "5 kap. 5 § kommunallagen (2017:725)"},
	{"samverkan_fore", "Uppgiftens kostnad i egen regi", "kr per invånare", Proxy, 0, "kommunens egen kostnad för områdena"},
	{"samverkan_efter", "Uppgiftens kostnad i samverkan", "kr per invånare", Proxy, 0, "den gemensamma kostnaden delad efter nyckeln"},
	{"skattevaxling", "Skatteväxling", "kr per 100 kr", Proxy, 2, "Σ kostnad / Σ skatteunderlag i länet"},
	{"skattevaxling_netto", "Vinst eller förlust av skatteväxlingen", "kr per invånare", Proxy, 0, "kostnad − δ · underlag + ändrad utjämning (structure.md 8)"},
}

// Unit is a municipality, a merged one, or the region of a tax shift.
type Unit struct {
	Code, Name string
	Members    []string // of a merged unit
	From       int      // the first year of a merged unit
}

// variant is a scenario made ready, or the same with every effect at zero.
type variant struct {
	id, name string
	sc       *Scenario
	zero     bool
	units    []Unit
	followed []int // place of the first units: the plan's municipalities
	steps    []step
	extra    []int // places of the county that only a tax shift touches
	region   int   // unit of the region, -1
}

// step is a Step with its municipalities as places.
type step struct {
	*Step
	members []int // in variant.followed's places
	areas   []int
	unit    int // of a merger: its unit
	county  []int
}

// newVariant makes a scenario ready. A nil scenario is "nothing is done".
func (e *evaluator) newVariant(p *Plan, sc *Scenario, zero bool) (*variant, error) {
	v := &variant{id: "ingenting", name: "Gör ingenting", sc: sc, zero: zero, region: -1}
	for _, code := range p.Municipalities() {
		i := e.at[code]
		v.followed = append(v.followed, i)
		v.units = append(v.units, Unit{Code: code, Name: e.place[i].name})
	}
	if sc == nil {
		return v, nil
	}
	v.id, v.name = sc.ID, sc.Name
	if zero {
		v.id, v.name = sc.ID+SumSuffix, sc.Name+", ren sammanräkning"
	}
	merged := map[string][]string{} // municipality to its unit's members
	for n := range sc.Steps {
		st := step{Step: &sc.Steps[n]}
		for _, m := range st.Members {
			st.members = append(st.members, e.at[m])
		}
		for _, code := range st.Areas {
			k := slices.IndexFunc(e.areas, func(a Area) bool { return a.Code == code })
			if k < 0 {
				return nil, bad("området %q finns inte", code)
			}
			st.areas = append(st.areas, k)
		}
		switch {
		case st.Kind == Merger:
			var all []string
			for _, m := range st.Members {
				if merged[m] == nil {
					merged[m] = []string{m}
				}
				all = append(all, merged[m]...)
			}
			slices.Sort(all)
			all = slices.Compact(all)
			var names []string
			for _, code := range p.Municipalities() { // in the order that a person wrote them
				if slices.Contains(all, code) {
					merged[code] = all
					names = append(names, e.place[e.at[code]].name)
				}
			}
			st.unit = len(v.units)
			v.units = append(v.units, Unit{Code: strings.Join(all, "+"), Name: strings.Join(names, "–"), Members: all, From: st.From})
		case st.Kind == Asymmetric && st.Responsibility:
			for _, code := range e.c.InCounty(e.place[st.members[0]].county) {
				i := e.at[code]
				st.county = append(st.county, i)
				if !slices.Contains(v.followed, i) && !slices.Contains(v.extra, i) {
					v.extra = append(v.extra, i)
					v.units = append(v.units, Unit{Code: code, Name: e.place[i].name})
				}
			}
			if v.region < 0 {
				v.region = len(v.units)
				v.units = append(v.units, Unit{Code: RegionCode, Name: "Regionen"})
			}
		}
		v.steps = append(v.steps, st)
	}
	// Costs are shared and tasks moved before mergers are made, whatever comes
	// first in time: a merged unit has the costs of its parts.
	slices.SortStableFunc(v.steps, func(a, b step) int {
		if (a.Kind == Merger) != (b.Kind == Merger) {
			if a.Kind == Merger {
				return 1
			}
			return -1
		}
		return a.From - b.From
	})
	return v, nil
}

// SumSuffix ends the id of a scenario's pure summation.
const SumSuffix = ".summa"

func (v *variant) unitOf(code string) int {
	return slices.IndexFunc(v.units, func(u Unit) bool { return u.Code == code })
}
