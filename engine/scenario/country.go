package scenario

import (
	"crypto/sha256"
	_ "embed" // what the product carries is data
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"kommunpilot/engine/demography"
	"kommunpilot/engine/equalisation"
	"kommunpilot/engine/random"
)

// Quality tells what a part of the input rests on; a result carries the weakest
// of its parts.
type Quality string

// The qualities, best first.
const (
	Full    Quality = "fullständig"
	Proxy   Quality = "närmevärde"
	Missing Quality = "saknas"
)

// Part is one part of the input, what it rests on and why.
type Part struct {
	Name    string
	Quality Quality
	Says    string
}

// Source is a data set that a run rests on.
type Source struct {
	Name, Origin, SHA256 string
}

// Municipality is what is known of a municipality in the base year. Amounts are
// kronor of the base year.
type Municipality struct {
	Code, Name, County string
	Group              string  // SKR's kommungrupp
	Base               float64 // uprated tax base (uppräknat skatteunderlag)
	Before             float64 // inhabitants on 31 December the year before the base year
	Rate, RegionRate   float64 // per cent, base year
	Grants             float64 // general grants and equalisation, fees and LSS included
	Seats              int     // of fullmäktige, last election known; 0: not known

	// What an import makes exact; nil where the product has no figure.
	NetCost      map[string]float64 // by area
	WageCost     map[string]float64
	Staff        map[string]float64 // FTE
	StandardCost map[string]float64 // kr per inhabitant by submodel
	Debt         *float64
	Electorate   *float64
	Turnout      *float64
}

// Country is all municipalities of the base year, with the model that projects them.
type Country struct {
	Base       int
	Units      []Municipality // in the order of Model.Codes
	Model      *demography.Model
	Rules      *equalisation.RuleSet
	Adjustment float64 // regleringspost of the base year, kr per inhabitant
	Parts      []Part
	Sources    []Source
	Areas      []Area                    // from age_price.csv; nil: DefaultAreas
	Rates      map[string][2]float64     // by county: grants and fees, instead of the rule set's; nil
	Income     *[demography.Ages]float64 // income by age; nil: 20-64 and what 65 and older have of it
	OneOff     []OneOffRow               // a table of one-off costs; nil: the assumptions
	// What only warns, and may be left out: who borders on whom, by code, and
	// what became of municipalities that are no more.
	Neighbours map[string][]string
	Former     func(text string) (says string, ok bool)
	at         map[string]int
}

// OneOffRow is the one-off cost of a merger of so many municipalities with so many inhabitants, kr.
type OneOffRow struct {
	Members  int
	From, To float64
	Kronor   float64
}

// Find gives the index of a municipality by its code of four digits.
func (c *Country) Find(code string) (int, bool) { i, ok := c.at[code]; return i, ok }

// Lookup finds a municipality by code or name, without regard to case.
func (c *Country) Lookup(text string) (code string, ok bool) {
	text = strings.TrimSpace(text)
	if _, ok := c.at[text]; ok {
		return text, true
	}
	for i := range c.Units {
		if strings.EqualFold(c.Units[i].Name, text) || strings.EqualFold(c.Units[i].Name+" kommun", text) {
			return c.Units[i].Code, true
		}
	}
	return "", false
}

// Names are all names, for suggestions.
func (c *Country) Names() (out []string) {
	for i := range c.Units {
		out = append(out, c.Units[i].Name)
	}
	return out
}

// InCounty are the codes of a county's municipalities, ascending.
func (c *Country) InCounty(county string) (out []string) {
	for i := range c.Units {
		if c.Units[i].County == county {
			out = append(out, c.Units[i].Code)
		}
	}
	return out
}

//go:embed reference/economy.csv
var economyFile string

// ReferenceBase is the base year of what the product carries.
const ReferenceBase = demography.ReferenceBase

// carriedUprating is u of utjämningsår 2019, from outcomes of one county
// (structure.md 4.5); the mean that it gives for the whole country differs by
// 0.15 per cent from the one estimated there.
const carriedUprating = 1.0805243

