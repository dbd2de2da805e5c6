package room

import (
	"context"

	"github.com/a-h/templ"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/mail"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
)

// Question is something that the accompanying research shall answer.
type Question struct {
	Text   string `json:"text"`
	Source string `json:"source"` // where the data come from
}

// SevenQuestions are those of seed rule 003-52, in our own words.
var SevenQuestions = []string{
	"Räcker stödet till dem som upphandlar?",
	"Räcker stödet till leverantörerna?",
	"Är deltagarnas förberedelse kvalitetssäkrad och anpassad?",
	"Får deltagarna rätt stöd på rätt nivå?",
	"Vilka resultat går att räkna?",
	"Är kraven på leverantörerna rimliga?",
	"Vilka andra åtgärder behövs?",
}

// The states of a part-report.
const (
	ResearchDraft    = "utkast"
	ResearchHandedIn = "lämnad"
	ResearchTold     = "förmedlad"
	ResearchAnswered = "bemött"
)

// Answer is what a part-report says on a question.
type Answer struct {
	Question journal.ID `json:"question"`
	Text     string     `json:"text"`
}

// Research is a part-report (delrapport) of the accompanying researcher, and
// the steering group's response to it (003-55, -56). It reaches the steering
// group and the stakeholders through the owner (003-68), and analyses how the
// project communicates and cooperates each time (003-90).
type Research struct {
	Title    string        `json:"title"`
	Called   calendar.Date `json:"called"` // to the steering group
	Findings string        `json:"findings"`
	Answers  []Answer      `json:"answers"`
	Comms    string        `json:"comms"` // on communication and cooperation
	Told     calendar.Date `json:"told"`  // when the owner passed it on
	Response string        `json:"response"`
}

func (o *Room) questionSheet(d sheet.Deps) *sheet.Sheet[Question] {
	return &sheet.Sheet[Question]{
		Deps: d, Noun: journal.Noun[Question]{Name: "question", Title: "Frågan"},
		Path: "utvarderingsfragor", Title: "Utvärderingsfrågor", Lead: "Frågorna som följeforskningen och utvärderingen ska svara på, och var svaren finns.",
		New: "Ny fråga", NoneYet: "Inga frågor ännu.", Read: "log.read", Write: "research.write",
		Name: func(x Question) string { return x.Text },
		Fields: func(ctx context.Context, x *Question, _ sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "text", Label: web.T(ctx, "Fråga"), Required: true}, To: &x.Text},
				{Input: web.Input{Name: "source", Label: web.T(ctx, "Underlag"), Hint: web.T(ctx, "Var uppgifterna kommer ifrån.")}, To: &x.Source},
			}
		},
	}
}

func (o *Room) researchSheet(d sheet.Deps) *sheet.Sheet[Research] {
	return &sheet.Sheet[Research]{
		Deps: d, Noun: journal.Noun[Research]{Name: "research", Title: "Delrapporten", Moves: map[string][]string{ResearchDraft: {ResearchHandedIn}, ResearchHandedIn: {ResearchTold}, ResearchTold: {ResearchAnswered}}},
		Path: "delrapporter", Title: "Följeforskning", Lead: "Forskarens delrapporter, som ägaren förmedlar, och styrgruppens svar.",
		New: "Ny delrapport", NoneYet: "Inga delrapporter ännu.", First: ResearchDraft, Read: "log.read", Write: "research.write", Locked: []string{ResearchAnswered},
		Name: func(x Research) string { return x.Title },
		Choices: func(ctx context.Context, q db.Q, p journal.Project) (sheet.Choices, error) {
			list, err := o.questions.Noun.List(ctx, q, journal.Query{Project: p.ID})
			c := sheet.Choices{}
			for _, x := range list {
				c["question"] = append(c["question"], web.Option{Value: number(x.ID), Label: x.Is.Text})
			}
			return c, err
		},
		Fields: func(ctx context.Context, x *Research, c sheet.Choices) []web.Bound {
			out := []web.Bound{
				{Input: web.Input{Name: "title", Label: web.T(ctx, "Rubrik"), Required: true}, To: &x.Title},
				{Input: web.Input{Name: "called", Label: web.T(ctx, "Kallad till styrgruppen")}, Kind: web.AsDay, To: &x.Called},
				{Input: web.Input{Name: "findings", Label: web.T(ctx, "Iakttagelser"), Required: true, Rows: 8}, Kind: web.AsArea, To: &x.Findings},
				{Input: web.Input{Name: "comms", Label: web.T(ctx, "Kommunikation och samverkan"), Hint: web.T(ctx, "Hur projektet kommunicerar och samverkar, och vad det bör leda till."), Rows: 4}, Kind: web.AsArea, To: &x.Comms},
			}
			x.answerAll(c["question"])
			for i := range x.Answers {
				out = append(out, web.Bound{Input: web.Input{Name: "answer-" + number(x.Answers[i].Question), Label: labelOf(c["question"], x.Answers[i].Question), Rows: 3}, Kind: web.AsArea, To: &x.Answers[i].Text})
			}
			return append(out, web.Bound{Input: web.Input{Name: "response", Label: web.T(ctx, "Styrgruppens svar"), Rows: 4}, Kind: web.AsArea, To: &x.Response})
		},
		Columns: []sheet.Column[Research]{{Head: "Kallad till styrgruppen", Cell: func(ctx context.Context, it journal.Item[Research], _ sheet.Choices) string {
			return web.Day(ctx, it.Is.Called)
		}}},
		Moves: []sheet.Move{
			{To: ResearchHandedIn, Label: "Lämna delrapporten", Hint: "Den går till projektägaren."},
			{To: ResearchTold, Label: "Förmedla delrapporten", Action: "change.opinion", Hint: "Styrgruppen och de som berörs, i referensgrupper och kommungrupper, får ett brev om den."},
			{To: ResearchAnswered, Label: "Styrgruppen har svarat", Action: "gate.prepare"},
		},
		Guard: func(_ context.Context, tx *db.Tx, _ journal.Project, it *journal.Item[Research], from string) error {
			if it.State == from {
				return nil
			}
			if it.State == ResearchTold {
				it.Is.Told = calendar.Of(tx.Now())
			}
			return it.Is.mayGo(it.State)
		},
		After: o.researched,
		Above: func(ctx context.Context, q db.Q, _ journal.Project, list []journal.Item[Research], at Moment) (templ.Component, error) {
			if at.IsZero() {
				at = q.Now()
			}
			return researchDue(analysedLast(list), calendar.Of(at)), nil
		},
	}
}

