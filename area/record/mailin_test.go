package record

import (
	"strings"
	"testing"
)

func TestParseMail(t *testing.T) {
	head := "From: =?utf-8?q?Ar=C3=A9na?= <a@example.se>\r\nMessage-ID: <1@x>\r\nSubject: Hej\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nText\r\n"
	file := "--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\naGVq\r\n"
	m, err := ParseMail(strings.NewReader(head + strings.Repeat(file, 200) + "--b--\r\n"))
	if err != nil || m.Body != "Text" || m.Claimed != "Aréna <a@example.se>" || len(m.Files) != 200 || string(m.Files[0].Data) != "hej" || m.Files[0].Name != "a.pdf" {
		t.Fatalf("%v: %q %q, %d files", err, m.Body, m.Claimed, len(m.Files))
	}
	for name, bad := range map[string]string{"201 files": head + strings.Repeat(file, 201) + "--b--\r\n", "cut off": head + file, "no head": "x", "too big": "From: a@x\r\n\r\n" + strings.Repeat("x", maxBytes)} {
		if _, err := ParseMail(strings.NewReader(bad)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
