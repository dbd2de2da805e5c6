package people

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// visit is one request: what its cookies led to, and where cookies are set.
type visit struct {
	w       http.ResponseWriter
	r       *http.Request
	room    *Room
	session SessionID
	flashed string // said during this request
}

type visitKey struct{}

func visitOf(ctx context.Context) *visit {
	v, _ := ctx.Value(visitKey{}).(*visit)
	return v
}

// Middleware finds out who acts, with the roles that are in force at this
// moment, and puts it into the context. A form that is sent when the session
// has ended is kept, and the person is led to sign in.
func (p *Room) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/static/") {
			next.ServeHTTP(w, r)
			return
		}
		v := &visit{w: w, r: r, room: p}
		ctx := context.WithValue(r.Context(), visitKey{}, v)
		r = r.WithContext(ctx)
		v.r = r
		actor, again, err := p.enter(r, v)
		switch {
		case err != nil && bearer(r) != "":
			w.Header().Set("WWW-Authenticate", `Bearer realm="kommunpilot"`)
			web.Problem(w, r, err)
		case err != nil:
			p.fail(w, r, err)
		case again:
			_ = web.Redirect(w, r, "/logga-in?till=/dina-uppgifter")
		default:
			next.ServeHTTP(w, r.WithContext(who.With(ctx, actor)))
		}
	})
}

func (p *Room) fail(w http.ResponseWriter, r *http.Request, err error) {
	if p.deps.Fail != nil {
		p.deps.Fail(w, r, err)
		return
	}
	http.Error(w, fail.As(err).Message, fail.Status(err))
}

// enter tells who acts. again is set where the request was a form whose
// session had ended, and which is now kept.
func (p *Room) enter(r *http.Request, v *visit) (actor who.Actor, again bool, err error) {
	if key := bearer(r); key != "" {
		actor, err = p.integrationActor(r.Context(), key)
		return actor, false, err
	}
	token := p.cookie(r, "session")
	if token == "" {
		return who.Actor{}, false, nil
	}
	ctx := r.Context()
	var s seen
	if err := p.deps.DB.Read(ctx, func(q db.Q) (err error) { s, err = lookup(ctx, q, token); return err }); err != nil {
		return who.Actor{}, false, err
	}
	now := p.deps.DB.Now()
	if !s.session.valid(now) {
		// The cookie stays: a form may be open in another tab.
		if r.Method != http.MethodPost || needsNoSession(r.URL.Path) {
			return who.Actor{}, false, nil
		}
		err := p.keepForm(v.w, r, s.session.Person)
		return who.Actor{}, err == nil, err
	}
	v.session = s.session.ID
	if now.Sub(s.session.Seen) > noteEvery {
		if err := p.deps.DB.Housekeep(ctx, func(tx *db.Tx) error { return noteSeen(ctx, tx, s.session.ID) }); err != nil {
			p.deps.Log.WarnContext(ctx, "session not noted as seen", "err", err)
		}
	}
	return s.actor, false, nil
}

// open are forms that need no session, and the beginnings of links from letters.
var open = []string{"/logga-in", "/logga-ut", "/glomt-losenord", "/exempel/logga-in",
	"/aterstall/", "/inbjudan/", "/forsta-administrator/", "/bekrafta-epost/"}

func needsNoSession(path string) bool {
	return slices.ContainsFunc(open, func(o string) bool {
		return path == o || strings.HasPrefix(path, strings.TrimSuffix(o, "/")+"/")
	})
}

func bearer(r *http.Request) string {
	scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(key)
}

// secure tells whether visitors use https.
func (p *Room) secure() bool { return strings.HasPrefix(p.deps.PublicURL, "https://") }

// cookieName is the cookie's name; over https with the prefix that binds it to
// this very host.
func (p *Room) cookieName(name string) string {
	if p.secure() {
		return "__Host-" + name
	}
	return name
}

// cookie gives the value of a cookie of ours; "" where there is none.
func (p *Room) cookie(r *http.Request, name string) string {
	c, err := r.Cookie(p.cookieName(name))
	if err != nil {
		return ""
	}
	return c.Value
}

func (p *Room) setCookie(w http.ResponseWriter, name, value string, seconds int) {
	http.SetCookie(w, &http.Cookie{Name: p.cookieName(name), Value: value, Path: "/", MaxAge: seconds, HttpOnly: true, Secure: p.secure(), SameSite: http.SameSiteLaxMode})
}

func (p *Room) dropCookie(w http.ResponseWriter, name string) { p.setCookie(w, name, "", -1) }

// enterAs starts a session in this browser and remembers the person's language.
func (p *Room) enterAs(w http.ResponseWriter, r *http.Request, x Person) error {
	ctx := r.Context()
	var token string
	err := p.deps.DB.Housekeep(ctx, func(tx *db.Tx) (err error) {
		if v := visitOf(ctx); v != nil && v.session != 0 { // whoever was signed in here is no more
			if _, err := tx.Exec(ctx, `UPDATE session SET ended_at = ? WHERE id = ?`, tx.Now(), v.session); err != nil {
				return err
			}
		}
		token, err = startSession(ctx, tx, x.ID, browserOf(r))
		return err
	})
	if err != nil {
		return err
	}
	// The cookie outlives the session, so that a form sent too late is kept.
	p.setCookie(w, "session", token, int(keepEnded.Seconds()))
	rememberLang(w, p.secure(), x.Lang)
	return nil
}

// rememberLang sets the shell's own cookie of the chosen language.
func rememberLang(w http.ResponseWriter, secure bool, lang string) {
	http.SetCookie(w, &http.Cookie{Name: "sprak", Value: lang, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode})
}

// flashTime is how long a notice waits for its page.
const flashTime = 120

// Flash says something on the next page; for the shell. It goes with a cookie,
// so that it reaches those who are not signed in and costs no write.
func Flash(ctx context.Context, message string) {
	v := visitOf(ctx)
	if v == nil || message == "" {
		return
	}
	v.flashed = strings.TrimSpace(v.flashed + " " + message)
	b, err := json.Marshal(v.flashed)
	if err != nil {
		return // a text is always JSON
	}
	if len(b) > 2000 {
		b, _ = json.Marshal(string([]rune(v.flashed)[:500]) + " …")
	}
	v.room.setCookie(v.w, "meddelande", base64.RawURLEncoding.EncodeToString(b), flashTime)
}

// PopFlash takes what the previous page said; for the shell.
func PopFlash(ctx context.Context) string {
	v := visitOf(ctx)
	if v == nil {
		return ""
	}
	value := v.room.cookie(v.r, "meddelande")
	if value == "" {
		return ""
	}
	v.room.dropCookie(v.w, "meddelande")
	var message string
	b, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil || json.Unmarshal(b, &message) != nil {
		return ""
	}
	return message
}

// today is the date in Sweden by the database's clock.
func (p *Room) today() calendar.Date { return calendar.Of(p.deps.DB.Now()) }
