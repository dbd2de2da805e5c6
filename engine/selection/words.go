package selection

import (
	"fmt"
	"strings"
)

// subject is what a quota is about, in Swedish: "kommuner med county 19".
func (q Quota) subject() string {
	what := "kommuner"
	if q.Count == CountApplications {
		what = "ansökningar"
	}
	return fmt.Sprintf("%s med %s %s", what, q.Attribute, q.Value)
}

// sentence is the clause in Swedish.
func (c Clause) sentence() string {
	switch c.Kind {
	case "min":
		return fmt.Sprintf("minst %d %s", c.Limit, c.Quota.subject())
	case "max":
		return fmt.Sprintf("högst %d %s", c.Limit, c.Quota.subject())
	case "must":
		return fmt.Sprintf("%s ska väljas", c.ID)
	case "never":
		return fmt.Sprintf("%s får inte väljas", c.ID)
	}
	return fmt.Sprintf("%d platser ska fyllas", c.Limit)
}

// whyText says in Swedish why an application was not selected.
func (in *instance) whyText(w WhyNot) string {
	switch w.Reason {
	case "never":
		return "Reglerna säger att ansökan inte får väljas."
	case "quota":
		if len(w.Change) == 0 {
			return "Inget urval under reglerna rymmer ansökan."
		}
		var parts []string
		for _, c := range w.Change {
			parts = append(parts, c.Text)
		}
		return "Inget urval under reglerna rymmer ansökan. Minsta ändring som ger plats: " + strings.Join(parts, "; ") + "."
	case "unknown":
		return "Sökningen nådde sin gräns innan frågan var avgjord."
	case "tie":
		return "Ett urval med ansökan är lika bra; den publicerade ordningen avgjorde."
	case "spread":
		return "Ett urval med ansökan har tillräcklig poäng, men spridningen avgjorde."
	}
	text := fmt.Sprintf("Det fattas %s poäng: med så mycket till är ett urval med ansökan lika bra som det bästa, med mer än så väljs den.", w.Points)
	if len(w.Instead) > 0 {
		text += " Den går då före " + strings.Join(w.Instead, ", ") + "."
	}
	return text
}
