package record

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/journal"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// letter is a message of several parts as mail programs write them: headers in
// RFC 2047, a text in the character set, the same as a page, a file with a
// Swedish name.
func letter(t *testing.T, charset, number string) string {
	t.Helper()
	body := "Hej! Här är yttrandet från nämnden i Åmål.\r\nHälsningar"
	subject := "=?utf-8?B?WXR0cmFuZGUgw7Z2ZXIgZsO2cnNsYWdldA==?=" // Yttrande över förslaget
	if charset == "iso-8859-1" {
		subject = "=?iso-8859-1?Q?Yttrande_=F6ver_f=F6rslaget?="
		latin, err := charmap.ISO8859_1.NewEncoder().String(body)
		if err != nil {
			t.Fatal(err)
		}
		body = latin
	}
	return strings.Join([]string{
		"Return-Path: <nagon@annan.example>",
		"Authentication-Results: mx.stad.example; spf=fail smtp.mailfrom=annan.example; dkim=none; dmarc=fail header.from=amal.example",
		"Received: from annan.example (192.0.2.7) by mx.stad.example; Mon, 2 Mar 2026 08:59:00 +0100",
		"From: =?utf-8?q?Registrator_=C3=85m=C3=A5l?= <registrator@amal.example>",
		"To: diarium@stad.example", "Subject: " + subject, "Date: Mon, 2 Mar 2026 08:58:00 +0100",
		"Message-ID: <" + number + "@amal.example>", "MIME-Version: 1.0", `Content-Type: multipart/mixed; boundary="yttre"`, "",
		"--yttre", `Content-Type: multipart/alternative; boundary="inre"`, "",
		"--inre", "Content-Type: text/plain; charset=" + charset, "Content-Transfer-Encoding: 8bit", "", body,
		"--inre", "Content-Type: text/html; charset=utf-8", "", "<p>Samma som sida</p>", "--inre--",
		"--yttre", "Content-Type: application/pdf", `Content-Disposition: attachment; filename*=iso-8859-1''..%2Fyttrande%20%E5%E4%F6.pdf`, "Content-Transfer-Encoding: base64", "", "JVBERi0xLjQKaGVq",
		"--yttre--", "",
	}, "\r\n")
}

