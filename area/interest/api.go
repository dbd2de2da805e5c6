package interest

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
	"kommunpilot/base/who"
)

// API puts applications on the API. A key never signs: a person with the right
// to sign for the municipality does, on the pages.
func (n *Room) API(api huma.API) {
	op := func(name, method, path, action, summary, about string, statuses ...int) huma.Operation {
		return huma.Operation{OperationID: name, Method: method, Path: "/api/v1" + path, Summary: summary, Description: about, Tags: []string{"applications"},
			Metadata: map[string]any{"action": action, "statuses": statuses}}
	}
	begin := op("create-application", http.MethodPost, "/calls/{id}/applications", "application.create", "Begin an answer to a call", "A draft for the key's organisation, or for its district board. 409 where it has one already, or the call takes none.", http.StatusConflict)
	begin.DefaultStatus = http.StatusCreated
	huma.Register(api, op("list-applications", http.MethodGet, "/calls/{id}/applications", "application.list", "List a call's applications", "Those that have been sent in, in the order of their numbers; for the call's owner. Drafts belong to the municipality alone."), n.apiList)
	huma.Register(api, begin, n.apiBegin)
	huma.Register(api, op("get-application", http.MethodGet, "/applications/{id}", "application.read", "Get an application", "For the applicants, and for the owner once it is sent in."), n.apiGet)
	huma.Register(api, op("replace-answers", http.MethodPut, "/applications/{id}/answers", "application.edit", "Replace the answers to a call's questions", "In a draft, or where a completion asks for them. 409 where somebody else saved meanwhile.", http.StatusConflict), n.apiAnswers)
	huma.Register(api, op("request-signature", http.MethodPost, "/applications/{id}/request-signature", "application.edit", "Ask for a signature", "Tells those who may sign for the municipality (behöriga företrädare) that the application is ready for them. They review it, sign and send it in on the pages.", http.StatusConflict), n.apiAskToSign)
}

// APIApplication is an application as the list shows it.
type APIApplication struct {
	ID             int64       `json:"id" example:"12" doc:"The application's number."`
	Call           int64       `json:"call" example:"7" doc:"The call's number."`
	State          State       `json:"state" enum:"utkast,inlämnad,kompletteras,behörig,ej behörig,bedömd,vald,reserv,ej vald,bekräftad,återtagen" doc:"utkast: draft; inlämnad: sent in; kompletteras: being completed; behörig or ej behörig: eligible or not; bedömd: assessed; vald, reserv or ej vald: selected, reserve or not; bekräftad: confirmed by formal decisions; återtagen: withdrawn."`
	Title          string      `json:"title" example:"Norsjö kommun, Malå kommun och Skellefteå kommun" doc:"The applicants' names."`
	Municipalities []string    `json:"municipalities" example:"[\"2417\"]" doc:"Codes of the municipalities that are in."`
	Joint          bool        `json:"joint" doc:"Whether it is sought together with others: one place, whatever their number."`
	Submitted      time.Time   `json:"submitted,omitzero" doc:"When it was sent in the first time, UTC."`
	Edition        string      `json:"edition" example:"SKR 2023" doc:"The edition of the classification that counts."`
	FormVersion    int64       `json:"formVersion" example:"1" doc:"The version of the questions that it answers."`
	Kinds          []apiSought `json:"kinds" doc:"The kinds of participation that it seeks."`
	Applicants     []apiParty  `json:"applicants" doc:"Its members, the lead first."`
}

type apiSought struct {
	Kind    string `json:"kind" example:"pilot" doc:"The kind, as in the call's content."`
	Outcome State  `json:"outcome,omitempty" enum:"vald,reserv,ej vald" doc:"What it got, after the decision."`
	Reason  string `json:"reason,omitempty" doc:"Why, in the words that the applicant is told (skäl)."`
}

