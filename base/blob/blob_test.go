package blob

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"kommunpilot/base/fail"
)

func open(t *testing.T) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "files"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// found lists every file below the store, finished or not.
func found(t *testing.T, s *Store) (out []string) {
	t.Helper()
	err := filepath.WalkDir(s.root, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPutAndOpen(t *testing.T) {
	s := open(t)
	const text = "Beslut § 47"
	ref, err := s.Put(t.Context(), strings.NewReader(text), 100)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(text))
	if ref.Hash != hex.EncodeToString(sum[:]) || ref.Size != int64(len(text)) {
		t.Errorf("ref %+v", ref)
	}
	again, err := s.Put(t.Context(), strings.NewReader(text), 100)
	if err != nil || again != ref || len(found(t, s)) != 1 {
		t.Errorf("the same content twice: %+v, %v, %d files", again, err, len(found(t, s)))
	}
	r, err := s.Open(t.Context(), ref.Hash)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil || string(b) != text {
		t.Errorf("read %q, %v", b, err)
	}
	for _, bad := range []string{"", "../../etc/passwd", strings.Repeat("a", 64), strings.ToUpper(ref.Hash)} {
		if _, err := s.Open(t.Context(), bad); !fail.Is(err, fail.NotFound) {
			t.Errorf("Open(%q) gave %v", bad, err)
		}
	}
}

func TestLimit(t *testing.T) {
	s := open(t)
	if _, err := s.Put(t.Context(), strings.NewReader(strings.Repeat("x", 100)), 100); err != nil {
		t.Errorf("at the limit: %v", err)
	}
	_, err := s.Put(t.Context(), strings.NewReader(strings.Repeat("y", 101)), 100)
	if !fail.Is(err, fail.TooLarge) || len(found(t, s)) != 1 {
		t.Errorf("over the limit: %v, %d files", err, len(found(t, s)))
	}
}

// brokenDisk is a file that fails at one of its steps.
type brokenDisk struct {
	*os.File
	full, sync, close bool
}

var errFull = errors.New("no space left on device")

func (b *brokenDisk) Write(p []byte) (int, error) {
	if b.full {
		n, _ := b.File.Write(p[:len(p)/2])
		return n, errFull
	}
	return b.File.Write(p)
}

func (b *brokenDisk) Sync() error {
	if b.sync {
		return errFull
	}
	return b.File.Sync()
}

func (b *brokenDisk) Close() error {
	err := b.File.Close()
	if b.close {
		return errFull
	}
	return err
}

func TestFullDiskLeavesNothing(t *testing.T) {
	for name, disk := range map[string]brokenDisk{"write": {full: true}, "sync": {sync: true}, "close": {close: true}} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			s.create = func(dir string) (file, error) {
				f, err := os.CreateTemp(dir, "put-*")
				b := disk
				b.File = f
				return &b, err
			}
			_, err := s.Put(t.Context(), strings.NewReader("innehåll"), 100)
			if !fail.Is(err, fail.Unavailable) || !errors.Is(err, errFull) {
				t.Errorf("got %v", err)
			}
			if left := found(t, s); len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
	t.Run("create", func(t *testing.T) {
		s := open(t)
		s.create = func(string) (file, error) { return nil, errFull }
		if _, err := s.Put(t.Context(), strings.NewReader("x"), 10); !fail.Is(err, fail.Unavailable) {
			t.Errorf("got %v", err)
		}
	})
}

func TestBrokenUploadLeavesNothing(t *testing.T) {
	s := open(t)
	gone := errors.New("the connection was cut")
	_, err := s.Put(t.Context(), io.MultiReader(strings.NewReader("halva"), iotest.ErrReader(gone)), 100)
	if !errors.Is(err, gone) || fail.Is(err, fail.Unavailable) || len(found(t, s)) != 0 {
		t.Errorf("got %v, %d files", err, len(found(t, s)))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Put(ctx, strings.NewReader("x"), 100); !errors.Is(err, context.Canceled) || len(found(t, s)) != 0 {
		t.Errorf("got %v, %d files", err, len(found(t, s)))
	}
}

func TestAllListsFinishedFilesOnly(t *testing.T) {
	s := open(t)
	for _, text := range []string{"a", "b", "c"} {
		if _, err := s.Put(t.Context(), strings.NewReader(text), 10); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(s.root, incoming, "put-half"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	var hashes []string
	if err := s.All(func(_, hash string) error { hashes = append(hashes, hash); return nil }); err != nil || len(hashes) != 3 {
		t.Errorf("%v, %v", hashes, err)
	}
}

// zipped makes an archive with the given files, as Office documents are.
func zipped(t *testing.T, names ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, n := range names {
		w, err := z.Create(n)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, "<x/>"); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSniff(t *testing.T) {
	docx := zipped(t, "[Content_Types].xml", "_rels/.rels", "word/document.xml")
	rows := []struct {
		about, name, content string
		want                 string // type, or part of the sentence
		ok                   bool
	}{
		{"PDF", "beslut.pdf", "%PDF-1.7\n%âãÏÓ\n", "application/pdf", true},
		{"ending in capitals", "BESLUT.PDF", "%PDF-1.7\n", "application/pdf", true},
		{"PNG", "karta.png", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "image/png", true},
		{"JPEG by its longer ending", "foto.jpeg", "\xff\xd8\xff\xe0\x00\x10JFIF\x00", "image/jpeg", true},
		{"text with Swedish letters", "svar.txt", "Åre, Älvsbyn och Örebro", "text/plain", true},
		{"a table as text", "kommuner.csv", "kod;namn\n2321;Åre\n", "text/csv", true},
		{"Word", "ansökan.docx", docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", true},

		{"renamed program of Windows", "beslut.pdf", "MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff", "kan inte bifogas", false},
		{"renamed program of Linux", "beslut.txt", "\x7fELF\x02\x01\x01\x00", "kan inte bifogas", false},
		{"script as text", "svar.txt", "#!/bin/sh\nrm -rf /\n", "kan inte bifogas", false},
		{"page with script", "svar.txt", "<!DOCTYPE html><script>alert(1)</script>", "kan inte bifogas", false},
		{"SVG", "karta.svg", `<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>`, "kan inte bifogas", false},
		{"picture named PDF", "beslut.pdf", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "PNG-bild", false},
		{"PDF without ending", "beslut", "%PDF-1.7\n", ".pdf", false},
		{"tabbed text named PDF", "beslut.pdf", "a\tb\tc\n1\t2\t3\n4\t5\t6\n", "inte bifogas", false},
		{"macros in Word", "ansökan.docx", zipped(t, "[Content_Types].xml", "_rels/.rels", "word/document.xml", "word/vbaProject.bin"), "makron", false},
		{"damaged Word", "ansökan.docx", docx[:len(docx)-30], "skadad", false},
		{"plain archive named Word", "ansökan.docx", zipped(t, "x.txt"), "kan inte bifogas", false},
		{"empty", "tom.pdf", "", "är tom", false},
	}
	for _, row := range rows {
		t.Run(row.about, func(t *testing.T) {
			r := strings.NewReader(row.content)
			kind, err := Sniff(row.name, r)
			if row.ok {
				if err != nil || kind.Type != row.want {
					t.Errorf("got %q, %v", kind.Type, err)
				}
				if rest, _ := io.ReadAll(r); string(rest) != row.content {
					t.Error("the reader is not left at its beginning")
				}
				return
			}
			if !fail.Is(err, fail.Invalid) || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %+v, %v; want %q", kind, err, row.want)
			}
		})
	}
}

func TestAcceptNamesEveryEnding(t *testing.T) {
	for _, ext := range []string{".pdf", ".docx", ".jpg", ".jpeg", ".csv"} {
		if !strings.Contains(Accept(), ext) {
			t.Errorf("%s is missing in %s", ext, Accept())
		}
	}
}

// TestRemoveTakesTheOldAndLeavesTheNew: what has been put since the moment
// stays, and so does everything with another content.
func TestRemoveTakesTheOldAndLeavesTheNew(t *testing.T) {
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	put := func(text string) Ref {
		ref, err := s.Put(t.Context(), strings.NewReader(text), 100)
		if err != nil {
			t.Fatal(err)
		}
		return ref
	}
	a, b := put("a"), put("b")
	remove := func(hash string, before time.Time, want bool) {
		t.Helper()
		if got, err := s.Remove(t.Context(), hash, before); got != want || err != nil {
			t.Errorf("removed %v, want %v (%v)", got, want, err)
		}
	}
	remove(a.Hash, time.Now().Add(-time.Hour), false)
	if f, err := s.Open(t.Context(), a.Hash); err != nil {
		t.Errorf("a file that was new is gone: %v", err)
	} else if err := f.Close(); err != nil {
		t.Error(err)
	}
	remove(a.Hash, time.Now().Add(time.Hour), true)
	remove(a.Hash, time.Now().Add(time.Hour), false)
	if _, err := s.Open(t.Context(), a.Hash); !fail.Is(err, fail.NotFound) {
		t.Errorf("it is there: %v", err)
	}
	if f, err := s.Open(t.Context(), b.Hash); err != nil {
		t.Errorf("another is gone: %v", err)
	} else if err := f.Close(); err != nil {
		t.Error(err)
	}
	if _, err := s.Remove(t.Context(), "../../etc/passwd", time.Now()); !fail.Is(err, fail.NotFound) {
		t.Errorf("a path: %v", err)
	}
}