func take(t *testing.T, o *Room, text string) Taken {
	t.Helper()
	got, err := o.TakeMail(as(registrar), pid, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// counts gives the number of rows of what taking and registering write.
func rows(t *testing.T, d *db.DB) (out string) {
	t.Helper()
	if err := d.Read(context.Background(), func(q db.Q) error {
		for _, table := range []string{"item", "item_event", "registry_number", "mail_message", "audit"} {
			n, err := db.Value[int64](context.Background(), q, `SELECT count(*) FROM `+table)
			if err != nil {
				return err
			}
			out += fmt.Sprint(table, " ", n, "; ")
		}
		last, err := db.Values[int64](context.Background(), q, `SELECT last FROM series ORDER BY prefix`)
		out += fmt.Sprint(last)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestAMessageBecomesAnEntryInANewMatter: in both character sets, through the
// pages, with a sender who is not who he says.
func TestAMessageBecomesAnEntryInANewMatter(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, o *Room, h http.Handler) {
		for i, charset := range []string{"iso-8859-1", "utf-8"} {
			got := take(t, o, letter(t, charset, charset))
			href := o.messages.Href(pid, got.Message)
			doc := webtest.Get(t, h, href, webtest.As(registrar))
			webtest.HasText(t, doc, "h1", "Yttrande över förslaget")
			for _, want := range []string{"Uppgiven avsändare", "Registrator Åmål <registrator@amal.example>", "Hej! Här är yttrandet från nämnden i Åmål.", "yttrande åäö.pdf", "spf=fail, dkim=none, dmarc=fail", "Return-Path: <nagon@annan.example>", "Avsändaren kan vara förfalskad"} {
				webtest.HasText(t, doc, "main", want)
			}
			webtest.HasNoText(t, doc, "Samma som sida")
			form := webtest.Filled(t, webtest.Get(t, h, href+"/registrera", webtest.As(registrar)), href+"/registrera")
			if form.Get("party") != "Registrator Åmål <registrator@amal.example>" || form.Get("brief") != "Yttrande över förslaget" {
				t.Errorf("the proposal is %v", form)
			}
			before := rows(t, d)
			if bad := webtest.Post(t, h, href+"/registrera", form, webtest.As(registrar)); bad.Status != http.StatusUnprocessableEntity || rows(t, d) != before {
				t.Errorf("without a matter: %d", bad.Status)
			}
			form.Set("title", "Yttranden")
			form.Set("responsible", "Registrator")
			form.Set("series", "KS")
			form.Set("theirs", "Dnr 2026-17")
			if ok := webtest.Post(t, h, href+"/registrera", form, webtest.As(registrar)); ok.Status != http.StatusSeeOther {
				t.Fatalf("%d %s", ok.Status, ok.Doc.Find("main").Text())
			}
			it, err := get(d, o.messages.Noun, got.Message)
			if err != nil || it.State != Entered || it.Is.Number != fmt.Sprintf("KS 2026/%d", i+1) {
				t.Fatalf("%+v %v", it, err)
			}
			e, err := get(d, o.entries.Noun, it.Is.Entry)
			if err != nil || e.Is.Number != it.Is.Number || e.Is.Direction != "in" || e.Is.Theirs != "Dnr 2026-17" || len(e.Is.Documents) != 2 {
				t.Fatalf("%+v %v", e, err)
			}
			m, err := get(d, o.matters.Noun, e.Parent)
			if err != nil || m.Is.Title != "Yttranden" {
				t.Errorf("%+v %v", m, err)
			}
			for n, d := range e.Is.Documents {
				file := webtest.Fetch(t, h, fmt.Sprintf("%s/fil/%d", o.entries.Href(pid, e.ID), n+1), webtest.As(registrar))
				want := []string{letter(t, charset, charset), "%PDF-1.4\nhej"}[n]
				if file.Status != http.StatusOK || file.Body != want {
					t.Errorf("file %d %s is other bytes: %d %q", n, d.Name, file.Status, file.Body)
				}
			}
			before = rows(t, d)
			if again := webtest.Post(t, h, href+"/registrera", form, webtest.As(registrar)); again.Status >= 500 || rows(t, d) != before {
				t.Errorf("registered twice: %d", again.Status)
			}
		}
	})
}

// TestTheSameMessageIsTakenOnce: one after another and eight at once.
func TestTheSameMessageIsTakenOnce(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, o *Room, _ http.Handler) {
		first := take(t, o, letter(t, "utf-8", "en"))
		before := rows(t, d)
		if again := take(t, o, letter(t, "iso-8859-1", "en")); !again.Again || again.Message != first.Message || rows(t, d) != before {
			t.Errorf("%+v, %s", again, rows(t, d))
		}
		without := strings.Replace(letter(t, "utf-8", "x"), "Message-ID: <x@amal.example>\r\n", "", 1)
		a, b, c := take(t, o, without), take(t, o, without), take(t, o, without+"\r\n")
		if a.Again || !b.Again || b.Message != a.Message || c.Again {
			t.Errorf("without an identity: %+v %+v %+v", a, b, c)
		}
		var wait sync.WaitGroup
		var mu sync.Mutex
		fresh := 0
		for range 8 {
			wait.Go(func() {
				got, err := o.TakeMail(as(registrar), pid, strings.NewReader(letter(t, "utf-8", "samtidigt")))
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				} else if !got.Again {
					fresh++
				}
			})
		}
		wait.Wait()
		if fresh != 1 {
			t.Errorf("taken %d times", fresh)
		}
	})
}

