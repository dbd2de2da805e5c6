package programme

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// API puts the room's acts on the API.
func (o *Room) API(api huma.API) {
	huma.Register(api, apiOp("list-programmes", http.MethodGet, "/programmes", "programme.read", "List programmes", "Newest first.", true), o.apiProgrammes)
	huma.Register(api, apiOp("get-programme", http.MethodGet, "/programmes/{id}", "programme.read", "Get a programme", "", true), o.apiProgramme)
	huma.Register(api, apiOp("list-calls", http.MethodGet, "/calls", "call.read", "List calls", "Published calls, and for a key of an owner its drafts, newest first. The list leaves out most of what a call says; get the call for all of it.", true), o.apiCalls)
	huma.Register(api, apiOp("get-call", http.MethodGet, "/calls/{id}", "call.read", "Get a call", "With everything that it says. The ETag is for If-Match.", true), o.apiCall)
	huma.Register(api, apiOp("create-call", http.MethodPost, "/calls", "call.edit", "Create a draft of a call", "It may be incomplete: what is missing is told when it is published.", false, http.StatusNotFound, http.StatusConflict), o.apiCreate)
	huma.Register(api, apiOp("replace-call", http.MethodPut, "/calls/{id}", "call.edit", "Replace what a call says", "Whole, over the version that was read: give If-Match (412 where another was quicker) or version (409). What is left out becomes empty. A published call needs a motive, which everybody sees.", false, http.StatusConflict, http.StatusPreconditionFailed), o.apiReplace)
	huma.Register(api, apiOp("publish-call", http.MethodPost, "/calls/{id}/publish", "call.publish", "Publish a call", "Shows it to everybody and freezes the edition of the classification. 422 lists everything that is missing.", false, http.StatusConflict), o.apiPublish)
	huma.Register(api, apiOp("close-call", http.MethodPost, "/calls/{id}/close", "call.publish", "Close a call before its last day", "A call closes by itself after its last day.", false, http.StatusConflict), o.apiClose)
}

// apiOp is an operation. Public: it answers those without a key too.
func apiOp(name, method, path, action, summary, about string, public bool, statuses ...int) huma.Operation {
	tag, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	op := huma.Operation{OperationID: name, Method: method, Path: "/api/v1" + path, Summary: summary, Description: about, Tags: []string{tag},
		Metadata: map[string]any{"action": action, "public": public, "statuses": statuses}}
	if name == "create-call" {
		op.DefaultStatus = http.StatusCreated
	}
	return op
}

// APIPage is which part of a list is asked for.
type APIPage struct {
	Limit  int `query:"limit" minimum:"1" maximum:"500" default:"100" example:"20" doc:"How many at most."`
	Offset int `query:"offset" minimum:"0" doc:"How many to leave out from the beginning."`
}

// page cuts the part that is asked for, and says where the next one is.
func apiCut[T any](p APIPage, path string, query url.Values, all []T) (part []T, next string) {
	from := min(p.Offset, len(all))
	to := min(from+p.Limit, len(all))
	if to < len(all) {
		query.Set("limit", strconv.Itoa(p.Limit))
		query.Set("offset", strconv.Itoa(to))
		next = path + "?" + query.Encode()
	}
	return append([]T{}, all[from:to]...), next
}

type apiOwner struct {
	ID   int64  `json:"id" example:"312" doc:"The organisation's number."`
	Name string `json:"name" example:"Tillväxtverket" doc:"The organisation's name."`
	Code string `json:"code,omitempty" example:"1983" doc:"The code, where it is a municipality (four digits) or a region (two)."`
}

type apiProgramme struct {
	ID          int64      `json:"id" example:"1" doc:"The programme's number."`
	Name        string     `json:"name" example:"Pilotkommuner för lokal service" doc:"Its name."`
	State       string     `json:"state" enum:"planerat,pågår,avslutas,avslutat" doc:"planerat: planned; pågår: running; avslutas: closing; avslutat: over."`
	Purpose     string     `json:"purpose" doc:"What it is to achieve (syfte)."`
	Mandate     string     `json:"mandate" doc:"On whose commission the owner acts (uppdrag)."`
	Fund        string     `json:"fund" doc:"Where the money comes from."`
	Responsible string     `json:"responsible" example:"Handläggare, Tillväxtverket" doc:"Who is responsible: a role and an organisation (ansvarig)."`
	Contact     string     `json:"contact" doc:"How to reach the function."`
	Partners    []string   `json:"partners" doc:"Who else takes part in running it."`
	Owners      []apiOwner `json:"owners" doc:"The organisations that own it (programägare)."`
	Rules       []apiRule  `json:"rules" doc:"Its set of rules (regelverk)."`
}

