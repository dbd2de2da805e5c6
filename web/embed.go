// Package web embeds the built style sheet, scripts, fonts and images.
package web

import (
	"embed"
	"io/fs"
	"path"
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

// named maps "kommunpilot.css" to "kommunpilot-HASH.css".
var named = func() map[string]string {
	names, err := fs.Glob(files, "*-*.*")
	if err != nil {
		panic(err) // the pattern is well formed
	}
	all := map[string]string{}
	for _, n := range names {
		ext := path.Ext(n)
		base := strings.TrimSuffix(n, ext)
		all[base[:strings.LastIndex(base, "-")]+ext] = n
	}
	return all
}()

// Files gives the built files.
func Files() fs.FS { return files }

// Find tells whether there is a built file of that name.
func Find(name string) (string, bool) {
	if !fs.ValidPath(name) {
		return name, false
	}
	info, err := fs.Stat(files, name)
	return name, err == nil && !info.IsDir()
}

// Named finds the built file whose name begins with base and ends with ext:
// the hash of its content stands between them. "" where there is none.
func Named(base, ext string) string { return named[base+ext] }