type apiParty struct {
	Organisation int64          `json:"organisation" example:"120" doc:"The organisation's number."`
	Name         string         `json:"name" example:"Norsjö kommun" doc:"Its name."`
	Municipality string         `json:"municipality" example:"2417" doc:"The municipality's code; of a district board its parent's."`
	County       string         `json:"county" example:"24" doc:"The county's code."`
	MainGroup    string         `json:"mainGroup" example:"C" doc:"Main group in the edition."`
	SubGroup     string         `json:"subGroup" example:"C9" doc:"Group in the edition."`
	State        ApplicantState `json:"state" enum:"inbjuden,bekräftad,avböjd,borttagen" doc:"inbjuden: asked to join; bekräftad: in; avböjd: declined; borttagen: removed."`
	Lead         bool           `json:"lead" doc:"Whether it leads the application (huvudsökande)."`
}

// apiWholeApplication is an application with what people wrote in it.
type apiWholeApplication struct {
	APIApplication
	Reference    string            `json:"reference" doc:"The applicant's own registry number (diarienummer)."`
	Contacts     []apiContact      `json:"contacts" doc:"Whom to turn to."`
	Answers      map[string]string `json:"answers" doc:"Answers by the question's id."`
	AnswersAt    int64             `json:"answersVersion" example:"2" doc:"The answers' version: give it back when replacing them."`
	Undertakings []apiUndertaking  `json:"undertakings" doc:"What is undertaken, by requirement (åtaganden)."`
	Participants []apiParticipant  `json:"participants" doc:"Who is to take part."`
	CostOre      int64             `json:"costOre" example:"100000000" doc:"The whole cost, öre."`
	GrantOre     int64             `json:"grantOre" example:"60000000" doc:"The grant that is sought, öre."`
	OwnOre       int64             `json:"ownOre" example:"40000000" doc:"The municipality's own part, öre."`
	SignedBy     string            `json:"signedBy,omitempty" doc:"Who signed it, with the title."`
	Override     string            `json:"override,omitempty" doc:"Why an aim of the call is not met."`
	Attachments  []apiAttachment   `json:"attachments" doc:"Its files; they are fetched on the pages."`
}

type apiContact struct {
	Name  string `json:"name" doc:"Name."`
	Title string `json:"title" doc:"Title."`
	Unit  string `json:"unit" doc:"Unit (enhet)."`
	Email string `json:"email" doc:"E-mail address."`
	Phone string `json:"phone" doc:"Telephone."`
}

type apiUndertaking struct {
	Requirement string `json:"requirement" example:"bada" doc:"The requirement's id."`
	Text        string `json:"text" doc:"The requirement as it stood in the form."`
	Yes         bool   `json:"yes" doc:"Whether it is undertaken."`
	How         string `json:"how,omitempty" doc:"How it is to be met."`
}

type apiParticipant struct {
	Kind         string `json:"kind" doc:"The kind of participation."`
	Municipality string `json:"municipality" doc:"The municipality's code."`
	Name         string `json:"name,omitempty" doc:"Name; left out for a seat that has none yet."`
	Title        string `json:"title,omitempty" doc:"Title."`
	Role         string `json:"role" doc:"tjänsteperson: official; politiker: politician."`
	Body         string `json:"body,omitempty" doc:"The body of the municipality (organ)."`
}

type apiAttachment struct {
	ID     int64  `json:"id" doc:"The file's number."`
	Name   string `json:"name" doc:"Its name."`
	About  string `json:"about,omitempty" doc:"What it is."`
	Type   string `json:"type" example:"application/pdf" doc:"Its type, read from its content."`
	Size   int64  `json:"size" doc:"Bytes."`
	SHA256 string `json:"sha256" doc:"Its hash."`
}

// apiOut is an application as the list shows it. told: the reader may know what
// was decided.
func apiOut(a Application, told bool) APIApplication {
	out := APIApplication{ID: int64(a.ID), Call: int64(a.Call), State: a.State, Title: a.Name(), Municipalities: append([]string{}, a.Municipalities()...),
		Joint: a.Joint, Submitted: a.Submitted, Edition: a.Edition, FormVersion: a.Form.Version, Kinds: []apiSought{}, Applicants: []apiParty{}}
	for _, k := range a.Kinds {
		x := apiSought{Kind: k.ID}
		if told {
			x.Outcome, x.Reason = k.Outcome, k.Reason
		}
		out.Kinds = append(out.Kinds, x)
	}
	for _, p := range a.Applicants {
		out.Applicants = append(out.Applicants, apiParty{int64(p.Org), p.Name, p.Kommun, p.County, p.MainGroup, p.SubGroup, p.State, p.Lead})
	}
	return out
}