type apiRule struct {
	Key    string `json:"key" example:"grant_share_max" doc:"What the rule is about."`
	Value  string `json:"value" example:"60" doc:"What it says."`
	Force  Force  `json:"force" enum:"must,aim,fact" doc:"must stops, aim warns and can be set aside in writing, fact is never enforced."`
	Source string `json:"source" doc:"The line that it was taken from."`
}

func programmeOut(p Programme) apiProgramme {
	out := apiProgramme{ID: int64(p.ID), Name: p.Name, State: string(p.State), Purpose: p.Purpose, Mandate: p.Mandate, Fund: p.Fund,
		Responsible: p.Responsible, Contact: p.Contact, Partners: append([]string{}, p.Partners...), Owners: []apiOwner{}, Rules: []apiRule{}}
	for _, x := range p.Owners {
		out.Owners = append(out.Owners, apiOwner{int64(x.ID), x.Name, x.Code})
	}
	for _, x := range p.Rules {
		out.Rules = append(out.Rules, apiRule{x.Key, x.Value, x.Force, x.Source})
	}
	return out
}

type apiProgrammeList struct {
	Items []apiProgramme `json:"items" doc:"This page of the list."`
	Total int            `json:"total" example:"3" doc:"How many there are in all."`
	Next  string         `json:"next,omitempty" format:"uri-reference" example:"/api/v1/programmes?limit=20&offset=20" doc:"Where the next page is."`
}

func (o *Room) apiProgrammes(ctx context.Context, in *APIPage) (*struct{ Body apiProgrammeList }, error) {
	if err := policy.Check(who.From(ctx), "programme.read", policy.Resource{Published: true}); err != nil {
		return nil, err
	}
	var all []Programme
	if err := o.deps.DB.Read(ctx, func(q db.Q) (err error) { all, err = o.Programmes(ctx, q); return err }); err != nil {
		return nil, err
	}
	part, next := apiCut(*in, "/api/v1/programmes", url.Values{}, all)
	out := apiProgrammeList{Items: []apiProgramme{}, Total: len(all), Next: next}
	for _, p := range part {
		out.Items = append(out.Items, programmeOut(p))
	}
	return &struct{ Body apiProgrammeList }{out}, nil
}

type apiProgrammeIn struct {
	ID int64 `path:"id" minimum:"1" example:"1" doc:"The programme's number."`
}

func (o *Room) apiProgramme(ctx context.Context, in *apiProgrammeIn) (*struct{ Body apiProgramme }, error) {
	var p Programme
	if err := o.deps.DB.Read(ctx, func(q db.Q) (err error) { p, err = o.Programme(ctx, q, who.ProgrammeID(in.ID)); return err }); err != nil {
		return nil, err
	}
	return &struct{ Body apiProgramme }{programmeOut(p)}, nil
}

// APICall is a call as the list shows it; apiWholeCall all of it.
type APICall struct {
	ID          int64     `json:"id" example:"7" doc:"The call's number."`
	Programme   int64     `json:"programme" example:"1" doc:"The programme's number."`
	State       string    `json:"state" enum:"utkast,publicerad,öppen,stängd,bedömning,beslutad,avslutad,avbruten" doc:"utkast: draft; publicerad: published, not yet open; öppen: takes answers; stängd: closed; bedömning: being assessed; beslutad: the selection is decided; avslutad: ended; avbruten: cancelled."`
	Title       string    `json:"title" example:"Pilotkommuner för lokal service" doc:"Its title."`
	Summary     string    `json:"summary" doc:"Two sentences about it."`
	Version     int64     `json:"version" example:"3" doc:"Rises with every change: give it back when replacing the content."`
	FormVersion int64     `json:"formVersion" example:"1" doc:"The version of the questions. Who has begun keeps the form that it began with."`
	Edition     string    `json:"edition,omitempty" example:"SKR 2023" doc:"The edition of the classification that was frozen when the call was published."`
	PublishedAt time.Time `json:"publishedAt,omitzero" doc:"When it was published, UTC."`
	Opens       string    `json:"opens,omitempty" format:"date" example:"2026-03-01" doc:"First day for answers."`
	Closes      string    `json:"closes,omitempty" format:"date" example:"2026-03-31" doc:"Last day for answers: all of it, Swedish time."`
}

type apiWholeCall struct {
	APICall
	Content apiContent `json:"content" doc:"Everything that the call says."`
}

