package archive_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kommunpilot/base/archive"
)

// store keeps contents by hash, as the platform's files.
type store map[string][]byte

func (s store) put(b []byte) (hash string, size int64) {
	sum := sha256.Sum256(b)
	hash = hex.EncodeToString(sum[:])
	s[hash] = b
	return hash, int64(len(b))
}

func (s store) open(hash string) (io.ReadCloser, error) {
	b, ok := s[hash]
	if !ok {
		return nil, errors.New("filen finns inte")
	}
	return io.NopCloser(bytes.NewReader(b)), nil
}

var now = time.Date(2026, 11, 23, 12, 0, 0, 123456000, time.UTC)

// texts are what people write, with what XML must escape.
func texts(t *rapid.T, name string) string {
	return rapid.StringOfN(rapid.RuneFrom([]rune("abcåäöÅÄÖ <>&\"'\t\n\r]]>–é0123/\U0001F600")), 0, 12, -1).Draw(t, name)
}

func events(t *rapid.T, states ...string) (out []archive.Event) {
	for i := range rapid.IntRange(1, 4).Draw(t, "events") {
		out = append(out, archive.Event{At: now.Add(time.Duration(rapid.Int64Range(-1e15, 1e15).Draw(t, "at")) * time.Microsecond), Agent: texts(t, "agent"), Act: fmt.Sprint("record.", i),
			To: rapid.SampledFrom(states).Draw(t, "to"), Reason: texts(t, "reason")})
	}
	return out
}

// anything draws a random matter with its documents.
func anything(t *rapid.T) (archive.Package, store) {
	files := store{}
	p := archive.Package{Created: now, Creator: "A" + texts(t, "creator"), Project: texts(t, "project"), Matter: archive.Matter{
		Identity: archive.Identity(texts(t, "identity")), Code: texts(t, "code"), Title: texts(t, "title"), Responsible: texts(t, "responsible"),
		State: rapid.SampledFrom([]string{archive.Closed, archive.Archived}).Draw(t, "state"), Events: events(t, "öppet", archive.Closed, archive.Archived)}}
	if rapid.Bool().Draw(t, "decided") {
		p.Matter.Retention = &archive.Retention{Years: rapid.IntRange(0, 200).Draw(t, "years"), Ground: texts(t, "ground")}
	}
	for i := range rapid.IntRange(0, 5).Draw(t, "entries") {
		e := archive.Entry{Number: fmt.Sprintf("KS 2026/%d", i+1), Day: rapid.SampledFrom([]string{"", "2026-03-02", "1999-12-31"}).Draw(t, "day"),
			Direction: rapid.SampledFrom([]string{"", "in", "ut", "upprättad"}).Draw(t, "direction"), Party: texts(t, "party"), Brief: texts(t, "brief"), Theirs: texts(t, "theirs"),
			Secrecy: rapid.SampledFrom([]string{"", "OSL 19:3"}).Draw(t, "secrecy"), State: rapid.SampledFrom([]string{archive.Registered, archive.Finished, archive.Disposed}).Draw(t, "entry state"),
			Events: events(t, archive.Registered, archive.Finished)}
		if i > 0 && rapid.Bool().Draw(t, "mirror") {
			e.Mirror, e.MirrorOf = "SLK", "KS 2026/1"
		}
		for range rapid.IntRange(0, 3).Draw(t, "documents") {
			hash, size := files.put(rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "content"))
			e.Documents = append(e.Documents, archive.Document{Name: texts(t, "name") + rapid.SampledFrom([]string{".pdf", "", "./../x", ".ö"}).Draw(t, "ext"), Type: "application/pdf", Hash: hash, Size: size,
				Version: rapid.IntRange(1, 9).Draw(t, "version"), Added: now.Add(time.Duration(rapid.Int64Range(-1e9, 1e9).Draw(t, "added")) * time.Microsecond)})
		}
		p.Matter.Entries = append(p.Matter.Entries, e)
	}
	return p, files
}