func apiWhole(a Application, told bool) apiWholeApplication {
	s := a.Sections
	out := apiWholeApplication{APIApplication: apiOut(a, told), Reference: s.Contact.Reference, Contacts: []apiContact{}, Answers: map[string]string{},
		AnswersAt: a.Versions["svar"], Undertakings: []apiUndertaking{}, Participants: []apiParticipant{}, CostOre: s.Budget.Total(), GrantOre: s.Budget.Grant,
		OwnOre: s.Budget.Own, SignedBy: a.SignedName, Override: a.Override, Attachments: []apiAttachment{}}
	for _, x := range s.Contact.People {
		out.Contacts = append(out.Contacts, apiContact(x))
	}
	for question, text := range s.Answers {
		out.Answers[question] = text
	}
	for _, r := range a.Form.Requirements {
		x := s.Commitments[r.ID]
		out.Undertakings = append(out.Undertakings, apiUndertaking{r.ID, r.Text, x.Yes, x.How})
	}
	for _, x := range s.Participants {
		out.Participants = append(out.Participants, apiParticipant{x.Kind, x.Kommun, x.Name, x.Title, x.Role, x.Body})
	}
	for _, x := range a.Attachments {
		out.Attachments = append(out.Attachments, apiAttachment{int64(x.ID), x.Name, x.About, x.Type, x.Size, x.Hash})
	}
	return out
}

