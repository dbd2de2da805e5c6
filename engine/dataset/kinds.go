package dataset

import "math"

// Limits that many columns share.
var (
	notNegative = Limit{0, math.Inf(1), "G5", Error}
	oddIfMinus  = Limit{0, math.Inf(1), "G5", Warning}
	share       = Limit{0, 1, "G8", Error}
	perCent     = Limit{0, 100, "G8", Error}
	factor      = Limit{0.5, 2, "E2", Warning}
	uprating    = Limit{0.9, 1.2, "E2", Warning}
	countyRate  = Limit{5, 40, "E2", Warning}
)

// Rules that several kinds share.
var (
	ruleFactor    = Rule{"E2", Warning, "Faktorn ligger mellan 0.5 och 2"}
	ruleStatute   = Rule{"E5", Error, "Författningens nummer står i sfs, till exempel 2024:669"}
	ruleIntervals = Rule{"E4", Error, "Intervallen täcker åldrarna 0–100 och går inte in i varandra"}
	ruleSelf      = Rule{"E11", Error, "De två kommunerna är inte samma kommun"}
	rulePair      = Rule{"G3", Error, "Ett par står en gång, i den ena eller den andra ordningen"}
)

func key(name string, t Type) Column { return Column{Name: name, Type: t, Key: true} }

func decimal(name, unit string, limits ...Limit) Column {
	return Column{Name: name, Type: Decimal, Unit: unit, Limits: limits}
}

func whole(name, unit string, limits ...Limit) Column {
	return Column{Name: name, Type: Whole, Unit: unit, Limits: limits}
}

func keyUnit(c Column, unit string) Column {
	c.Key, c.Unit = true, unit
	return c
}

func optional(c Column) Column {
	c.Optional = true
	return c
}

