package room

import (
	"context"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
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

// Answer is what a part-report says on a question.
type Answer struct {
	Question journal.ID `json:"question"`
	Text     string     `json:"text"`
}

// Research is a part-report (delrapport) of the accompanying researcher, and
// the steering group's response to it (003-55, -56, -68).
type Research struct {
	Title    string        `json:"title"`
	Called   calendar.Date `json:"called"` // to the steering group
	Findings string        `json:"findings"`
	Answers  []Answer      `json:"answers"`
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
		Deps: d, Noun: journal.Noun[Research]{Name: "research", Title: "Delrapporten", Moves: map[string][]string{"utkast": {"lämnad"}, "lämnad": {"bemött"}}},
		Path: "delrapporter", Title: "Följeforskning", Lead: "Forskarens delrapporter och styrgruppens svar.",
		New: "Ny delrapport", NoneYet: "Inga delrapporter ännu.", First: "utkast", Read: "log.read", Write: "research.write", Locked: []string{"bemött"},
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
		Moves: []sheet.Move{{To: "lämnad", Label: "Lämna delrapporten"}, {To: "bemött", Label: "Styrgruppen har svarat", Action: "gate.prepare"}},
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
