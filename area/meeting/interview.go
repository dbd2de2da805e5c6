package meeting

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/policy"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// The states of an interview.
const (
	InterviewPlanned   = "planerad"
	InterviewHeld      = "genomförd"
	InterviewEdited    = "redigerad"
	InterviewCaptioned = "textad"
	InterviewAsked     = "till godkännande"
	InterviewApproved  = "godkänd"
	InterviewChange    = "ändring begärd"
	InterviewRefused   = "nekad"
	InterviewPublished = "publicerad"
	InterviewWithdrawn = "avpublicerad"
)

// Chunk is a piece of a film, kept outside the database.
type Chunk struct {
	Hash string `json:"hash"`
	Size int64  `json:"size"`
}

// Approval is a municipality's yes to exactly one version of the film with its
// captions: it holds for the hash alone (000-14, rule 6).
type Approval struct {
	Hash   string       `json:"hash"`
	Person who.PersonID `json:"person"`
	Name   string       `json:"name"`
	At     time.Time    `json:"at"`
}

// Interview is an interview with a municipality, filmed and captioned.
type Interview struct {
	Municipality string        `json:"municipality"` // organisation number as text, for the choice
	Org          who.OrgID     `json:"org"`
	Title        string        `json:"title"`
	Roles        []string      `json:"roles"` // who is interviewed, by role
	Questions    []string      `json:"questions"`
	Day          calendar.Date `json:"day"`
	Place        string        `json:"place"`
	Purpose      string        `json:"purpose"`
	Reported     journal.ID    `json:"reported"` // at which meeting (001-13)
	Link         string        `json:"link"`     // to a film kept elsewhere
	Chunks       []Chunk       `json:"chunks"`
	Whole        bool          `json:"whole"`    // every piece is here
	Incoming     []Chunk       `json:"incoming"` // pieces of a film that is being sent; the one before holds until the last is here
	Seconds      int64         `json:"seconds"`
	Captions     string        `json:"captions"` // WebVTT
	Transcript   string        `json:"transcript"`
	Approval     *Approval     `json:"approval"`
}

