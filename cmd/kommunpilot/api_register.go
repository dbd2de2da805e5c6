package main

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/kommun"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// registerAPI is the register of municipalities on the API. It belongs to no
// room: base/kommun has no routes.
type registerAPI struct {
	db       *db.DB
	embedded sync.Map // *kommun.Register -> ETag
}

func (g *registerAPI) register(api huma.API) {
	op := func(name, path, summary, about string) huma.Operation {
		return huma.Operation{OperationID: name, Method: http.MethodGet, Path: "/api/v1/register" + path, Summary: summary, Description: about, Tags: []string{"register"},
			Metadata: map[string]any{"action": "register.read", "public": true, "statuses": []int{http.StatusNotFound}}}
	}
	huma.Register(api, notModified(op("list-municipalities", "/municipalities", "List municipalities", "By code; with q by how well they match. The municipalities of today, unless ended is asked for.")), g.list)
	huma.Register(api, notModified(op("get-municipality", "/municipalities/{code}", "Get a municipality", "One that has ended is shown as it last was.")), g.get)
	huma.Register(api, notModified(op("list-counties", "/counties", "List counties", "By code.")), g.counties)
	huma.Register(api, op("list-editions", "/editions", "List editions", "The editions of the classification that there are. A call freezes the one in use when it is published."), g.editions)
}

// notModified documents the answer to a reader who has it already.
func notModified(op huma.Operation) huma.Operation {
	op.Responses = map[string]*huma.Response{"304": {Description: "What you have is still right.", Headers: map[string]*huma.Param{"ETag": {Schema: &huma.Schema{Type: huma.TypeString}}}}}
	return op
}

// EditionIn names an edition, and what the reader has already.
type EditionIn struct {
	Edition     string `query:"edition" maxLength:"100" example:"SKR 2023" doc:"The edition; left out: the one that comes with the platform."`
	IfNoneMatch string `header:"If-None-Match" doc:"The ETag of what you have."`
}

// Cacheable are the headers of facts that rarely change.
type Cacheable struct {
	ETag  string `header:"ETag" doc:"Changes when the edition is replaced."`
	Cache string `header:"Cache-Control"`
}

// unchangedEdition is a 304 as an error, which is how the library is told.
func unchangedEdition(tag string) error {
	return huma.ErrorWithHeaders(huma.Status304NotModified(), http.Header{"ETag": {tag}})
}

// load reads the edition and its tag.
func (g *registerAPI) load(ctx context.Context, in EditionIn) (r *kommun.Register, head Cacheable, err error) {
	if err := policy.Check(who.From(ctx), "register.read", policy.Resource{}); err != nil {
		return nil, head, err
	}
	edition := in.Edition
	if edition == "" {
		edition = kommun.Default().Edition()
	}
	if err := g.db.Read(ctx, func(q db.Q) (err error) { r, err = kommun.Load(ctx, q, edition); return err }); err != nil {
		return nil, head, err
	}
	head.Cache = "no-cache"
	if head.ETag, err = g.tag(r); err != nil {
		return nil, head, err
	}
	if unchanged(in.IfNoneMatch, head.ETag) {
		return nil, head, unchangedEdition(head.ETag)
	}
	return r, head, nil
}

// tag is the hash of an edition, as it would be written to a file.
func (g *registerAPI) tag(r *kommun.Register) (string, error) {
	if tag, ok := g.embedded.Load(r); ok {
		return tag.(string), nil
	}
	var b bytes.Buffer
	if _, err := r.WriteTo(&b); err != nil {
		return "", err
	}
	tag := tagOf(b.Bytes())
	if r == kommun.Default() {
		g.embedded.Store(r, tag)
	}
	return tag, nil
}