type apiListIn struct {
	Call   int64  `path:"id" minimum:"1" example:"7" doc:"The call's number."`
	State  State  `query:"state" enum:"inlämnad,kompletteras,behörig,ej behörig,bedömd,vald,reserv,ej vald,bekräftad,återtagen" doc:"Only those in the state."`
	County string `query:"county" pattern:"^[0-9]{2}$" example:"24" doc:"Only those with a member in the county."`
	Group  string `query:"group" pattern:"^[ABC][1-9]?$" example:"C" doc:"Only those with a member in the main group or group."`
	Kind   string `query:"kind" maxLength:"100" example:"pilot" doc:"Only those that seek the kind of participation."`
	Query  string `query:"q" maxLength:"200" example:"norsjö" doc:"Part of an applicant's name, or the application's number."`
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"100" example:"20" doc:"How many at most."`
	Offset int    `query:"offset" minimum:"0" doc:"How many to leave out from the beginning."`
}

type apiApplicationList struct {
	Items []APIApplication `json:"items" doc:"This page of the list."`
	Total int              `json:"total" example:"42" doc:"How many there are in all."`
	Next  string           `json:"next,omitempty" format:"uri-reference" example:"/api/v1/calls/7/applications?limit=20&offset=20" doc:"Where the next page is."`
}

func (n *Room) apiList(ctx context.Context, in *apiListIn) (*struct{ Body apiApplicationList }, error) {
	out := apiApplicationList{Items: []APIApplication{}}
	err := n.deps.DB.Read(ctx, func(q db.Q) error {
		c, err := n.deps.Call(ctx, q, CallID(in.Call))
		if err != nil {
			return err
		}
		if err := policy.Check(who.From(ctx), "application.list", c.resource()); err != nil {
			return err
		}
		all, err := n.Find(ctx, q, c.ID, Filter{State: in.State, County: in.County, Group: in.Group, Kind: in.Kind, Text: in.Query})
		if err != nil {
			return err
		}
		from := min(in.Offset, len(all))
		to := min(from+in.Limit, len(all))
		for _, a := range all[from:to] {
			out.Items = append(out.Items, apiOut(a, true))
		}
		out.Total = len(all)
		if to < len(all) {
			out.Next = in.next(to)
		}
		return nil
	})
	return &struct{ Body apiApplicationList }{out}, err
}

// next is the address of the page that begins there.
func (in *apiListIn) next(offset int) string {
	v := url.Values{"limit": {strconv.Itoa(in.Limit)}, "offset": {strconv.Itoa(offset)}}
	for name, value := range map[string]string{"state": string(in.State), "county": in.County, "group": in.Group, "kind": in.Kind, "q": in.Query} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return "/api/v1/calls/" + strconv.FormatInt(in.Call, 10) + "/applications?" + v.Encode()
}

// APIIn names an application.
type APIIn struct {
	ID int64 `path:"id" minimum:"1" example:"12" doc:"The application's number."`
}

// APIOnce keeps a request from being done twice.
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

type apiApplicationOut struct{ Body apiWholeApplication }

// apiShow reads an application for one who may do the action on it.
func (n *Room) apiShow(ctx context.Context, a ApplicationID, action string) (*apiApplicationOut, error) {
	var m matter
	err := n.deps.DB.Read(ctx, func(q db.Q) (err error) {
		if m, err = n.matter(ctx, q, a); err != nil {
			return err
		}
		return may(ctx, action, m.resource())
	})
	if err != nil {
		return nil, err
	}
	actor := who.From(ctx)
	told := m.of.Decided || policy.Allowed(actor, "application.list", m.of.resource())
	return &apiApplicationOut{apiWhole(m.Application, told)}, nil
}

func (n *Room) apiGet(ctx context.Context, in *APIIn) (*apiApplicationOut, error) {
	return n.apiShow(ctx, ApplicationID(in.ID), "application.read")
}

type apiBeginIn struct {
	Call int64 `path:"id" minimum:"1" example:"7" doc:"The call's number."`
	APIOnce
	Body struct {
		Organisation int64    `json:"organisation" minimum:"1" example:"120" doc:"The municipality, or its district board, that leads it."`
		Kinds        []string `json:"kinds" minItems:"1" maxItems:"50" example:"[\"pilot\"]" doc:"The kinds of participation that it seeks."`
		Joint        bool     `json:"joint,omitempty" doc:"Together with others, who are invited on the pages."`
	}
}

type apiBegunOut struct {
	Location string `header:"Location" example:"/api/v1/applications/12" doc:"Where the new application is."`
	Body     apiWholeApplication
}

func (n *Room) apiBegin(ctx context.Context, in *apiBeginIn) (*apiBegunOut, error) {
	a, err := n.Start(ctx, Starting{Call: CallID(in.Call), Org: who.OrgID(in.Body.Organisation), Kinds: in.Body.Kinds, Joint: in.Body.Joint, Once: in.once(ctx, "begin")})
	if err != nil {
		return nil, err
	}
	out, err := n.apiShow(ctx, a, "application.create")
	if err != nil {
		return nil, err
	}
	return &apiBegunOut{"/api/v1/applications/" + id.String(a), out.Body}, nil
}

type apiAnswersIn struct {
	APIIn
	Body struct {
		Version int64             `json:"version" minimum:"1" example:"1" doc:"answersVersion as it was read."`
		Answers map[string]string `json:"answers" doc:"Answers by the question's id; those left out are unanswered."`
	}
}

func (n *Room) apiAnswers(ctx context.Context, in *apiAnswersIn) (*apiApplicationOut, error) {
	if _, err := n.SaveAnswers(ctx, ApplicationID(in.ID), in.Body.Version, in.Body.Answers); err != nil {
		return nil, apiLocated(err)
	}
	return n.apiShow(ctx, ApplicationID(in.ID), "application.edit")
}

// apiLocated says which answer is wrong.
func apiLocated(err error) error {
	var e *fail.Error
	if !errors.As(err, &e) || len(e.Fields) == 0 {
		return err
	}
	out := *e
	out.Fields = nil
	for _, f := range e.Fields {
		out.Fields = append(out.Fields, fail.Field{Name: "body.answers." + strings.TrimPrefix(f.Name, "q-"), Message: f.Message})
	}
	return &out
}

type apiAskIn struct {
	APIIn
	APIOnce
}

// apiAsked says how many were told.
type apiAsked struct {
	Told int `json:"told" example:"1" doc:"How many letters went out; 0: nobody holds the right to sign today."`
}

func (n *Room) apiAskToSign(ctx context.Context, in *apiAskIn) (*struct{ Body apiAsked }, error) {
	told, err := n.AskToSign(ctx, ApplicationID(in.ID), in.once(ctx, "ask"))
	if err != nil {
		return nil, err
	}
	return &struct{ Body apiAsked }{apiAsked{told}}, nil
}