// Hash binds an approval to what was seen: the film, its length and every
// character of the captions and the title. One changed second voids it.
func (x Interview) Hash() string {
	b, _ := json.Marshal([]any{x.Title, x.Link, x.Chunks, x.Seconds, x.Captions, x.Transcript, x.Org}) // plain values marshal
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// hasFilm tells whether there is a film to see.
func (x Interview) hasFilm() bool { return x.Link != "" || x.Whole && len(x.Chunks) > 0 }

// publishable says why an interview may not be published. It is asked on every
// way to publication.
func (x Interview) publishable() error {
	switch {
	case !x.hasFilm():
		return fail.New(fail.Conflict, "Det finns ingen film att publicera.")
	case x.Approval == nil:
		return fail.New(fail.Conflict, "Kommunen har inte godkänt filmen.")
	case x.Approval.Hash != x.Hash():
		return fail.New(fail.Conflict, "Filmen eller textningen har ändrats sedan kommunen godkände den. Be om ett nytt godkännande.")
	}
	if _, err := ParseCaptions(x.Captions, time.Duration(x.Seconds)*time.Second); err != nil {
		return err
	}
	return nil
}

func (o *Room) interviewSheet(d sheet.Deps) *sheet.Sheet[Interview] {
	return &sheet.Sheet[Interview]{
		Deps: d, Noun: journal.Noun[Interview]{Name: "interview", Title: "Intervjun", NeedsReason: []string{InterviewChange, InterviewRefused, InterviewWithdrawn}, Moves: map[string][]string{
			InterviewPlanned: {InterviewHeld}, InterviewHeld: {InterviewEdited}, InterviewEdited: {InterviewCaptioned}, InterviewCaptioned: {InterviewAsked, InterviewEdited},
			InterviewAsked: {InterviewApproved, InterviewChange, InterviewRefused, InterviewCaptioned}, InterviewChange: {InterviewEdited, InterviewCaptioned}, InterviewRefused: {InterviewEdited},
			InterviewApproved: {InterviewPublished, InterviewCaptioned, InterviewRefused}, InterviewPublished: {InterviewWithdrawn}, InterviewWithdrawn: {InterviewAsked, InterviewEdited},
		}},
		Path: "intervjuer", Title: "Intervjuer", Lead: "Intervjuer som filmas och textas. Kommunen godkänner exakt den film och den textning som publiceras.",
		New: "Ny intervju", NoneYet: "Inga intervjuer ännu.", First: InterviewPlanned, Read: "interview.read", Write: "interview.edit",
		Locked: []string{InterviewPublished}, Choices: o.choices, Name: func(x Interview) string { return x.Title },
		Fields: func(ctx context.Context, x *Interview, c sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "title", Label: web.T(ctx, "Rubrik"), Required: true}, To: &x.Title},
				{Input: web.Input{Name: "municipality", Label: web.T(ctx, "Kommun"), Required: true}, Kind: web.AsChoice, To: &x.Municipality, Options: c["municipality"]},
				{Input: web.Input{Name: "roles", Label: web.T(ctx, "Vem intervjuas?"), Hint: web.T(ctx, "Roll och organisation, en per rad."), Rows: 2}, Kind: web.AsLines, To: &x.Roles},
				{Input: web.Input{Name: "purpose", Label: web.T(ctx, "Syfte"), Rows: 2}, Kind: web.AsArea, To: &x.Purpose},
				{Input: web.Input{Name: "questions", Label: web.T(ctx, "Frågor"), Hint: web.T(ctx, "En per rad."), Rows: 5}, Kind: web.AsLines, To: &x.Questions},
				{Input: web.Input{Name: "day", Label: web.T(ctx, "Dag")}, Kind: web.AsDay, To: &x.Day},
				{Input: web.Input{Name: "place", Label: web.T(ctx, "Plats")}, To: &x.Place},
				{Input: web.Input{Name: "link", Label: web.T(ctx, "Länk till filmen"), Hint: web.T(ctx, "Om filmen ligger någon annanstans. Annars laddas den upp på intervjuns sida.")}, To: &x.Link},
				{Input: web.Input{Name: "seconds", Label: web.T(ctx, "Filmens längd i sekunder"), Width: "short"}, Kind: web.AsWhole, To: &x.Seconds, High: 86400},
				{Input: web.Input{Name: "captions", Label: web.T(ctx, "Textning (WebVTT)"), Hint: web.T(ctx, "Börjar med WEBVTT. Varje textblock har en tid: 00:00:01.000 --> 00:00:04.000."), Rows: 12, MaxLength: 200000}, Kind: web.AsArea, To: &x.Captions},
				{Input: web.Input{Name: "transcript", Label: web.T(ctx, "Utskrift i text"), Rows: 6, MaxLength: 200000}, Kind: web.AsArea, To: &x.Transcript},
			}
		},
		Columns: []sheet.Column[Interview]{
			{Head: "Kommun", Cell: func(_ context.Context, it journal.Item[Interview], c sheet.Choices) string {
				return label(c["municipality"], journal.ID(it.Is.Org))
			}},
			{Head: "Dag", Cell: func(ctx context.Context, it journal.Item[Interview], _ sheet.Choices) string {
				return web.Day(ctx, it.Is.Day)
			}},
		},
		Check: func(x Interview) []fail.Field {
			if x.Link != "" && !strings.HasPrefix(x.Link, "https://") {
				return []fail.Field{{Name: "link", Message: "Länken ska börja med https://."}}
			}
			if x.Captions == "" {
				return nil
			}
			if _, err := ParseCaptions(x.Captions, time.Duration(x.Seconds)*time.Second); err != nil {
				return fail.As(err).Fields
			}
			return nil
		},
		Resource: func(p journal.Project, it journal.Item[Interview]) policy.Resource {
			r := p.Resource
			r.Creator = it.By
			if it.Is.Org != 0 { // a municipality reads and approves its own alone
				r.Members = []who.OrgID{it.Is.Org}
			}
			r.Published = it.State == InterviewPublished
			return r
		},
		Moves: []sheet.Move{
			{To: InterviewHeld, Label: "Intervjun är genomförd"}, {To: InterviewEdited, Label: "Filmen är redigerad"}, {To: InterviewCaptioned, Label: "Filmen är textad"},
			{To: InterviewAsked, Label: "Begär kommunens godkännande"}, {To: InterviewApproved, Label: "Godkänn filmen och textningen", Action: "interview.approve", Hint: "Godkännandet gäller exakt den film och den textning som visas här."},
			{To: InterviewChange, Label: "Begär en ändring", Action: "interview.approve"}, {To: InterviewRefused, Label: "Neka publicering", Action: "interview.approve", Danger: true},
			{To: InterviewPublished, Label: "Publicera"}, {To: InterviewWithdrawn, Label: "Avpublicera", Danger: true},
		},
		Guard: o.guardInterview,
		Body: func(_ context.Context, _ db.Q, p journal.Project, it journal.Item[Interview], at time.Time) (templ.Component, error) {
			return interviewPage(interviewView{p: p, it: it, live: at.IsZero() && !p.Closed, href: o.interviews.Href(p.ID, it.ID), form: web.NewForm(nil)}), nil
		},
		Hidden: func(ctx context.Context, p journal.Project, it journal.Item[Interview]) bool {
			r := p.Resource
			if it.Is.Org != 0 {
				r.Members = []who.OrgID{it.Is.Org}
			}
			return may(ctx, "interview.read", r) != nil
		},
	}
}