// Municipality is a municipality in one edition.
type Municipality struct {
	Code         string   `json:"code" pattern:"^[0-9]{4}$" example:"1983" doc:"SCB's code (kommunkod)."`
	Name         string   `json:"name" example:"Köping" doc:"Its short name."`
	FullName     string   `json:"fullName" example:"Köpings kommun" doc:"Its name in full."`
	County       string   `json:"county" example:"19" doc:"The county's code (länskod)."`
	CountyName   string   `json:"countyName" example:"Västmanlands län" doc:"The county's name."`
	MainGroup    string   `json:"mainGroup" example:"C" doc:"SKR's main group (huvudgrupp): A large cities, B larger towns, C smaller towns and rural."`
	SubGroup     string   `json:"subGroup" example:"C6" doc:"SKR's group (kommungrupp), A1 to C9."`
	SubGroupName string   `json:"subGroupName" doc:"The group's name."`
	Landsdel     string   `json:"landsdel" example:"Svealand" doc:"Götaland, Svealand or Norrland."`
	Population   int      `json:"population" example:"26000" doc:"Inhabitants, as the edition counts them."`
	LandKm2      float64  `json:"landKm2" example:"607.4" doc:"Land without water, square kilometres."`
	Locality     string   `json:"mainLocality" example:"Köping" doc:"The main locality (centralort)."`
	Lat          float64  `json:"lat" example:"59.51" doc:"Its latitude, degrees WGS 84."`
	Lon          float64  `json:"lon" example:"15.99" doc:"Its longitude, degrees WGS 84."`
	LabourMarket string   `json:"labourMarket" doc:"The local labour market (lokal arbetsmarknad)."`
	FARegion     string   `json:"faRegion" doc:"The functional region (FA-region)."`
	ValidFrom    string   `json:"validFrom,omitempty" format:"date" doc:"The first day on which this held; left out: always."`
	ValidTo      string   `json:"validTo,omitempty" format:"date" doc:"The first day on which it no longer held; left out: it still does."`
	Predecessors []string `json:"predecessors" doc:"Codes that it was made of."`
	Successors   []string `json:"successors" doc:"Codes that took over."`
	Neighbours   []string `json:"neighbours,omitempty" doc:"Codes of those that it borders on, on land or in water; left out in lists."`
	Edition      string   `json:"edition" example:"SKR 2023" doc:"The edition of the classification."`
}

func municipality(k kommun.Kommun, edition string) Municipality {
	return Municipality{Code: k.Code, Name: k.Name, FullName: k.FullName, County: k.County, CountyName: k.CountyName, MainGroup: k.MainGroup,
		SubGroup: k.SubGroup, SubGroupName: k.SubGroupName, Landsdel: k.Landsdel, Population: k.Population, LandKm2: k.LandKm2, Locality: k.MainLocality,
		Lat: k.Lat, Lon: k.Lon, LabourMarket: k.LabourMarket, FARegion: k.FARegion, ValidFrom: string(k.ValidFrom), ValidTo: string(k.ValidTo),
		Predecessors: append([]string{}, k.Predecessors...), Successors: append([]string{}, k.Successors...), Edition: edition}
}

type municipalitiesIn struct {
	EditionIn
	Query  string `query:"q" maxLength:"100" example:"koping" doc:"Words of the name, or the code; å, ä and ö may be left out."`
	County string `query:"county" pattern:"^[0-9]{2}$" example:"19" doc:"Only those of the county."`
	Group  string `query:"group" pattern:"^[ABC][1-9]?$" example:"C" doc:"Only those of the main group or group."`
	Ended  bool   `query:"ended" doc:"Those that are no longer in use, instead of today's."`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100" example:"20" doc:"How many at most."`
	Offset int    `query:"offset" minimum:"0" doc:"How many to leave out from the beginning."`
}

// MunicipalityList is a page of the register.
type MunicipalityList struct {
	Items   []Municipality `json:"items" doc:"This page of the list."`
	Total   int            `json:"total" example:"290" doc:"How many there are in all."`
	Next    string         `json:"next,omitempty" format:"uri-reference" example:"/api/v1/register/municipalities?limit=100&offset=100" doc:"Where the next page is."`
	Edition string         `json:"edition" example:"SKR 2023" doc:"The edition of the classification."`
}

