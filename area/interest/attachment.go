package interest

import (
	"path"
	"strings"
	"time"
	"unicode"

	"kommunpilot/base/who"
)

// AttachmentID names an attachment.
type AttachmentID int64

// Attachment is a file that belongs to an application. Type was read from its
// content.
type Attachment struct {
	ID     AttachmentID
	Name   string
	About  string
	Type   string
	Size   int64
	Hash   string
	At     time.Time
	Person who.PersonID
}

// maxAttachments is how many files an application may have.
const maxAttachments = 30

// cleanName is a file's name without folders and signs that cannot be seen,
// at most 150 characters, the ending kept.
func cleanName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || strings.ContainsRune(`"<>|:*?/`, r) {
			return -1
		}
		return r
	}, name)
	name = strings.TrimSpace(name)
	if r := []rune(name); len(r) > 150 {
		ext := []rune(path.Ext(name))
		if len(ext) > 10 {
			ext = nil
		}
		name = string(r[:150-len(ext)]) + string(ext)
	}
	if strings.Trim(name, ". ") == "" {
		return "fil"
	}
	return name
}
