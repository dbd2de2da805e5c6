// Package web embeds the built style sheet, scripts and images.
package web

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed all:dist
var dist embed.FS

var files = func() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // "dist" is a valid path
	}
	return sub
}()

// Files gives the built files.
func Files() fs.FS { return files }

// Find tells whether there is a built file of that name.
func Find(name string) (string, bool) {
	info, err := fs.Stat(files, name)
	return name, err == nil && !info.IsDir()
}

// Named finds the built file whose name begins with base and ends with ext:
// the hash of its content stands between them. "" where there is none.
func Named(base, ext string) string {
	names, _ := fs.Glob(files, base+"-*"+ext)
	for _, n := range names {
		if !strings.HasSuffix(n, ".map") {
			return n
		}
	}
	return ""
}
