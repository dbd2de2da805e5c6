package people

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/policy"
	"kommunpilot/base/who"
)

// API puts who one is, and the log, on the API.
func (p *Room) API(api huma.API) {
	huma.Register(api, huma.Operation{OperationID: "get-me", Method: http.MethodGet, Path: "/api/v1/me", Tags: []string{"identity"},
		Summary: "Who the key is", Description: "Its name, role and scopes. Any key may ask."}, p.apiMe)
	huma.Register(api, huma.Operation{OperationID: "list-log", Method: http.MethodGet, Path: "/api/v1/log", Tags: []string{"log"},
		Summary:     "List acts in the log",
		Description: "Newest first: for an owner or registrar those of its programmes, for a municipality's representative those about it. What an act carried is given where the role may read it; a log entry names a person by number.",
		Metadata:    map[string]any{"action": "audit.list"}}, p.apiLog)
}

type apiMe struct {
	Name   string    `json:"name" example:"Ärendesystemet" doc:"The integration's name."`
	Roles  []apiRole `json:"roles" doc:"The roles that it acts in."`
	Scopes []string  `json:"scopes" example:"[\"call.read\"]" doc:"The actions that it may do, where the role may."`
}

type apiRole struct {
	Role         string `json:"role" example:"handlaggare" doc:"The role in the permission matrix (roll)."`
	Organisation int64  `json:"organisation" example:"312" doc:"The organisation's number."`
	Name         string `json:"organisationName" example:"Tillväxtverket" doc:"Its name."`
	Programme    int64  `json:"programme,omitempty" example:"1" doc:"The only programme in which it acts; left out: all."`
	// Until is a time: a right ends at a midnight in Sweden.
	Until time.Time `json:"until,omitzero" doc:"The moment at which the key no longer works, UTC."`
}

func (p *Room) apiMe(ctx context.Context, _ *struct{}) (*struct{ Body apiMe }, error) {
	a := who.From(ctx)
	if !a.SignedIn() {
		return nil, fail.New(fail.Unauthenticated, "Ange en nyckel i huvudet Authorization.")
	}
	out := apiMe{Name: a.Name, Roles: []apiRole{}, Scopes: append([]string{}, a.Scopes...)}
	err := p.deps.DB.Read(ctx, func(q db.Q) error {
		names, err := p.OrgNames(ctx, q, a.Orgs())
		for _, g := range a.Grants {
			out.Roles = append(out.Roles, apiRole{string(g.Role), int64(g.Org), names[g.Org], int64(g.Programme), g.To.UTC()})
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &struct{ Body apiMe }{out}, nil
}

type apiLogIn struct {
	Object string `query:"object" maxLength:"100" example:"call:7" doc:"Only acts on the thing: its kind and number."`
	Before int64  `query:"before" minimum:"1" example:"1200" doc:"Only entries with a lower number."`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100" example:"20" doc:"How many at most."`
}

type apiLogList struct {
	Items []apiEntry `json:"items" doc:"This page of the log, newest first."`
	Next  string     `json:"next,omitempty" format:"uri-reference" example:"/api/v1/log?before=1100&limit=100" doc:"Where the next page is."`
}

type apiEntry struct {
	Seq          int64           `json:"seq" example:"1200" doc:"Its number in the chain."`
	At           time.Time       `json:"at" doc:"When, UTC."`
	Actor        string          `json:"actor" enum:"public,person,integration,system" doc:"What sort of actor it was."`
	Person       int64           `json:"person,omitempty" example:"42" doc:"The person's number."`
	Act          string          `json:"act" example:"call.publish" doc:"What was done."`
	Object       string          `json:"object" example:"call:7" doc:"To what: kind and number."`
	Programme    int64           `json:"programme,omitempty" example:"1" doc:"The programme's number."`
	Organisation int64           `json:"organisation,omitempty" example:"312" doc:"The organisation that it concerns."`
	Reason       string          `json:"reason,omitempty" doc:"The motive, where one is asked for (motiv)."`
	Data         json.RawMessage `json:"data,omitempty" doc:"What the act carried; its shape differs by act."`
	Hash         string          `json:"hash" doc:"Its link in the chain, SHA-256: kommunpilot verify-audit follows it."`
}

var actorWords = map[who.Kind]string{who.Public: "public", who.Person: "person", who.Token: "integration", who.System: "system"}

func (p *Room) apiLog(ctx context.Context, in *apiLogIn) (*struct{ Body apiLogList }, error) {
	if err := policy.Check(who.From(ctx), "audit.list", policy.Resource{}); err != nil {
		return nil, err
	}
	out := apiLogList{Items: []apiEntry{}}
	object := strings.TrimSpace(in.Object)
	err := p.deps.DB.Read(ctx, func(q db.Q) error {
		l, err := p.logReach(ctx, q)
		if err != nil {
			return err
		}
		all, err := l.entries(ctx, q, object, in.Before, in.Limit+1)
		if err != nil {
			return err
		}
		if len(all) > in.Limit {
			all = all[:in.Limit]
			v := url.Values{"before": {strconv.FormatInt(all[in.Limit-1].Seq, 10)}, "limit": {strconv.Itoa(in.Limit)}}
			if object != "" {
				v.Set("object", object)
			}
			out.Next = "/api/v1/log?" + v.Encode()
		}
		for _, e := range all {
			out.Items = append(out.Items, apiEntry{Seq: e.Seq, At: e.At.UTC(), Actor: actorWords[e.Kind], Person: int64(e.Person), Act: e.Act, Object: e.Object,
				Programme: int64(e.Programme), Organisation: int64(e.Org), Reason: e.Reason, Data: json.RawMessage(e.Data), Hash: e.Hash})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &struct{ Body apiLogList }{out}, nil
}
