package roadnet

import (
	"embed"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Profile says which roads may be used, in which direction and how fast. Turning
// costs nothing.
type Profile struct {
	ID     string             `json:"id"`
	Mode   string             `json:"lage"`    // bil, cykel, gång
	Speeds map[string]float64 `json:"klasser"` // km/h by the value of highway
	// Limits: the way's maxspeed counts before the class's speed; Factor scales it.
	Limits bool    `json:"anvand_hastighetsgrans"`
	Factor float64 `json:"faktor"`
	Oneway bool    `json:"enkelriktat"` // oneways are obeyed
	// Closed are the values of the access tags (Access, the last one counts) that
	// close a way or a barrier.
	Access []string `json:"access_nycklar"`
	Closed []string `json:"access"`
	Ferry  float64  `json:"farja_kmh"` // 0: no ferries
	// Barriers are the values of barrier that stop; nil: none does.
	Barriers []string `json:"hinder"`
	OffRoad  float64  `json:"offnat_kmh"`   // from a point to the road, in a straight line
	MaxOff   float64  `json:"max_offnat_m"` // farther from a road than this is not on the network
	// NoStart are classes that nobody starts from or stops at.
	NoStart []string `json:"ej_start"`
	// Loops: a road that ends where it begins is kept, cut in two.
	Loops bool `json:"ringar"`
}

//go:embed profiles/*.json
var profiles embed.FS

// aliases are the names of the profiles on the command line.
var aliases = map[string]string{"car": "bil_tid", "bicycle": "cykel", "foot": "gang"}

// ProfileNames lists the names that ProfileByName knows.
func ProfileNames() []string {
	return []string{"car", "bicycle", "foot", "bil_tid", "cykel", "gang", "ref_car"}
}

// ProfileByName gives one of the profiles that the program carries.
func ProfileByName(name string) (*Profile, error) {
	if id, ok := aliases[name]; ok {
		name = id
	}
	text, err := profiles.ReadFile("profiles/" + name + ".json")
	if err != nil {
		return nil, fmt.Errorf("profilen %q finns inte; välj bland %s, eller en fil som slutar på .json", name, strings.Join(ProfileNames(), ", "))
	}
	return ParseProfile(text)
}

// ParseProfile reads a profile and checks it (P2 of accessibility.md 6.4).
func ParseProfile(text []byte) (*Profile, error) {
	var p Profile
	if err := json.Unmarshal(text, &p); err != nil {
		return nil, fmt.Errorf("profilen är inte JSON: %w", err)
	}
	if len(p.Speeds) == 0 {
		return nil, fmt.Errorf("profilen %s har inga vägklasser (klasser)", p.ID)
	}
	for class, v := range p.Speeds {
		if v <= 0 || v > 300 {
			return nil, fmt.Errorf("profilen %s: klassen %s har farten %g; den ska vara mer än 0 och högst 300 km/h", p.ID, class, v)
		}
	}
	if p.Factor <= 0 {
		return nil, fmt.Errorf("profilen %s: faktor är %g; den ska vara mer än 0", p.ID, p.Factor)
	}
	if p.OffRoad <= 0 || p.MaxOff <= 0 {
		return nil, fmt.Errorf("profilen %s: offnat_kmh och max_offnat_m ska vara mer än 0", p.ID)
	}
	return &p, nil
}

// Tags are the tags of a way or a node.
type Tags func(key string) string

// open tells whether the access tags let the profile in.
func (p *Profile) open(tags Tags) bool {
	closed := false
	for _, key := range p.Access {
		if v := tags(key); v != "" {
			closed = slices.Contains(p.Closed, v)
		}
	}
	return !closed
}

// stops tells whether a node is a barrier that the profile cannot pass.
func (p *Profile) stops(tags Tags) bool {
	if b := tags("barrier"); b == "" || !slices.Contains(p.Barriers, b) {
		return false
	}
	for _, key := range p.Access {
		if v := tags(key); v != "" && !slices.Contains(p.Closed, v) {
			return false // it says that it lets us through
		}
	}
	return true
}

// speeds are the km/h in the way's direction and against it, 0 where it may not
// be used. Odd counts a maxspeed that is not understood.
func (p *Profile) speeds(tags Tags, odd func(value string)) (forward, backward float64) {
	class := tags("highway")
	v, known := p.Speeds[class]
	switch {
	case known && p.open(tags):
		if p.Limits {
			if limit, ok := speedLimit(tags("maxspeed"), odd); ok {
				v = limit * p.Factor
			}
		}
	case p.Ferry > 0 && tags("route") == "ferry" && p.open(tags):
		return p.Ferry, p.Ferry
	default:
		return 0, 0
	}
	if !p.Oneway {
		return v, v
	}
	switch tags("oneway") {
	case "yes", "true", "1":
		return v, 0
	case "-1":
		return 0, v
	case "":
		if class == "motorway" || tags("junction") == "roundabout" {
			return v, 0
		}
	}
	return v, v
}

// speedLimit reads a maxspeed in km/h.
func speedLimit(text string, odd func(string)) (float64, bool) {
	if text == "" {
		return 0, false
	}
	words := strings.Fields(text)
	v, err := strconv.ParseFloat(words[0], 64)
	if err == nil && len(words) > 1 && words[1] == "mph" {
		v *= 1.609344
	}
	if err != nil || !(v >= 1 && v <= 200) {
		odd(text)
		return 0, false
	}
	return v, true
}
