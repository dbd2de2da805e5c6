package record

import (
	"bytes"
	"context"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"pgregory.net/rapid"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/journal"
	"kommunpilot/base/web/webtest"
)

// message is a real message of several parts: a Swedish text in ISO-8859-1, a
// page, and attachments.
func message(attachments int) []byte {
	chief, _ := charmap.ISO8859_1.NewEncoder().String("Förvaltningschef")
	latin, _ := charmap.ISO8859_1.NewEncoder().String("Hej!\r\nHär är våra synpunkter på förslaget.\r\n")
	var b bytes.Buffer
	fmt.Fprintf(&b, "Received: from okand.example by in.stad.example; Mon, 2 Mar 2026 08:00:00 +0100\r\nAuthentication-Results: in.stad.example; spf=fail smtp.mailfrom=kommun.example\r\n"+
		"From: %s <chef@kommun.example>\r\nTo: projekt-1@stad.example\r\nSubject: %s\r\nDate: Mon, 2 Mar 2026 07:59:00 +0100\r\nMessage-ID: <1@kommun.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"gr\"\r\n\r\n",
		mime.QEncoding.Encode("iso-8859-1", chief), mime.BEncoding.Encode("utf-8", "Synpunkter på överenskommelsen"))
	fmt.Fprintf(&b, "--gr\r\nContent-Type: text/plain; charset=ISO-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n%s\r\n", latin)
	for i := range attachments {
		fmt.Fprintf(&b, "--gr\r\nContent-Type: application/pdf; name=\"=?utf-8?q?yttrande_%d_=C3=A5.pdf?=\"\r\nContent-Disposition: attachment; filename=\"../../yttrande %d.txt\"\r\nContent-Transfer-Encoding: base64\r\n\r\nZW4gdGV4dA==\r\n", i, i)
	}
	b.WriteString("--gr--\r\n")
	return b.Bytes()
}

func TestMailIsReadAsItWasWritten(t *testing.T) {
	m, err := ParseMail(message(2))
	if err != nil {
		t.Fatal(err)
	}
	if m.Subject != "Synpunkter på överenskommelsen" || m.Claimed != "Förvaltningschef <chef@kommun.example>" || !strings.Contains(m.Body, "Här är våra synpunkter på förslaget.") {
		t.Errorf("%+v", m)
	}
	if len(m.Files) != 2 || m.Files[1].Name != "yttrande 1.txt" || string(m.Files[0].Data) != "en text" {
		t.Errorf("%+v", m.Files)
	}
	if !strings.Contains(m.Trace[0], "spf=fail") {
		t.Errorf("%v", m.Trace)
	}
	page, err := ParseMail([]byte("From: a@b.example\nContent-Type: text/html; charset=windows-1252\n\n<style>p{}</style><p>R\xe4kning<p>&aring;tg\xe4rd"))
	if err != nil || page.Body != "Räkning \nåtgärd" || !strings.HasPrefix(page.ID, "sha256:") {
		t.Errorf("%v %+v", err, page)
	}
}

func TestMailBeyondTheLimitsIsRefusedWhole(t *testing.T) {
	deep := "From: a@b.example\nContent-Type: multipart/mixed; boundary=x0x\n\n"
	for i := range 12 {
		deep += fmt.Sprintf("--x%dx\nContent-Type: multipart/mixed; boundary=x%dx\n\n", i, i+1)
	}
	deep += "--x12x\n\ntext\n--x12x--\n--x0x--\n"
	for says, data := range map[string][]byte{
		"fler än 200 bilagor": message(201), "större än 40 MB": bytes.Repeat([]byte("a"), maxBytes+1), "giltigt brevhuvud": []byte("\x00\x01 inte ett brev"),
		"avhugget": message(3)[:900], "10 nivåer": []byte(deep),
	} {
		if _, err := ParseMail(data); !fail.Is(err, fail.Invalid) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
	if m, err := ParseMail(message(200)); err != nil || len(m.Files) != 200 {
		t.Errorf("200 attachments: %v", err)
	}
}

func FuzzParseMail(f *testing.F) {
	f.Add(message(2))
	f.Add([]byte("From: a@b.example\nContent-Type: multipart/mixed; boundary=\n\n--"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ParseMail(data)
		if err != nil && !fail.Is(err, fail.Invalid) {
			t.Fatalf("%v", err)
		}
		for _, x := range m.Files {
			if x.Name == "" || strings.ContainsAny(x.Name, "/\\\x00\n") {
				t.Fatalf("file name %q", x.Name)
			}
		}
	})
}

// A message comes in once, is shown with its claimed sender, and is registered
// with its files in one act; the second registration is refused.
func TestMailInIsTakenOnceAndRegistered(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, o *Room, h http.Handler) {
		m := matter(t, o)
		item, taken, err := o.TakeIn(as(registrar), pid, message(2), "")
		if err != nil || !taken {
			t.Fatal(err)
		}
		if again, taken, err := o.TakeIn(as(registrar), pid, message(2), ""); err != nil || taken || again != item {
			t.Fatalf("the same message again: %d %v %v", again, taken, err)
		}
		href := o.letters.Href(pid, item)
		page := webtest.Get(t, h, href, webtest.As(registrar))
		webtest.HasText(t, page, "main", "Uppgiven avsändareFörvaltningschef <chef@kommun.example>")
		webtest.HasText(t, page, "main", "spf=fail")
		// A field that is missing comes back; nothing is registered.
		answer := webtest.Post(t, h, href+"/registrera", url.Values{"brief": {"Synpunkter"}}, webtest.As(registrar))
		if answer.Status != http.StatusUnprocessableEntity {
			t.Fatalf("%d", answer.Status)
		}
		form := url.Values{"matter": {fmt.Sprint(m)}, "series": {"KS"}, "brief": {"Synpunkter"}, "party": {"En kommun"}}
		if answer = webtest.Post(t, h, href+"/registrera", form, webtest.As(registrar)); answer.Status != http.StatusSeeOther {
			t.Fatalf("%d %s", answer.Status, answer.Body)
		}
		entry := webtest.Get(t, h, answer.Header.Get("Location"), webtest.As(registrar))
		webtest.HasText(t, entry, "main", "KS 2026/1")
		webtest.HasText(t, entry, "main", "brev.eml")
		webtest.HasText(t, entry, "main", "yttrande 1.txt")
		if answer = webtest.Post(t, h, href+"/registrera", form, webtest.As(registrar)); answer.Status != http.StatusConflict {
			t.Errorf("registered twice: %d", answer.Status)
		}
		var n int
		if err := d.Read(context.Background(), func(q db.Q) (err error) {
			n, err = db.Value[int](context.Background(), q, `SELECT count(*) FROM registry_number`)
			return err
		}); err != nil || n != 1 {
			t.Errorf("%d numbers, %v", n, err)
		}
	})
}

