package meeting

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asticode/go-astisub"
	"github.com/chromedp/chromedp"
	"pgregory.net/rapid"

	"kommunpilot/base/blob"
	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/journal"
	"kommunpilot/base/policy"
	"kommunpilot/base/web"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

var (
	filmLeader = who.Actor{Kind: who.Person, Person: 1, Name: "Projektledare"}
	filmReader = who.Actor{Kind: who.Person, Person: 2, Name: "Styrgrupp"}
)

const filmPage = "/projekt/1/intervjuer/1"

// studio is the room with one interview of project 1.
type studio struct {
	t  testing.TB
	o  *Room
	h  http.Handler
	db *db.DB
}

func newStudio(t testing.TB, d *db.DB) *studio {
	t.Helper()
	files, err := blob.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &studio{t: t, db: d}
	s.o = New(Deps{DB: d, Files: files,
		Project: func(ctx context.Context, _ db.Q, p who.ProjectID) (journal.Project, error) {
			held := map[who.PersonID][]who.Role{1: {who.Projektledare}, 2: {who.Styrgrupp}}
			return journal.Project{ID: p, Name: "Lokaler", Resource: policy.Resource{Programme: 3, Held: held[who.From(ctx).Person]}}, nil
		},
		PersonName: func(context.Context, db.Q, who.PersonID) (string, error) { return "Projektledare", nil },
		Groups:     func(context.Context, db.Q, who.ProjectID) ([]Group, error) { return nil, nil },
		Matters:    func(context.Context, db.Q, journal.Project) ([]Matter, error) { return nil, nil },
		Municipalities: func(context.Context, db.Q, journal.Project) ([]web.Option, error) {
			return []web.Option{{Value: "7", Label: "Norsjö kommun"}}, nil
		},
	})
	shell := web.NewShell(web.ShellConfig{Log: slog.New(slog.DiscardHandler)})
	mux := http.NewServeMux()
	web.Mount(mux, shell, web.OwnRoutes())
	web.Mount(mux, shell, s.o.Routes())
	s.h = shell.Middleware(mux)
	ctx := who.With(context.Background(), filmLeader)
	it, err := s.o.interviews.Add(ctx, 1, 0, Interview{Title: "Intervju i Norsjö", Municipality: "7", Seconds: 60}, "")
	if err != nil || it.ID != 1 {
		t.Fatal(it.ID, err)
	}
	return s
}

func eachStudio(t *testing.T, test func(s *studio)) {
	t.Helper()
	dbtest.Each(t, []fs.FS{journal.Schema(), Schema()}, func(t *testing.T, d *db.DB) { test(newStudio(t, d)) })
}

func (s *studio) interview() (it journal.Item[Interview]) {
	s.t.Helper()
	if err := s.db.Read(context.Background(), func(q db.Q) (err error) {
		it, err = s.o.interviews.Noun.Get(context.Background(), q, 1)
		return err
	}); err != nil {
		s.t.Fatal(err)
	}
	return it
}

// piece sends a piece and tells the status and how many bytes are there.
func (s *studio) piece(query string, body io.Reader) (status int, have string) {
	s.t.Helper()
	r := httptest.NewRequest(http.MethodPost, filmPage+"/film?"+query, body)
	r.Header.Set("Content-Type", "application/octet-stream")
	a := webtest.Do(s.t, s.h, r, webtest.As(filmLeader))
	return a.Status, a.Header.Get("X-Kommunpilot-Har")
}

