package archive

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// Opener opens the content of a document by its hash.
type Opener func(hash string) (io.ReadCloser, error)

// Write writes the package to w while it reads the documents: no file is held
// in memory. Where a document is not what its checksum says, or w fails, the
// error says so and what has been written is no package: give it to nobody.
// O(bytes of the documents).
func Write(w io.Writer, p Package, open Opener) error {
	if err := p.Check(); err != nil {
		return err
	}
	erms, err := document(p.erms())
	if err != nil {
		return err
	}
	premis, err := document(p.premis())
	if err != nil {
		return err
	}
	mets, err := document(p.mets(erms, premis))
	if err != nil {
		return err
	}
	out := zipper{zip.NewWriter(w), p, make([]byte, 64<<10)}
	for _, f := range []struct {
		path    string
		content []byte
	}{{metsPath, mets}, {premisPath, premis}, {ermsPath, erms}} {
		part, err := out.create(f.path)
		if err != nil {
			return err
		}
		if _, err := part.Write(f.content); err != nil {
			return fmt.Errorf("archive: %w", err)
		}
	}
	for i, e := range p.Matter.Entries {
		for n, d := range e.Documents {
			if err := out.document(documentPath(i, n, d), d, open); err != nil {
				return fmt.Errorf("diarieposten %s, filen %s: %w", e.Number, d.Name, err)
			}
		}
	}
	if err := out.z.Close(); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	return nil
}

type zipper struct {
	z      *zip.Writer
	p      Package
	buffer []byte
}

func (o zipper) create(path string) (io.Writer, error) {
	w, err := o.z.CreateHeader(&zip.FileHeader{Name: "uuid-" + o.p.Matter.Identity + "/" + path, Method: zip.Store, Modified: o.p.Created.UTC()})
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	return w, nil
}

func (o zipper) document(path string, d Document, open Opener) (err error) {
	content, err := open(d.Hash)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	w, err := o.create(path)
	if err != nil {
		return err
	}
	h := sha256.New()
	n, err := io.CopyBuffer(io.MultiWriter(w, h), io.LimitReader(content, d.Size+1), o.buffer)
	if err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	if got := hex.EncodeToString(h.Sum(nil)); n != d.Size || got != d.Hash {
		return fmt.Errorf("innehållet är inte det som registrerades (kontrollsumman stämmer inte); paketet skrevs inte")
	}
	return nil
}
