package blob

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"kommunpilot/base/fail"
)

// Kind is a kind of file that may be attached.
type Kind struct {
	Type string   // as in the header Content-Type
	Ext  string   // ".pdf"
	Name string   // what people call it
	also []string // further endings of the same kind
}

// Kinds lists what may be attached: documents, tables and pictures that can be
// opened without running a program. Old Office files and those with macros
// are left out since they can carry programs; SVG and HTML since they can
// carry scripts.
var Kinds = []Kind{
	{Type: "application/pdf", Ext: ".pdf", Name: "PDF"},
	{Type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", Ext: ".docx", Name: "Word"},
	{Type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Ext: ".xlsx", Name: "Excel"},
	{Type: "application/vnd.openxmlformats-officedocument.presentationml.presentation", Ext: ".pptx", Name: "PowerPoint"},
	{Type: "application/vnd.oasis.opendocument.text", Ext: ".odt", Name: "OpenDocument-text"},
	{Type: "application/vnd.oasis.opendocument.spreadsheet", Ext: ".ods", Name: "OpenDocument-tabell"},
	{Type: "application/vnd.oasis.opendocument.presentation", Ext: ".odp", Name: "OpenDocument-presentation"},
	{Type: "image/png", Ext: ".png", Name: "PNG-bild"},
	{Type: "image/jpeg", Ext: ".jpg", Name: "JPEG-bild", also: []string{".jpeg"}},
	{Type: "text/plain", Ext: ".txt", Name: "text"},
	{Type: "text/csv", Ext: ".csv", Name: "CSV"},
}

// Accept is Kinds for the attribute accept of a file field.
func Accept() string {
	var out []string
	for _, k := range Kinds {
		out = append(append(out, k.Ext), k.also...)
	}
	return strings.Join(out, ",")
}

// Sniff tells from the content what kind of file it is; the name is only held
// against it. The error, for the person, is fail.Invalid where the content is
// of no kind that may be attached, or of another kind than the name says. The
// reader is left at its beginning.
func Sniff(name string, r io.ReadSeeker) (Kind, error) {
	size, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		return Kind{}, fmt.Errorf("blob: sniff: %w", err)
	}
	if size == 0 {
		return Kind{}, fail.Newf(fail.Invalid, "Filen %s är tom.", name)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return Kind{}, fmt.Errorf("blob: sniff: %w", err)
	}
	found, err := mimetype.DetectReader(r)
	if err != nil {
		return Kind{}, fmt.Errorf("blob: sniff: %w", err)
	}
	kind, err := judge(name, found)
	if err == nil && strings.HasPrefix(kind.Type, "application/vnd.openxml") {
		err = withoutMacros(name, r, size)
	}
	if _, back := r.Seek(0, io.SeekStart); back != nil {
		return Kind{}, errors.Join(err, fmt.Errorf("blob: sniff: %w", back))
	}
	if err != nil {
		return Kind{}, err
	}
	return kind, nil
}

// judge holds the found type against the list and the name.
func judge(name string, found *mimetype.MIME) (Kind, error) {
	ext := strings.ToLower(path.Ext(name))
	var content Kind
	for _, k := range Kinds {
		if found.Is(k.Type) {
			content = k
		}
	}
	// Text and tables of text cannot be told apart by content for certain.
	if textual := content.Ext == ".csv" || content.Ext == ".txt" || found.Is("text/tab-separated-values"); textual && (ext == ".csv" || ext == ".txt") {
		content = Kinds[slices.IndexFunc(Kinds, func(k Kind) bool { return k.Ext == ext })]
	}
	switch {
	case content.Ext == "":
		return Kind{}, fail.Newf(fail.Invalid, "Filen %s kan inte bifogas: innehållet är av en typ som inte tas emot (%s). Spara den som PDF, Word, Excel, PowerPoint, OpenDocument, bild, text eller CSV.", name, found.String())
	case content.Ext != ext && !slices.Contains(content.also, ext):
		return Kind{}, fail.Newf(fail.Invalid, "Filen %s innehåller något annat än namnet säger: innehållet är %s. Kontrollera att det är rätt fil och ge den ändelsen %s.", name, content.Name, content.Ext)
	}
	return content, nil
}

// withoutMacros refuses an Office file that carries a program.
func withoutMacros(name string, r io.Reader, size int64) error {
	at, ok := r.(io.ReaderAt)
	if !ok {
		return fmt.Errorf("blob: sniff: %T cannot be read at an offset", r)
	}
	z, err := zip.NewReader(at, size)
	if err != nil {
		return &fail.Error{Kind: fail.Invalid, Message: fmt.Sprintf("Filen %s är skadad och kan inte öppnas.", name), Err: err}
	}
	for _, f := range z.File {
		if strings.HasSuffix(strings.ToLower(f.Name), "vbaproject.bin") {
			return fail.Newf(fail.Invalid, "Filen %s innehåller makron och kan inte bifogas. Spara den utan makron.", name)
		}
	}
	return nil
}
