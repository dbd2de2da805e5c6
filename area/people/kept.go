package people

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// keepForm is how long a form is kept for a person who has to sign in again.
const keepForm = time.Hour

// maxKept is the largest body of text that is kept.
const maxKept = 1 << 20

// Kept is a form that was sent when the session had ended.
type Kept struct {
	Path   string
	Values url.Values
	Files  []KeptFile
	At     time.Time
}

// KeptFile is a file that has to be chosen anew: files are not kept.
type KeptFile struct{ Field, Name string }

// secretField tells whether a field must not be stored.
func secretField(name string) bool {
	n := strings.ToLower(name)
	return strings.Contains(n, "password") || strings.Contains(n, "losenord")
}

// typed lists what the person typed, by field name, without the form's own
// hidden fields.
func (k Kept) typed() []keptValue {
	var out []keptValue
	for _, name := range k.names() {
		if strings.HasPrefix(name, "_") {
			continue
		}
		for _, v := range k.Values[name] {
			if strings.TrimSpace(v) != "" {
				out = append(out, keptValue{Name: name, Label: fieldLabel(name), Value: v})
			}
		}
	}
	return out
}

// hidden lists every field to send again.
func (k Kept) hidden() []keptValue {
	var out []keptValue
	for _, name := range k.names() {
		for _, v := range k.Values[name] {
			out = append(out, keptValue{Name: name, Value: v})
		}
	}
	return out
}

func (k Kept) names() []string {
	var names []string
	for name := range k.Values {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

type keptValue struct{ Name, Label, Value string }

// fieldLabel writes a field's name as words.
func fieldLabel(name string) string {
	words := strings.NewReplacer("_", " ", "-", " ", ".", " ").Replace(name)
	if words == "" {
		return name
	}
	r := []rune(words)
	return strings.ToUpper(string(r[0])) + string(r[1:])
}
