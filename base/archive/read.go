package archive

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fault is one thing that is wrong with a package: which of its files, which
// line (0: the file as a whole), and what.
type Fault struct {
	File string
	Line int
	What string
}

// String is the fault as one line.
func (f Fault) String() string {
	if f.Line == 0 {
		return f.File + ": " + f.What
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.What)
}

// Limits bound what a package may take; a zero is the limit of Default.
type Limits struct {
	XML   int64 // bytes of METS, PREMIS or ERMS
	File  int64 // bytes of a document
	Total int64 // bytes of everything together, unpacked
	Files int   // how many files
}

// Default are the limits where nobody says otherwise.
var Default = Limits{XML: 64 << 20, File: 4 << 30, Total: 64 << 30, Files: 100_000}

// Reading is a package that has been opened and found whole.
type Reading struct {
	Package
	files map[string]*zip.File // by the document's hash
}

// Open opens a document of the package by its hash.
func (r *Reading) Open(hash string) (io.ReadCloser, error) {
	f, ok := r.files[hash]
	if !ok {
		return nil, fmt.Errorf("paketet har ingen fil med kontrollsumman %s", hash)
	}
	return f.Open()
}

// listed is a file as METS lists it.
type listed struct {
	line          int
	href          string
	size          int64
	sum, mime, at string
}

// Read opens a package of size bytes and checks it: the form of its XML,
// every file that METS lists with size and checksum, no file that it does not
// list, and that the description and the files speak of the same. Where
// anything is wrong there is no Reading, and the faults say everything that
// was found. O(bytes).
func Read(r io.ReaderAt, size int64, limits Limits) (*Reading, []Fault) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, []Fault{{File: "paketet", What: "filen är ingen hel ZIP; den kan vara avbruten under hämtningen. Hämta den igen (" + err.Error() + ")"}}
	}
	c := &checker{limits: limits.or(Default), files: map[string]*zip.File{}}
	if !c.names(z) {
		return nil, c.faults
	}
	list := c.mets()
	if len(c.faults) > 0 {
		return nil, c.faults
	}
	c.content(list)
	if len(c.faults) > 0 {
		return nil, c.faults
	}
	p := c.said(list)
	if len(c.faults) > 0 {
		return nil, c.faults
	}
	reading := &Reading{Package: p, files: map[string]*zip.File{}}
	for _, l := range list {
		reading.files[l.sum] = c.files[l.href]
	}
	return reading, nil
}

func (l Limits) or(d Limits) Limits {
	if l.XML == 0 {
		l.XML = d.XML
	}
	if l.File == 0 {
		l.File = d.File
	}
	if l.Total == 0 {
		l.Total = d.Total
	}
	if l.Files == 0 {
		l.Files = d.Files
	}
	return l
}

type checker struct {
	limits Limits
	files  map[string]*zip.File
	order  []string
	faults []Fault
}

func (c *checker) bad(file string, line int, format string, args ...any) {
	c.faults = append(c.faults, Fault{file, line, fmt.Sprintf(format, args...)})
}

// names holds every name in the ZIP to one root folder, and its sizes to the limits.
func (c *checker) names(z *zip.Reader) bool {
	if len(z.File) > c.limits.Files {
		c.bad("paketet", 0, "det har %d filer; högst %d läses", len(z.File), c.limits.Files)
		return false
	}
	root, total := "", int64(0)
	for _, f := range z.File {
		if !fs.ValidPath(strings.TrimSuffix(f.Name, "/")) || strings.ContainsAny(f.Name, "\\:") {
			c.bad(strconv.Quote(f.Name), 0, "sökvägen går ut ur paketet eller är ingen giltig sökväg; paketet läses inte")
			continue
		}
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		if f.Mode()&fs.ModeType != 0 {
			c.bad(f.Name, 0, "den är en länk eller något annat än en fil; paketet läses inte")
			continue
		}
		top, rest, ok := strings.Cut(f.Name, "/")
		if root == "" {
			root = top
		}
		if !ok || top != root {
			c.bad(f.Name, 0, "den ligger utanför paketets mapp %s; ett paket har en enda mapp överst", root)
			continue
		}
		if f.UncompressedSize64 > uint64(c.limits.File) {
			c.bad(rest, 0, "den säger sig vara %d byte; högst %d läses", f.UncompressedSize64, c.limits.File)
			continue
		}
		total += int64(f.UncompressedSize64)
		if c.files[rest] != nil {
			c.bad(rest, 0, "den finns två gånger i paketet")
			continue
		}
		c.files[rest], c.order = f, append(c.order, rest)
	}
	if total > c.limits.Total {
		c.bad("paketet", 0, "filerna är %d byte tillsammans; högst %d läses", total, c.limits.Total)
	}
	return len(c.faults) == 0
}