// guardInterview holds captions, approval and publication together, whichever
// way a change comes.
func (o *Room) guardInterview(ctx context.Context, tx *db.Tx, _ journal.Project, it *journal.Item[Interview], from string) error {
	org, err := id.Parse[who.OrgID](it.Is.Municipality)
	if err != nil {
		return fail.Fields(fail.Field{Name: "municipality", Message: "Välj en kommun."})
	}
	it.Is.Org = org
	switch it.State {
	case InterviewCaptioned, InterviewAsked:
		if !it.Is.hasFilm() {
			return fail.New(fail.Conflict, "Ladda upp filmen, eller skriv en länk till den, först.")
		}
		if it.Is.Captions == "" {
			return fail.Fields(fail.Field{Name: "captions", Message: "Filmen ska textas."})
		}
		if it.State == InterviewAsked && from != InterviewAsked {
			it.Is.Approval = nil
		}
	case InterviewApproved:
		if from != InterviewApproved {
			actor := who.From(ctx)
			it.Is.Approval = &Approval{Hash: it.Is.Hash(), Person: actor.Person, Name: actor.Name, At: tx.Now()}
		} else if it.Is.Approval != nil && it.Is.Approval.Hash != it.Is.Hash() {
			it.State, it.Is.Approval = InterviewCaptioned, nil // changed after the approval: it has lapsed
		}
	case InterviewPublished:
		return it.Is.publishable()
	case InterviewRefused, InterviewChange, InterviewWithdrawn:
		it.Is.Approval = nil
	}
	return nil
}

// interviewView is what an interview's page shows.
type interviewView struct {
	p      journal.Project
	it     journal.Item[Interview]
	live   bool
	href   string
	public bool
	form   web.Form
}

// PublishedInterviews lists the titles of the project's published interviews.
func (o *Room) PublishedInterviews(ctx context.Context, q db.Q, p who.ProjectID) ([]string, error) {
	list, err := o.interviews.Noun.List(ctx, q, journal.Query{Project: p, State: InterviewPublished})
	var out []string
	for _, it := range list {
		out = append(out, it.Is.Title)
	}
	return out, err
}