// Carried is the country that the product carries: figures of SCB and
// Skatteverket compiled into its own tables (docs/scenario.md names them). The
// caller must not change it. Cost: once, some 0.5 s.
var Carried = sync.OnceValues(func() (*Country, error) {
	model, err := demography.CarriedModel()
	if err != nil {
		return nil, err
	}
	rules, err := equalisation.For(ReferenceBase)
	if err != nil {
		return nil, fmt.Errorf("scenario: %w", err)
	}
	c := &Country{Base: ReferenceBase, Model: model, Rules: rules, Adjustment: rules.Adjustment.Number}
	people := demography.CarriedMunicipalities()
	before := people.Pop[ReferenceBase-1]
	c.at = map[string]int{}
	lines := strings.Split(strings.TrimSpace(economyFile), "\n")[1:]
	for i, line := range lines {
		f := strings.Split(line, ",")
		code := fmt.Sprintf("%04d", model.Codes[i])
		if f[0] != code {
			return nil, fmt.Errorf("scenario: the carried tables disagree at %s and %s", f[0], code)
		}
		n := 0.0
		for _, v := range before[i] {
			n += v
		}
		u := Municipality{
			Code: code, Name: f[1], County: f[2], Group: f[3], Before: n,
			Base: number(f[4]) * 1000 * carriedUprating, Rate: number(f[6]), RegionRate: number(f[7]),
			Grants: number(f[11]) * n, Seats: int(number(f[12])),
		}
		c.at[code] = len(c.Units)
		c.Units = append(c.Units, u)
	}
	c.Sources = []Source{
		{"Folkmängd efter kommun, kön och ålder 2010–2019", "SCB, befolkningsstatistik", people.SHA256[0]},
		{"Döda efter kommun, kön och ålder 2015–2019", "SCB, befolkningsstatistik", people.SHA256[1]},
		{"Skattekraft, skattesatser, skatteintäkter och generella bidrag 2019, mandat 2022", "SCB, SKR och Skatteverket", fmt.Sprintf("%x", sha256.Sum256([]byte(economyFile)))},
	}
	c.Parts = []Part{
		{"Folkmängd efter ålder och kön", Full, "31 december 2010–2019"},
		{"Flyttningar inom landet", Proxy, "nettot ur folkmängd och döda; in- och utflyttning var för sig är inte inlästa"},
		{"Skatteunderlag", Proxy, "skattekraften per invånare gånger folkmängden; avrundad till kronor per invånare"},
		{"Skattesatser", Full, "2019"},
		{"Nettokostnad per område", Proxy, "skatt och generella bidrag 2019 minus resultatmålet, delad på områden efter antagna priser per ålder"},
		{"Inkomstutjämning", Proxy, "beräknad för alla 290; uppräkningsfaktorn ur ett läns utfall"},
		{"Kostnadsutjämning", Proxy, "standardkostnaderna är inte inlästa: förändringen följer åldrarna, nivån ligger i övriga bidrag"},
		{"Övriga bidrag och avgifter", Proxy, "det som återstår av generella bidrag 2019: strukturbidrag, LSS, fastighetsavgift m.m.; lika per invånare framåt"},
		{"Skuld och pensioner", Missing, "endast ny skuld räknas"},
		{"Personal", Proxy, "kostnad gånger lönernas del, med en antagen lönekostnad per årsarbetare"},
		{"Röstberättigade", Proxy, "invånare 18 år och äldre"},
		{"Restider", Missing, "väntar på vägnätet; se servicetillgänglighet"},
	}
	return c, nil
})

// Number of the carried table: part of the program.
func number(s string) float64 {
	if s == "" {
		return 0
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		panic(err)
	}
	return v
}

func nameOf(s string) int { return random.Name(s) }

// part sets the quality of a part of the input.
func (c *Country) part(name string, q Quality, says string) {
	for i := range c.Parts {
		if c.Parts[i].Name == name {
			c.Parts[i].Quality, c.Parts[i].Says = q, says
			return
		}
	}
	c.Parts = append(c.Parts, Part{name, q, says})
}

// copy is a country that can be changed without touching the one it came from.
func (c *Country) copy() *Country {
	d := *c
	d.Units, d.Parts, d.Sources = slices.Clone(c.Units), slices.Clone(c.Parts), slices.Clone(c.Sources)
	return &d
}
