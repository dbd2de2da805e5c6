package web

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"

	assets "kommunpilot/web"
)

// asset is a built file, as it is and compressed.
type asset struct {
	kind             string
	plain, gzip, zip []byte // zip: brotli
}

// built keeps each file compressed from the first time it is asked for.
var built sync.Map // name to *asset

// static serves the built files. Their addresses carry a hash of the content,
// so they may be kept for ever.
func static(w http.ResponseWriter, r *http.Request) error {
	name := strings.TrimPrefix(r.URL.Path, "/static/")
	if _, ok := assets.Find(name); !ok {
		return notFound(w, r)
	}
	a, err := assetOf(name)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	body := a.plain
	if a.zip != nil {
		h.Set("Vary", "Accept-Encoding")
		switch accept := r.Header.Get("Accept-Encoding"); {
		case strings.Contains(accept, "br"):
			h.Set("Content-Encoding", "br")
			body = a.zip
		case strings.Contains(accept, "gzip"):
			h.Set("Content-Encoding", "gzip")
			body = a.gzip
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body) //nolint:gosec // one of our own files; the reader may have left
	return nil
}

func assetOf(name string) (*asset, error) {
	if a, ok := built.Load(name); ok {
		return a.(*asset), nil
	}
	plain, err := fs.ReadFile(assets.Files(), name)
	if err != nil {
		return nil, err
	}
	a := &asset{kind: kindOfFile(name), plain: plain}
	if path.Ext(name) != ".woff2" { // which is compressed already
		if err := a.compress(); err != nil {
			return nil, err
		}
	}
	built.Store(name, a)
	return a, nil
}

// kindOfFile is the media type by the name's end, not left to the machine's
// own tables for the kinds that the policy on scripts and fonts depends on.
func kindOfFile(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".woff2":
		return "font/woff2"
	case ".txt":
		return "text/plain; charset=utf-8"
	default:
		return mime.TypeByExtension(ext)
	}
}

func (a *asset) compress() error {
	var g, b bytes.Buffer
	gz, err := gzip.NewWriterLevel(&g, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := gz.Write(a.plain); err != nil {
		return err
	}
	if err := gz.Close(); err != nil {
		return err
	}
	br := brotli.NewWriterLevel(&b, 9)
	if _, err := br.Write(a.plain); err != nil {
		return err
	}
	if err := br.Close(); err != nil {
		return err
	}
	a.gzip, a.zip = g.Bytes(), b.Bytes()
	return nil
}
