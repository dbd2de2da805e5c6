// Package fail holds the one error type that crosses rooms.
//
// A fail.Error carries a kind, a Swedish sentence for the person and the
// fields that are wrong. Every other error is internal: it is logged with its
// cause and never shown. Status is the only table from kind to HTTP status.
package fail

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Kind says what went wrong in terms that a caller can act on.
type Kind int

// The kinds. Internal is the zero value, so a forgotten kind is never shown.
const (
	Internal Kind = iota
	Invalid
	Unauthenticated
	Forbidden
	NotFound
	Conflict
	TooLarge
	RateLimited
	Unavailable
)

// statuses is the one table from kind to HTTP status.
var statuses = map[Kind]int{
	Internal:        http.StatusInternalServerError,
	Invalid:         http.StatusUnprocessableEntity,
	Unauthenticated: http.StatusUnauthorized,
	Forbidden:       http.StatusForbidden,
	NotFound:        http.StatusNotFound,
	Conflict:        http.StatusConflict,
	TooLarge:        http.StatusRequestEntityTooLarge,
	RateLimited:     http.StatusTooManyRequests,
	Unavailable:     http.StatusServiceUnavailable,
}

// Field is an error at one field of a form. Name is the field's name in the form.
type Field struct {
	Name    string
	Message string
}

// Error is what a person is told. Message is a Swedish sentence that says what
// happened and how to mend it. Err, if set, is the cause: logged, never shown.
type Error struct {
	Kind    Kind
	Message string
	Fields  []Field
	Err     error
}

// Error joins the message, the fields and the cause, for logs and tests.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Message)
	for _, f := range e.Fields {
		fmt.Fprintf(&b, "; %s: %s", f.Name, f.Message)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// New makes an error of kind k with a sentence for the person.
func New(k Kind, message string) *Error { return &Error{Kind: k, Message: message} }

// Newf is New with a format.
func Newf(k Kind, format string, args ...any) *Error {
	return &Error{Kind: k, Message: fmt.Sprintf(format, args...)}
}

// Fields makes an Invalid error out of field errors, or nil where there are none.
func Fields(fields ...Field) error {
	if len(fields) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Message: "Uppgifterna behöver rättas.", Fields: fields}
}

// As gives the fail.Error in err's chain, or an Internal one that wraps err.
// It is nil for a nil error.
func As(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Kind: Internal, Message: "Något gick fel hos oss.", Err: err}
}

// KindOf gives the kind of err; Internal for nil and for errors of other types.
func KindOf(err error) Kind {
	if err == nil {
		return Internal
	}
	return As(err).Kind
}

// Is tells whether err is a fail.Error of kind k.
func Is(err error, k Kind) bool { return err != nil && KindOf(err) == k }

// Status gives the HTTP status of err; 200 for nil.
func Status(err error) int {
	if err == nil {
		return http.StatusOK
	}
	return statuses[KindOf(err)]
}
