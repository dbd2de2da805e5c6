package equalisation

import (
	_ "embed" // the rules are data
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed data/rules.csv
var rulesCSV string

// RuleSet is what holds for one utjämningsår.
type RuleSet struct {
	Year  int
	Level Value // the share of the mean that is guaranteed
	// Uprating is f1·f2, nil where the official factors are not in the data.
	Uprating *Value
	// FeeOffset is how far the county's rate for fees lies below that for grants.
	FeeOffset Value
	// Adjustment is the published regleringspost, kr per inhabitant (bidrag
	// positive), nil where none is in the data.
	Adjustment *Value
	// IntroductionCap is the loss per inhabitant and year above which an
	// införandebidrag is paid, nil where none is in the data.
	IntroductionCap *Value
	// PriceIndex is KPIF of the LSS equalisation, nil where none is in the data.
	PriceIndex *Value
	Submodels  []Submodel
	Open       []string // what must be confirmed before the figures are shown as facts
	rows       []ruleRow
}

// Submodel is a part (delmodell) of the cost equalisation.
type Submodel struct {
	Name  string
	Value // Number is not used
}

// ruleRow is one row of the data.
type ruleRow struct {
	item, key string
	from, to  int // to is 0 where no end is known
	Value
}

func (r ruleRow) holds(year int) bool { return r.from <= year && (r.to == 0 || year <= r.to) }

// away is how many years the row is from holding.
func (r ruleRow) away(year int) int {
	switch {
	case r.holds(year):
		return 0
	case year < r.from:
		return r.from - year
	}
	return year - r.to
}

// firstYear is when lag (2004:773) came into force.
const firstYear = 2005

var allRules = sync.OnceValues(func() ([]ruleRow, error) { return parseRules(rulesCSV) })

func parseRules(text string) (rows []ruleRow, err error) {
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("equalisation: rules: %w", err)
	}
	for i, f := range records[1:] {
		r := ruleRow{item: f[0], key: f[1], Value: Value{Mark: Mark(f[6]), Provision: f[7], Source: f[8]}}
		if r.from, err = strconv.Atoi(f[2]); err != nil {
			return nil, fmt.Errorf("equalisation: rules, row %d: %w", i+2, err)
		}
		if f[3] != "" {
			if r.to, err = strconv.Atoi(f[3]); err != nil {
				return nil, fmt.Errorf("equalisation: rules, row %d: %w", i+2, err)
			}
		}
		if f[4] != "" {
			if r.Number, err = strconv.ParseFloat(f[4], 64); err != nil {
				return nil, fmt.Errorf("equalisation: rules, row %d: %w", i+2, err)
			}
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// For gives the rules of a utjämningsår, from 2005. The error wraps ErrInput.
func For(year int) (*RuleSet, error) {
	if year < firstYear || year > 2200 {
		return nil, bad("no rules for utjämningsår %d; lag (2004:773) holds from %d", year, firstYear)
	}
	rows, err := allRules()
	if err != nil {
		return nil, err
	}
	s := &RuleSet{Year: year, rows: rows}
	factors := map[string]Value{}
	for _, r := range rows {
		if !r.holds(year) {
			continue
		}
		v := r.Value
		switch r.item {
		case "level":
			s.Level = v
		case "fee_offset":
			s.FeeOffset = v
		case "adjustment":
			s.Adjustment = &v
		case "introduction_cap":
			s.IntroductionCap = &v
		case "kpif":
			s.PriceIndex = &v
		case "uprating":
			factors[r.key] = v
		case "submodel":
			s.Submodels = append(s.Submodels, Submodel{r.key, v})
		case "open":
			s.Open = append(s.Open, r.Source)
		}
	}
	f1, has1 := factors["f1"]
	f2, has2 := factors["f2"]
	if has1 && has2 {
		f1.Number *= f2.Number
		s.Uprating = &f1
	}
	slices.SortFunc(s.Submodels, func(a, b Submodel) int { return strings.Compare(a.Name, b.Name) })
	return s, nil
}

// Rates gives a county's rates for municipalities, by its code of two digits
// ("09" for the municipality without a region). Where the rate of the year is
// not in the data, that of the nearest year is given with the mark Assumed. The
// fee's rate is the grant's less FeeOffset, and assumed. The error wraps ErrInput.
func (s *RuleSet) Rates(county string) (Rates, error) {
	grant, err := s.rate("grant_rate", county)
	if err != nil {
		return Rates{}, err
	}
	fee := s.FeeOffset
	fee.Number = grant.Number - fee.Number
	return Rates{Grant: grant, Fee: fee}, nil
}

// RegionGrantRate is the county's rate of grants for its region.
func (s *RuleSet) RegionGrantRate(county string) (Value, error) {
	return s.rate("region_grant_rate", county)
}

func (s *RuleSet) rate(item, county string) (v Value, err error) {
	best := -1
	for _, r := range s.rows {
		if r.item != item || r.key != county {
			continue
		}
		away := r.away(s.Year)
		if best >= 0 && (away > best || away == best && (!r.Known() || r.Mark == Computed)) {
			continue
		}
		best, v = away, r.Value
	}
	if best < 0 {
		return v, bad("no rate for county %q", county)
	}
	if best > 0 {
		v.Source = fmt.Sprintf("%s; taken for %d, whose own rate is not in the data", v.Source, s.Year)
		v.Mark = Assumed
	}
	return v, nil
}

// AssumedFeeRate is what the rate for fees is taken to be where only the rate
// for grants is known (FeeOffset of every rule set); show it as an assumption.
func AssumedFeeRate(grant float64) float64 { return max(0, grant-assumedFeeOffset) }

// assumedFeeOffset is 0.10 of 20.632 per cent, the mean rate that 19.60/0.95 gives.
const assumedFeeOffset = 0.0206

// HasSubmodel tells whether the cost equalisation of the year has a part of that name.
func (s *RuleSet) HasSubmodel(name string) bool {
	return slices.ContainsFunc(s.Submodels, func(m Submodel) bool { return m.Name == name })
}
