package main

import (
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"kommunpilot/base/fail"
	"kommunpilot/base/web"
)

const problemType = "application/problem+json"

// problem is an error as RFC 9457 tells it.
type problem struct {
	Type   string         `json:"type" format:"uri-reference" example:"about:blank" doc:"Always about:blank: the status says what sort of problem it is."`
	Title  string         `json:"title" example:"Unprocessable Entity" doc:"The status in words."`
	Status int            `json:"status" minimum:"400" maximum:"599" example:"422" doc:"The HTTP status."`
	Detail string         `json:"detail" example:"Uppgifterna behöver rättas." doc:"What happened and how to mend it, in the language that was asked for (sv or en)."`
	Errors []problemField `json:"errors,omitempty" doc:"What is wrong, field by field."`
}

type problemField struct {
	Location string `json:"location" example:"body.content.title" doc:"Where: body, path, query or header, then the field. call is what is stored already."`
	Message  string `json:"message" example:"Ge utlysningen en rubrik." doc:"What is wrong and how to mend it."`
}

func (p *problem) Error() string             { return p.Title + ": " + p.Detail }
func (p *problem) GetStatus() int            { return p.Status }
func (p *problem) ContentType(string) string { return problemType }

func init() {
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return newProblem(status, message, errs...)
	}
	huma.NewErrorWithContext = problemOf
}

func newProblem(status int, message string, errs ...error) *problem {
	p := &problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: message}
	for _, err := range errs {
		if x, ok := err.(huma.ErrorDetailer); ok {
			d := x.ErrorDetail()
			p.Errors = append(p.Errors, problemField{d.Location, d.Message})
		}
	}
	return p
}

// problemOf tells an operation's error, or what is wrong with a request, in
// the reader's language. An error of ours is logged with its cause and never
// shown.
func problemOf(c huma.Context, status int, message string, errs ...error) huma.StatusError {
	ctx := c.Context()
	request, _ := ctx.Value(apiRequestKey{}).(apiRequest)
	var tooLarge *http.MaxBytesError
	var p *problem
	switch {
	case slices.ContainsFunc(errs, func(err error) bool { return errors.As(err, &tooLarge) }):
		p = newProblem(http.StatusRequestEntityTooLarge, "Det som skickades är för stort.")
	case status == http.StatusInternalServerError && len(errs) == 1:
		e := fail.As(errs[0])
		p = newProblem(fail.Status(errs[0]), e.Message)
		for _, f := range e.Fields {
			p.Errors = append(p.Errors, problemField{located(f.Name), web.T(ctx, f.Message)})
		}
		if p.Status >= http.StatusInternalServerError && request.log != nil {
			request.log.ErrorContext(ctx, "request failed", "id", request.id, "route", c.Operation().Path, "err", errs[0])
		}
	default:
		p = newProblem(status, requestWrong(status, message), errs...)
		for i := range p.Errors {
			if web.Lang(ctx) == "sv" {
				p.Errors[i].Message = swedish(p.Errors[i].Message)
			}
		}
	}
	p.Detail = web.T(ctx, p.Detail)
	switch p.Status {
	case http.StatusUnauthorized:
		c.SetHeader("WWW-Authenticate", `Bearer realm="kommunpilot"`)
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		c.SetHeader("Retry-After", "30")
	}
	return p
}

// located says where a field is: a room gives the whole path, or the field's
// name alone where it stands in the body.
func located(name string) string {
	if strings.Contains(name, ".") {
		return name
	}
	return "body." + name
}

// requestWrong is the sentence of a request that no operation saw.
func requestWrong(status int, message string) string {
	switch status {
	case http.StatusRequestEntityTooLarge:
		return "Det som skickades är för stort."
	case http.StatusUnsupportedMediaType:
		return "Skicka application/json."
	case http.StatusBadRequest:
		return "Det som skickades är inte JSON."
	case http.StatusUnprocessableEntity:
		return "Uppgifterna behöver rättas."
	case http.StatusRequestTimeout:
		return "Det tog för lång tid att ta emot det som skickades."
	}
	return message
}

// wrong are the library's words about a value, and ours.
var wrong = []struct {
	says *regexp.Regexp
	ours string
}{
	{says(validation.MsgUnexpectedProperty), "fältet finns inte"},
	{says("unknown query parameter"), "frågan finns inte"},
	{regexp.MustCompile(`^required \w+ parameter is missing$`), "måste anges"},
	{says(validation.MsgExpectedRequiredProperty), "fältet $1 måste finnas"},
	{says(validation.MsgExpectedRFC3339Date), "skriv datumet som 2026-03-31"},
	{says(validation.MsgExpectedBoolean), "ska vara true eller false"},
	{says(validation.MsgExpectedNumber), "ska vara ett tal"},
	{says(validation.MsgExpectedInteger), "ska vara ett heltal"},
	{says("invalid integer"), "ska vara ett heltal"},
	{says(validation.MsgExpectedString), "ska vara en text"},
	{says(validation.MsgExpectedArray), "ska vara en lista"},
	{says(validation.MsgExpectedObject), "ska vara ett objekt"},
	{says(validation.MsgExpectedArrayItemsUnique), "samma värde får inte stå två gånger"},
	{says(validation.MsgExpectedOneOf), "ska vara ett av: $1"},
	{says(validation.MsgExpectedMinimumNumber), "ska vara minst $1"},
	{says(validation.MsgExpectedMaximumNumber), "ska vara högst $1"},
	{says(validation.MsgExpectedMinLength), "ska vara minst $1 tecken"},
	{says(validation.MsgExpectedMaxLength), "får vara högst $1 tecken"},
	{says(validation.MsgExpectedMatchPattern), "ska ha formen $1"},
	{says(validation.MsgExpectedBePattern), "ska vara $1"},
	{says(validation.MsgExpectedMaxItems), "listan får ha högst $1 rader"},
	{says(validation.MsgExpectedMinItems), "listan ska ha minst $1 rader"},
}

// says makes a pattern of a message whose verbs become groups.
func says(message string) *regexp.Regexp {
	s := regexp.QuoteMeta(message)
	return regexp.MustCompile(`(?s)^` + regexp.MustCompile(`%[vsd]`).ReplaceAllString(s, `(.+?)`) + `$`)
}

func swedish(message string) string {
	for _, w := range wrong {
		if w.says.MatchString(message) {
			return w.says.ReplaceAllString(message, w.ours)
		}
	}
	return message
}
