package knowledge

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"
	"time"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/kommun"
	"kommunpilot/base/web"
)

// licenceHref are the licences' own addresses.
var licenceHref = map[string]string{"CC0 1.0": "https://creativecommons.org/publicdomain/zero/1.0/", "CC BY 4.0": "https://creativecommons.org/licenses/by/4.0/"}

// dublinCore is what the head of an entry's page says of it.
func dublinCore(x *Entry, href string) []web.Fact {
	out := []web.Fact{{Term: "DC.title", Value: x.Title}, {Term: "DC.description", Value: x.Summary}, {Term: "DC.publisher", Value: x.Responsible}, {Term: "DC.date", Value: string(x.Day)},
		{Term: "DC.language", Value: x.Language}, {Term: "DC.type", Value: x.Kind}, {Term: "DC.identifier", Value: href}, {Term: "DC.rights", Value: licenceHref[x.Licence]}, {Term: "description", Value: x.Summary}}
	for _, s := range x.Services {
		out = append(out, web.Fact{Term: "DC.subject", Value: s})
	}
	for _, code := range x.Municipalities {
		if k, ok := kommun.Default().ByCode(code); ok {
			out = append(out, web.Fact{Term: "DC.coverage", Value: k.FullName})
		}
	}
	return out
}

// schemaOrg is an entry in the words of schema.org.
func schemaOrg(x *Entry, href string) map[string]any {
	out := map[string]any{"@context": "https://schema.org", "@type": "Article", "@id": href, "url": href, "headline": x.Title, "abstract": x.Summary, "inLanguage": x.Language, "datePublished": string(x.Day),
		"version": x.Number, "license": licenceHref[x.Licence], "publisher": map[string]any{"@type": "Organization", "name": x.Responsible}, "isAccessibleForFree": true, "genre": x.Kind}
	if len(x.Services) > 0 {
		out["keywords"] = x.Services
	}
	var where []map[string]any
	for _, code := range x.Municipalities {
		if k, ok := kommun.Default().ByCode(code); ok {
			where = append(where, map[string]any{"@type": "AdministrativeArea", "name": k.FullName, "identifier": k.Code})
		}
	}
	if where != nil {
		out["spatialCoverage"] = where
	}
	return out
}

// harvested is an entry as the feed for machines has it; docs/knowledge.md
// describes each field.
type harvested struct {
	ID             int64    `json:"id"`
	Href           string   `json:"url"`
	State          string   `json:"state"` // "published" or "gone"
	Changed        string   `json:"changed"`
	Version        int      `json:"version,omitempty"`
	Kind           string   `json:"kind,omitempty"`
	Title          string   `json:"title,omitempty"`
	Summary        string   `json:"summary,omitempty"`
	Problem        string   `json:"problem,omitempty"`
	Done           string   `json:"done,omitempty"`
	Result         string   `json:"result,omitempty"`
	Conditions     string   `json:"conditions,omitempty"`
	Transfer       string   `json:"transferability,omitempty"`
	CostOre        int64    `json:"cost_ore,omitempty"`
	Hours          int64    `json:"hours,omitempty"`
	Months         int64    `json:"months_to_effect,omitempty"`
	Evidence       int      `json:"evidence,omitempty"`
	Services       []string `json:"services,omitempty"`
	Municipalities []string `json:"municipalities,omitempty"`
	Sources        []string `json:"sources,omitempty"`
	Language       string   `json:"language,omitempty"`
	Licence        string   `json:"licence,omitempty"`
	Responsible    string   `json:"responsible,omitempty"`
	Example        bool     `json:"example,omitempty"`
}

// feedSize is how many entries a page of the feed has.
const feedSize = 200

// harvest is the feed for machines: every entry that is or has been public, by
// number; ?efter=ID goes on, ?sedan=2026-01-31 leaves out what has not changed.
func (o *Room) harvest(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	after, _ := strconv.ParseInt(r.URL.Query().Get("efter"), 10, 64)
	since, err := calendar.Parse(r.URL.Query().Get("sedan"))
	if err != nil {
		return fail.New(fail.Invalid, "Skriv datumet som år-månad-dag, till exempel 2026-03-31.")
	}
	out := struct {
		Entries []harvested `json:"entries"`
		Next    string      `json:"next,omitempty"`
	}{Entries: []harvested{}}
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		list, err := o.entries.Noun.List(ctx, q, journal.Query{})
		if err != nil {
			return err
		}
		for _, it := range list {
			if int64(it.ID) <= after || since != "" && calendar.Of(it.Changed) < since || it.State == Draft || it.State == Review {
				continue
			}
			if len(out.Entries) == feedSize {
				out.Next = o.deps.PublicURL + "/kunskapsbank/poster.json?efter=" + strconv.FormatInt(out.Entries[feedSize-1].ID, 10)
				if since != "" {
					out.Next += "&sedan=" + string(since)
				}
				return nil
			}
			h, err := o.harvested(ctx, q, it)
			if err != nil {
				return err
			}
			out.Entries = append(out.Entries, h)
		}
		return nil
	})
	if err != nil {
		return err
	}
	body, err := json.Marshal(out)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, err = w.Write(body)
	return err
}

