// Package papertest opens the files that the platform makes with programs that
// are not ours.
package papertest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Office lets LibreOffice read a file and write it again in the form of the
// filter, for example "txt:Text (encoded):UTF8" or "csv:Text - txt - csv
// (StarCalc):44,34,76", and returns what it wrote. The test is skipped where
// LibreOffice is missing, and fails there with KOMMUNPILOT_REQUIRE_OFFICE.
func Office(t *testing.T, name string, data []byte, form, filter string) string {
	t.Helper()
	office, err := exec.LookPath("soffice")
	if err != nil {
		if os.Getenv("KOMMUNPILOT_REQUIRE_OFFICE") != "" {
			t.Fatal("LibreOffice is not installed")
		}
		t.Skip("LibreOffice is not installed")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), office, "-env:UserInstallation=file://"+dir+"/profile", "--headless", "--convert-to", form+":"+filter, "--outdir", dir, file) //nolint:gosec // the office program, with a file of the test's own
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	text, err := os.ReadFile(file[:len(file)-len(filepath.Ext(name))] + "." + form) //nolint:gosec // of the test's own folder
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