// A search of the public list finds only by what the list shows, whatever the
// secrecy and whatever is asked.
func TestPublicSearchTellsNothingThatTheListWithholds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.SampledFrom([]string{"anna", "åtgärd", "ks", "hemlig", "42"})
		var list []journal.Item[Entry]
		for i := range rapid.IntRange(1, 6).Draw(t, "n") {
			e := Entry{Number: fmt.Sprintf("KS 2026/%d", i), Party: word.Draw(t, "party"), Brief: word.Draw(t, "brief"), Day: "2026-03-02"}
			if rapid.Bool().Draw(t, "secret") {
				e.Secrecy = "OSL 19:3"
			}
			list = append(list, journal.Item[Entry]{Is: e})
		}
		q := word.Draw(t, "q")
		for _, row := range extracts(context.Background(), list, q) {
			if !strings.Contains(strings.ToLower(row.Number+row.Party+row.Brief), q) {
				t.Fatalf("%q found %+v by what it withholds", q, row)
			}
		}
	})
}

func TestSearchOfTheDiarium(t *testing.T) {
	each(t, func(t *testing.T, _ *db.DB, o *Room, h http.Handler) {
		m := matter(t, o)
		for _, e := range []Entry{{Brief: "Åtgärdsplan för skolan", Party: "Örebro", Theirs: "SN 2026/9"}, {Brief: "Budget", Party: "Arboga"}} {
			e.Matter, e.Series, e.Day, e.Direction = m, "KS", "2026-03-02", "in"
			if _, err := o.Register(as(registrar), pid, e, ""); err != nil {
				t.Fatal(err)
			}
		}
		for q, want := range map[string]string{"åTGÄRDSPLAN": "KS 2026/1", "sn 2026/9": "KS 2026/1", "budget arboga": "KS 2026/2", "ks 2026/2": "KS 2026/2", "örebro budget": "Ingen post har alla orden", "orebro": "Ingen post har alla orden"} {
			webtest.HasText(t, webtest.Get(t, h, "/projekt/1/diarium-sok?q="+url.QueryEscape(q), webtest.As(registrar)), "main", want)
		}
		csv := webtest.Fetch(t, h, "/projekt/1/diarium.csv", webtest.As(registrar)).Body
		if !strings.Contains(csv, "Diarienummer") || !strings.Contains(csv, "SN 2026/9") {
			t.Errorf("%s", csv)
		}
	})
}

// An entry that is moved to another matter lists there, and no longer here.
func TestMovedEntryListsUnderItsNewMatter(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, o *Room, _ http.Handler) {
		a, b := matter(t, o), matter(t, o)
		it, err := o.entries.Add(as(registrar), pid, 0, Entry{Matter: a, Series: "KS", Day: "2026-03-02", Direction: "in", Brief: "Brev"}, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := o.entries.Change(as(registrar), it.ID, it.Version, "fel ärende", "", func(e *Entry) error { e.Matter = b; return nil }); err != nil {
			t.Fatal(err)
		}
		if err := d.Read(context.Background(), func(q db.Q) error {
			for parent, want := range map[journal.ID]int{a: 0, b: 1} {
				if list, err := o.entries.Noun.List(context.Background(), q, journal.Query{Parent: parent}); err != nil || len(list) != want {
					t.Errorf("matter %d has %d entries, want %d (%v)", parent, len(list), want, err)
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
}
