package people

import (
	"context"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// keepForm stores the form of a person whose session has ended (0: nobody
// knows whose), under a cookie of this browser.
func (p *Room) keepForm(w http.ResponseWriter, r *http.Request, person who.PersonID) error {
	k, err := readKept(r)
	if err != nil {
		return err
	}
	body, err := json.Marshal(k)
	if err != nil {
		return err
	}
	if len(body) > maxKept {
		return fail.New(fail.TooLarge, "Du har loggats ut och texten är för lång för att sparas. Gå tillbaka i webbläsaren: det du skrev finns kvar. Logga in i ett nytt fönster och skicka sedan igen.")
	}
	token := id.Token()
	ctx := r.Context()
	err = p.deps.DB.Housekeep(ctx, func(tx *db.Tx) error {
		if person == 0 { // a cookie that nobody knows
			if err := keptLimit.take(ctx, tx, addressOf(r)); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `INSERT INTO kept_form (token_hash, person_id, path, body, at) VALUES (?, ?, ?, ?, ?)`, hashOf(token), person, k.Path, string(body), tx.Now())
		return err
	})
	if err != nil {
		return err
	}
	p.setCookie(w, "kvar", token, int(keepForm.Seconds()))
	return nil
}

// readKept reads the texts and the names of the files of any form.
func readKept(r *http.Request) (Kept, error) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	var err error
	if kind == "multipart/form-data" {
		err = r.ParseMultipartForm(maxKept)
	} else {
		err = r.ParseForm()
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return Kept{}, &fail.Error{Kind: fail.TooLarge, Message: "Du har loggats ut och det du skickade är för stort för att sparas. Gå tillbaka i webbläsaren: det du skrev finns kvar.", Err: err}
	}
	if err != nil {
		return Kept{}, &fail.Error{Kind: fail.Invalid, Message: "Du har loggats ut och formuläret kunde inte läsas. Gå tillbaka i webbläsaren: det du skrev finns kvar.", Err: err}
	}
	k := Kept{Path: r.URL.RequestURI(), Values: url.Values{}}
	for name, list := range r.PostForm {
		if secretField(name) {
			continue
		}
		for _, v := range list {
			if !utf8.ValidString(v) {
				v = strings.ToValidUTF8(v, "\uFFFD")
			}
			k.Values.Add(name, strings.ReplaceAll(v, "\x00", ""))
		}
	}
	if r.MultipartForm != nil {
		for field, files := range r.MultipartForm.File {
			for _, f := range files {
				if f.Filename != "" {
					k.Files = append(k.Files, KeptFile{Field: field, Name: f.Filename})
				}
			}
		}
		_ = r.MultipartForm.RemoveAll() // temporary files; the system removes what is left
	}
	return k, nil
}

// kept gives the form that is kept for this browser and person.
func (p *Room) kept(ctx context.Context, q db.Q, r *http.Request) (k Kept, err error) {
	none := fail.New(fail.NotFound, "Det finns inga uppgifter kvar. De sparas i en timme.")
	token := p.cookie(r, "kvar")
	if token == "" {
		return k, none
	}
	type row struct {
		person who.PersonID
		body   string
	}
	x, err := db.One(ctx, q, func(r db.Row) (x row, err error) { return x, r.Scan(&x.person, &x.body, &k.At) },
		`SELECT person_id, body, at FROM kept_form WHERE token_hash = ? AND at > ?`, hashOf(token), q.Now().Add(-keepForm))
	if fail.Is(err, fail.NotFound) || err == nil && x.person != 0 && x.person != who.From(ctx).Person {
		return k, none // another person signed in at the same computer
	}
	if err != nil {
		return k, err
	}
	at := k.At
	err = json.Unmarshal([]byte(x.body), &k)
	k.At = at
	return k, err
}

// keptForm shows what was typed, with a button that sends it again.
func (p *Room) keptForm(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := policy.Check(who.From(ctx), "account.own", policy.Resource{}); err != nil {
		return err
	}
	var k Kept
	if err := p.deps.DB.Read(ctx, func(q db.Q) (err error) { k, err = p.kept(ctx, q, r); return err }); err != nil {
		return err
	}
	if !web.Local(k.Path) {
		return fail.New(fail.NotFound, "Det finns inga uppgifter kvar. De sparas i en timme.")
	}
	return web.Render(w, r, http.StatusOK, web.Page{Title: web.T(ctx, "Dina uppgifter är kvar"), NoIndex: true,
		Lead: web.T(ctx, "Du hade varit utloggad en stund när du skickade formuläret. Inget är sparat ännu. Läs igenom och skicka det igen.")}, keptPage(k))
}

// dropKept throws the form away.
func (p *Room) dropKept(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if err := policy.Check(who.From(ctx), "account.own", policy.Resource{}); err != nil {
		return err
	}
	if token := p.cookie(r, "kvar"); token != "" {
		if err := p.deps.DB.Housekeep(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `DELETE FROM kept_form WHERE token_hash = ? AND person_id IN (0, ?)`, hashOf(token), who.From(ctx).Person)
			return err
		}); err != nil {
			return err
		}
	}
	p.dropCookie(w, "kvar")
	web.Flash(ctx, web.T(ctx, "Uppgifterna är borttagna."))
	return web.Redirect(w, r, "/")
}