// kinds is the table of structure.md 15.2.
var kinds = []Kind{
	{
		Name: "population", About: "Folkmängd efter kommun, kön och ålder",
		Columns: []Column{key("kommun", Municipality), key("ar", Year), key("kon", Sex), key("alder", Age), whole("antal", "personer 31 december", notNegative)},
		Rules:   []Rule{{"G7", Error, "Summan för kommun och år avviker högst 0.5 procent från den publicerade folkmängden, när den är given"}},
		Example: []string{"0114", "2024", "K", "0", "265"}, NoGaps: true, EveryYear: true, checks: []func(*reading){populationTotals},
	},
	{
		Name: "mortality", About: "Dödsrisker",
		Columns: []Column{key("omrade", Area), key("ar", Year), key("kon", Sex), key("alder", Age), decimal("dodsrisk", "risk under ett år", share)},
		Rules:   []Rule{{"E1", Error, "Rader för riket finns"}},
		Example: []string{"riket", "2024", "K", "0", "0.0019"}, NoGaps: true, EveryYear: true, checks: []func(*reading){nationalRows},
	},
	{
		Name: "mortality_factor", About: "Kommunens dödlighet i förhållande till rikets",
		Columns: []Column{key("kommun", Municipality), key("kon", Sex), decimal("faktor", "kvot", notNegative, factor)},
		Rules:   []Rule{ruleFactor},
		Example: []string{"0114", "K", "0.97"}, NoGaps: true,
	},
	{
		Name: "fertility", About: "Fruktsamhet efter kvinnans ålder, 15–49 år",
		Columns: []Column{key("omrade", Area), key("ar", Year), key("alder", Age), decimal("tal", "födda per kvinna och år", notNegative)},
		Rules:   []Rule{{"E2", Warning, "Summan över åldrarna ligger mellan 0.5 och 4 barn per kvinna"}},
		Example: []string{"riket", "2024", "30", "0.105"}, NoGaps: true, EveryYear: true, checks: []func(*reading){totalFertility},
	},
	{
		Name: "fertility_factor", About: "Kommunens fruktsamhet i förhållande till rikets",
		Columns: []Column{key("kommun", Municipality), decimal("faktor", "kvot", notNegative, factor)},
		Rules:   []Rule{ruleFactor},
		Example: []string{"0114", "1.04"}, NoGaps: true,
	},
	{
		Name: "migration_out", About: "Risk att flytta ut, inom och ur landet; åldrarna får stå i grupper om fem år",
		Columns: []Column{
			key("kommun", Municipality), key("kon", Sex), key("alder", AgeGroup),
			decimal("risk_inrikes", "risk per år", share), decimal("risk_utrikes", "risk per år", share),
		},
		Rules:   []Rule{{"E3", Error, "De två riskerna är tillsammans högst 1"}},
		Example: []string{"0114", "K", "20-24", "0.14", "0.01"}, NoGaps: true, checks: []func(*reading){sumOfRisks},
	},
	{
		Name: "migration_in", About: "Inflyttning: andel av alla som flyttar inom landet, och invandring",
		Columns: []Column{
			key("kommun", Municipality), key("kon", Sex), key("alder", Age),
			decimal("andel_av_pool", "andel", share), decimal("antal_invandring", "personer per år", notNegative),
		},
		Rules:   []Rule{{"G7", Error, "Kommunernas andelar är tillsammans 1 för varje kön och ålder; en avvikelse på högst 0.5 procent rättas med en varning"}},
		Example: []string{"0114", "K", "20", "0.0061", "4.5"}, NoGaps: true, checks: []func(*reading){poolShares},
	},
	{
		Name: "migration_totals", About: "Flyttningar utan ålder, när åldrar saknas",
		Columns: []Column{
			key("kommun", Municipality), key("ar", Year), whole("inflytt", "personer", notNegative), whole("utflytt", "personer", notNegative),
			whole("invandr", "personer", notNegative), whole("utvandr", "personer", notNegative),
		},
		Rules:   []Rule{{"G7", Error, "Alla kommuners inflyttade är lika många som alla kommuners utflyttade, inom 0.5 procent"}},
		Example: []string{"0114", "2024", "3912", "3650", "410", "220"}, NoGaps: true, EveryYear: true, checks: []func(*reading){movesBalance},
	},
	{
		Name: "cost_net", About: "Nettokostnad och personal efter verksamhet",
		Columns: []Column{
			key("kommun", Municipality), key("ar", Year), key("omrade_kod", Code), decimal("nettokostnad_tkr", "tkr", oddIfMinus),
			decimal("personal_fte", "årsarbetare", notNegative), decimal("lonekostnad_tkr", "tkr", notNegative),
		},
		Rules:   []Rule{{"G5", Warning, "Nettokostnaden får vara negativ, men det är ovanligt"}},
		Example: []string{"0114", "2024", "aldreomsorg", "512300", "640.5", "301200"}, NoGaps: true, EveryYear: true,
	},
	{
		Name: "age_price", About: "Kostnad och personal per invånare efter ålder",
		Columns: []Column{
			key("omrade_kod", Code), keyUnit(Column{Name: "alder_fran", Type: Age}, "år"), {Name: "alder_till", Type: Age, Unit: "år"},
			decimal("kr_per_inv", "kr", notNegative), decimal("fte_per_1000", "årsarbetare per 1 000", notNegative),
		},
		Rules:   []Rule{ruleIntervals},
		Example: []string{"forskola", "0", "100", "2850", "5.2"}, checks: []func(*reading){intervals},
	},
	{
		Name: "taxbase", About: "Skatteunderlag",
		Columns: []Column{key("kommun", Municipality), key("inkomstar", Year), decimal("skatteunderlag_kr", "kr", notNegative)},
		Rules:   []Rule{{"G4", Error, "Alla landets kommuner finns, för rikets summor"}},
		Example: []string{"0114", "2023", "11480000000"}, NoGaps: true, EveryYear: true, Whole: true,
	},
	{
		Name: "uprating_factors", About: "Uppräkningsfaktorer",
		Columns: []Column{
			key("ar", Year), decimal("f1", "faktor", notNegative, uprating), decimal("f2", "faktor", notNegative, uprating), {Name: "sfs", Type: Statute},
		},
		Rules:   []Rule{{"E2", Warning, "Faktorerna ligger mellan 0.9 och 1.2"}, ruleStatute},
		Example: []string{"2025", "1.031", "1.045", "2024:669"}, NoGaps: true, EveryYear: true,
	},
	{
		Name: "taxrate", About: "Skattesatser",
		Columns: []Column{
			key("kommun", Municipality), key("ar", Year), decimal("skattesats_kommun", "procent", notNegative), decimal("skattesats_region", "procent", notNegative),
		},
		Rules:   []Rule{{"E6", Error, "Skattesatserna ligger mellan 5 och 40; Gotland, som inte ingår i en region, har 0 i skattesats_region"}},
		Example: []string{"0114", "2025", "19.42", "12.38"}, NoGaps: true, EveryYear: true, checks: []func(*reading){taxRates},
	},
	{
		Name: "equalisation", About: "Utfall i kommunalekonomisk utjämning",
		Columns: []Column{
			key("kommun", Municipality), key("ar", Year), decimal("iu", "kr per invånare"), decimal("ku", "kr per invånare"),
			decimal("sb", "kr per invånare", notNegative), decimal("ib", "kr per invånare", notNegative), decimal("rb", "kr per invånare"),
			decimal("lss", "kr per invånare"), optional(decimal("utfall", "kr per invånare")),
		},
		Rules: []Rule{
			{"E7", Error, "rb är lika för alla kommuner i ett år"},
			{"E8", Error, "utfall, när det är givet, är iu + ku + sb + ib + rb, på 2 kr när; lss räknas för sig"},
		},
		Example: []string{"1885", "2023", "12988", "1939", "0", "0", "2336", "1204", "17263"}, NoGaps: true, EveryYear: true,
		checks: []func(*reading){sameAdjustment, outcomeOfParts},
	},
	{
		Name: "standard_cost", About: "Standardkostnad efter delmodell",
		Columns: []Column{key("kommun", Municipality), key("ar", Year), key("delmodell", Code), decimal("kr_per_inv", "kr per invånare", oddIfMinus)},
		Rules:   []Rule{{"E9", Error, "Delmodellen finns i årets regler"}, {"G5", Warning, "Standardkostnaden får vara negativ, men det är ovanligt"}},
		Example: []string{"0114", "2024", "äldreomsorg", "11850"}, NoGaps: true, EveryYear: true, checks: []func(*reading){submodels},
	},
	{
		Name: "county_rates", About: "Länsvisa skattesatser i inkomstutjämningen",
		Columns: []Column{
			key("lan", County), key("ar", Year), decimal("t_bidrag", "procent", perCent, countyRate), decimal("t_avgift", "procent", perCent, countyRate),
			{Name: "sfs", Type: Statute}, optional(Column{Name: "t_avgift_markering", Type: Mark, Unit: "tomt eller antagen"}),
		},
		Rules: []Rule{
			{"E10", Error, "t_avgift är lägre än t_bidrag"}, ruleStatute,
			{"E2", Warning, "Skattesatserna är i procent, mellan 5 och 40"},
		},
		Example: []string{"18", "2024", "19.00", "16.94", "2023:683", "antagen"}, NoGaps: true, EveryYear: true, checks: []func(*reading){ratesOrder},
	},
	{
		Name: "balance", About: "Skulder, pensioner, eget kapital och investeringar",
		Columns: []Column{
			key("kommun", Municipality), key("ar", Year), decimal("laneskuld_tkr", "tkr", notNegative), decimal("pensionsforpliktelse_tkr", "tkr", notNegative),
			decimal("egenkapital_tkr", "tkr"), decimal("investering_tkr", "tkr", notNegative),
		},
		Example: []string{"0114", "2024", "1250000", "640000", "2110000", "380000"}, NoGaps: true, EveryYear: true,
	},
	{
		Name: "adjacency", About: "Grannkommuner",
		Columns: []Column{key("kommun_a", Municipality), key("kommun_b", Municipality)},
		Rules:   []Rule{ruleSelf, rulePair, {"E12", Warning, "Varje kommun har en granne"}},
		Example: []string{"0114", "0115"}, pair: true, checks: []func(*reading){notItself, neighbourless},
	},
	{
		Name: "distance", About: "Restid mellan kommunernas centralorter",
		Columns: []Column{key("kommun_a", Municipality), key("kommun_b", Municipality), decimal("minuter_centralort", "minuter", notNegative)},
		Rules:   []Rule{ruleSelf, rulePair},
		Example: []string{"0114", "0115", "21.5"}, pair: true, checks: []func(*reading){notItself},
	},
	{
		Name: "popgrid", About: "Folkmängd i rutor",
		Columns: []Column{
			key("kommun", Municipality),
			keyUnit(whole("x", "", Limit{200_000, 1_000_000, "E2", Warning}), "meter österut, SWEREF 99 TM"),
			keyUnit(whole("y", "", Limit{6_100_000, 7_700_000, "E2", Warning}), "meter norrut, SWEREF 99 TM"),
			whole("antal", "personer", notNegative),
		},
		Rules:   []Rule{{"E2", Warning, "Rutan ligger i Sverige: x mellan 200000 och 1000000, y mellan 6100000 och 7700000"}},
		Example: []string{"0114", "665500", "6602500", "312"},
	},
	{
		Name: "electorate", About: "Röstberättigade och valdeltagande i val till kommunfullmäktige",
		Columns: []Column{
			key("kommun", Municipality), key("ar", Year), whole("rostberattigade", "personer", notNegative), decimal("valdeltagande", "procent", perCent),
		},
		Rules:   []Rule{{"G8", Error, "Valdeltagandet ligger mellan 0 och 100"}, {"G4", Error, "Åren är valåren i filen; åren däremellan behövs inte"}},
		Example: []string{"0114", "2022", "36412", "77.9"}, NoGaps: true,
	},
	{
		Name: "income_profile", About: "Inkomst efter ålder, i förhållande till varandra",
		Columns: []Column{keyUnit(Column{Name: "alder_fran", Type: Age}, "år"), {Name: "alder_till", Type: Age, Unit: "år"}, decimal("vikt", "relativt tal", notNegative)},
		Rules:   []Rule{ruleIntervals},
		Example: []string{"0", "100", "1"}, checks: []func(*reading){intervals},
	},
	{
		Name: "transition_cost", About: "Kostnad för att slå ihop kommuner; värdena är användarens egna",
		Columns: []Column{
			keyUnit(whole("antal_kommuner", "", notNegative), "kommuner"), keyUnit(whole("inv_fran", "", notNegative), "invånare"),
			whole("inv_till", "invånare", notNegative), decimal("belopp_kr", "kr", notNegative),
		},
		Rules:   []Rule{{"E4", Error, "Intervallen av invånare går inte in i varandra för samma antal kommuner"}},
		Example: []string{"2", "0", "19999", "25000000"}, checks: []func(*reading){sizeClasses},
	},
}
