package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// File writes a plan as a .scenario file: Parse gives the same plan again.
func (p *Plan) File() []byte {
	var b strings.Builder
	text := func(indent, key, v string) {
		if v != "" {
			fmt.Fprintf(&b, "%s%s = %s\n", indent, key, quoted(v))
		}
	}
	fmt.Fprintf(&b, "format = %d\n", fileFormat)
	text("", "titel", p.Title)
	text("", "fråga", p.Question)
	text("", "beställare", p.Owner)
	text("", "beställarens_beteckning", p.Ref)
	text("", "egen_beteckning", p.OwnRef)
	fmt.Fprintf(&b, "basår = %d\når = %d\n", p.Base, p.Years)
	if p.Show != 0 {
		fmt.Fprintf(&b, "visat_år = %d\n", p.Show)
	}
	if len(p.Assumptions.Set) > 0 {
		b.WriteString("\n[antaganden]\n")
		keys := make([]string, 0, len(p.Assumptions.Set))
		for k := range p.Assumptions.Set {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			o := p.Assumptions.Set[k]
			if o.Spread == nil {
				fmt.Fprintf(&b, "%s = %s\n", k, decimal(o.Value))
			} else {
				fmt.Fprintf(&b, "%s = { värde = %s, spridning = %s }\n", k, decimal(o.Value), decimal(*o.Spread))
			}
		}
	}
	for i := range p.Scenarios {
		s := &p.Scenarios[i]
		b.WriteString("\n[[scenario]]\n")
		text("", "id", s.ID)
		text("", "namn", s.Name)
		for n := range s.Steps {
			s.Steps[n].write(&b, text)
		}
	}
	return []byte(b.String())
}

func (st *Step) write(b *strings.Builder, text func(indent, key, v string)) {
	const in = "  "
	b.WriteString("\n" + in + "[[scenario.steg]]\n")
	text(in, "typ", string(st.Kind))
	fmt.Fprintf(b, in+"kommuner = %s\n", list(st.Members))
	fmt.Fprintf(b, in+"från = %d\n", st.From)
	if st.Kind == Merger {
		text(in, "skattesats", string(st.Rule))
		if st.Forced {
			b.WriteString(in + "tvingad = true\n")
		}
		text(in, "skydd", string(st.Protection))
		text(in, "län", st.County)
		if st.OneOff > 0 {
			fmt.Fprintf(b, in+"engångskostnad_mkr = %s\n", decimal(st.OneOff/1e6))
		}
		return
	}
	fmt.Fprintf(b, in+"områden = %s\n", list(st.Areas))
	text(in, "form", string(st.Form))
	host := "värd"
	if st.Kind == Asymmetric {
		host = "utförare"
		pay := "avtal"
		if st.Responsibility {
			pay = "ansvar"
		}
		text(in, "betalning", pay)
	}
	text(in, host, st.Host)
	text(in, "nyckel", string(st.Key))
	if st.Key == FixedAndUse {
		fmt.Fprintf(b, in+"fast_andel = %s\n", decimal(st.Fixed))
	}
}

// decimal writes a number as TOML reads it.
func decimal(v float64) string {
	s := strconv.FormatFloat(v, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

func list(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = quoted(w)
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// quoted is a TOML string.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
