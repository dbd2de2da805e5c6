package scenario

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"kommunpilot/engine/dataset"
	"kommunpilot/engine/demography"
	"kommunpilot/engine/equalisation"
)

// With gives a country in which checked input files stand in the place of what
// the product carries (structure.md 15). Used says of each file what it changed;
// a file whose figures are of other years than the base year changes nothing,
// and says so. Errors are *InputError. Cost O(rows), and a new fit of the model
// where there is a population.
func (c *Country) With(tables []*dataset.Table) (d *Country, used []string, err error) {
	d = c.copy()
	byKind := map[string]*dataset.Table{}
	for _, t := range tables {
		if byKind[t.Kind] != nil {
			return nil, nil, bad("två filer är av sorten %s: %s och %s", t.Kind, byKind[t.Kind].File, t.File)
		}
		byKind[t.Kind] = t
	}
	i := &importer{c: d, base: c.Base}
	// The population decides the base year, so it comes first; prices name the areas that costs are of.
	order := []string{"population", "mortality", "mortality_factor", "fertility", "fertility_factor", "migration_out", "migration_in", "age_price", "uprating_factors", "taxbase", "taxrate",
		"equalisation", "standard_cost", "cost_net", "balance", "electorate", "county_rates", "income_profile", "transition_cost", "adjacency"}
	for _, kind := range order {
		t := byKind[kind]
		if t == nil {
			continue
		}
		delete(byKind, kind)
		n, err := i.take(kind, t)
		if err != nil {
			return nil, nil, err
		}
		says := fmt.Sprintf("%s: %s", t.File, n)
		used = append(used, says)
		d.Sources = append(d.Sources, Source{kind, t.File, t.SHA256})
	}
	for _, kind := range slices.Sorted(maps.Keys(byKind)) {
		used = append(used, fmt.Sprintf("%s: kontrollerad; beräkningen använder inte %s", byKind[kind].File, kind))
	}
	return d, used, nil
}

type importer struct {
	c        *Country
	base     int
	uprating float64
}

// take uses one file and says what it changed.
func (i *importer) take(kind string, t *dataset.Table) (string, error) {
	switch kind {
	case "population":
		return i.population(t)
	case "mortality", "fertility", "migration_out", "migration_in", "mortality_factor", "fertility_factor":
		return i.people(kind, t)
	case "age_price":
		return i.prices(t)
	case "uprating_factors":
		for r := range t.Len() {
			if t.Int(r, "ar") == i.c.Base {
				i.uprating = t.Number(r, "f1") * t.Number(r, "f2")
				return fmt.Sprintf("uppräkning %s för %d", num(i.uprating), i.c.Base), nil
			}
		}
		return i.none(), nil
	case "county_rates":
		return i.countyRates(t)
	case "income_profile":
		w := new([demography.Ages]float64)
		each(t, "vikt", func(a int, v float64) { w[a] = v })
		i.c.Income = w
		return "inkomst efter ålder", nil
	case "transition_cost":
		for r := range t.Len() {
			i.c.OneOff = append(i.c.OneOff, OneOffRow{t.Int(r, "antal_kommuner"), t.Number(r, "inv_fran"), t.Number(r, "inv_till"), t.Number(r, "belopp_kr")})
		}
		return fmt.Sprintf("%d storleksklasser av engångskostnad", t.Len()), nil
	case "adjacency":
		i.c.Neighbours = map[string][]string{}
		for r := range t.Len() {
			a, b := t.Text(r, "kommun_a"), t.Text(r, "kommun_b")
			i.c.Neighbours[a], i.c.Neighbours[b] = append(i.c.Neighbours[a], b), append(i.c.Neighbours[b], a)
		}
		return fmt.Sprintf("%d par av grannar", t.Len()), nil
	}
	return i.economy(kind, t)
}

func (i *importer) none() string {
	return fmt.Sprintf("har inga rader för %d och ändrar inget", i.c.Base)
}

// each calls for every age of an interval.
func each(t *dataset.Table, column string, do func(age int, v float64)) {
	for r := range t.Len() {
		for a := t.Int(r, "alder_fran"); a <= t.Int(r, "alder_till"); a++ {
			do(a, t.Number(r, column))
		}
	}
}

