package knowledge

// The levels of evidence (proposal of the platform; docs/knowledge.md).
const (
	NoEvidence  = 0
	Told        = 1 // somebody who was there has told
	Documented  = 2 // what was decided or done is on paper
	Measured    = 3 // a figure before and after
	Compared    = 4 // the same figure where it was not done, or in several places
	Independent = 5 // evaluated by somebody else than those who did it
)

var levelNames = [...]string{"saknas", "berättat", "dokumenterat", "mätt", "jämfört", "oberoende utvärderat"}

// LevelName is a level in words.
func LevelName(level int) string { return levelNames[level] }

// Level is the evidence level of an entry by its valid sources and by what it
// says of its own figures. Each level needs the one below it but that a thing
// measured need not have been told: figures are documents.
func Level(kinds []string, figures Figures) int {
	told, written, measured, evaluated := false, false, false, false
	for _, k := range kinds {
		told = true
		switch k {
		case Interview, Webpage:
		case Indicator:
			written, measured = true, true
		case Evaluation:
			written, measured, evaluated = true, true, true
		default:
			written = true
		}
	}
	switch {
	case !told:
		return NoEvidence
	case !written:
		return Told
	case !measured || !figures.BeforeAfter:
		return Documented
	case !figures.Comparison:
		return Measured
	case !evaluated || !figures.ByOthers:
		return Compared
	}
	return Independent
}

// Figures is what an entry says of the figures of its result.
type Figures struct {
	BeforeAfter bool `json:"before_after"` // the same thing was measured before and after
	Comparison  bool `json:"comparison"`   // and where nothing was done, or in several places
	ByOthers    bool `json:"by_others"`    // and the evaluation was made by others
}
