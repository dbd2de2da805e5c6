// Package blob keeps files outside the database, each under the SHA-256 of
// its content: the same content is stored once, and a file that has been
// changed on the disk shows.
//
// A file is whole or not there: it is written under another name, synced to
// the disk and renamed. Store a file before the transaction that speaks of
// it; if that is rolled back, the file is left unused and does no harm.
package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"kommunpilot/base/fail"
)

// Ref names a stored file. It implements nothing more than that: the name
// that people see, and the type, are the room's to keep.
type Ref struct {
	Hash string // SHA-256 in hexadecimal
	Size int64
}

// Store is a folder of files.
type Store struct {
	root   string
	create func(dir string) (file, error) // a test puts a full disk here
}

// file is what Put needs of a file that it writes.
type file interface {
	io.WriteCloser
	Sync() error
	Name() string
}

// incoming is the folder of files that are being written.
const incoming = "incoming"

// Open opens the folder, and makes it where it is missing.
func Open(root string) (*Store, error) {
	if err := os.MkdirAll(filepath.Join(root, incoming), 0o750); err != nil {
		return nil, fmt.Errorf("blob: the folder of files: %w", err)
	}
	return &Store{root: root, create: func(dir string) (file, error) { return os.CreateTemp(dir, "put-*") }}, nil
}

// Put stores what r gives. More than limit bytes are fail.TooLarge; a reader
// that fails, or a full disk, leaves nothing behind.
func (s *Store) Put(ctx context.Context, r io.Reader, limit int64) (Ref, error) {
	f, err := s.create(filepath.Join(s.root, incoming))
	if err != nil {
		return Ref{}, cannotStore(err)
	}
	kept := false
	defer func() {
		if !kept {
			_ = os.Remove(f.Name())
		}
	}()
	ref, err := write(ctx, f, r, limit)
	if err != nil {
		_ = f.Close()
		return Ref{}, err
	}
	if err := f.Close(); err != nil {
		return Ref{}, cannotStore(err)
	}
	if err := s.place(f.Name(), ref.Hash); err != nil {
		return Ref{}, cannotStore(err)
	}
	kept = true
	return ref, nil
}

// write copies, counts, hashes and syncs.
func write(ctx context.Context, f file, r io.Reader, limit int64) (Ref, error) {
	in := &reader{ctx: ctx, r: io.LimitReader(r, limit+1)}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, h), in)
	switch {
	case in.err != nil:
		return Ref{}, fmt.Errorf("blob: the file could not be read to its end: %w", in.err)
	case err != nil:
		return Ref{}, cannotStore(err)
	case n > limit:
		return Ref{}, fail.Newf(fail.TooLarge, "Filen är för stor. Den får vara högst %s.", Megabytes(limit))
	}
	if err := f.Sync(); err != nil {
		return Ref{}, cannotStore(err)
	}
	return Ref{Hash: hex.EncodeToString(h.Sum(nil)), Size: n}, nil
}

// reader remembers its own error, to tell a broken upload from a full disk.
type reader struct {
	ctx context.Context
	r   io.Reader
	err error
}

func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		r.err = err
		return 0, err
	}
	n, err := r.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

// place gives the written file its lasting name and syncs the folders.
func (s *Store) place(temporary, hash string) error {
	path := s.path(hash)
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	if err := os.Chmod(temporary, 0o440); err != nil { //nolint:gosec // the group may read: backup may run as another user
		return err
	}
	if err := os.Rename(temporary, path); err != nil {
		return err
	}
	return errors.Join(syncDir(dir), syncDir(s.root))
}

func syncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // a folder of ours
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func cannotStore(err error) error {
	return &fail.Error{Kind: fail.Unavailable, Message: "Filen kunde inte sparas just nu. Försök igen om en stund; inget har ändrats.", Err: fmt.Errorf("blob: %w", err)}
}

// Megabytes writes a size as people do.
func Megabytes(n int64) string {
	if n < 1e6 {
		return fmt.Sprintf("%d kB", n/1e3)
	}
	return fmt.Sprintf("%d MB", n/1e6)
}

// hashes are the names that Put gives; nothing else becomes a path.
var hashes = regexp.MustCompile(`^[0-9a-f]{64}$`)

// path is where a file lies: under its hash, in one of 256 folders.
func (s *Store) path(hash string) string { return filepath.Join(s.root, hash[:2], hash) }

// Open opens a stored file; fail.NotFound where there is none. The caller
// closes it.
func (s *Store) Open(_ context.Context, hash string) (io.ReadCloser, error) {
	if !hashes.MatchString(hash) {
		return nil, fail.New(fail.NotFound, "Filen finns inte.")
	}
	f, err := os.Open(s.path(hash))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &fail.Error{Kind: fail.NotFound, Message: "Filen finns inte.", Err: err}
	}
	if err != nil {
		return nil, &fail.Error{Kind: fail.Unavailable, Message: "Filen kan inte läsas just nu. Försök igen om en stund.", Err: err}
	}
	return f, nil
}

// All lists every stored file in the order of their hashes, as path in the
// folder and hash.
func (s *Store) All(visit func(path, hash string) error) error {
	dirs, err := os.ReadDir(s.root)
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	for _, d := range dirs {
		if !d.IsDir() || d.Name() == incoming {
			continue
		}
		files, err := os.ReadDir(filepath.Join(s.root, d.Name()))
		if err != nil {
			return fmt.Errorf("blob: %w", err)
		}
		for _, f := range files {
			if !hashes.MatchString(f.Name()) {
				continue
			}
			if err := visit(filepath.Join(s.root, d.Name(), f.Name()), f.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

// Remove removes a stored file that was last put before the given time, and
// tells whether it did. A file that has been put since stays: somebody who has
// just stored the same content may be about to speak of it. The caller has
// made sure that nothing else does.
func (s *Store) Remove(_ context.Context, hash string, before time.Time) (removed bool, err error) {
	if !hashes.MatchString(hash) {
		return false, fail.New(fail.NotFound, "Filen finns inte.")
	}
	// Taken aside first: whoever puts the content from now on makes it anew.
	aside := filepath.Join(s.root, incoming, "remove-"+hash)
	if err := os.Rename(s.path(hash), aside); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, fmt.Errorf("blob: %w", err)
	}
	info, err := os.Stat(aside)
	if err != nil {
		return false, fmt.Errorf("blob: %w", err)
	}
	if !info.ModTime().Before(before) {
		// Back again; over one put meanwhile, which has the same content.
		if err := os.Rename(aside, s.path(hash)); err != nil {
			return false, fmt.Errorf("blob: %w", err)
		}
		return false, nil
	}
	if err := os.Remove(aside); err != nil {
		return false, fmt.Errorf("blob: %w", err)
	}
	return true, syncDir(filepath.Dir(s.path(hash)))
}
