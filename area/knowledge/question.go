package knowledge

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/netip"
	"strings"

	"kommunpilot/base/audit"
	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/sheet"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// The states of a question.
const (
	Asked    = "ny"
	Answered = "besvarad"
	Became   = "blev post"
)

// Question is what a reader of an entry asked or said. Nobody's name or address
// is kept with it.
type Question struct {
	Entry  journal.ID `json:"entry"`
	Text   string     `json:"text"`
	Helped bool       `json:"helped"`
	Reply  string     `json:"reply"`
	Shown  bool       `json:"shown"` // with its reply, on the public page
	Made   journal.ID `json:"made"`  // the entry that it became
}

const longestQuestion = 2000 // characters

func (o *Room) questionSheet(d sheet.Deps) *sheet.Sheet[Question] {
	return &sheet.Sheet[Question]{
		Deps: d, Noun: journal.Noun[Question]{Name: "knowledgequestion", Title: "Frågan", Moves: map[string][]string{Asked: {Answered}, Answered: {Became}}},
		Path: "kunskapsfragor", Title: "Frågor till kunskapsbanken", Lead: "Det som läsare har frågat eller saknat. Ett svar kan visas på sidan, och bli en egen post.",
		NoneYet: "Ingen har frågat ännu.", First: Asked, Read: "knowledge.read", Write: "knowledge.edit", Locked: []string{Became},
		Name:    func(x Question) string { return cut(x.Text, 80) },
		Choices: o.entryChoices,
		Fields: func(ctx context.Context, x *Question, c sheet.Choices) []web.Bound {
			return []web.Bound{
				{Input: web.Input{Name: "text", Label: web.T(ctx, "Frågan"), Hint: web.T(ctx, "Ta bort det som pekar ut en person."), Rows: 4, Required: true}, Kind: web.AsArea, To: &x.Text},
				{Input: web.Input{Name: "reply", Label: web.T(ctx, "Svar"), Rows: 4}, Kind: web.AsArea, To: &x.Reply},
				{Input: web.Input{Name: "shown", Label: web.T(ctx, "Visa frågan och svaret på den öppna sidan")}, Kind: web.AsYes, To: &x.Shown},
				{Input: web.Input{Name: "made", Label: web.T(ctx, "Kunskapspost som frågan blev")}, Kind: web.AsChoice, To: &x.Made, Options: c["entry"]},
			}
		},
		Columns: []sheet.Column[Question]{
			{Head: "Hjälpte", Cell: func(ctx context.Context, it journal.Item[Question], _ sheet.Choices) string {
				if it.Is.Helped {
					return web.T(ctx, "ja")
				}
				return web.T(ctx, "nej")
			}},
		},
		Moves: []sheet.Move{{To: Answered, Label: "Svaret är klart"}, {To: Became, Label: "Frågan blev en post"}},
		Guard: func(_ context.Context, _ *db.Tx, _ journal.Project, it *journal.Item[Question], from string) error {
			switch {
			case it.State == Answered && from == Asked && strings.TrimSpace(it.Is.Reply) == "":
				return fail.New(fail.Conflict, "Skriv svaret först, under Redigera.")
			case it.State == Became && it.Is.Made == 0:
				return fail.New(fail.Conflict, "Välj först vilken kunskapspost som frågan blev, under Redigera.")
			}
			return nil
		},
	}
}

// cut shortens a text to so many characters.
func cut(text string, most int) string {
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}

// Helped counts a reader's answer to whether the page helped, and keeps what the
// reader wrote. mark tells readers of a day apart; one who answers again changes
// the answer. Twice the same text is kept once.
func (o *Room) Helped(ctx context.Context, entry journal.ID, mark string, helped bool, text string) error {
	text = strings.TrimSpace(text)
	if len([]rune(text)) > longestQuestion {
		return fail.Fields(fail.Field{Name: "text", Message: "Texten är för lång. Högst 2 000 tecken."})
	}
	return o.deps.DB.Write(ctx, func(tx *db.Tx) error {
		it, err := o.entries.Noun.Get(ctx, tx, entry)
		if err != nil {
			return err
		}
		if !Open(it.State) {
			return fail.New(fail.NotFound, "Sidan finns inte.")
		}
		p, err := o.ours(ctx, tx, it.Project)
		if err != nil {
			return err
		}
		audit.Log(ctx, tx, audit.Entry{Act: "knowledge.answer", Object: "knowledge:" + id.String(entry), Programme: p.Resource.Programme})
		day := string(calendar.Of(tx.Now()))
		hashed, err := marked(ctx, tx, day, mark)
		if err != nil {
			return err
		}
		yes := int64(0)
		if helped {
			yes = 1
		}
		if _, err := tx.Exec(ctx, `INSERT INTO knowledge_vote (entry_id, day, mark, helped) VALUES (?, ?, ?, ?) ON CONFLICT (entry_id, day, mark) DO UPDATE SET helped = excluded.helped`, int64(entry), day, hashed, yes); err != nil {
			return err
		}
		if text == "" {
			return nil
		}
		list, err := o.questions.Noun.List(ctx, tx, journal.Query{Parent: entry, State: Asked})
		if err != nil {
			return err
		}
		for _, q := range list {
			if q.Is.Text == text {
				return nil
			}
		}
		if len(list) >= unanswered {
			return fail.New(fail.RateLimited, "Det är många frågor som väntar på svar. Skriv till kontakten längst ned på sidan.")
		}
		_, err = o.questions.Noun.Add(who.With(ctx, who.Us), tx, p, entry, Asked, Question{Entry: entry, Text: text, Helped: helped}, journal.Act{Name: "knowledge.ask"})
		return err
	})
}

// unanswered is how many questions may wait at one entry.
const unanswered = 200

// marked is a mark that cannot be led back to anybody: hashed with a salt of the
// day, which is thrown away with it.
func marked(ctx context.Context, tx *db.Tx, day, mark string) (string, error) {
	if _, err := tx.Exec(ctx, `DELETE FROM knowledge_salt WHERE day <> ?`, day); err != nil {
		return "", err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO knowledge_salt (day, salt) VALUES (?, ?) ON CONFLICT (day) DO NOTHING`, day, id.Token()); err != nil {
		return "", err
	}
	salt, err := db.Value[string](ctx, tx, `SELECT salt FROM knowledge_salt WHERE day = ?`, day)
	sum := sha256.Sum256([]byte(salt + "\x00" + mark))
	return base64.RawURLEncoding.EncodeToString(sum[:12]), err
}

// markOf tells readers apart within a day: the address and the browser.
func markOf(r *http.Request) string {
	address := r.RemoteAddr
	if a, err := netip.ParseAddrPort(address); err == nil {
		address = a.Addr().String()
	}
	return address + "\x00" + r.UserAgent()
}

// votes tells how many a page has helped, and how many not.
func votes(ctx context.Context, q db.Q, entry journal.ID) (yes, no int, err error) {
	if yes, err = db.Value[int](ctx, q, `SELECT count(*) FROM knowledge_vote WHERE entry_id = ? AND helped = 1`, int64(entry)); err != nil {
		return 0, 0, err
	}
	no, err = db.Value[int](ctx, q, `SELECT count(*) FROM knowledge_vote WHERE entry_id = ? AND helped = 0`, int64(entry))
	return yes, no, err
}
