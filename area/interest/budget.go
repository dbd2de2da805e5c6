package interest

import (
	"fmt"
	"strconv"
	"strings"

	"kommunpilot/base/fail"
)

// Budget is the draft of what the action costs and who pays, in öre.
type Budget struct {
	Costs []Cost `json:"costs"`
	Grant int64  `json:"grant"` // asked for
	Own   int64  `json:"own"`   // paid by the applicants and their partners
	About string `json:"about"`
}

// Cost is one line.
type Cost struct {
	Text string `json:"text"`
	Ore  int64  `json:"ore"`
}

// maxOre is the largest amount, a hundred billion kronor, so that an amount
// times 10 000 fits in 64 bits.
const maxOre = 100_000_000_000_00

// maxCosts is how many lines a budget may have.
const maxCosts = 40

// Total is the action's total cost.
func (b Budget) Total() int64 {
	var sum int64
	for _, c := range b.Costs {
		sum += c.Ore
	}
	return sum
}

func (b Budget) check(matter) error {
	var p problems
	if len(b.Costs) > maxCosts {
		return fail.New(fail.Invalid, "Högst 40 kostnader kan anges.")
	}
	for i, c := range b.Costs {
		p.line(at("cost", i), c.Text)
		if c.Text == "" {
			p.add(at("cost", i), "Skriv vad kostnaden gäller.")
		}
		if c.Ore < 0 || c.Ore > maxOre {
			p.add(at("amount", i), "Beloppet är orimligt stort eller negativt.")
		}
	}
	if b.Grant < 0 || b.Grant > maxOre {
		p.add("grant", "Beloppet är orimligt stort eller negativt.")
	}
	if b.Own < 0 || b.Own > maxOre {
		p.add("own", "Beloppet är orimligt stort eller negativt.")
	}
	p.text("about", b.About)
	return fail.Fields(p...)
}

// findings holds the budget against the call's shares, in whole öre: the grant
// at most so much and the own part at least so much of the total cost, and the
// parts add up to the whole (seed rules 004-10 and 004-13).
func (b Budget) findings(r BudgetRule) []Finding {
	force := r.Force
	if force == "" {
		force = Must
	}
	total := b.Total()
	if total == 0 {
		return []Finding{{force, "budget", "Ange vad insatsen kostar.", nil, r.Source}}
	}
	var out []Finding
	if b.Grant+b.Own != total {
		out = append(out, Finding{force, "budget", "Bidraget och den egna delen blir tillsammans %s kr, men kostnaden är %s kr.", []any{Kronor(b.Grant + b.Own), Kronor(total)}, r.Source})
	}
	if r.GrantMax > 0 && b.Grant*10_000 > total*int64(r.GrantMax) {
		out = append(out, Finding{force, "budget", "Bidraget får vara högst %s procent av hela kostnaden: %s kr.", []any{percent(r.GrantMax), Kronor(total * int64(r.GrantMax) / 10_000)}, r.Source})
	}
	if own := total * int64(r.OwnMin); r.OwnMin > 0 && b.Own*10_000 < own {
		out = append(out, Finding{force, "budget", "Den egna delen ska vara minst %s procent av hela kostnaden: %s kr.", []any{percent(r.OwnMin), Kronor((own + 9_999) / 10_000)}, r.Source})
	}
	return out
}

// percent writes basis points as per cent.
func percent(bp int) string {
	return strings.ReplaceAll(strconv.FormatFloat(float64(bp)/100, 'f', -1, 64), ".", ",")
}

// Kronor writes öre as kronor: "12 345,50".
func Kronor(ore int64) string {
	sign := ""
	if ore < 0 {
		sign, ore = "−", -ore
	}
	whole := strconv.FormatInt(ore/100, 10)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "\u00a0" + whole[i:]
	}
	if ore%100 != 0 {
		whole += fmt.Sprintf(",%02d", ore%100)
	}
	return sign + whole
}

// ParseKronor reads kronor with at most two decimals, "12 345,50", as öre. The
// empty text is 0.
func ParseKronor(s string) (int64, error) {
	s = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", ".", ",").Replace(strings.TrimSuffix(strings.TrimSpace(s), "kr"))
	if s == "" {
		return 0, nil
	}
	whole, part, _ := strings.Cut(s, ",")
	if len(part) > 2 || strings.Trim(whole+part, "0123456789") != "" || whole == "" || len(whole) > 13 {
		return 0, fail.New(fail.Invalid, "Skriv beloppet i kronor med högst två decimaler, till exempel 250 000 eller 1 200,50.")
	}
	n, err := strconv.ParseInt(whole+(part + "00")[:2], 10, 64)
	if err != nil || n > maxOre {
		return 0, fail.New(fail.Invalid, "Beloppet är orimligt stort.")
	}
	return n, nil
}