func write(t interface{ Fatal(...any) }, p archive.Package, files store) []byte {
	var b bytes.Buffer
	if err := archive.Write(&b, p, files.open); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestAPackageReadBackIsTheMatter: for random matters, reading gives an equal
// matter with the same documents, and writing that gives the same bytes.
func TestAPackageReadBackIsTheMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, files := anything(t)
		b := write(t, p, files)
		r, faults := archive.Read(bytes.NewReader(b), int64(len(b)), archive.Limits{})
		if len(faults) > 0 {
			t.Fatalf("%v", faults)
		}
		if !reflect.DeepEqual(r.Package, p) {
			t.Fatalf("read  %+v\nwrote %+v", r.Package, p)
		}
		var again bytes.Buffer
		if err := archive.Write(&again, r.Package, r.Open); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(again.Bytes(), b) {
			t.Fatal("written once more it has other bytes")
		}
	})
}

func example() (archive.Package, store) {
	files := store{}
	hash, size := files.put([]byte("%PDF-1.7 avtal"))
	hash2, size2 := files.put([]byte("%PDF-1.7 avtal, rättat"))
	return archive.Package{Created: now, Creator: "Göteborgs Stad", Project: "Social hänsyn", Matter: archive.Matter{
		Identity: archive.Identity("x"), Code: "1.3.2", Title: "Stödfunktion för social hänsyn", Responsible: "Registrator", State: archive.Closed,
		Events:    []archive.Event{{At: now.AddDate(-1, 0, 0), Agent: "Registrator", Act: "record.write", To: "öppet"}, {At: now.AddDate(0, -1, 0), Agent: "Registrator", Act: "record.edit", To: archive.Closed, Reason: "Klart"}},
		Retention: &archive.Retention{Years: 10, Ground: "KS 2025/9 § 4"},
		Entries: []archive.Entry{
			{Number: "UHB 2026/1", Day: "2026-03-02", Direction: "upprättad", Party: "Stadsledningskontoret", Brief: "Avtal", Theirs: "SLK 2026/1", Secrecy: "OSL 19:3", Mirror: "SLK", State: archive.Finished,
				Events: []archive.Event{{At: now, Agent: "Registrator", Act: "record.write", To: archive.Registered}},
				Documents: []archive.Document{
					{Name: "Avtal.pdf", Type: "application/pdf", Hash: hash, Size: size, Version: 1, Added: now},
					{Name: "Avtal.pdf", Type: "application/pdf", Hash: hash2, Size: size2, Version: 2, Added: now},
				}},
			{Number: "SLK 2026/1", Day: "2026-03-02", Direction: "in", Party: "Upphandlingsbolaget", Brief: "Avtal", Theirs: "UHB 2026/1", Mirror: "UHB", MirrorOf: "UHB 2026/1", State: archive.Registered,
				Events: []archive.Event{{At: now, Agent: "Registrator", Act: "record.write", To: archive.Registered}}},
		}}}, files
}

// rezip writes the package again with another content or name of its files;
// a name that becomes "" is left out.
func rezip(t *testing.T, b []byte, change func(name string, content []byte) (string, []byte)) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		name, content := change(f.Name, content)
		if name == "" {
			continue
		}
		to, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := to.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestABadPackageSaysWhatIsWrong: each kind of damage has its sentence, with