// answerAll gives every question a place for its answer.
func (x *Research) answerAll(questions []web.Option) {
	for _, q := range questions {
		found := false
		for _, a := range x.Answers {
			found = found || number(a.Question) == q.Value
		}
		if !found {
			item, err := id.Parse[journal.ID](q.Value)
			if err != nil {
				continue // our own options are numbers
			}
			x.Answers = append(x.Answers, Answer{Question: item})
		}
	}
}

// mayGo says what is missing before a part-report enters a state.
func (x Research) mayGo(to string) error {
	switch {
	case to == ResearchHandedIn && x.Comms == "":
		return field("comms", "Delrapporten ska följa upp projektets kommunikation och samverkan. Skriv vad ni har sett.")
	case to == ResearchAnswered && x.Response == "":
		return field("response", "Skriv styrgruppens svar: vad iakttagelserna leder till i det fortsatta arbetet.")
	}
	return nil
}

// researched tells the steering group, and those whom the project concerns,
// of a part-report that the owner passes on (003-68).
func (o *Room) researched(ctx context.Context, tx *db.Tx, p journal.Project, it journal.Item[Research], from string) error {
	if it.State != ResearchTold || from == ResearchTold {
		return nil
	}
	groups, err := o.Groups(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	told := map[string]bool{}
	for _, g := range groups {
		if g.Kind != Steering && g.Kind != Reference && g.Kind != Municipal {
			continue
		}
		members, err := o.Members(ctx, tx, p.ID, g.ID, calendar.Of(tx.Now()), Moment{})
		if err != nil {
			return err
		}
		for _, m := range members {
			if m.Email == "" || told[m.Email] {
				continue
			}
			told[m.Email] = true
			if err := o.deps.Mail(ctx, tx, mail.Message{To: []string{m.Email}, Subject: it.Is.Title + ", " + p.Name,
				Text: "Projektägaren förmedlar följeforskningens delrapport " + it.Is.Title + ".\n\n" + it.Is.Findings + "\n\nLäs hela delrapporten: " + o.deps.PublicURL + o.researches.Href(p.ID, it.ID) + "\n"}); err != nil {
				return err
			}
		}
	}
	if len(told) == 0 {
		return fail.New(fail.Conflict, "Ingen sitter i styrgruppen, så det finns ingen att förmedla delrapporten till.")
	}
	return nil
}

// analysedLast is the day on which a part-report last analysed communication
// and cooperation, "" never.
func analysedLast(list []journal.Item[Research]) calendar.Date {
	var last calendar.Date
	for _, x := range list {
		if x.Is.Comms != "" && x.State != ResearchDraft {
			last = max(last, calendar.Of(x.Changed))
		}
	}
	return last
}

// researchPart is what the accompanying research found in the period, for a
// report: the further work is guided by it (003-90).
func (o *Room) researchPart(ctx context.Context, q db.Q, p journal.Project, r Report, at Moment) (Section, error) {
	list, err := o.researches.Noun.List(ctx, q, journal.Query{Project: p.ID, At: at})
	s := Section{Head: "Följeforskning", Heads: []string{"Delrapport", "Iakttagelser", "Kommunikation och samverkan", "Styrgruppens svar"}}
	for _, x := range list {
		if x.Is.Told != "" && within(x.Is.Told, r) {
			s.Rows = append(s.Rows, []string{x.Is.Title, x.Is.Findings, x.Is.Comms, x.Is.Response})
		}
	}
	return s, err
}
