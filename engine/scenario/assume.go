package scenario

import (
	"slices"
	"strings"
)

// Mark tells how well a number is known (structure.md, marks on numbers).
type Mark string

// The marks. Everything but Verified and Computed is shown as "antagande".
const (
	Verified Mark = "V"
	Computed Mark = "C"
	Prior    Mark = "P" // judgement: a parameter with a default
	Open     Mark = "U" // not confirmed
)

// Word is the mark as a reader meets it.
func (m Mark) Word() string {
	switch m {
	case Verified:
		return "publicerat"
	case Computed:
		return "beräknat"
	default:
		return "antagande"
	}
}

// Assumption is one number that a person may change.
type Assumption struct {
	Key, Name, Unit string
	Value, Spread   float64 // Spread is a standard deviation unless Note says otherwise; 0: not drawn
	Low, High       float64 // what may be entered
	Mark            Mark
	Evidence        []string
	Note            string
	Group           string // economy, effects or rules
}

// Groups of assumptions.
const (
	GroupEconomy = "ekonomi"
	GroupEffects = "effekter"
	GroupRules   = "regler"
	GroupPeople  = "befolkning"
)

// Keys of assumptions that the computation reads.
const (
	keyReinvest     = "aterinvestering"
	keyVoluntary    = "frivillig_faktor"
	keySmall        = "liten_under"
	keyLarge        = "effekt_upphor_vid"
	keyPhase        = "infasning_ar"
	keyWage         = "loneharmonisering"
	keyWageYears    = "loneharmonisering_ar"
	keyWageShare    = "loneandel"
	keyOneOff       = "omstallning_grund"
	keyOneOffUnit   = "omstallning_per_kommun"
	keyOneOffPerson = "omstallning_per_invanare"
	keyOneOffSpread = "omstallning_osakerhet"
	keyOneOffYears  = "omstallning_ar"
	keyDebt         = "skuld_fore"
	keyInterest     = "ranta"
	keyAmortise     = "amortering_ar"
	keyCoop         = "samverkan_effekt"
	keyCoopSmall    = "samverkan_effekt_liten"
	keyCoordination = "samordning"
	keyTurnout      = "valdeltagande"
	keyTarget       = "resultatmal"
	keyGrowth       = "skatteunderlag_tillvaxt"
	keyPrice        = "pris_utover_skatteunderlag"
	keyLocal        = "lokalt_skatteunderlag"
	keyTrend        = "volymtrend"
	keyTFR          = "barnafodande"
	keyImmigration  = "invandring"
	keyOlder        = "inkomst_65"
	effectPrefix    = "effekt."
)

