package main

import (
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"kommunpilot/base/policy"
)

const apiAbout = `The acts of Kommunpilot for other systems: the same rules, rights and entries in the log as on its pages.

Public facts (programmes, published calls, the register of municipalities, results after the decision) are open without a key.
Everything else needs a key in the header ` + "`Authorization: Bearer …`" + `. An administrator sets up an integration with a role, an organisation, an expiry day and scopes; whoever holds that role fetches the key, once. Each operation names the scope that it needs under security. A key within its scopes may do what its role may, and nothing else. A key never signs and never decides on a selection: people do.

Lists are paged with limit (at most 500) and offset, and say where the next page is. Errors are RFC 9457 problems in Swedish, or in English with ` + "`Accept-Language: en`" + `. Values that mean a state or a role are the Swedish words that the law and the pages use; each field says in English what they mean. Dates are calendar dates in Sweden, times are UTC, money is in öre (1/100 SEK).

A request that changes something may carry ` + "`Idempotency-Key`" + `: the same key a second time is answered 409 and nothing is done twice. Cookies are not read: a session in a browser gives no rights here.`

// apiConfig is the library's configuration: no pages of its own, no $schema,
// no server address.
func apiConfig() huma.Config {
	c := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{Title: "Kommunpilot", Version: "1", Description: apiAbout,
				License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}},
			Tags: []*huma.Tag{
				{Name: "programmes", Description: "Development programmes (program) and who runs them."},
				{Name: "calls", Description: "Calls (utlysningar) that municipalities answer."},
				{Name: "applications", Description: "Answers to calls (intresseanmälningar) by one or several municipalities."},
				{Name: "results", Description: "Whom a call selected, by which method, and the proof."},
				{Name: "register", Description: "The register of Swedish municipalities, by edition of the classification."},
				{Name: "log", Description: "The log of every act, chained by hashes."},
				{Name: "identity", Description: "Who the key is."},
			},
			Components: &huma.Components{
				Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
				SecuritySchemes: map[string]*huma.SecurityScheme{"key": {
					Type: "http", Scheme: "bearer",
					Description: "A key of an integration. Scopes are the actions of the platform's policy; x-scopes lists them all.",
					Extensions:  map[string]any{"x-scopes": policy.Actions()},
				}},
			},
		},
		Formats:       huma.DefaultFormats,
		DefaultFormat: "application/json",
	}
	return c
}

// schemaName names a type's schema: the rooms' own types begin with api where
// a plain name is taken.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	if rest, ok := strings.CutPrefix(strings.Replace(name, "API", "Api", 1), "Api"); ok && rest != "" {
		return rest
	}
	return name
}

// documented completes the description of every operation: what it needs, what
// it may answer, and its limits.
type documented struct {
	huma.API
	config huma.Config
	api    *api
}

// Config is asked for by the library.
func (d documented) Config() huma.Config { return d.config }

// DocumentOperation is called by the library before the operation is mounted.
// Metadata: action is the scope that the operation needs; public tells that it
// answers without a key as well; statuses are further errors.
func (d documented) DocumentOperation(op *huma.Operation) {
	action, _ := op.Metadata["action"].(string)
	public, _ := op.Metadata["public"].(bool)
	op.RejectUnknownQueryParameters = true
	op.MaxBodyBytes = apiBody
	statuses, _ := op.Metadata["statuses"].([]int)
	statuses = append(slices.Clone(statuses), http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable)
	if len(op.Parameters) > 0 || op.RequestBody != nil {
		statuses = append(statuses, http.StatusUnprocessableEntity)
	}
	if strings.Contains(op.Path, "{") {
		statuses = append(statuses, http.StatusNotFound)
	}
	if op.RequestBody != nil {
		statuses = append(statuses, http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	scopes := []string{}
	if action != "" {
		scopes = append(scopes, action)
	}
	op.Security = []map[string][]string{{"key": scopes}}
	if public {
		op.Security = append([]map[string][]string{{}}, op.Security...)
	}
	schema := d.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[problem](), true, "Problem")
	delete(op.Responses, "default")
	for _, status := range statuses {
		r := &huma.Response{Description: http.StatusText(status), Content: map[string]*huma.MediaType{problemType: {Schema: schema}}}
		switch status {
		case http.StatusUnauthorized:
			r.Headers = map[string]*huma.Param{"WWW-Authenticate": {Schema: &huma.Schema{Type: huma.TypeString}}}
		case http.StatusTooManyRequests, http.StatusServiceUnavailable:
			r.Headers = map[string]*huma.Param{"Retry-After": {Description: "Seconds to wait.", Schema: &huma.Schema{Type: huma.TypeInteger}}}
		}
		op.Responses[strconv.Itoa(status)] = r
	}
	d.OpenAPI().AddOperation(op)
	d.api.operations = append(d.api.operations, op)
}