// xml reads one of the package's own files whole.
func (c *checker) xml(name string) []byte {
	f := c.files[name]
	if f == nil {
		c.bad(name, 0, "filen saknas i paketet")
		return nil
	}
	r, err := f.Open()
	if err != nil {
		c.bad(name, 0, "den går inte att läsa (%v)", err)
		return nil
	}
	defer func() { _ = r.Close() }() // only read
	b, err := io.ReadAll(io.LimitReader(r, c.limits.XML+1))
	switch {
	case err != nil:
		c.bad(name, 0, "den går inte att läsa till slutet (%v)", err)
		return nil
	case int64(len(b)) > c.limits.XML:
		c.bad(name, 0, "den är större än %d byte, som är gränsen", c.limits.XML)
		return nil
	}
	return b
}

// tokens visits every element of an XML file with its line; false and a fault
// where it is not well-formed.
func (c *checker) tokens(name string, b []byte, visit func(e xml.StartElement, line int)) bool {
	d := xml.NewDecoder(bytes.NewReader(b))
	for root := false; ; {
		line, _ := d.InputPos()
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			if !root {
				c.bad(name, 1, "filen är tom")
			}
			return root
		}
		if err != nil {
			var syntax *xml.SyntaxError
			if errors.As(err, &syntax) {
				c.bad(name, syntax.Line, "den är inte välformad XML: %s", syntax.Msg)
			} else {
				c.bad(name, line, "den är inte välformad XML: %v", err)
			}
			return false
		}
		if e, ok := t.(xml.StartElement); ok {
			root = true
			visit(e, line)
		}
	}
}

func attribute(e xml.StartElement, space, local string) string {
	for _, a := range e.Attr {
		if a.Name.Local == local && a.Name.Space == space {
			return a.Value
		}
	}
	return ""
}

// mets lists the files that METS lists, and holds each to being there.
func (c *checker) mets() []listed {
	b := c.xml(metsPath)
	if b == nil {
		return nil
	}
	var list []listed
	var open *listed
	add := func(l listed) {
		switch {
		case l.href == "" || path.Clean(l.href) != l.href || !fs.ValidPath(l.href):
			c.bad(metsPath, l.line, "sökvägen %q (xlink:href) går ut ur paketet eller är ingen sökväg", l.href)
		case c.files[l.href] == nil:
			c.bad(metsPath, l.line, "filen %s finns inte i paketet", l.href)
		default:
			list = append(list, l)
		}
	}
	ok := c.tokens(metsPath, b, func(e xml.StartElement, line int) {
		if e.Name.Space != metsSpace {
			if len(list) == 0 && open == nil && line < 4 {
				c.bad(metsPath, line, "elementet %s hör inte till METS (%s)", e.Name.Local, metsSpace)
			}
			return
		}
		switch e.Name.Local {
		case "mdRef":
			add(c.described(e, line, attribute(e, xlinkSpace, "href")))
		case "file":
			l := c.described(e, line, "")
			open = &l
		case "FLocat":
			if open != nil {
				open.href = attribute(e, xlinkSpace, "href")
				add(*open)
				open = nil
			}
		}
	})
	if !ok {
		return nil
	}
	seen := map[string]bool{metsPath: true}
	for _, l := range list {
		if seen[l.href] {
			c.bad(metsPath, l.line, "filen %s listas två gånger", l.href)
		}
		seen[l.href] = true
	}
	for _, name := range c.order {
		if !seen[name] && len(c.faults) == 0 {
			c.bad(name, 0, "filen finns i paketet men inte i METS.xml")
		}
	}
	return list
}

func (c *checker) described(e xml.StartElement, line int, href string) listed {
	l := listed{line: line, href: href, sum: strings.ToLower(attribute(e, "", "CHECKSUM")), mime: attribute(e, "", "MIMETYPE"), at: attribute(e, "", "CREATED")}
	size := attribute(e, "", "SIZE")
	n, err := strconv.ParseInt(size, 10, 64)
	if err != nil || n < 0 {
		c.bad(metsPath, line, "storleken %q (SIZE) är inget antal byte", size)
	}
	l.size = n
	if t := attribute(e, "", "CHECKSUMTYPE"); t != sumType || !hexHash(l.sum) {
		c.bad(metsPath, line, "kontrollsumman är inte en SHA-256 (CHECKSUMTYPE=%q)", t)
	}
	return l
}

