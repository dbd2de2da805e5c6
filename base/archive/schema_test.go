package archive_test

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// xmllint finds the program, or skips; where the tests must have it, fails.
func xmllint(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("xmllint")
	if err != nil {
		if os.Getenv("KOMMUNPILOT_REQUIRE_XMLLINT") != "" {
			t.Fatal("xmllint is missing: apt-get install libxml2-utils")
		}
		t.Skip("xmllint is missing: apt-get install libxml2-utils")
	}
	return path
}

// described unpacks the package's XML files into a folder.
func described(t interface{ Fatal(...any) }, b []byte, folder string) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if !strings.HasSuffix(f.Name, ".xml") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, filepath.Base(f.Name)), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// valid asks xmllint, without network, whether the file follows the schema.
func valid(lint, schema, file string) (string, error) {
	c := exec.Command(lint, "--nonet", "--noout", "--schema", schema, file)
	if catalog := filepath.Join(filepath.Dir(schema), "catalog.xml"); exists(catalog) {
		c.Env = append(os.Environ(), "XML_CATALOG_FILES="+catalog)
	}
	out, err := c.CombinedOutput()
	return string(out), err
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

// TestSchemaProfile holds random packages to the profile schemas (which are
// our own restatement: testdata/profile/README.md), with xmllint.
func TestSchemaProfile(t *testing.T) {
	lint, folder := xmllint(t), t.TempDir()
	check := func(t interface {
		Fatal(...any)
		Fatalf(string, ...any)
	}, b []byte) {
		described(t, b, folder)
		for file, schema := range map[string]string{"METS.xml": "mets.xsd", "premis.xml": "premis.xsd", "ERMS.xml": "erms.xsd"} {
			if out, err := valid(lint, filepath.Join("testdata/profile", schema), filepath.Join(folder, file)); err != nil {
				t.Fatalf("%s: %s", file, out)
			}
		}
	}
	p, files := example()
	check(t, write(t, p, files))
	references(t, filepath.Join(folder, "METS.xml"))
	rapid.Check(t, func(t *rapid.T) {
		p, files := anything(t)
		check(t, write(t, p, files))
	})
}

// references holds every reference in METS to an ID that is there: xmllint
// does not look when it validates by a schema.
func references(t *testing.T, file string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	refs := regexp.MustCompile(`(?:FILEID|DMDID|ADMID)="([^"]*)"`).FindAllSubmatch(b, -1)
	if len(refs) != 3 {
		t.Errorf("METS has %d references, want 3", len(refs))
	}
	for _, r := range refs {
		if n := bytes.Count(b, slices.Concat([]byte(` ID="`), r[1], []byte(`"`))); n != 1 {
			t.Errorf("%s has %d IDs", r[0], n)
		}
	}
}

// TestSchemaProfileRefuses: the profile schemas do say no.
func TestSchemaProfileRefuses(t *testing.T) {
	lint, folder := xmllint(t), t.TempDir()
	p, files := example()
	described(t, write(t, p, files), folder)
	for _, x := range []struct{ file, schema, old, with string }{
		{"METS.xml", "mets.xsd", ` OBJID="`, ` XBJID="`},
		{"METS.xml", "mets.xsd", `CHECKSUMTYPE="SHA-256"`, `CHECKSUMTYPE="sha"`},
		{"METS.xml", "mets.xsd", ` USE="Representations/rep1"`, ``},
		{"METS.xml", "mets.xsd", `OAISPACKAGETYPE="SIP"`, `OAISPACKAGETYPE="ZIP"`},
		{"premis.xml", "premis.xsd", `xsi:type="file"`, `xsi:type="bitstreams"`},
		{"premis.xml", "premis.xsd", `<size>14`, `<size>fjorton`},
		{"ERMS.xml", "erms.xsd", `dateType="captured"`, `dateType="registered"`},
		{"ERMS.xml", "erms.xsd", `<objectId>UHB 2026/1</objectId>`, ``},
		{"ERMS.xml", "erms.xsd", `disposable="true"`, `disposable="ja"`},
	} {
		b, err := os.ReadFile(filepath.Join(folder, x.file))
		if err != nil || !bytes.Contains(b, []byte(x.old)) {
			t.Fatalf("%s has no %q (%v)", x.file, x.old, err)
		}
		bad := filepath.Join(folder, "bad.xml")
		if err := os.WriteFile(bad, bytes.Replace(b, []byte(x.old), []byte(x.with), 1), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := valid(lint, filepath.Join("testdata/profile", x.schema), bad); err == nil || !strings.Contains(out, "fails to validate") {
			t.Errorf("%s with %q passes: %s", x.file, x.with, out)
		}
	}
}

// TestSchemaPublished holds a package to the published schemas where a folder
// of them is given.
func TestSchemaPublished(t *testing.T) {
	schemas := os.Getenv("KOMMUNPILOT_ARCHIVE_SCHEMAS")
	if schemas == "" {
		t.Skip("KOMMUNPILOT_ARCHIVE_SCHEMAS names no folder with the published schemas; see testdata/profile/README.md")
	}
	lint, folder := xmllint(t), t.TempDir()
	p, files := example()
	described(t, write(t, p, files), folder)
	for file, schema := range map[string]string{"METS.xml": "mets.xsd", "premis.xml": "premis.xsd", "ERMS.xml": "ERMS.xsd"} {
		if out, err := valid(lint, filepath.Join(schemas, schema), filepath.Join(folder, file)); err != nil {
			t.Errorf("%s: %s", file, out)
		}
	}
}