// file and line where there is one.
func TestABadPackageSaysWhatIsWrong(t *testing.T) {
	p, files := example()
	good := write(t, p, files)
	replace := func(file, old, with string) func(string, []byte) (string, []byte) {
		return func(name string, b []byte) (string, []byte) {
			if strings.HasSuffix(name, file) {
				if !bytes.Contains(b, []byte(old)) {
					t.Fatalf("%s has no %q", file, old)
				}
				return name, bytes.Replace(b, []byte(old), []byte(with), 1)
			}
			return name, b
		}
	}
	rename := func(file, to string) func(string, []byte) (string, []byte) {
		return func(name string, b []byte) (string, []byte) {
			if strings.HasSuffix(name, file) {
				return to, b
			}
			return name, b
		}
	}
	for _, x := range []struct {
		name   string
		bytes  []byte
		limits archive.Limits
		want   string
	}{
		{"truncated", good[:len(good)-30], archive.Limits{}, "paketet: filen är ingen hel ZIP"},
		{"empty", nil, archive.Limits{}, "paketet: filen är ingen hel ZIP"},
		{"no METS", rezip(t, good, rename("METS.xml", "")), archive.Limits{}, "METS.xml: filen saknas"},
		{"missing document", rezip(t, good, rename("00001/002.pdf", "")), archive.Limits{}, "filen representations/rep1/data/00001/002.pdf finns inte i paketet"},
		{"missing ERMS", rezip(t, good, rename("ERMS.xml", "")), archive.Limits{}, "filen metadata/descriptive/ERMS.xml finns inte"},
		{"changed document", rezip(t, good, replace("00001/001.pdf", "avtal", "AVTAL")), archive.Limits{}, "00001/001.pdf har ändrats: kontrollsumman stämmer inte"},
		{"longer document", rezip(t, good, replace("00001/001.pdf", "avtal", "avtalet")), archive.Limits{}, "00001/001.pdf är större än de 14 byte"},
		{"shorter document", rezip(t, good, replace("00001/001.pdf", "avtal", "")), archive.Limits{}, "00001/001.pdf är 9 byte; METS säger 14"},
		{"changed description", rezip(t, good, replace("ERMS.xml", "Avtal", "Svtal")), archive.Limits{}, "ERMS.xml har ändrats"},
		{"a file nobody listed", rezip(t, good, replaceMETSless(t)), archive.Limits{}, "filen finns i paketet men inte i METS.xml"},
		{"zip slip", rezip(t, good, rename("00001/001.pdf", "../../etc/cron.d/x")), archive.Limits{}, `"../../etc/cron.d/x": sökvägen går ut ur paketet`},
		{"absolute", rezip(t, good, rename("00001/001.pdf", "/etc/x")), archive.Limits{}, `"/etc/x": sökvägen går ut ur paketet`},
		{"backslash", rezip(t, good, rename("00001/001.pdf", `a\..\x`)), archive.Limits{}, `sökvägen går ut ur paketet`},
		{"slip in METS", rezip(t, good, replace("METS.xml", "representations/rep1/data/00001/001.pdf", "../001.pdf")), archive.Limits{}, `(xlink:href) går ut ur paketet`},
		{"two roots", rezip(t, good, rename("00001/001.pdf", "annat/001.pdf")), archive.Limits{}, "utanför paketets mapp"},
		{"huge entry", good, archive.Limits{File: 10}, "högst 10 läses"},
		{"huge together", good, archive.Limits{Total: 100}, "filerna är"},
		{"huge XML", good, archive.Limits{XML: 100}, "den är större än 100 byte"},
		{"too many", good, archive.Limits{Files: 2}, "det har 5 filer; högst 2 läses"},
		{"METS not well-formed", rezip(t, good, replace("METS.xml", "</metsHdr>", "</fel>")), archive.Limits{}, "METS.xml:11: den är inte välformad XML"},
		{"not METS", rezip(t, good, replace("METS.xml", "http://www.loc.gov/METS/", "http://example.org/")), archive.Limits{}, "hör inte till METS"},
		{"size is a word", rezip(t, good, replace("METS.xml", `SIZE="`, `SIZE="x`)), archive.Limits{}, "är inget antal byte"},
		{"MD5", rezip(t, good, replace("METS.xml", `CHECKSUMTYPE="SHA-256"`, `CHECKSUMTYPE="MD5"`)), archive.Limits{}, "är inte en SHA-256"},
	} {
		t.Run(x.name, func(t *testing.T) {
			r, faults := archive.Read(bytes.NewReader(x.bytes), int64(len(x.bytes)), x.limits)
			if r != nil || !slices.ContainsFunc(faults, func(f archive.Fault) bool { return strings.Contains(f.String(), x.want) }) {
				t.Errorf("said %v\nwant %s", faults, x.want)
			}
		})
	}
}

