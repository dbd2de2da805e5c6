package room

import (
	"context"
	"slices"

	"github.com/a-h/templ"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/journal"
	"kommunpilot/base/policy"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
)

// The states of a document.
const (
	DocumentDraft    = "utkast"
	DocumentAdopted  = "antagen"
	DocumentReplaced = "upphävd"
)

// DocumentKinds are the documents of a project that its steering group adopts.
var DocumentKinds = []string{"projektplan", "arbetsordning", "avtalsvillkor", "kommunikationsplan", "riktlinje", "annat"}

// Adoption says that a version was adopted, by whom and when (003-70).
type Adoption struct {
	Version  int64         `json:"version"`
	Day      calendar.Date `json:"day"`
	Organ    string        `json:"organ"`
	Section  string        `json:"section"`
	Decision journal.ID    `json:"decision"`
	Text     string        `json:"text"` // as it was adopted
}

// Document is a document with versions (handling): each is adopted by the
// steering group on a day.
type Document struct {
	Kind      string        `json:"kind"`
	Title     string        `json:"title"`
	Text      string        `json:"text"`
	From      calendar.Date `json:"from"` // valid from
	To        calendar.Date `json:"to"`
	Opinion   string        `json:"opinion"` // the owner's
	Version   int64         `json:"version"` // of the text that is worked on
	Adoptions []Adoption    `json:"adoptions"`
}

// adopted is the latest adoption; Version 0 where there is none.
func (x Document) adopted() Adoption {
	if len(x.Adoptions) == 0 {
		return Adoption{}
	}
	return x.Adoptions[len(x.Adoptions)-1]
}

// said tells which version holds: "Version 2 antagen av Styrgruppen 20 november 2014, § 4".
func (a Adoption) said(ctx context.Context) string {
	if a.Version == 0 {
		return web.T(ctx, "Ingen version är antagen")
	}
	return web.T(ctx, "Version %d antagen av %s %s, %s", a.Version, a.Organ, web.Day(ctx, a.Day), a.Section)
}

func (o *Room) documentSheet(d sheet.Deps) *sheet.Sheet[Document] {
	return &sheet.Sheet[Document]{
		Deps: d, Noun: journal.Noun[Document]{Name: "document", Title: "Handlingen", NeedsReason: []string{DocumentReplaced}, Moves: map[string][]string{
			DocumentDraft: {ChangeAtOwner}, ChangeAtOwner: {ChangeAtGroup, DocumentDraft}, ChangeAtGroup: {DocumentAdopted, DocumentDraft}, DocumentAdopted: {DocumentDraft, DocumentReplaced}}},
		Path: "handlingar", Title: "Planer och andra handlingar", Lead: "Projektplan, arbetsordning, avtalsvillkor och annat som styrgruppen antar. Varje antagen version står kvar med sitt beslut och sin dag.",
		New: "Ny handling", NoneYet: "Inga handlingar ännu.", First: DocumentDraft, Read: "change.read", Write: "report.write",
		Locked: []string{ChangeAtGroup, DocumentAdopted, DocumentReplaced},
		Name:   func(x Document) string { return x.Title },
		Fields: func(ctx context.Context, x *Document, _ sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "kind", Label: web.T(ctx, "Sorts handling"), Required: true}, Kind: web.AsChoice, To: &x.Kind, Options: options(DocumentKinds...)},
				{Input: web.Input{Name: "title", Label: web.T(ctx, "Rubrik"), Required: true}, To: &x.Title},
				{Input: web.Input{Name: "text", Label: web.T(ctx, "Text"), Required: true, Rows: 14, MaxLength: 200000}, Kind: web.AsArea, To: &x.Text},
				{Input: web.Input{Name: "from", Label: web.T(ctx, "Gäller från")}, Kind: web.AsDay, To: &x.From},
				{Input: web.Input{Name: "to", Label: web.T(ctx, "Gäller till")}, Kind: web.AsDay, To: &x.To},
				{Input: web.Input{Name: "opinion", Label: web.T(ctx, "Projektägarens yttrande"), Hint: web.T(ctx, "Skrivs av ägaren när handlingen har lämnats dit."), Rows: 3}, Kind: web.AsArea, To: &x.Opinion},
			}
		},
		Check: func(x Document) []fail.Field {
			if x.From != "" && x.To != "" && x.To < x.From {
				return []fail.Field{{Name: "to", Message: "Slutet ligger före början."}}
			}
			return nil
		},
		Columns: []sheet.Column[Document]{
			{Head: "Sorts handling", Cell: func(_ context.Context, it journal.Item[Document], _ sheet.Choices) string { return it.Is.Kind }},
			{Head: "Antagen", Cell: func(ctx context.Context, it journal.Item[Document], _ sheet.Choices) string {
				return it.Is.adopted().said(ctx)
			}},
		},
		Moves: []sheet.Move{
			{To: ChangeAtOwner, Label: "Lämna till projektägaren"},
			{To: ChangeAtGroup, Label: "Lämna till styrgruppen", Action: "change.opinion", Hint: "Yttrandet ska vara skrivet. Styrgruppen avgör på sitt möte."},
			{To: DocumentDraft, Label: "Gör till utkast igen", Hint: "En antagen version gäller tills nästa är antagen."},
			{To: DocumentReplaced, Label: "Upphäv", Danger: true},
		},
		Resource: func(p journal.Project, it journal.Item[Document]) policy.Resource {
			r := p.Resource
			r.Creator = it.By
			return r
		},
		Action: func(action string, it journal.Item[Document]) string {
			if action == "report.write" && it.State == ChangeAtOwner {
				return "change.opinion" // it is the owner's now
			}
			return action
		},
		Guard: func(_ context.Context, _ *db.Tx, _ journal.Project, it *journal.Item[Document], from string) error {
			if it.State == DocumentDraft && from != DocumentDraft {
				it.Is.Version, it.Is.Opinion = it.Is.adopted().Version+1, ""
			}
			if it.State == ChangeAtGroup && from != ChangeAtGroup && it.Is.Opinion == "" {
				return field("opinion", "Ägaren yttrar sig innan handlingen går till styrgruppen.")
			}
			return nil
		},
		Body: func(_ context.Context, _ db.Q, p journal.Project, it journal.Item[Document], _ Moment) (templ.Component, error) {
			return documentBody(it, func(d journal.ID) string { return o.decisions.Href(p.ID, d) }), nil
		},
	}
}

// decideDocument carries out the steering group's word on a document: the
// version is adopted with the day and the paragraph, or goes back.
func (o *Room) decideDocument(ctx context.Context, tx *db.Tx, p journal.Project, item journal.ID, outcome string, by journal.ID) error {
	it, err := o.documents.Noun.Get(ctx, tx, item)
	if err != nil {
		return err
	}
	if it.Project != p.ID {
		return fail.New(fail.NotFound, "Handlingen finns inte i projektet.")
	}
	x, err := o.decisions.Noun.Get(ctx, tx, by)
	if err != nil {
		return err
	}
	from := it.State
	it.State = outcome
	if outcome == DocumentAdopted {
		it.Is.Adoptions = append(slices.Clone(it.Is.Adoptions), Adoption{it.Is.Version, x.Is.Day, x.Is.Organ, x.Is.Section(), by, it.Is.Text})
	}
	return o.documents.SaveIn(ctx, tx, p, it, from, journal.Act{Name: "change.decide", Reason: x.Is.Text})
}
