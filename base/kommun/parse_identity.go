package kommun

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kommunpilot/base/calendar"
)

// codeForm tells whether s is a municipality's code: four digits.
func codeForm(s string) bool {
	return len(s) == 4 && strings.Trim(s, "0123456789") == ""
}

func (p *parser) date(column string) calendar.Date {
	d, err := calendar.Parse(p.get(column))
	if err != nil {
		p.fail(column, strconv.Quote(p.get(column))+" är inget datum", "Skriv år-månad-dag, till exempel 2007-01-01")
	}
	return d
}

// codes reads codes that are joined by +.
func (p *parser) codes(column string) []string {
	if p.get(column) == "" {
		return nil
	}
	var out []string
	for code := range strings.SplitSeq(p.get(column), "+") {
		out = append(out, strings.TrimSpace(code))
	}
	return out
}

func (p *parser) editionName() {
	switch edition := p.get("edition"); {
	case edition == "":
		p.fail("edition", "utgåvan saknas", "Skriv till exempel SKR 2023")
	case p.edition == "":
		p.edition = edition
	case p.edition != edition:
		p.fail("edition", "filen har två utgåvor: "+p.edition+" och "+edition, "Lägg varje utgåva i en egen fil")
	}
}

func (p *parser) identity(k Kommun) {
	if !codeForm(k.Code) {
		p.fail("code", "koden "+strconv.Quote(k.Code)+" har inte fyra siffror", "Skriv den som text med inledande nolla, till exempel 0114")
	} else if !strings.HasPrefix(k.Code, k.County) {
		p.fail("county_code", "länet "+strconv.Quote(k.County)+" stämmer inte med koden "+k.Code, "De två första siffrorna i koden är länet")
	}
	if k.Landsdel == "" {
		p.fail("county_code", "länet "+strconv.Quote(k.County)+" finns inte", "Länets kod är två siffror, till exempel 19")
	}
	if k.Name == "" {
		p.fail("name", "namnet saknas", "Skriv kommunens namn")
	}
	if k.CountyName == "" {
		p.fail("county_name", "länets namn saknas", "Skriv det, till exempel Västmanlands län")
	}
	if k.ValidFrom != "" && k.ValidTo != "" && k.ValidTo <= k.ValidFrom {
		p.fail("valid_to", "slutar innan den börjar", "valid_to är den första dag då koden inte längre gäller")
	}
}

// groups checks the classification, which one that has ended may lack.
func (p *parser) groups(k Kommun) {
	if k.ValidTo != "" && k.MainGroup == "" && k.SubGroup == "" {
		return
	}
	if !slices.ContainsFunc(mainGroups, func(g Group) bool { return g.Code == k.MainGroup }) {
		p.fail("main_group", "huvudgruppen "+strconv.Quote(k.MainGroup)+" finns inte", "Skriv A, B eller C")
	} else if !strings.HasPrefix(k.SubGroup, k.MainGroup) {
		p.fail("sub_group", "gruppen "+strconv.Quote(k.SubGroup)+" hör inte till huvudgrupp "+k.MainGroup, "Undergruppen börjar med huvudgruppens bokstav, till exempel "+k.MainGroup+subGroupOf[k.MainGroup])
	}
	if len(k.SubGroup) != 2 || k.SubGroup[1] < '1' || k.SubGroup[1] > '9' {
		p.fail("sub_group", "gruppen "+strconv.Quote(k.SubGroup)+" finns inte", "Skriv en bokstav och en siffra, till exempel C8")
	} else if k.SubGroupName == "" {
		p.fail("sub_group_name", "gruppens namn saknas", "Skriv det, till exempel Landsbygdskommun")
	}
}

// subGroupOf gives a sub-group of each main group, as an example.
var subGroupOf = map[string]string{"A": "1", "B": "3", "C": "6"}

// whole checks what no single row shows. The line of what concerns the whole
// file is its last.
func (p *parser) whole(expected []Kommun) {
	last := p.line
	byCode := map[string][]int{}
	for i, k := range p.all {
		byCode[k.Code] = append(byCode[k.Code], i)
	}
	p.periods(byCode)
	p.chains(byCode)
	p.oneName("county_code", "länet", func(k Kommun) (string, string) { return k.County, k.CountyName })
	p.oneName("sub_group", "gruppen", func(k Kommun) (string, string) { return k.SubGroup, k.SubGroupName })
	p.line = last
	p.complete(byCode, expected)
}