// content reads every listed file to its end and holds it to size and checksum.
func (c *checker) content(list []listed) {
	for _, l := range list {
		r, err := c.files[l.href].Open()
		if err != nil {
			c.bad(l.href, 0, "den går inte att läsa (%v)", err)
			continue
		}
		h := sha256.New()
		// A header may lie about the size: no more is read than METS promises.
		n, err := io.Copy(h, io.LimitReader(r, l.size+1))
		_ = r.Close()
		switch {
		case n > l.size:
			c.bad(metsPath, l.line, "filen %s är större än de %d byte som står i METS", l.href, l.size)
		case err != nil:
			c.bad(l.href, 0, "den går inte att läsa till slutet (%v)", err)
		case n < l.size:
			c.bad(metsPath, l.line, "filen %s är %d byte; METS säger %d", l.href, n, l.size)
		case hex.EncodeToString(h.Sum(nil)) != l.sum:
			c.bad(metsPath, l.line, "filen %s har ändrats: kontrollsumman stämmer inte", l.href)
		}
	}
}

// kept is what PREMIS keeps of a document.
type kept struct {
	IDs        []string `xml:"objectIdentifier>objectIdentifierValue"`
	Properties []struct {
		Type  string `xml:"significantPropertiesType"`
		Value string `xml:"significantPropertiesValue"`
	} `xml:"significantProperties"`
	Digest string `xml:"objectCharacteristics>fixity>messageDigest"`
}

// premis gives each path's version, and holds its checksum to that of METS.
func (c *checker) premis(list []listed) map[string]int {
	b := c.xml(premisPath)
	if !c.tokens(premisPath, b, func(xml.StartElement, int) {}) {
		return nil
	}
	var x struct {
		XMLName xml.Name `xml:"http://www.loc.gov/premis/v3 premis"`
		Objects []kept   `xml:"object"`
	}
	if err := xml.Unmarshal(b, &x); err != nil {
		c.bad(premisPath, 1, "den är ingen PREMIS 3: %v", err)
		return nil
	}
	sums, versions := map[string]string{}, map[string]int{}
	for _, o := range x.Objects {
		for _, id := range o.IDs {
			sums[id] = o.Digest
			for _, p := range o.Properties {
				if n, err := strconv.Atoi(p.Value); p.Type == "version" && err == nil {
					versions[id] = n
				}
			}
		}
	}
	for _, l := range list {
		if strings.HasPrefix(l.href, dataPath) && sums[l.href] != l.sum {
			c.bad(premisPath, 0, "kontrollsumman för %s är en annan än i METS", l.href)
		}
	}
	return versions
}

// said puts the description and the files together.
func (c *checker) said(list []listed) Package {
	versions := c.premis(list)
	b := c.xml(ermsPath)
	var lines []int
	if b == nil || !c.tokens(ermsPath, b, func(e xml.StartElement, line int) {
		if e.Name.Space == ermsSpace && e.Name.Local == "record" {
			lines = append(lines, line)
		}
	}) {
		return Package{}
	}
	var x ermsDoc
	if err := xml.Unmarshal(b, &x); err != nil {
		c.bad(ermsPath, 1, "den är ingen ERMS 2: %v", err)
		return Package{}
	}
	line := func(i int) int {
		if i < len(lines) {
			return lines[i]
		}
		return 1
	}
	s, faults := x.saying(line)
	c.faults = append(c.faults, faults...)
	byPath, used := map[string]listed{}, map[string]bool{}
	for _, l := range list {
		byPath[l.href] = l
	}
	for i, paths := range s.paths {
		for n, href := range paths {
			l, ok := byPath[href]
			at, err := time.Parse(time.RFC3339Nano, l.at)
			switch {
			case !ok:
				c.bad(ermsPath, line(i), "bilagan %s finns inte i METS", href)
			case used[href]:
				c.bad(ermsPath, line(i), "bilagan %s används två gånger", href)
			case err != nil:
				c.bad(metsPath, l.line, "tiden %q (CREATED) är ingen tid", l.at)
			}
			used[href] = true
			d := &s.p.Matter.Entries[i].Documents[n]
			d.Type, d.Hash, d.Size, d.Version, d.Added = l.mime, l.sum, l.size, versions[href], at
		}
	}
	for _, l := range list {
		if strings.HasPrefix(l.href, dataPath) && !used[l.href] {
			c.bad(metsPath, l.line, "filen %s hör inte till någon diariepost i ERMS.xml", l.href)
		}
	}
	if len(c.faults) == 0 {
		if err := s.p.Check(); err != nil {
			c.bad(ermsPath, 1, "%v", err)
		}
	}
	s.p.Matter.Entries = slices.Clip(s.p.Matter.Entries)
	return s.p
}