// replaceMETSless makes METS forget the second document.
func replaceMETSless(t *testing.T) func(string, []byte) (string, []byte) {
	return func(name string, b []byte) (string, []byte) {
		if !strings.HasSuffix(name, "METS.xml") {
			return name, b
		}
		from := bytes.Index(b, []byte(`<file ID="file-00001-002"`))
		to := bytes.LastIndex(b, []byte("</file>")) + len("</file>")
		if from < 0 {
			t.Fatal("METS has no second document")
		}
		return name, slices.Concat(b[:from], b[to:])
	}
}

// TestAFlippedByteNeverPasses: whatever byte of the content of whatever file
// is changed, reading refuses, or the package says the same as before.
func TestAFlippedByteNeverPasses(t *testing.T) {
	p, files := example()
	good := write(t, p, files)
	rapid.Check(t, func(t *rapid.T) {
		b := slices.Clone(good)
		b[rapid.IntRange(0, len(b)-1).Draw(t, "at")] ^= byte(1 << rapid.IntRange(0, 7).Draw(t, "bit"))
		r, faults := archive.Read(bytes.NewReader(b), int64(len(b)), archive.Limits{})
		if len(faults) == 0 && !reflect.DeepEqual(r.Matter, p.Matter) {
			t.Fatalf("read as another matter: %+v", r.Matter)
		}
	})
}

// TestNothingIsWrittenOfWhatCannotBe: each reason has its sentence.
func TestNothingIsWrittenOfWhatCannotBe(t *testing.T) {
	for _, x := range []struct {
		name   string
		change func(p *archive.Package, files store)
		want   string
	}{
		{"open", func(p *archive.Package, _ store) { p.Matter.State = "öppet" }, "ärendet är öppet; avsluta det"},
		{"control character", func(p *archive.Package, _ store) { p.Matter.Title = "a\x01" }, "tecknet U+0001 kan inte stå i XML"},
		{"not UTF-8", func(p *archive.Package, _ store) { p.Matter.Entries[0].Party = "\xff" }, "är inte UTF-8"},
		{"twice", func(p *archive.Package, _ store) { p.Matter.Entries[1].Number = "UHB 2026/1" }, "UHB 2026/1 finns två gånger"},
		{"mirror of nothing", func(p *archive.Package, _ store) { p.Matter.Entries[1].MirrorOf = "XX 1/1" }, "speglar XX 1/1, som inte finns"},
		{"day", func(p *archive.Package, _ store) { p.Matter.Entries[0].Day = "2026-02-30" }, `har dagen "2026-02-30"`},
		{"content lost", func(p *archive.Package, f store) { delete(f, p.Matter.Entries[0].Documents[0].Hash) }, "filen Avtal.pdf: filen finns inte"},
		{"content changed", func(p *archive.Package, f store) { f[p.Matter.Entries[0].Documents[0].Hash] = []byte("annat") }, "kontrollsumman stämmer inte"},
		{"nobody's archive", func(p *archive.Package, _ store) { p.Creator = "" }, "arkivbildarens namn saknas"},
	} {
		t.Run(x.name, func(t *testing.T) {
			p, files := example()
			x.change(&p, files)
			if err := archive.Write(io.Discard, p, files.open); err == nil || !strings.Contains(err.Error(), x.want) {
				t.Errorf("%v\nwant %s", err, x.want)
			}
		})
	}
}

func BenchmarkWrite10000Entries(b *testing.B) {
	p, files := example()
	e := p.Matter.Entries[0]
	p.Matter.Entries = nil
	for i := range 10_000 {
		e.Number, e.Mirror = fmt.Sprintf("KS 2026/%d", i+1), ""
		p.Matter.Entries = append(p.Matter.Entries, e)
	}
	for b.Loop() {
		if err := archive.Write(io.Discard, p, files.open); err != nil {
			b.Fatal(err)
		}
	}
}
