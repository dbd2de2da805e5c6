package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set by the Makefile (-ldflags -X main.version=...).
var version = "dev"

// VersionCmd prints the version.
type VersionCmd struct{}

// Run prints the version, the commit where the build knows it, and Go's version.
func (VersionCmd) Run(out *Streams) error {
	_, err := fmt.Fprintf(out.Out, "kommunpilot %s (%s, %s/%s)\n", versionText(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// versionText is the version with the commit.
func versionText() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version
	}
	commit, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			commit = "+" + s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "-changed"
		}
	}
	return version + commit + dirty
}
