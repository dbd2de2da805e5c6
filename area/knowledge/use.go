package knowledge

import (
	"context"
	"strings"

	"kommunpilot/area/knowledge/index"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/journal"
	"kommunpilot/base/kommun"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// Use tells that an entry has been taken into a plan somewhere: what the bank
// led to is evidence too.
type Use struct {
	Title          string     `json:"title"`
	Plan           journal.ID `json:"plan"`
	Municipalities []string   `json:"municipalities"`
}

var uses = journal.Noun[Use]{Name: "knowledgeuse", Title: "Användningen"}

// used is the one state of a use.
const used = "använd"

// Need is what somebody needs help with: in a municipality, one kind of service.
type Need struct {
	Kommun string // code; "" none
	Kind   string // of ServiceKinds
	Words  string // the kind and its types in words
	Gap    string // in words; "" none
}

// Offer is an entry that may help, and why.
type Offer struct {
	Entry                      int64
	Title, Href, Why, Citation string
}

// mostOffered is how many entries are offered for a need.
const mostOffered = 3

// Offers finds entries for a need: those of the kind of service, best first by the
// words, and says of each why.
func (o *Room) Offers(ctx context.Context, q db.Q, n Need) (out []Offer, err error) {
	found, err := o.index.SearchIn(ctx, q, index.Query{Text: n.Words, Filter: map[string][]string{"service": {n.Kind}}, Most: mostOffered})
	if err != nil {
		return nil, err
	}
	home, _ := kommun.Default().ByCode(n.Kommun)
	for _, h := range found.Hits {
		it, list, err := o.public(ctx, q, entryOf(h), 0)
		if fail.Is(err, fail.NotFound) {
			continue // a document that was imported is no entry
		}
		if err != nil {
			return nil, err
		}
		x := Offer{Entry: int64(it.ID), Title: it.Is.Title, Href: "/kunskapsbank/" + h.ID, Citation: o.citation(ctx, it)}
		why := []string{web.T(ctx, "Gäller %s.", web.T(ctx, n.Kind)), web.T(ctx, "Evidens: %s.", web.T(ctx, LevelName(Level(valid(list), it.Is.Figures))))}
		same := ""
		for _, code := range it.Is.Municipalities {
			if k, ok := kommun.Default().ByCode(code); ok && home.SubGroup != "" && k.SubGroup == home.SubGroup {
				same = k.Name
			}
		}
		if same != "" {
			why = append(why, web.T(ctx, "%s är i samma kommungrupp som ni.", same))
		}
		if n.Gap != "" {
			why = append(why, web.T(ctx, "Ert läge: %s.", n.Gap))
		}
		x.Why = strings.Join(why, " ")
		out = append(out, x)
	}
	return out, nil
}

// Took notes that a plan has taken an entry in.
func (o *Room) Took(ctx context.Context, tx *db.Tx, entry journal.ID, u Use) error {
	it, err := o.entries.Noun.Get(ctx, tx, entry)
	if err != nil {
		return err
	}
	p, err := o.ours(ctx, tx, it.Project)
	if err != nil {
		return err
	}
	_, err = uses.Add(who.With(ctx, who.Us), tx, p, entry, used, u, journal.Act{Name: "knowledge.use"})
	return err
}
