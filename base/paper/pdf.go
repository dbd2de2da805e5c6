package paper

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"
)

// ErrNoPrinter is returned by PDF where Chromium is not installed.
var ErrNoPrinter = errors.New("paper: no Chromium to print with")

// printTimeout is how long one document may take to print.
const printTimeout = time.Minute

// flags keep Chromium from doing anything but printing the file.
var flags = []string{
	"--headless", "--disable-gpu", "--no-first-run", "--disable-quic", "--disable-background-networking", "--disable-component-update",
	"--disable-sync", "--disable-extensions", "--no-pdf-header-footer", "--generate-pdf-document-outline", "--export-tagged-pdf",
}

// printer is the program that prints, "" where there is none.
func printer() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// CanPrint tells whether PDF can be made on this machine.
func CanPrint() bool { return printer() != "" }

// PDF prints the document as a tagged PDF with Chromium, in a folder of its
// own that is removed. A few seconds.
func (d Document) PDF(ctx context.Context) ([]byte, error) { return Print(ctx, d.HTML()) }

// Print prints a page that stands alone as a tagged PDF.
func Print(ctx context.Context, html []byte) ([]byte, error) {
	program := printer()
	if program == "" {
		return nil, ErrNoPrinter
	}
	dir, err := os.MkdirTemp("", "kommunpilot-print-")
	if err != nil {
		return nil, fmt.Errorf("paper: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary folder
	in, out := filepath.Join(dir, "in.html"), filepath.Join(dir, "out.pdf")
	if err := os.WriteFile(in, html, 0o600); err != nil {
		return nil, fmt.Errorf("paper: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, printTimeout)
	defer cancel()
	args := append([]string{"--user-data-dir=" + filepath.Join(dir, "profile"), "--print-to-pdf=" + out}, flags...)
	if os.Geteuid() == 0 {
		args = append(args, "--no-sandbox") // Chromium's own cannot be used by root
	}
	cmd := exec.CommandContext(ctx, program, append(args, "file://"+in)...) //nolint:gosec // the program is Chromium on the path
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("paper: chromium: %w: %.400s", err, said.Bytes())
	}
	pdf, err := os.ReadFile(out) //nolint:gosec // our own temporary file
	if err != nil {
		return nil, fmt.Errorf("paper: %w", err)
	}
	return pdf, nil
}

// dates are the parts of a PDF that say when it was printed.
var dates = regexp.MustCompile(`\(D:\d{14}[^)]*\)|<xmp:(?:Create|Modify)Date>[^<]*<|/ID ?\[ ?<[0-9A-Fa-f]+> ?<[0-9A-Fa-f]+> ?\]`)

// Undated takes the dates and the random identity out of a PDF, leaving every
// byte at its place, so that the same page gives the same bytes.
func Undated(pdf []byte) []byte {
	return dates.ReplaceAllFunc(pdf, func(m []byte) []byte {
		out := bytes.Clone(m)
		for i, c := range out {
			if c >= '0' && c <= '9' || i > 3 && (c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') && m[0] == '/' {
				out[i] = '0'
			}
		}
		return out
	})
}
