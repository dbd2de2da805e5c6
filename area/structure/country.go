package structure

import (
	"fmt"
	"strings"
	"sync"

	"kommunpilot/base/kommun"
	"kommunpilot/engine/scenario"
)

// Country is what the product carries, with the register's neighbours and what
// became of municipalities that are no more. Cost: once, some 0.5 s.
var Country = sync.OnceValues(func() (*scenario.Country, error) {
	carried, err := scenario.Carried()
	if err != nil {
		return nil, fmt.Errorf("structure: %w", err)
	}
	c := *carried
	register := kommun.Default()
	c.Neighbours = map[string][]string{}
	for _, k := range register.All() {
		c.Neighbours[k.Code] = register.Neighbours(k.Code)
	}
	c.Former = func(text string) (string, bool) { return former(register, text) }
	return &c, nil
})

// former tells what became of a municipality that is no more.
func former(r *kommun.Register, text string) (string, bool) {
	for _, k := range r.Ended() {
		if k.Code != text && !strings.EqualFold(k.Name, text) {
			continue
		}
		says := fmt.Sprintf("%s (%s) finns inte längre", k.Name, k.Code)
		if k.ValidTo != "" {
			says += fmt.Sprintf(" sedan %s", k.ValidTo)
		}
		var now []string
		for _, s := range k.Successors {
			if n, ok := r.ByCode(s); ok {
				now = append(now, n.Name+" ("+n.Code+")")
			}
		}
		if len(now) > 0 {
			says += "; skriv " + strings.Join(now, " eller ")
		}
		return says, true
	}
	return "", false
}
