package programme

import (
	"fmt"
	"strings"

	"kommunpilot/base/fail"
)

// forceWords are the forces of a rule as people write them.
var forceWords = map[string]Force{"krav": Must, "mål": Aim, "uppgift": Fact}

// rulesText writes a programme's rules one a line: nyckel | värde | källa | styrka.
func rulesText(rules []Rule) string {
	var out []string
	for _, r := range rules {
		word := "uppgift"
		for w, f := range forceWords {
			if f == r.Force {
				word = w
			}
		}
		out = append(out, strings.Join([]string{r.Key, r.Value, r.Source, word}, " | "))
	}
	return strings.Join(out, "\n")
}

// readRules reads what rulesText writes, and says line by line what is wrong.
func readRules(text string) (rules []Rule, problems []fail.Field) {
	seen := map[string]bool{}
	for n, line := range strings.Split(text, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		bad := func(what string) {
			problems = append(problems, fail.Field{Name: "rules", Message: fmt.Sprintf("Rad %d: %s", n+1, what)})
		}
		parts := strings.Split(line, "|")
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		if len(parts) != 4 {
			bad("skriv nyckel, värde, källa och styrka med | emellan.")
			continue
		}
		force, ok := forceWords[strings.ToLower(parts[3])]
		switch {
		case !ok:
			bad("styrkan är krav, mål eller uppgift.")
		case parts[0] == "" || parts[1] == "":
			bad("nyckel och värde behövs.")
		case seen[parts[0]]:
			bad("nyckeln " + parts[0] + " finns redan.")
		default:
			seen[parts[0]] = true
			rules = append(rules, Rule{Key: parts[0], Value: parts[1], Source: parts[2], Force: force})
		}
	}
	return rules, problems
}