type municipalitiesOut struct {
	Cacheable
	Body MunicipalityList
}

func (g *registerAPI) list(ctx context.Context, in *municipalitiesIn) (*municipalitiesOut, error) {
	r, head, err := g.load(ctx, in.EditionIn)
	if err != nil {
		return nil, err
	}
	all := r.All()
	switch {
	case in.Ended:
		all = r.Ended()
	case in.Query != "":
		all = r.Search(in.Query, len(all))
	}
	out := MunicipalityList{Items: []Municipality{}, Edition: r.Edition()}
	for _, k := range all {
		if in.County != "" && k.County != in.County || in.Group != "" && k.MainGroup != in.Group && k.SubGroup != in.Group {
			continue
		}
		if out.Total >= in.Offset && len(out.Items) < in.Limit {
			out.Items = append(out.Items, municipality(k, r.Edition()))
		}
		out.Total++
	}
	if end := in.Offset + in.Limit; end < out.Total {
		v := url.Values{"limit": {strconv.Itoa(in.Limit)}, "offset": {strconv.Itoa(end)}}
		for name, value := range map[string]string{"q": in.Query, "county": in.County, "group": in.Group, "edition": in.Edition} {
			if value != "" {
				v.Set(name, value)
			}
		}
		if in.Ended {
			v.Set("ended", "true")
		}
		out.Next = "/api/v1/register/municipalities?" + v.Encode()
	}
	return &municipalitiesOut{head, out}, nil
}

type municipalityIn struct {
	Code string `path:"code" pattern:"^[0-9]{4}$" example:"1983" doc:"SCB's code (kommunkod)."`
	EditionIn
}

type municipalityOut struct {
	Cacheable
	Body Municipality
}

func (g *registerAPI) get(ctx context.Context, in *municipalityIn) (*municipalityOut, error) {
	r, head, err := g.load(ctx, in.EditionIn)
	if err != nil {
		return nil, err
	}
	k, ok := r.ByCode(in.Code)
	if !ok {
		return nil, fail.New(fail.NotFound, web.T(ctx, "Kommunkoden %s finns inte i registret.", in.Code))
	}
	out := municipality(k, r.Edition())
	out.Neighbours = r.Neighbours(k.Code)
	return &municipalityOut{head, out}, nil
}

// County is a county.
type County struct {
	Code     string `json:"code" pattern:"^[0-9]{2}$" example:"19" doc:"The county's code (länskod)."`
	Name     string `json:"name" example:"Västmanlands län" doc:"Its name."`
	Landsdel string `json:"landsdel" example:"Svealand" doc:"Götaland, Svealand or Norrland."`
}

// CountyList is every county.
type CountyList struct {
	Items   []County `json:"items" doc:"All counties."`
	Edition string   `json:"edition" example:"SKR 2023" doc:"The edition of the classification."`
}

type countiesOut struct {
	Cacheable
	Body CountyList
}

func (g *registerAPI) counties(ctx context.Context, in *EditionIn) (*countiesOut, error) {
	r, head, err := g.load(ctx, *in)
	if err != nil {
		return nil, err
	}
	out := CountyList{Items: []County{}, Edition: r.Edition()}
	for _, c := range r.Counties() {
		out.Items = append(out.Items, County(c))
	}
	return &countiesOut{head, out}, nil
}

// EditionList is every edition.
type EditionList struct {
	Items   []string `json:"items" example:"[\"SKR 2023\"]" doc:"The editions by name."`
	Current string   `json:"current" example:"SKR 2023" doc:"The one that comes with the platform."`
}

func (g *registerAPI) editions(ctx context.Context, _ *struct{}) (*struct{ Body EditionList }, error) {
	if err := policy.Check(who.From(ctx), "register.read", policy.Resource{}); err != nil {
		return nil, err
	}
	out := EditionList{Current: kommun.Default().Edition()}
	err := g.db.Read(ctx, func(q db.Q) (err error) { out.Items, err = kommun.Editions(ctx, q); return err })
	return &struct{ Body EditionList }{out}, err
}