// TestNothingIsHalfTakenOrHalfRegistered: where the act is broken off after
// any of its steps, no row and no number is left.
func TestNothingIsHalfTakenOrHalfRegistered(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, o *Room, _ http.Handler) {
		killed := errors.New("killed")
		got := take(t, o, letter(t, "utf-8", "en"))
		before := rows(t, d)
		err := d.Write(as(registrar), func(tx *db.Tx) error {
			if _, err := o.takeIn(as(registrar), tx, pid, "annan", Mailed{ID: "annan"}, nil); err != nil {
				t.Error(err)
			}
			return killed
		})
		if !errors.Is(err, killed) || rows(t, d) != before {
			t.Errorf("half taken: %v %s", err, rows(t, d))
		}
		reg := registration{title: "Nytt", who: "Registrator", entry: Entry{Series: "KS", Day: "2026-03-02", Brief: "Brev"}}
		err = d.Write(as(registrar), func(tx *db.Tx) error {
			if _, err := o.enterIn(as(registrar), tx, pid, got.Message, 1, reg); err != nil {
				t.Error(err)
			}
			return killed
		})
		if !errors.Is(err, killed) || rows(t, d) != before {
			t.Errorf("half registered: %v %s", err, rows(t, d))
		}
		// A stale page: the last step of the act refuses, and all is undone.
		if _, err := o.enter(as(registrar), pid, got.Message, 9, reg, ""); !fail.Is(err, fail.Conflict) || rows(t, d) != before {
			t.Errorf("stale: %v %s", err, rows(t, d))
		}
		it, err := o.enter(as(registrar), pid, got.Message, 1, reg, "")
		if err != nil || it.Is.Number != "KS 2026/1" {
			t.Errorf("%s %v", it.Is.Number, err)
		}
	})
}

func TestARefusedMessageSaysWhy(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, o *Room, _ http.Handler) {
		got := take(t, o, letter(t, "utf-8", "en"))
		if err := o.messages.Move(as(registrar), got.Message, 1, Refused, " ", ""); !fail.Is(err, fail.Invalid) {
			t.Errorf("without a reason: %v", err)
		}
		if err := o.messages.Move(as(registrar), got.Message, 1, Refused, "Reklam", ""); err != nil {
			t.Fatal(err)
		}
		if _, err := o.enter(as(registrar), pid, got.Message, 2, registration{title: "x", who: "x", entry: Entry{Series: "KS", Day: "2026-03-02", Brief: "x"}}, ""); !fail.Is(err, fail.Conflict) {
			t.Errorf("a refused message is registered: %v", err)
		}
		stranger := as(who.Actor{Kind: who.Person, Person: 2})
		if _, err := o.TakeMail(stranger, pid, strings.NewReader(letter(t, "utf-8", "två"))); !fail.Is(err, fail.Forbidden) {
			t.Errorf("a stranger: %v", err)
		}
	})
}

// TestAnUploadedMessageIsTakenWholeOrRefusedWhole: through the page.
func TestAnUploadedMessageIsTakenWholeOrRefusedWhole(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, o *Room, h http.Handler) {
		upload := func(text string) webtest.Answer {
			var b bytes.Buffer
			w := multipart.NewWriter(&b)
			part, err := w.CreateFormFile("fil", "brev.eml")
			if err != nil {
				t.Fatal(err)
			}
			_, _ = part.Write([]byte(text)) // a buffer takes all
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest(http.MethodPost, "/projekt/1/inkommet/ny", &b)
			r.Header.Set("Content-Type", w.FormDataContentType())
			return webtest.Do(t, h, r, webtest.As(registrar))
		}
		before := rows(t, d)
		many := "From: a@x.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\nContent-Type: application/pdf\r\n\r\nx\r\n", 201) + "--b--\r\n"
		if got := upload(many); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, "fler än 200 bilagor") || rows(t, d) != before {
			t.Errorf("201 attachments: %d %s", got.Status, rows(t, d))
		}
		if got := upload("inget brev"); got.Status != http.StatusUnprocessableEntity {
			t.Errorf("no letter: %d", got.Status)
		}
		if got := upload(letter(t, "utf-8", "en")); got.Status != http.StatusSeeOther || rows(t, d) == before {
			t.Errorf("%d %s", got.Status, got.Body)
		}
	})
}