// periods finds codes that stand twice for the same time.
func (p *parser) periods(byCode map[string][]int) {
	for i, k := range p.all {
		for _, j := range byCode[k.Code] {
			other := p.all[j]
			if j < i && (other.ValidTo == "" || k.ValidFrom < other.ValidTo) && (k.ValidTo == "" || other.ValidFrom < k.ValidTo) {
				p.line = p.lines[i]
				p.fail("code", fmt.Sprintf("koden %s finns redan på rad %d för samma tid", k.Code, p.lines[j]), "Ta bort den ena, eller skriv valid_from och valid_to så att de följer på varandra")
				break
			}
		}
	}
}

// chains follows predecessors and successors.
func (p *parser) chains(byCode map[string][]int) {
	for i, k := range p.all {
		p.line = p.lines[i]
		newest := !slices.ContainsFunc(byCode[k.Code], func(j int) bool { return p.all[j].ValidFrom > k.ValidFrom })
		switch {
		case k.ValidTo == "" && len(k.Successors) > 0:
			p.fail("successors", "en kommun som finns kvar har ingen efterföljare", "Lämna fältet tomt, eller skriv valid_to")
		case k.ValidTo != "" && newest && len(k.Successors) == 0:
			p.fail("successors", "koden har upphört men saknar efterföljare", "Skriv koden för den kommun som tog över")
		}
		p.known("predecessors", "föregångaren", k.Predecessors, byCode)
		p.known("successors", "efterföljaren", k.Successors, byCode)
		if slices.Contains(k.Predecessors, k.Code) {
			p.fail("predecessors", "kommunen är sin egen föregångare", "Ta bort koden ur fältet")
		}
		if p.circular(k, byCode) {
			p.fail("successors", "kommunen är sin egen efterföljare", "En kedja av efterföljare måste sluta i en kommun som finns")
		}
	}
}

func (p *parser) known(column, what string, codes []string, byCode map[string][]int) {
	for _, code := range codes {
		if len(byCode[code]) == 0 {
			p.fail(column, what+" "+strconv.Quote(code)+" finns inte i filen", "Skriv en kod ur filen; flera skiljs med +")
		}
	}
}

// circular follows the successors of k back to k.
func (p *parser) circular(k Kommun, byCode map[string][]int) bool {
	seen := map[string]bool{}
	for todo := slices.Clone(k.Successors); len(todo) > 0; todo = todo[1:] {
		code := todo[0]
		if code == k.Code {
			return true
		}
		if !seen[code] {
			seen[code] = true
			for _, j := range byCode[code] {
				todo = append(todo, p.all[j].Successors...)
			}
		}
	}
	return false
}

// oneName finds a code of a county or a group that has two names among the
// municipalities of today.
func (p *parser) oneName(column, what string, of func(Kommun) (code, name string)) {
	first := map[string]int{}
	for i, k := range p.all {
		code, name := of(k)
		if k.ValidTo != "" || code == "" || name == "" {
			continue
		}
		j, seen := first[code]
		if !seen {
			first[code] = i
			continue
		}
		if _, before := of(p.all[j]); before != name {
			p.line = p.lines[i]
			p.fail(column, fmt.Sprintf("%s %s heter %s här men %s på rad %d", what, code, name, before, p.lines[j]), "Skriv samma namn på båda")
		}
	}
}

// most is how many codes one problem names.
const most = 10

// complete finds municipalities that are lost without a word of where they
// went, and new ones that do not say where they came from.
func (p *parser) complete(byCode map[string][]int, expected []Kommun) {
	if len(p.all) == 0 {
		p.fail("", "filen har inga kommuner", "Efter rubrikraden ska en rad följa för varje kommun")
		return
	}
	var lost []string
	before := map[string]bool{}
	for _, k := range expected {
		before[k.Code] = true
		if len(byCode[k.Code]) == 0 {
			lost = append(lost, k.Code+" "+k.Name)
		}
	}
	if n := len(lost); n > 0 {
		names := strings.Join(lost[:min(n, most)], ", ")
		if n > most {
			names += fmt.Sprintf(" och %d till", n-most)
		}
		p.fail("", fmt.Sprintf("filen saknar %d av landets %d kommuner: %s", n, len(expected), names),
			"En utgåva tas in hel. Lägg till raderna; en kommun som har upphört står kvar med valid_to och successors")
	}
	for i, k := range p.all {
		if len(expected) > 0 && codeForm(k.Code) && k.ValidTo == "" && !before[k.Code] && len(k.Predecessors) == 0 {
			p.line = p.lines[i]
			p.fail("predecessors", "koden "+strconv.Quote(k.Code)+" är ny", "Skriv den eller de kommuner som den har bildats av, eller rätta koden")
		}
	}
}
