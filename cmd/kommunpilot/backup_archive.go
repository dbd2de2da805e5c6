package main

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// An archive is a gzipped tar with the database (an SQLite file, or
// PostgreSQL's custom dump), the files, and last the manifest.
const (
	archiveFormat = 1
	databaseName  = "database"
	filesFolder   = "files/"
	manifestName  = "manifest.json"
)

// manifest says what an archive holds, so that restore can check it.
type manifest struct {
	Format       int                 `json:"format"`
	Version      string              `json:"version"` // of the program
	Dialect      string              `json:"dialect"`
	Made         time.Time           `json:"made"`
	AuditEntries int64               `json:"audit_entries"`
	AuditHash    string              `json:"audit_hash"`
	Files        map[string]checksum `json:"files"` // by name in the archive
}

// checksum is a file's size and SHA-256.
type checksum struct {
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// archive is one that is being written.
type archive struct {
	gz       *gzip.Writer
	tar      *tar.Writer
	manifest *manifest
}

func newArchive(w io.Writer, m *manifest) *archive {
	gz := gzip.NewWriter(w)
	m.Files = map[string]checksum{}
	return &archive{gz: gz, tar: tar.NewWriter(gz), manifest: m}
}

// add puts a file in the archive and its checksum in the manifest.
func (a *archive) add(name, path string) error {
	f, err := os.Open(path) //nolint:gosec // a file of ours
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if err := a.tar.WriteHeader(&tar.Header{Name: name, Size: info.Size(), Mode: 0o600, ModTime: a.manifest.Made}); err != nil {
		return err
	}
	h := sha256.New()
	if _, err := io.Copy(io.MultiWriter(a.tar, h), f); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	a.manifest.Files[name] = checksum{Size: info.Size(), SHA256: hex.EncodeToString(h.Sum(nil))}
	return nil
}

// close writes the manifest and ends the archive.
func (a *archive) close() error {
	b, err := json.MarshalIndent(a.manifest, "", "  ")
	if err != nil {
		return err
	}
	if err := a.tar.WriteHeader(&tar.Header{Name: manifestName, Size: int64(len(b)), Mode: 0o600, ModTime: a.manifest.Made}); err != nil {
		return err
	}
	if _, err := a.tar.Write(b); err != nil {
		return err
	}
	return errors.Join(a.tar.Close(), a.gz.Close())
}

// names are all that an archive of ours holds; no other becomes a path.
var names = regexp.MustCompile(`^(database|manifest\.json|files/[0-9a-f]{64})$`)

// unpack lays an archive out in a folder and checks every file against the
// manifest.
func unpack(r io.Reader, to string) (manifest, error) {
	gz, err := gzip.NewReader(r)
	if err != nil {
		return manifest{}, fmt.Errorf("it is no archive made by backup: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(to, filesFolder), 0o750); err != nil {
		return manifest{}, err
	}
	found, all := map[string]checksum{}, tar.NewReader(gz)
	for {
		h, err := all.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return manifest{}, fmt.Errorf("the archive is cut off or damaged: %w", err)
		}
		if !names.MatchString(h.Name) || h.Typeflag != tar.TypeReg {
			return manifest{}, fmt.Errorf("the archive holds %q, which no backup of ours does", h.Name)
		}
		if found[h.Name], err = lay(all, filepath.Join(to, h.Name)); err != nil { //nolint:gosec // names holds no path that leads out
			return manifest{}, fmt.Errorf("the archive is cut off or damaged at %s: %w", h.Name, err)
		}
	}
	b, err := os.ReadFile(filepath.Join(to, manifestName)) //nolint:gosec // a file of ours
	if err != nil {
		return manifest{}, fmt.Errorf("the archive has no manifest; it is cut off or none of ours: %w", err)
	}
	var m manifest
	if err := json.Unmarshal(b, &m); err != nil {
		return manifest{}, fmt.Errorf("the manifest cannot be read: %w", err)
	}
	delete(found, manifestName)
	return m, m.compare(found)
}

// compare holds what was found against the manifest.
func (m *manifest) compare(found map[string]checksum) error {
	if m.Format != archiveFormat {
		return fmt.Errorf("the archive has format %d, this program knows %d; use the program of version %s", m.Format, archiveFormat, m.Version)
	}
	if _, ok := m.Files[databaseName]; !ok {
		return errors.New("the archive has no database")
	}
	var wrong []error
	for name, want := range m.Files {
		if got, ok := found[name]; !ok {
			wrong = append(wrong, fmt.Errorf("%s is missing", name))
		} else if got != want {
			wrong = append(wrong, fmt.Errorf("%s has been changed", name))
		}
		if hash := filepath.Base(name); name != databaseName && hash != want.SHA256 {
			wrong = append(wrong, fmt.Errorf("%s does not have the content that its name says", name))
		}
	}
	for name := range found {
		if _, ok := m.Files[name]; !ok {
			wrong = append(wrong, fmt.Errorf("%s is not in the manifest", name))
		}
	}
	return errors.Join(wrong...)
}

// lay writes one file of the archive to the disk.
func lay(r io.Reader, path string) (checksum, error) {
	h := sha256.New()
	var n int64
	err := writeFile(path, func(w io.Writer) (err error) {
		n, err = io.Copy(io.MultiWriter(w, h), r)
		return err
	})
	return checksum{Size: n, SHA256: hex.EncodeToString(h.Sum(nil))}, err
}