func callOut(c Call) APICall {
	return APICall{ID: int64(c.ID), Programme: int64(c.Programme), State: string(c.State), Title: c.Title, Summary: c.Summary, Version: c.Version,
		FormVersion: c.FormVersion, Edition: c.Edition, PublishedAt: c.PublishedAt, Opens: string(c.Dates.Open), Closes: string(c.Dates.Close)}
}

type apiCallsIn struct {
	APIPage
	Query     string `query:"q" maxLength:"200" example:"service" doc:"Words that the title, the summary or the programme's name has."`
	State     string `query:"state" enum:"utkast,publicerad,öppen,stängd,bedömning,beslutad,avslutad,avbruten" doc:"Only calls in the state."`
	Programme int64  `query:"programme" minimum:"1" doc:"Only the programme's calls."`
}

type apiCallList struct {
	Items []APICall `json:"items" doc:"This page of the list."`
	Total int       `json:"total" example:"20" doc:"How many there are in all."`
	Next  string    `json:"next,omitempty" format:"uri-reference" example:"/api/v1/calls?limit=20&offset=20" doc:"Where the next page is."`
}

func (o *Room) apiCalls(ctx context.Context, in *apiCallsIn) (*struct{ Body apiCallList }, error) {
	if err := policy.Check(who.From(ctx), "call.read", policy.Resource{Published: true}); err != nil {
		return nil, err
	}
	var found []APICall
	err := o.deps.DB.Read(ctx, func(q db.Q) error {
		calls, err := o.Calls(ctx, q)
		if err != nil {
			return err
		}
		names := map[who.ProgrammeID]string{}
		for _, c := range calls {
			if in.Programme != 0 && c.Programme != who.ProgrammeID(in.Programme) || in.State != "" && string(c.State) != in.State {
				continue
			}
			if names[c.Programme] == "" {
				p, err := o.programme(ctx, q, c.Programme)
				if err != nil {
					return err
				}
				names[c.Programme] = p.Name
			}
			if (listedCall{c, names[c.Programme]}).matches(in.Query, "") {
				found = append(found, callOut(c))
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	v := url.Values{}
	for name, value := range map[string]string{"q": in.Query, "state": in.State, "programme": show(int(in.Programme))} {
		if value != "" {
			v.Set(name, value)
		}
	}
	part, next := apiCut(in.APIPage, "/api/v1/calls", v, found)
	return &struct{ Body apiCallList }{apiCallList{Items: part, Total: len(found), Next: next}}, nil
}

// APICallIn names a call.
type APICallIn struct {
	ID int64 `path:"id" minimum:"1" example:"7" doc:"The call's number."`
}

type apiCallOut struct {
	ETag string `header:"ETag" example:"\"3\"" doc:"The call's version, for If-Match."`
	Body apiWholeCall
}

type apiMadeOut struct {
	Location string `header:"Location" example:"/api/v1/calls/7" doc:"Where the new call is."`
	ETag     string `header:"ETag" example:"\"1\"" doc:"The call's version, for If-Match."`
	Body     apiWholeCall
}

// apiShow reads a call for one who may do the action: after an act the actor
// sees what it made of the call, whether or not its key may read others.
func (o *Room) apiShow(ctx context.Context, cid CallID, action string) (*apiCallOut, error) {
	var c Call
	if err := o.deps.DB.Read(ctx, func(q db.Q) (err error) { c, err = o.read(ctx, q, cid, action); return err }); err != nil {
		return nil, err
	}
	return &apiCallOut{ETag: apiTag(c.Version), Body: apiWholeCall{callOut(c), contentOut(c.Content)}}, nil
}

func apiTag(version int64) string { return `"` + strconv.FormatInt(version, 10) + `"` }

func (o *Room) apiCall(ctx context.Context, in *APICallIn) (*apiCallOut, error) {
	return o.apiShow(ctx, CallID(in.ID), "call.read")
}

// APIOnce keeps a request from being done twice. (The library reads exported
// parts of an input only.)
type APIOnce struct {
	Key string `header:"Idempotency-Key" maxLength:"100" example:"4f0c1b6e" doc:"A text of your own for this request. The same text again is answered 409 and nothing is done twice."`
}

// once is the form token of a request: the key, for this integration and act alone.
func (x APIOnce) once(ctx context.Context, act string) string {
	if x.Key == "" {
		return ""
	}
	a := who.From(ctx)
	return fmt.Sprintf("api/%s/%v/%s/%s", act, a.Orgs(), a.Name, x.Key)
}

type apiCreateIn struct {
	APIOnce
	Body struct {
		Programme int64      `json:"programme" minimum:"1" example:"1" doc:"The programme's number."`
		Content   apiContent `json:"content" doc:"What the call says; only the title is needed in a draft."`
	}
}

func (o *Room) apiCreate(ctx context.Context, in *apiCreateIn) (*apiMadeOut, error) {
	content, err := in.Body.Content.in()
	if err != nil {
		return nil, err
	}
	made, err := o.CreateCall(ctx, who.ProgrammeID(in.Body.Programme), content, in.once(ctx, "create"))
	if err != nil {
		return nil, apiLocated(err, "body.content.")
	}
	out, err := o.apiShow(ctx, made, "call.edit")
	if err != nil {
		return nil, err
	}
	return &apiMadeOut{"/api/v1/calls/" + id.String(made), out.ETag, out.Body}, nil
}

type apiReplaceIn struct {
	APICallIn
	APIOnce
	IfMatch string `header:"If-Match" example:"\"3\"" doc:"The ETag of the call as it was read."`
	Body    struct {
		Version int64      `json:"version,omitempty" minimum:"1" example:"3" doc:"The version that was read, where If-Match is not given."`
		Motive  string     `json:"motive,omitempty" maxLength:"4000" doc:"Why a published call is changed; everybody sees it (motiv)."`
		Content apiContent `json:"content" doc:"All that the call says from now on."`
	}
}

func (o *Room) apiReplace(ctx context.Context, in *apiReplaceIn) (*apiCallOut, error) {
	version := in.Body.Version
	if in.IfMatch != "" {
		n, err := strconv.ParseInt(strings.Trim(in.IfMatch, `"`), 10, 64)
		if err != nil || in.IfMatch != apiTag(n) {
			n = -1 // a tag that no version has
		}
		version = n
	}
	if version == 0 {
		return nil, fail.Fields(fail.Field{Name: "body.version", Message: "Ange den version som lästes, eller huvudet If-Match."})
	}
	content, err := in.Body.Content.in()
	if err != nil {
		return nil, err
	}
	cid := CallID(in.ID)
	err = o.SaveCall(ctx, cid, version, in.Body.Motive, in.once(ctx, "replace"), func(c *Content) error {
		*c = content
		return nil
	})
	switch {
	case fail.Is(err, fail.Conflict) && in.IfMatch != "" && o.apiMoved(ctx, cid, version):
		return nil, huma.Error412PreconditionFailed(web.T(ctx, "Utlysningen har ändrats sedan den lästes. Läs den igen."))
	case err != nil:
		return nil, apiLocated(err, "body.content.")
	}
	return o.apiShow(ctx, cid, "call.edit")
}

// apiMoved tells whether the call has another version than the one named.
func (o *Room) apiMoved(ctx context.Context, cid CallID, version int64) bool {
	var c Call
	err := o.deps.DB.Read(ctx, func(q db.Q) (err error) { c, err = o.call(ctx, q, cid); return err })
	return err == nil && c.Version != version
}

type apiActIn struct {
	APICallIn
	APIOnce
}

func (o *Room) apiPublish(ctx context.Context, in *apiActIn) (*apiCallOut, error) {
	if err := o.Publish(ctx, CallID(in.ID), in.once(ctx, "publish")); err != nil {
		return nil, apiLocated(err, "call.")
	}
	return o.apiShow(ctx, CallID(in.ID), "call.publish")
}

type apiCloseIn struct {
	APICallIn
	APIOnce
	Body struct {
		Motive string `json:"motive" minLength:"1" maxLength:"4000" example:"Budgeten är slut." doc:"Why it closes before its day (motiv)."`
	}
}

func (o *Room) apiClose(ctx context.Context, in *apiCloseIn) (*apiCallOut, error) {
	if err := o.CloseNow(ctx, CallID(in.ID), in.Body.Motive, in.once(ctx, "close")); err != nil {
		return nil, apiLocated(err, "call.")
	}
	return o.apiShow(ctx, CallID(in.ID), "call.publish")
}

// apiLocated says where the fields of the room's rules stand in the API: in
// the body's content, or in the call that is stored.
func apiLocated(err error, at string) error {
	var e *fail.Error
	if !errors.As(err, &e) || len(e.Fields) == 0 {
		return err
	}
	out := *e
	out.Fields = nil
	for _, f := range e.Fields {
		switch name := f.Name; name {
		case "motive":
			f.Name = "body.motive"
		case "publish", "open", "close", "assessment", "decision", "start", "end", "fixing", "event":
			f.Name = at + "dates." + name
		default:
			if !strings.Contains(name, ".") {
				f.Name = at + name
			}
		}
		out.Fields = append(out.Fields, f)
	}
	return &out
}