// defaults are the assumptions but for the areas' effects (structure.md 3.2, 6, 7, 9).
var defaults = []Assumption{
	{keyReinvest, "Del av besparingen som används till annat", "andel", 0.8, 0, 0, 1, Prior, []string{"E2"}, "dras ur Beta(8, 2); ett eget värde ligger fast. Gäller besparingar, aldrig ökningar", GroupEffects},
	{keyVoluntary, "Effektens del vid frivillig sammanläggning", "andel", 0.5, 0, 0, 1, Prior, []string{"E9"}, "gäller effekter av båda tecknen", GroupEffects},
	{keySmall, "Full effekt när minsta delen har färre invånare än", "personer", 8000, 0, 0, 1e6, Prior, []string{"E8", "E13"}, "", GroupEffects},
	{keyLarge, "Ingen effekt när minsta delen har fler invånare än", "personer", 30000, 0, 1, 2e6, Prior, []string{"E8", "E13"}, "däremellan avtar effekten rätlinjigt", GroupEffects},
	{keyPhase, "År innan effekten är full", "år", 5, 0, 1, 20, Prior, []string{"E21"}, "", GroupEffects},
	{keyWage, "Löner jämnas ut uppåt", "andel av lönekostnaden", 0.003, 0.003, -0.05, 0.10, Prior, []string{"E6"}, "under de första åren av den nya kommunen", GroupEffects},
	{keyWageYears, "År med utjämning av löner", "år", 5, 0, 0, 50, Prior, []string{"E6"}, "", GroupEffects},
	{keyWageShare, "Lönernas del av nettokostnaden", "andel", 0.6, 0, 0, 1, Prior, nil, "används när lönekostnaden inte är inläst", GroupEconomy},
	{keyOneOff, "Omställning, grundbelopp", "kr", 20e6, 0, 0, 1e10, Prior, nil, "20 miljoner i norska kronor 2014 räknade som svenska; inget svenskt belopp är bekräftat", GroupEffects},
	{keyOneOffUnit, "Omställning, per kommun utöver den första", "kr", 5e6, 0, 0, 1e10, Prior, nil, "eget antagande", GroupEffects},
	{keyOneOffPerson, "Omställning, per invånare", "kr", 300, 0, 0, 1e6, Prior, nil, "eget antagande", GroupEffects},
	{keyOneOffSpread, "Omställning, osäkerhet åt var sida", "andel", 0.5, 0, 0, 1, Prior, nil, "jämnt fördelad", GroupEffects},
	{keyOneOffYears, "Omställning, år den delas på", "år", 3, 0, 1, 10, Prior, nil, "", GroupEffects},
	{keyDebt, "Ny skuld före sammanläggningen", "andel av intäkterna", 0.015, 0.01, 0, 0.5, Prior, []string{"E17", "E18"}, "gånger 1 minus delens andel av invånarna i den nya kommunen", GroupEffects},
	{keyInterest, "Ränta", "andel per år", 0.03, 0, 0, 0.2, Prior, nil, "", GroupEconomy},
	{keyAmortise, "Ny skuld betalas av på", "år", 20, 0, 1, 100, Prior, nil, "", GroupEconomy},
	{keyCoop, "Samverkan, effekt på områdets kostnad", "andel", -0.02, 0.04, -0.5, 0.5, Prior, []string{"E20", "E21", "E22", "E24", "E25"}, "", GroupEffects},
	{keyCoopSmall, "Samverkan, effekt för den som är liten", "andel", -0.04, 0, -0.5, 0.5, Prior, []string{"E24"}, "kommuner under gränsen ovan; samma osäkerhet", GroupEffects},
	{keyCoordination, "Samverkan, kostnad för samordning", "andel av områdets kostnad", 0.01, 0, 0, 0.5, Prior, nil, "", GroupEffects},
	{keyTurnout, "Valdeltagande i delar med mindre än hälften av väljarna", "procentenheter", -4, 1.5, -50, 50, Prior, []string{"E27", "E28"}, "", GroupEffects},
	{keyTarget, "Resultatmål", "andel av skatt och bidrag", 0.02, 0, -0.2, 0.2, Open, nil, "vanligt mål för god ekonomisk hushållning; inte bekräftat", GroupRules},
	{keyGrowth, "Skatteunderlaget per invånare i landet", "tillväxt per år", 0.031, 0.019, -0.1, 0.2, Computed, nil, "uppräknad medelskattekraft 2014–2023; spridningen är en övre gissning", GroupEconomy},
	{keyPrice, "Kommunens priser och löner utöver skatteunderlaget", "per år", 0, 0.005, -0.1, 0.1, Prior, nil, "löner är det mesta av båda; ett eget antagande", GroupEconomy},
	{keyLocal, "Kommunens skatteunderlag per invånare mot landets", "tillväxt per år", 0, 0.0068, -0.1, 0.1, Computed, nil, "alla kommuner 2010–2018: varians 0,0068² + 0,31/invånare; tillväxten i sig är satt till 0", GroupEconomy},
	{keyTrend, "Volymer utöver befolkningen", "per år", 0, 0, -0.1, 0.1, Prior, nil, "0,01 motsvarar den trend som SKL angett för 1980–2012", GroupEconomy},
	{keyTFR, "Barn per kvinna på sikt", "barn", 0, 0, 0.5, 4, Prior, nil, "0: medelvärdet sedan 1970. De senaste åren ligger lägre", GroupPeople},
	{keyImmigration, "Invandring mot de senaste fem åren före basåret", "faktor", 1, 0, 0, 5, Prior, nil, "låg 0,5, huvud 1, hög 1,3", GroupPeople},
	{keyOlder, "Beskattningsbar inkomst från 65 år mot 20–64", "andel", 0.6, 0, 0, 2, Open, nil, "under 20 år: 0", GroupEconomy},
}

// Override is what a person set for an assumption. Spread is nil where only the
// value was set.
type Override struct {
	Value  float64
	Spread *float64
}

// Assumptions are the defaults with what a person changed.
type Assumptions struct {
	Areas []Area // nil: DefaultAreas
	Set   map[string]Override
}

func (a *Assumptions) areas() []Area {
	if a.Areas == nil {
		return DefaultAreas()
	}
	return a.Areas
}

// All are all assumptions in order, with what was changed.
func (a *Assumptions) All() []Assumption {
	out := slices.Clone(defaults)
	for _, area := range a.areas() {
		low, high := -0.5, 0.5
		out = append(out, Assumption{effectPrefix + area.Code, "Effekt på " + lowerFirst(area.Name) + " vid sammanläggning", "andel", area.Mean, area.SD, low, high, Prior, area.Evidence, "", GroupEffects})
	}
	for i := range out {
		if o, ok := a.Set[out[i].Key]; ok {
			out[i].Value = o.Value
			if o.Spread != nil {
				out[i].Spread = *o.Spread
			}
		}
	}
	return out
}