// sum is the SHA-256 of the film as the server gives it.
func (s *studio) sum() string {
	s.t.Helper()
	f := s.o.pieces(context.Background(), s.interview().Is.Chunks)
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		s.t.Fatal(err)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

func TestAFilmInPiecesGoesOnWhereItWasAndTheOldHoldsUntilThen(t *testing.T) {
	eachStudio(t, func(s *studio) {
		want := func(query, body string, status int, have string) {
			s.t.Helper()
			if got, at := s.piece(query, strings.NewReader(body)); got != status || at != have {
				s.t.Errorf("%s %q: %d, %s bytes there; want %d, %s", query, body, got, at, status, have)
			}
		}
		state := func(want string) {
			s.t.Helper()
			if got := webtest.Fetch(s.t, s.h, filmPage+"/film/lage", webtest.As(filmLeader)); got.Status != 200 || strings.Count(got.Body, `"hash"`) != strings.Count(want, "#") {
				s.t.Errorf("state: %d %s, want %s", got.Status, got.Body, want)
			}
		}
		want("fran=0", "abc", 204, "3")
		want("fran=0", "abc", 409, "3") // the answer was lost
		want("fran=5", "x", 409, "3")
		want("fran=3", "def", 204, "6")
		state("##")
		if s.interview().Is.hasFilm() {
			s.t.Error("a film without its end is shown")
		}
		want("fran=6&sist=ja", "g", 204, "7")
		state("###")
		first := fmt.Sprintf("%x", sha256.Sum256([]byte("abcdefg")))
		if s.sum() != first {
			s.t.Error("the film is not what was sent")
		}
		want("fran=0", "XY", 204, "2") // another film
		want("fran=0&om=ja", "Z", 204, "1")
		if s.sum() != first {
			s.t.Error("the film is gone before the new one is here")
		}
		want("fran=1&sist=ja", "W", 204, "2")
		if s.sum() != fmt.Sprintf("%x", sha256.Sum256([]byte("ZW"))) {
			s.t.Error("the new film is not what was sent")
		}
		want("fran=0&sist=ja", "", 422, "0")
		if status, _ := s.piece("fran=0", bytes.NewReader(make([]byte, chunkLimit+1))); status != 413 {
			s.t.Errorf("a piece that is too large: %d", status)
		}
		for _, path := range []string{"/film/lage", "/textning"} {
			if a := webtest.Fetch(s.t, s.h, filmPage+path, webtest.As(filmReader)); a.Status != 403 {
				s.t.Errorf("%s for one who may only read: %d", path, a.Status)
			}
		}
	})
}

// However pieces are cut, lost and sent again, what is there in the end is what
// was sent.
func TestAnyWayOfSendingGivesTheFilm(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		film := rapid.SliceOfN(rapid.Byte(), 1, 60).Draw(r, "film")
		var x Interview
		at, got := int64(0), map[string][]byte{}
		for step := 0; !x.Whole; step++ {
			end := at + int64(rapid.IntRange(1, 20).Draw(r, "size"))
			end = min(end, int64(len(film)))
			part := film[at:end]
			hash := fmt.Sprintf("%x", sha256.Sum256(part))
			got[hash] = part
			send := piece{Chunk: Chunk{hash, end - at}, from: at, last: end == int64(len(film)), anew: at == 0}
			have, err := x.take(send)
			if err != nil {
				r.Fatal(err)
			}
			if !send.last && rapid.Bool().Draw(r, "answer lost") {
				if again, err := x.take(piece{Chunk: send.Chunk, from: at, last: send.last}); err == nil || again != have {
					r.Fatalf("sent twice: %d there, want %d (%v)", again, have, err)
				}
			}
			at = have
		}
		var whole []byte
		for _, c := range x.Chunks {
			whole = append(whole, got[c.Hash]...)
		}
		if !bytes.Equal(whole, film) {
			r.Fatalf("%v, want %v", whole, film)
		}
	})
}

// zeroes is a stream of nothing but zeroes.
type zeroes struct{}

func (zeroes) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// With KOMMUNPILOT_BIG_FILM=1 a film of 2 GB is sent (docs/films.md).
func TestAFilmOf2GB(t *testing.T) {
	if os.Getenv("KOMMUNPILOT_BIG_FILM") == "" {
		t.Skip("set KOMMUNPILOT_BIG_FILM=1: 2 GB take some time")
	}
	s := newStudio(t, dbtest.SQLite(t, journal.Schema(), Schema()))
	const size = 2 << 30
	for at := int64(0); at < size; at += chunkLimit {
		query := "fran=" + strconv.FormatInt(at, 10)
		if at+chunkLimit == size {
			query += "&sist=ja"
		}
		if status, have := s.piece(query, io.LimitReader(zeroes{}, chunkLimit)); status != 204 || have != strconv.FormatInt(at+chunkLimit, 10) {
			t.Fatalf("%s: %d, %s", query, status, have)
		}
	}
	h := sha256.New()
	_, _ = io.CopyN(h, zeroes{}, size)
	if got := s.sum(); got != fmt.Sprintf("%x", h.Sum(nil)) {
		t.Error("the film is not what was sent")
	}
}