// TestDisposalTakesTheMessageToo: what was mailed in goes with its entry.
func TestDisposalTakesTheMessageToo(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, o *Room, _ http.Handler) {
		got := take(t, o, letter(t, "utf-8", "en"))
		made, err := o.enter(as(registrar), pid, got.Message, 1, registration{title: "Brev", who: "Registrator", entry: Entry{Series: "KS", Day: "2026-03-02", Brief: "Brev"}}, "")
		if err != nil {
			t.Fatal(err)
		}
		err = d.Write(as(registrar), func(tx *db.Tx) error {
			p, err := o.deps.Project(context.Background(), tx, pid)
			if err != nil {
				return err
			}
			return o.disposeMessages(as(registrar), tx, p, []journal.Item[Entry]{made}, journal.Act{Name: "record.dispose", Reason: "KS 2036/1"})
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Read(context.Background(), func(q db.Q) error {
			left, err := db.Values[int64](context.Background(), q, `SELECT id FROM item_event WHERE noun = 'message' AND content LIKE '%amal.example%'`)
			if len(left) > 0 {
				t.Errorf("the history remembers: %v", left)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestPartsOfALetter(t *testing.T) {
	page := "From: a@x.example\r\nContent-Type: text/html; charset=windows-1252\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<html><title>x</title><style>p{}</style><body><p>R=E4ksm=F6rg=E5s</p><ul><li>Ett<li>Tv=E5</ul><script>1</script>"
	m, err := ParseMail(strings.NewReader(page))
	if err != nil || m.Body != "Räksmörgås\n\nEtt\nTvå" || !strings.HasPrefix(m.ID, "sha256:") {
		t.Errorf("%v %q %q", err, m.Body, m.ID)
	}
	deep := "From: a@x.example\r\nContent-Type: multipart/mixed; boundary=b0\r\n\r\n"
	for i := range 11 {
		deep += fmt.Sprintf("--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n", i, i+1)
	}
	deep += "x\r\n"
	for i := 11; i >= 0; i-- {
		deep += fmt.Sprintf("--b%d--\r\n", i)
	}
	if _, err := ParseMail(strings.NewReader(deep)); !fail.Is(err, fail.Invalid) || !strings.Contains(err.Error(), "10 nivåer") {
		t.Errorf("eleven levels: %v", err)
	}
	for given, want := range map[string]string{
		`C:\hemligt\avtal.pdf`: "avtal.pdf", "../../etc/passwd": "passwd", "a\u202efdp.exe": "afdp.exe", "  .. ": "", "vad?.txt": "vad_.txt",
		strings.Repeat("å", 300) + ".pdf": strings.Repeat("å", 116) + ".pdf",
	} {
		if got := cleanName(given); got != want {
			t.Errorf("%q is named %q, not %q", given, got, want)
		}
	}
	twins := Mailed{Files: []MailedFile{{Name: "a.pdf"}, {Name: "A.pdf"}, {Type: "image/png"}}}
	twins.nameFiles()
	if twins.Files[1].Name != "A (2).pdf" || twins.Files[2].Name != "bilaga-3.png" {
		t.Errorf("%+v", twins.Files)
	}
	if m, err := ParseMail(strings.NewReader("From: \xc5sa <a@x.example>\r\nSubject: G\xf6r\r\n\r\nhej")); err != nil || m.Claimed != "Åsa <a@x.example>" || m.Subject != "Gör" {
		t.Errorf("bare bytes: %+v %v", m, err)
	}
}

func FuzzParseMail(f *testing.F) {
	f.Add([]byte("From: a@x.example\r\n\r\nhej"))
	f.Add([]byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := parseMail(raw)
		if err != nil {
			if !fail.Is(err, fail.Invalid) {
				t.Fatal(err)
			}
			return
		}
		for _, x := range m.Files {
			if x.Name == "" || strings.ContainsAny(x.Name, "/\\\x00\n") {
				t.Errorf("named %q", x.Name)
			}
		}
	})
}
