package record

import (
	"context"
	"net/http"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"kommunpilot/base/db"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

const (
	publicLimit = 1000
	maxFound    = 200 // of each kind on one page
	maxSought   = 200 // bytes of a question
)

// Found is the answer to a question to a project's diarium, newest first.
type Found struct {
	Matters []journal.Item[Matter]
	Entries []journal.Item[Entry]
	More    bool // there is more than is shown
}

// fold makes texts that differ in case, or in how å, ä and ö are put together,
// alike. å, ä and ö are letters of their own and never a or o.
func fold(s string) string { return strings.ToLower(norm.NFC.String(s)) }

// holds tells whether a text has every word.
func holds(text string, words []string) bool {
	text = fold(text)
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// words of a matter and of an entry that a question may find.
func (m Matter) words() string { return m.Title + "\n" + m.Code }

func (e Entry) words() string {
	out := []string{e.Number, e.Theirs, e.Brief, e.Party}
	for _, d := range e.Documents {
		out = append(out, d.Name)
	}
	return strings.Join(out, "\n")
}

// words of the row that everybody may see: what is withheld is not there to be
// found.
func (r publicRow) words() string {
	return strings.Join([]string{r.Number, r.Party, r.Brief}, "\n")
}

// pattern is a word as LIKE asks for it in stored JSON: letters beyond ASCII,
// which the databases fold each in its own way, and what JSON writes in
// another way, stand for anything. So it finds too much and never too little;
// holds decides.
func pattern(word string) string {
	var b strings.Builder
	b.WriteByte('%')
	for _, r := range word {
		switch {
		case r >= utf8.RuneSelf, strings.ContainsRune(`<>&"\`+"\x7f", r), r < ' ':
			b.WriteByte('%')
		case r == '%', r == '_':
			b.WriteByte('!')
			b.WriteRune(r)
		case r == '!':
			b.WriteString("!!")
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('%')
	return b.String()
}

// candidates are the newest-first numbers of the things whose stored content
// may have the words.
func candidates(ctx context.Context, q db.Q, p who.ProjectID, noun string, words []string) ([]int64, error) {
	where, args := `SELECT id FROM item WHERE project_id = ? AND noun = ?`, []any{int64(p), noun}
	for _, w := range words {
		where += ` AND lower(content) LIKE ? ESCAPE '!'`
		args = append(args, pattern(w))
	}
	return db.Values[int64](ctx, q, where+` ORDER BY id DESC`, args...)
}

// find answers a question: things that have every word of it, in any order and
// in parts of words. For the public it looks only in what the public list
// shows. Cost: one reading of the project's diarium.
func (o *Room) find(ctx context.Context, q db.Q, p journal.Project, sought string, public bool) (out Found, err error) {
	words := strings.Fields(fold(sought))
	if len(words) == 0 {
		return out, nil
	}
	if !public {
		if err := may(ctx, "record.read", p.Resource); err != nil {
			return out, err
		}
		matters, err := candidates(ctx, q, p.ID, o.matters.Noun.Name, words)
		if err != nil {
			return out, err
		}
		for _, n := range matters {
			it, err := o.matters.Noun.Get(ctx, q, journal.ID(n))
			if err != nil {
				return out, err
			}
			if !holds(it.Is.words(), words) {
				continue
			}
			if len(out.Matters) == maxFound {
				out.More = true
				break
			}
			out.Matters = append(out.Matters, it)
		}
	}
	entries, err := o.findEntries(ctx, q, p, words, public)
	if err != nil {
		return out, err
	}
	if len(entries) > maxFound {
		entries, out.More = entries[:maxFound], true
	}
	out.Entries = entries
	return out, nil
}

// candidates are the entries that may have the words.
func (o *Room) candidates(ctx context.Context, q db.Q, p journal.Project, words []string) (out []journal.Item[Entry], err error) {
	list, err := candidates(ctx, q, p.ID, o.entries.Noun.Name, words)
	for _, n := range list {
		it, err := o.entries.Noun.Get(ctx, q, journal.ID(n))
		if err != nil {
			return nil, err
		}
		out = append(out, it)
	}
	return out, err
}

// findEntries gives one more than a page shows, where there are more.
func (o *Room) findEntries(ctx context.Context, q db.Q, p journal.Project, words []string, public bool) (out []journal.Item[Entry], err error) {
	var list []journal.Item[Entry]
	if public {
		// What a secret entry shows is not what is stored: read them all.
		list, err = o.entries.Noun.List(ctx, q, journal.Query{Project: p.ID, Newest: true, Limit: publicLimit})
	} else {
		list, err = o.candidates(ctx, q, p, words)
	}
	if err != nil {
		return nil, err
	}
	for _, it := range list {
		text := it.Is.words()
		if public {
			text = extract(ctx, it.Is).words()
		}
		if holds(text, words) {
			if out = append(out, it); len(out) > maxFound {
				break
			}
		}
	}
	return out, nil
}

// search shows what in the project's diarium has the words asked for.
func (o *Room) search(w http.ResponseWriter, r *http.Request) error {
	pid, err := id.Path[who.ProjectID](r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	sought := short(line(r.URL.Query().Get("sok")), maxSought)
	var p journal.Project
	var found Found
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		if p, err = o.deps.Project(ctx, q, pid); err != nil {
			return err
		}
		if err := may(ctx, "record.read", p.Resource); err != nil {
			return err
		}
		found, err = o.find(ctx, q, p, sought, false)
		return err
	})
	if err != nil {
		return err
	}
	page := web.Page{Title: web.T(ctx, "Sök i diariet"), NoIndex: true, Wide: true, Crumbs: []web.Crumb{{Text: p.Name, Href: "/projekt/" + id.String(p.ID)}, {Text: web.T(ctx, "Ärenden"), Href: o.matters.ListHref(pid)}}}
	return web.Render(w, r, http.StatusOK, page, foundPage(o, p, sought, found))
}

// public shows the list that everybody may see: where an entry is secret, from
// whom and what are withheld.
func (o *Room) public(w http.ResponseWriter, r *http.Request) error {
	pid, err := id.Path[who.ProjectID](r, "id")
	if err != nil {
		return err
	}
	ctx := r.Context()
	sought := short(line(r.URL.Query().Get("sok")), maxSought)
	var p journal.Project
	var list []journal.Item[Entry]
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		if p, err = o.deps.Project(ctx, q, pid); err != nil {
			return err
		}
		if err := may(ctx, "record.extract", p.Resource); err != nil {
			return err
		}
		if sought != "" {
			found, err := o.find(ctx, q, p, sought, true)
			list = found.Entries
			return err
		}
		list, err = o.entries.Noun.List(ctx, q, journal.Query{Project: pid, Newest: true, Limit: publicLimit})
		return err
	})
	if err != nil {
		return err
	}
	rows := make([]publicRow, 0, len(list))
	for _, it := range list {
		rows = append(rows, extract(ctx, it.Is))
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Offentligt diarium"), Lead: p.Name, Wide: true, NoIndex: true}, publicPage(rows, r.URL.Path, sought))
}

// publicRow is what everybody may see of an entry.
type publicRow struct{ Number, Day, Direction, Party, Brief string }

// extract withholds what secrecy demands (OSL 5:2).
func extract(ctx context.Context, e Entry) publicRow {
	row := publicRow{Number: e.Number, Day: web.Day(ctx, e.Day), Direction: e.Direction, Party: e.Party, Brief: e.Brief}
	if e.Secrecy != "" {
		row.Party, row.Brief = "", web.T(ctx, "uppgiften lämnas inte ut här")
	}
	return row
}