// badLine breaks the connection of the film's pieces as it is told.
type badLine struct {
	next   http.Handler
	mu     sync.Mutex
	posts  int
	down   bool
	broken map[int]string // the number of the piece -> how it breaks
	from   []string       // where each piece began
}

func (b *badLine) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r = r.WithContext(who.With(r.Context(), filmLeader))
	if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/film") {
		b.next.ServeHTTP(w, r)
		return
	}
	b.mu.Lock()
	b.posts++
	how, down := b.broken[b.posts], b.down
	b.from = append(b.from, r.URL.Query().Get("fran"))
	b.mu.Unlock()
	switch {
	case down, how == "midway":
		_, _ = io.CopyN(io.Discard, r.Body, 3<<20)
		panic(http.ErrAbortHandler)
	case how == "answer":
		b.next.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	}
	b.next.ServeHTTP(w, r)
}

// A film of 40 MB goes from a browser over a line that breaks in the middle of
// a piece, loses an answer, and is gone while the page is reloaded.
func TestABrowserSendsAFilmOverABadLine(t *testing.T) {
	browser := webtest.Browser(t)
	s := newStudio(t, dbtest.SQLite(t, journal.Schema(), Schema()))
	line := &badLine{next: s.h, broken: map[int]string{2: "midway", 3: "answer"}}
	server := httptest.NewUnstartedServer(line)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.Start()
	defer server.Close()
	film := make([]byte, 40<<20+12345)
	source := rand.NewChaCha8([32]byte{1})
	_, _ = source.Read(film)
	file := filepath.Join(t.TempDir(), "film.mp4")
	must(t, os.WriteFile(file, film, 0o600))
	tab := webtest.Tab(t, browser, webtest.Look{})
	wait := func(js string) {
		t.Helper()
		for range 300 {
			if ok, err := chromedp.Run(tab, chromedp.Evaluate[bool](js)); err == nil && ok {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		said, _ := chromedp.Run(tab, chromedp.Evaluate[string](`document.querySelector("main").innerText`))
		t.Fatalf("never %s\n%s", js, said)
	}
	choose := func() {
		t.Helper()
		webtest.Get(t, line, filmPage) // it is there
		webtest.Open(t, tab, server.URL+filmPage)
		must(t, chromedp.Do(tab, chromedp.SetUploadFiles(chromedp.CSS("#film"), []string{file})))
		wait(`document.querySelector("#film").files.length === 1 && document.querySelector("form[data-film]").dataset.ready === "yes"`)
		must(t, chromedp.Do(tab, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := chromedp.Evaluate[bool](`document.querySelector("form[data-film] button[type=submit]").click(); true`)(ctx, target)
			return err
		})))
	}
	line.mu.Lock()
	line.broken[4] = "midway"
	line.mu.Unlock()
	choose()
	wait(`/Förbindelsen bröts/.test(document.querySelector("[data-said]")?.textContent)`)
	webtest.AxeHere(t, tab)
	webtest.Shot(t, tab, "broken")
	line.mu.Lock()
	line.down = true
	line.mu.Unlock()
	wait(`/om 2 sekunder/.test(document.querySelector("[data-said]")?.textContent)`)
	must(t, chromedp.Do(tab, chromedp.Click(chromedp.CSS("[data-cancel]"))))
	wait(`/avbruten/.test(document.querySelector("[data-said]")?.textContent)`)
	webtest.AxeHere(t, tab)
	line.mu.Lock()
	line.down = false
	before := len(line.from)
	line.mu.Unlock()
	have := int64(0)
	for _, c := range s.interview().Is.Incoming {
		have += c.Size
	}
	choose()
	wait(`!!document.querySelector("video.film")`)
	if got, want := s.sum(), fmt.Sprintf("%x", sha256.Sum256(film)); got != want {
		t.Errorf("what arrived has the SHA-256 %s, want %s", got, want)
	}
	if have == 0 || line.from[before] != strconv.FormatInt(have, 10) {
		t.Errorf("after the reload it began at %s, want %d; pieces from %v", line.from[before], have, line.from)
	}
	t.Logf("pieces from %v", line.from)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestCaptionsInTheForm(t *testing.T) {
	for name, c := range map[string]struct {
		rows []cueRow
		want string
	}{
		"right":     {[]cueRow{{"00:00:01.000", "00:00:02.000", "a"}, {"00:02.000", "00:03.000", "b\n\nc"}}, ""},
		"overlap":   {[]cueRow{{"00:00:01.000", "00:00:03.000", "a"}, {"00:00:02.000", "00:00:04.000", "b"}}, "from-1"},
		"past":      {[]cueRow{{"00:00:01.000", "00:01:00.001", "a"}}, "to-0"},
		"no time":   {[]cueRow{{"1", "00:00:02.000", "a"}}, "from-0"},
		"seconds":   {[]cueRow{{"00:00:01.000", "00:00:02,000", "a"}}, "to-0"},
		"backwards": {[]cueRow{{"00:00:02.000", "00:00:02.000", "a"}}, "to-0"},
		"empty":     {[]cueRow{{"00:00:01.000", "00:00:02.000", " \n "}}, "text-0"},
		"arrow":     {[]cueRow{{"00:00:01.000", "00:00:02.000", "a --> b"}}, "text-0"},
		"two":       {[]cueRow{{"x", "00:00:02.000", ""}}, "from-0 text-0"},
	} {
		_, wrong := checkRows(c.rows, time.Minute)
		var names []string
		for _, f := range wrong {
			names = append(names, f.Name)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	rows := []cueRow{{"00:00:00.000", "00:00:04.000", "ett två tre fyra"}, {"00:00:05.000", "00:00:06.000", "fem"}}
	for button, want := range map[string]string{
		"dela-1":      "[{00:00:00.000 00:00:01.750 ett två} {00:00:01.750 00:00:04.000 tre fyra} {00:00:05.000 00:00:06.000 fem}] 1",
		"sla-ihop-1":  "[{00:00:00.000 00:00:06.000 ett två tre fyra\nfem}] 0",
		"ta-bort-1":   "[{00:00:05.000 00:00:06.000 fem}] 0",
		"lagg-till-2": "[{00:00:00.000 00:00:04.000 ett två tre fyra} {00:00:05.000 00:00:06.000 fem} {00:00:06.000  }] 2",
	} {
		if got, at := changeRows(rows, button); fmt.Sprint(got, at) != want {
			t.Errorf("%s: %v %d, want %s", button, got, at, want)
		}
	}
	for _, button := range []string{"sla-ihop-2", "ta-bort-0", "ta-bort-3", "dela-x", "dela", "annat-1"} {
		if got, at := changeRows(rows, button); at != -1 || len(got) != 2 {
			t.Errorf("%s: %v %d", button, got, at)
		}
	}
}

// Captions that are written are read back equal, by this program and by
// another's parser, and their words in order are the transcript's.
func TestCaptionsAreReadBackByTwoParsers(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var cues []Cue
		at := time.Duration(0)
		var words []string
		for i := range rapid.IntRange(1, 8).Draw(r, "cues") {
			from := at + time.Duration(rapid.IntRange(0, 4000000).Draw(r, "pause"))*time.Millisecond
			at = from + time.Duration(rapid.IntRange(1, 9000).Draw(r, "length"))*time.Millisecond
			text := rapid.StringMatching(`[A-Za-zåäöÅÄÖ]{1,9}( [a-zåäö]{1,9}){0,4}(\n[a-zåäö,.]{1,9})?`).Draw(r, "text")
			cues = append(cues, Cue{from, at, text})
			words = append(words, strings.Fields(text)...)
			_ = i
		}
		file := FormatCaptions(cues)
		back, err := ParseCaptions(file, at+time.Second)
		if err != nil || fmt.Sprint(back) != fmt.Sprint(cues) {
			r.Fatalf("%v %v, want %v", back, err, cues)
		}
		other, err := astisub.ReadFromWebVTT(strings.NewReader(file))
		if err != nil || len(other.Items) != len(cues) {
			r.Fatalf("another parser: %v\n%s", err, file)
		}
		for i, x := range other.Items {
			var lines []string
			for _, l := range x.Lines {
				lines = append(lines, l.String())
			}
			if x.StartAt != cues[i].From || x.EndAt != cues[i].To || strings.Join(lines, "\n") != cues[i].Text {
				r.Fatalf("another parser: %v %v %q, want %v", x.StartAt, x.EndAt, lines, cues[i])
			}
		}
		if got := strings.Fields(Transcript(cues)); fmt.Sprint(got) != fmt.Sprint(words) {
			r.Fatalf("transcript %q, want %q", got, words)
		}
	})
	if got := Transcript([]Cue{{0, time.Second, "<v Kommunchef>Vi &amp; ni"}, {time.Second, 2 * time.Second, "<i>nu</i>"}, {5 * time.Second, 6 * time.Second, "Sedan"}}); got != "Vi & ni nu\n\nSedan" {
		t.Errorf("%q", got)
	}
}

func TestCaptionsAreEditedOnThePage(t *testing.T) {
	eachStudio(t, func(s *studio) {
		as := webtest.As(filmLeader)
		page := filmPage + "/textning"
		held := func() url.Values { return webtest.Filled(s.t, webtest.Get(s.t, s.h, page, as), page) }
		post := func(v url.Values, status int) webtest.Answer {
			s.t.Helper()
			a := webtest.Post(s.t, s.h, page, v, as)
			if a.Status != status {
				s.t.Fatalf("%d, want %d\n%s", a.Status, status, a.Body)
			}
			return a
		}
		v := held()
		v.Set("act", "lagg-till-0")
		post(v, 200)
		if s.interview().Is.Captions != "" {
			s.t.Error("a button that changes the form has saved")
		}
		cue := func(v url.Values, text string) url.Values {
			v.Set("from-0", "00:00:01.000")
			v.Set("to-0", "00:00:04.000")
			v.Set("text-0", text)
			v.Set("act", "spara")
			return v
		}
		mine := held() // opened before the other saves
		post(cue(held(), "Vi börjar med behoven."), 303)
		if got := s.interview().Is.Captions; got != "WEBVTT\n\n00:00:01.000 --> 00:00:04.000\nVi börjar med behoven.\n" {
			s.t.Errorf("%q", got)
		}
		a := post(cue(mine, "Min text."), 409)
		for _, want := range []string{"Min text.", "Vi börjar med behoven.", "Nu sparat av någon annan"} {
			if !strings.Contains(a.Body, want) {
				s.t.Errorf("the conflict does not show %q", want)
			}
		}
		late := cue(held(), "x")
		late.Set("to-0", "00:01:01.000")
		doc := post(late, 422)
		webtest.HasFieldError(s.t, doc.Doc, "to-0", "Textblock 1: textblocket slutar efter filmens slut (60 sekunder).")
		v = webtest.Filled(s.t, webtest.Get(s.t, s.h, page, as), filmPage+"/utskrift")
		if a := webtest.Post(s.t, s.h, filmPage+"/utskrift", v, as); a.Status != 303 || s.interview().Is.Transcript != "Vi börjar med behoven." {
			s.t.Errorf("%d %q", a.Status, s.interview().Is.Transcript)
		}
		if a := webtest.Fetch(s.t, s.h, page+".vtt", as); !strings.Contains(a.Body, "00:00:01.000 --> 00:00:04.000\nVi börjar") {
			s.t.Errorf("%s", a.Body)
		}
	})
}

// A changed caption voids the approval, and a published interview's stay.
func TestAChangedCaptionVoidsTheApproval(t *testing.T) {
	s := newStudio(t, dbtest.SQLite(t, journal.Schema(), Schema()))
	us := who.With(context.Background(), filmLeader)
	set := func(states ...string) {
		t.Helper()
		for _, state := range states {
			it := s.interview()
			it.Is.Link, it.Is.Captions, it.Is.Org = "https://film.example/1", "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\na\n", 7
			it.Is.Approval = &Approval{Hash: it.Is.Hash(), Name: "Företrädare"}
			must(t, s.db.Write(us, func(tx *db.Tx) error {
				p, err := s.o.deps.Project(us, tx, 1)
				if err != nil {
					return err
				}
				return s.o.interviews.Noun.Move(us, tx, p, it, state, journal.Act{Name: "interview.edit"})
			}))
		}
	}
	set(InterviewHeld, InterviewEdited, InterviewCaptioned, InterviewAsked)
	set(InterviewApproved)
	page := filmPage + "/textning"
	as := webtest.As(filmLeader)
	v := webtest.Filled(t, webtest.Get(t, s.h, page, as), page)
	v.Set("text-0", "b")
	v.Set("act", "spara")
	if a := webtest.Post(t, s.h, page, v, as); a.Status != 303 {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if it := s.interview(); it.State != InterviewCaptioned || it.Is.Approval != nil {
		t.Errorf("%s %+v: the approval holds for another text", it.State, it.Is.Approval)
	}
	set(InterviewAsked, InterviewApproved, InterviewPublished)
	v.Set("_version", strconv.FormatInt(s.interview().Version, 10))
	v.Set("_once", "annan")
	if a := webtest.Post(t, s.h, page, v, as); a.Status != 409 {
		t.Errorf("a published interview's captions: %d", a.Status)
	}
}

func TestTheCaptionsPageInABrowser(t *testing.T) {
	browser := webtest.Browser(t)
	s := newStudio(t, dbtest.SQLite(t, journal.Schema(), Schema()))
	_, _ = s.piece("fran=0&sist=ja", strings.NewReader("not quite a film"))
	server := httptest.NewServer(&badLine{next: s.h})
	defer server.Close()
	page := filmPage + "/textning"
	as := webtest.As(filmLeader)
	v := webtest.Filled(t, webtest.Get(t, s.h, page, as), page)
	for i, text := range []string{"Vi börjar med behoven, inte med husen.", "Politiker och tjänstepersoner sitter vid samma bord."} {
		v.Set(cueName("from", i), stampText(time.Duration(1+5*i)*time.Second))
		v.Set(cueName("to", i), stampText(time.Duration(4+5*i)*time.Second))
		v.Set(cueName("text", i), text)
	}
	v.Set("act", "spara")
	webtest.Post(t, s.h, page, v, as)
	webtest.Axe(t, browser, server.URL+page, false, 1280)
	webtest.Axe(t, browser, server.URL+page, true, 390)
	webtest.Axe(t, browser, server.URL+filmPage, true, 390)
	webtest.Axe(t, browser, server.URL+filmPage, false, 1280)
	tab := webtest.Tab(t, browser, webtest.Look{})
	webtest.Open(t, tab, server.URL+page)
	must(t, chromedp.Do(tab, chromedp.Click(chromedp.CSS(`[data-cue="1"] [data-does=play]`)), chromedp.Click(chromedp.CSS(`[data-cue="0"] [data-does=to]`))))
	if got, err := chromedp.Run(tab, chromedp.Value(chromedp.CSS("#to-0"))); err != nil || got != "00:00:06.000" {
		t.Errorf("the end set to now, after playing from 6 s: %q %v", got, err)
	}
	must(t, chromedp.Do(tab, chromedp.SetValue(chromedp.CSS("#to-0"), "00:00:07.000"), chromedp.Click(chromedp.CSS("form[data-captions] button[value=spara]")), chromedp.WaitVisible(chromedp.CSS(".ds-error-summary"))))
	webtest.AxeHere(t, tab)
	webtest.Shot(t, tab, "overlap")
	webtest.HasFieldError(t, webtest.Post(t, s.h, page, func() url.Values {
		v.Set("to-0", "00:00:07.000")
		v.Set("_version", strconv.FormatInt(s.interview().Version, 10))
		v.Set("_once", "ny")
		return v
	}(), as).Doc, "from-1", "Textblock 2: textblocket börjar innan det förra har slutat.")
}
