package paper

import "kommunpilot/base/web"

func (d Document) facts() []web.Fact {
	var out []web.Fact
	for _, f := range d.Facts {
		out = append(out, web.Fact{Term: f.Term, Value: f.Value})
	}
	return out
}

// name is the table's caption, or the heading it stands under.
func (t *Table) name(head string) string {
	if t.Caption != "" {
		return t.Caption
	}
	return head
}