// population fits the model again on the file's years; the last is the base year.
func (i *importer) population(t *dataset.Table) (string, error) {
	carried := demography.CarriedMunicipalities()
	pop := map[int][][demography.Cells]float64{}
	for r := range t.Len() {
		y := t.Int(r, "ar")
		at, ok := i.c.Find(t.Text(r, "kommun"))
		if !ok {
			return "", bad("%s: kommun %s finns inte i underlaget", t.File, t.Text(r, "kommun"))
		}
		if pop[y] == nil {
			pop[y] = make([][demography.Cells]float64, len(i.c.Units))
		}
		sex := demography.Women
		if t.Text(r, "kon") == "M" {
			sex = demography.Men
		}
		pop[y][at][demography.Cell(sex, t.Int(r, "alder"))] = t.Number(r, "antal")
	}
	base := 0
	for y, units := range pop {
		base = max(base, y)
		for at := range units {
			if units[at] == ([demography.Cells]float64{}) {
				return "", bad("%s: %s saknas år %d. Folkmängden ska gälla alla 290 kommuner, eftersom de flyttar mellan varandra", t.File, i.c.Units[at].Name, y)
			}
		}
	}
	for y, p := range carried.Pop {
		if pop[y] == nil && y < base {
			pop[y] = p
		}
	}
	if pop[base-1] == nil {
		return "", bad("%s: året %d saknas; utjämningen räknar med invånarna året före basåret %d", t.File, base-1, base)
	}
	rules, err := equalisation.For(base)
	if err != nil {
		return "", bad("%s: reglerna för utjämningsåret %d finns inte", t.File, base)
	}
	model, err := demography.Fit(demography.Reference().History(base, carried.Codes, pop, carried.Deaths))
	if err != nil {
		return "", &InputError{What: t.File + ": " + err.Error()}
	}
	i.c.Base, i.c.Model, i.c.Rules = base, model, rules
	if rules.Adjustment != nil {
		i.c.Adjustment = rules.Adjustment.Number
	}
	for at := range i.c.Units {
		n := 0.0
		for _, v := range pop[base-1][at] {
			n += v
		}
		u := &i.c.Units[at]
		u.Base, u.Grants, u.Before = u.Base*n/u.Before, u.Grants*n/u.Before, n
	}
	i.c.part("Folkmängd efter ålder och kön", Full, "ur "+t.File)
	if base != i.base {
		for _, name := range []string{"Skatteunderlag", "Skattesatser", "Övriga bidrag och avgifter"} {
			i.c.part(name, Proxy, fmt.Sprintf("%d års belopp per invånare; läs in filer för %d", i.base, base))
		}
	}
	return fmt.Sprintf("folkmängd för %d; basåret är %d", len(pop), base), nil
}

// people sets risks and factors of the model.
func (i *importer) people(kind string, t *dataset.Table) (string, error) {
	m := *i.c.Model
	m.Out, m.Share = slices.Clone(m.Out), slices.Clone(m.Share)
	m.Mort, m.Fert, m.Immigrants = slices.Clone(m.Mort), slices.Clone(m.Fert), slices.Clone(m.Immigrants)
	i.c.Model = &m
	cell := func(r int) int {
		sex := demography.Women
		if t.Text(r, "kon") == "M" {
			sex = demography.Men
		}
		return demography.Cell(sex, t.Int(r, "alder"))
	}
	last := 0
	if t.Has("ar") {
		for r := range t.Len() {
			last = max(last, t.Int(r, "ar"))
		}
	}
	immigrants := map[int]float64{}
	var ages [demography.Cells]float64
	total := 0.0
	for r := range t.Len() {
		at := -1
		if t.Has("kommun") {
			var ok bool
			if at, ok = i.c.Find(t.Text(r, "kommun")); !ok {
				return "", bad("%s: kommun %s finns inte i underlaget", t.File, t.Text(r, "kommun"))
			}
		}
		switch kind {
		case "mortality":
			if t.Text(r, "omrade") == "riket" && t.Int(r, "ar") == last {
				q := t.Number(r, "dodsrisk")
				m.Rates[cell(r)] = q / (1 - q/2)
			}
		case "fertility":
			if t.Text(r, "omrade") == "riket" && t.Int(r, "ar") == last {
				m.Fertility[t.Int(r, "alder")] = t.Number(r, "tal")
			}
		case "mortality_factor":
			m.Mort[at] = t.Number(r, "faktor")
		case "fertility_factor":
			m.Fert[at] = t.Number(r, "faktor")
		case "migration_out":
			m.Out[at][cell(r)] = float32(t.Number(r, "risk_inrikes"))
		case "migration_in":
			m.Share[at][cell(r)] = float32(t.Number(r, "andel_av_pool"))
			n := t.Number(r, "antal_invandring")
			immigrants[at] += n
			ages[cell(r)] += n
			total += n
		}
	}
	if total > 0 {
		for at, n := range immigrants {
			m.Immigrants[at] = n
		}
		for k := range ages {
			m.ImmAge[k] = ages[k] / total
		}
	}
	says := map[string]string{
		"mortality": fmt.Sprintf("rikets dödsrisker %d", last), "fertility": fmt.Sprintf("rikets fruktsamhet %d", last), "mortality_factor": "kommunernas dödlighet", "fertility_factor": "kommunernas fruktsamhet",
		"migration_out": "risk att flytta inom landet; risken att lämna landet är fortfarande densamma för alla", "migration_in": "andelar av dem som flyttar, och invandring; invandrarnas åldrar är desamma i alla kommuner",
	}
	i.c.part("Flyttningar inom landet", Proxy, "delvis inläst: "+t.File)
	return says[kind], nil
}