func (o *Room) harvested(ctx context.Context, q db.Q, now journal.Item[Entry]) (harvested, error) {
	h := harvested{ID: int64(now.ID), Href: o.deps.PublicURL + "/kunskapsbank/" + id.String(now.ID), State: "gone", Changed: now.Changed.UTC().Format(time.RFC3339)}
	if !Open(now.State) {
		return h, nil
	}
	it, list, err := o.public(ctx, q, now.ID, 0)
	if err != nil {
		return h, err
	}
	x := &it.Is
	h.State, h.Version, h.Kind, h.Title, h.Summary, h.Problem, h.Done, h.Result, h.Conditions, h.Transfer = "published", x.Number, x.Kind, x.Title, x.Summary, x.Problem, x.Done, x.Result, x.Conditions, x.Transfer
	h.CostOre, h.Hours, h.Months, h.Services, h.Municipalities, h.Language, h.Licence, h.Responsible, h.Example = x.Cost, x.Hours, x.Months, x.Services, x.Municipalities, x.Language, licenceHref[x.Licence], x.Responsible, x.Example
	h.Evidence = Level(valid(list), x.Figures)
	for _, s := range list {
		if s.State == Valid {
			h.Sources = append(h.Sources, strings.TrimSpace(s.Is.told()+" "+s.Is.Href))
		}
	}
	return h, nil
}

// The Atom feed (RFC 4287).
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Title   string      `xml:"title"`
	ID      string      `xml:"id"`
	Updated string      `xml:"updated"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	Title   string   `xml:"title"`
	ID      string   `xml:"id"`
	Updated string   `xml:"updated"`
	Author  string   `xml:"author>name"`
	Link    atomLink `xml:"link"`
	Summary string   `xml:"summary"`
}

// newest lists the entries that are public, the last published first.
func (o *Room) newest(ctx context.Context, q db.Q, most int) (out []journal.Item[Entry], err error) {
	for _, state := range []string{Published, Reviewing} {
		list, err := o.entries.Noun.List(ctx, q, journal.Query{State: state, Newest: true, Limit: most})
		if err != nil {
			return nil, err
		}
		for _, now := range list {
			it, _, err := o.public(ctx, q, now.ID, 0)
			if err != nil {
				return nil, err
			}
			out = append(out, it)
		}
	}
	return out, nil
}

func (o *Room) atom(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	base := o.deps.PublicURL + "/kunskapsbank"
	f := atomFeed{Title: web.T(ctx, "Kunskapsbank"), ID: base, Updated: time.Unix(0, 0).UTC().Format(time.RFC3339), Links: []atomLink{{Rel: "self", Href: base + "/flode.atom"}, {Href: base}}}
	err := o.deps.DB.Read(ctx, func(q db.Q) error {
		list, err := o.newest(ctx, q, 50)
		for _, it := range list {
			at := it.Changed.UTC().Format(time.RFC3339)
			f.Updated = max(f.Updated, at)
			href := base + "/" + id.String(it.ID)
			f.Entries = append(f.Entries, atomEntry{Title: it.Is.Title, ID: href, Updated: at, Author: it.Is.Responsible, Link: atomLink{Href: href}, Summary: it.Is.Summary})
		}
		return err
	})
	if err != nil {
		return err
	}
	return sendXML(w, "application/atom+xml; charset=utf-8", f)
}

type sitemap struct {
	XMLName xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
	URLs    []sitemapURL `xml:"url"`
}

type sitemapURL struct {
	Loc string `xml:"loc"`
	Mod string `xml:"lastmod,omitempty"`
}

// mostInSitemap is the format's own limit, of which the bank takes its part.
const mostInSitemap = 20_000

func (o *Room) sitemap(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	s := sitemap{URLs: []sitemapURL{{Loc: o.deps.PublicURL + "/"}, {Loc: o.deps.PublicURL + "/kunskapsbank"}}}
	err := o.deps.DB.Read(ctx, func(q db.Q) error {
		for _, state := range []string{Published, Reviewing} {
			list, err := o.entries.Noun.List(ctx, q, journal.Query{State: state, Newest: true, Limit: mostInSitemap})
			if err != nil {
				return err
			}
			for _, it := range list {
				s.URLs = append(s.URLs, sitemapURL{Loc: o.deps.PublicURL + "/kunskapsbank/" + id.String(it.ID), Mod: string(it.Is.Day)})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return sendXML(w, "application/xml; charset=utf-8", s)
}

func sendXML(w http.ResponseWriter, kind string, x any) error {
	body, err := xml.Marshal(x)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", kind)
	_, err = w.Write(append([]byte(xml.Header), body...))
	return err
}