// Changed tells whether a person set the assumption.
func (a *Assumptions) Changed(key string) bool { _, ok := a.Set[key]; return ok }

func lowerFirst(s string) string {
	for i, r := range s {
		if i == 0 && !strings.HasPrefix(s, "LSS") {
			return strings.ToLower(string(r)) + s[len(string(r)):]
		}
	}
	return s
}

// Check says which key a person set to what cannot be, and why; no error where all is well.
func (a *Assumptions) Check() (key string, err error) {
	known := map[string]Assumption{}
	var keys []string
	for _, x := range (&Assumptions{Areas: a.Areas}).All() {
		known[x.Key] = x
		keys = append(keys, x.Key)
	}
	var set []string
	for k := range a.Set {
		set = append(set, k)
	}
	slices.Sort(set)
	for _, k := range set {
		o, x := a.Set[k], known[k]
		switch {
		case x.Key == "":
			return k, bad("antagandet %q finns inte. Menade du %s?", k, nearest(k, keys))
		case !(o.Value >= x.Low && o.Value <= x.High) && !(k == keyTFR && o.Value == 0):
			return k, bad("antagandet %s är %s; det ska vara från %s till %s (%s)", k, num(o.Value), num(x.Low), num(x.High), x.Unit)
		case o.Spread != nil && !(*o.Spread >= 0 && *o.Spread <= 1000):
			return k, bad("spridningen för %s är %s; den kan inte vara negativ", k, num(*o.Spread))
		case o.Spread != nil && *o.Spread > 0 && x.Spread == 0:
			return k, bad("antagandet %s dras inte; det har ingen spridning att ange", k)
		}
	}
	return "", nil
}

// params are the assumptions as the computation reads them.
type params struct {
	reinvest                                float64
	reinvestFixed                           bool
	voluntary, small, large, phase          float64
	wage, wageSD, wageYears, wageShare      float64
	oneOff, oneOffUnit, oneOffPerson        float64
	oneOffSpread, oneOffYears, oneOffAt     float64 // oneOffAt is the factor without shocks
	debt, debtSD, interest, amortise        float64
	coop, coopSD, coopSmall, coordination   float64
	turnout, turnoutSD                      float64
	target                                  float64
	growth, growthSD, price, priceSD        float64
	local, localSD, trend                   float64
	tfr, immigration, older                 float64
	effect, effectSD, effectLow, effectHigh []float64 // by area
	effectUnit                              []int     // the area's address
}

func (a *Assumptions) params() (p params) {
	p.oneOffAt = 1
	for _, x := range a.All() {
		v, sd := x.Value, x.Spread
		switch x.Key {
		case keyReinvest:
			p.reinvest, p.reinvestFixed = v, a.Changed(keyReinvest)
		case keyVoluntary:
			p.voluntary = v
		case keySmall:
			p.small = v
		case keyLarge:
			p.large = v
		case keyPhase:
			p.phase = v
		case keyWage:
			p.wage, p.wageSD = v, sd
		case keyWageYears:
			p.wageYears = v
		case keyWageShare:
			p.wageShare = v
		case keyOneOff:
			p.oneOff = v
		case keyOneOffUnit:
			p.oneOffUnit = v
		case keyOneOffPerson:
			p.oneOffPerson = v
		case keyOneOffSpread:
			p.oneOffSpread = v
		case keyOneOffYears:
			p.oneOffYears = v
		case keyDebt:
			p.debt, p.debtSD = v, sd
		case keyInterest:
			p.interest = v
		case keyAmortise:
			p.amortise = v
		case keyCoop:
			p.coop, p.coopSD = v, sd
		case keyCoopSmall:
			p.coopSmall = v
		case keyCoordination:
			p.coordination = v
		case keyTurnout:
			p.turnout, p.turnoutSD = v, sd
		case keyTarget:
			p.target = v
		case keyGrowth:
			p.growth, p.growthSD = v, sd
		case keyPrice:
			p.price, p.priceSD = v, sd
		case keyLocal:
			p.local, p.localSD = v, sd
		case keyTrend:
			p.trend = v
		case keyTFR:
			p.tfr = v
		case keyImmigration:
			p.immigration = v
		case keyOlder:
			p.older = v
		}
	}
	byKey := map[string]Assumption{}
	for _, x := range a.All() {
		byKey[x.Key] = x
	}
	for _, area := range a.areas() {
		x := byKey[effectPrefix+area.Code]
		p.effect, p.effectSD = append(p.effect, x.Value), append(p.effectSD, x.Spread)
		p.effectLow, p.effectHigh = append(p.effectLow, area.Low), append(p.effectHigh, area.High)
		p.effectUnit = append(p.effectUnit, nameOf(area.Code))
	}
	return p
}