// prices reads areas with their prices; an area that the product knows keeps its
// name, effect and submodel.
func (i *importer) prices(t *dataset.Table) (string, error) {
	known := map[string]Area{}
	for _, a := range DefaultAreas() {
		known[a.Code] = a
	}
	at := map[string]int{}
	var areas []Area
	for r := range t.Len() {
		code := t.Text(r, "omrade_kod")
		k, ok := at[code]
		if !ok {
			a, have := known[code]
			if !have {
				a = Area{Code: code, Name: code, SD: 0.03}
			}
			a.Price = [demography.Ages]float64{}
			k = len(areas)
			at[code] = k
			areas = append(areas, a)
		}
		for age := t.Int(r, "alder_fran"); age <= t.Int(r, "alder_till"); age++ {
			areas[k].Price[age] = t.Number(r, "kr_per_inv")
		}
	}
	i.c.Areas = areas
	return fmt.Sprintf("%d områden med pris per ålder", len(areas)), nil
}

func (i *importer) countyRates(t *dataset.Table) (string, error) {
	rates := map[string][2]float64{}
	for r := range t.Len() {
		if t.Int(r, "ar") == i.c.Base {
			rates[t.Text(r, "lan")] = [2]float64{t.Number(r, "t_bidrag") / 100, t.Number(r, "t_avgift") / 100}
		}
	}
	if len(rates) == 0 {
		return i.none(), nil
	}
	i.c.Rates = rates
	return fmt.Sprintf("%d läns skattesatser i inkomstutjämningen", len(rates)), nil
}

// economy sets figures of municipalities for the base year.
func (i *importer) economy(kind string, t *dataset.Table) (string, error) {
	year, column := i.c.Base, "ar"
	switch kind {
	case "taxbase":
		year, column = i.c.Base-2, "inkomstar"
	case "electorate": // the last election in the file
		year = 0
		for r := range t.Len() {
			year = max(year, t.Int(r, column))
		}
	}
	uprating := i.uprating
	if uprating == 0 {
		uprating = carriedUprating
	}
	touched := map[string]bool{}
	for r := range t.Len() {
		if t.Int(r, column) != year {
			continue
		}
		code := t.Text(r, "kommun")
		at, ok := i.c.Find(code)
		if !ok {
			return "", bad("%s: kommun %s finns inte i underlaget", t.File, code)
		}
		u := &i.c.Units[at]
		first := !touched[code]
		touched[code] = true
		switch kind {
		case "taxbase":
			u.Base = t.Number(r, "skatteunderlag_kr") * uprating
		case "taxrate":
			u.Rate, u.RegionRate = t.Number(r, "skattesats_kommun"), t.Number(r, "skattesats_region")
		case "equalisation":
			sum := 0.0
			for _, part := range []string{"iu", "ku", "sb", "ib", "rb", "lss"} {
				sum += t.Number(r, part)
			}
			u.Grants, i.c.Adjustment = sum*u.Before, t.Number(r, "rb")
		case "standard_cost":
			if first {
				u.StandardCost = map[string]float64{}
			}
			u.StandardCost[t.Text(r, "delmodell")] = t.Number(r, "kr_per_inv")
		case "cost_net":
			if first {
				u.NetCost, u.WageCost, u.Staff = map[string]float64{}, map[string]float64{}, map[string]float64{}
			}
			area := t.Text(r, "omrade_kod")
			if !slices.ContainsFunc(i.areas(), func(a Area) bool { return a.Code == area }) {
				return "", bad("%s: området %s har inget pris per ålder. Läs in age_price.csv med det, eller använd områdena i kommunpilot scenario assumptions", t.File, area)
			}
			u.NetCost[area], u.WageCost[area], u.Staff[area] = t.Number(r, "nettokostnad_tkr")*1000, t.Number(r, "lonekostnad_tkr")*1000, t.Number(r, "personal_fte")
		case "balance":
			debt := t.Number(r, "laneskuld_tkr") * 1000
			u.Debt = &debt
		case "electorate":
			n, turnout := t.Number(r, "rostberattigade"), t.Number(r, "valdeltagande")
			u.Electorate, u.Turnout = &n, &turnout
		}
	}
	if len(touched) == 0 {
		return fmt.Sprintf("har inga rader för %d och ändrar inget", year), nil
	}
	part := map[string]string{"taxbase": "Skatteunderlag", "taxrate": "Skattesatser", "equalisation": "Övriga bidrag och avgifter", "standard_cost": "Kostnadsutjämning", "cost_net": "Nettokostnad per område", "balance": "Skuld och pensioner", "electorate": "Röstberättigade"}[kind]
	quality := Full
	if len(touched) < len(i.c.Units) || kind == "balance" {
		quality = Proxy
	}
	i.c.part(part, quality, fmt.Sprintf("%s: %d kommuner, %d", t.File, len(touched), year))
	return strconv.Itoa(len(touched)) + " kommuner, " + strconv.Itoa(year), nil
}

func (i *importer) areas() []Area {
	if i.c.Areas != nil {
		return i.c.Areas
	}
	return DefaultAreas()
}
