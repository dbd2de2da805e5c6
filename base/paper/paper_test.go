package paper_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"kommunpilot/base/paper"
	"kommunpilot/base/paper/papertest"
)

var document = paper.Document{
	Title: "Lägesrapport <kvartal 1> & mer", Subtitle: "Åsa i Älvsby", Facts: []paper.Fact{{Term: "Projekt", Value: "Räksmörgås"}},
	Parts: []paper.Part{
		{Head: "Risker", Text: []string{"En rad\noch en till."}, List: []string{"första", "andra"}},
		{Level: 2, Head: "Tabell", Table: &paper.Table{Caption: "Åtgärder", Heads: []string{"Vad", "När"}, Rows: [][]string{{"Skriv \x01 <b>", "2026-03-31"}}}},
	}, Note: "Exempel.",
}

func TestWordFileIsSoundAndHoldsTheText(t *testing.T) {
	a, err := document.DOCX()
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := document.DOCX(); !bytes.Equal(a, b) {
		t.Error("the same document gives other bytes")
	}
	z, err := zip.NewReader(bytes.NewReader(a), int64(len(a)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(r)
		dec := xml.NewDecoder(bytes.NewReader(text))
		for {
			if _, err := dec.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
		}
		if f.Name == "word/document.xml" && !strings.Contains(string(text), "Lägesrapport &lt;kvartal 1&gt; &amp; mer") {
			t.Errorf("no title in %s", text)
		}
	}
	text := papertest.Office(t, "a.docx", a, "txt", "Text (encoded):UTF8")
	for _, want := range []string{"Lägesrapport <kvartal 1> & mer", "Räksmörgås", "Åtgärder", "2026-03-31"} {
		if !strings.Contains(text, want) {
			t.Errorf("LibreOffice reads no %q in\n%s", want, text)
		}
	}
}

func TestPageStandsAloneAndIsEscaped(t *testing.T) {
	page := string(document.HTML())
	for _, want := range []string{`lang="sv"`, "<h1>Lägesrapport &lt;kvartal 1&gt; &amp; mer</h1>", "<h3>Tabell</h3>", "En rad<br>och en till.", `<th scope="col">Vad</th>`, "&lt;b&gt;"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing", want)
		}
	}
}

func TestPDFIsTagged(t *testing.T) {
	pdf, err := document.PDF(t.Context())
	if errors.Is(err, paper.ErrNoPrinter) && os.Getenv("KOMMUNPILOT_REQUIRE_BROWSER") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) || !bytes.Contains(pdf, []byte("/StructTreeRoot")) {
		t.Error("not a tagged PDF")
	}
	info, err := exec.LookPath("pdfinfo")
	if err != nil && os.Getenv("KOMMUNPILOT_REQUIRE_OFFICE") != "" {
		t.Fatal("pdfinfo is not installed")
	} else if err != nil {
		t.Skip("pdfinfo is not installed")
	}
	cmd := exec.CommandContext(t.Context(), info, "-")
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil || !strings.Contains(string(out), "Tagged:") || !strings.Contains(string(out), "yes") {
		t.Errorf("%v %s", err, out)
	}
}
