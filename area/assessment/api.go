package assessment

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"kommunpilot/base/db"
	"kommunpilot/base/id"
)

// API puts the result of a call on the API, and its proof.
func (o *Room) API(api huma.API) {
	op := func(name, path, action, summary, about string, public bool, statuses ...int) huma.Operation {
		return huma.Operation{OperationID: name, Method: http.MethodGet, Path: "/api/v1" + path, Summary: summary, Description: about, Tags: []string{"results"},
			Metadata: map[string]any{"action": action, "public": public, "statuses": statuses}}
	}
	huma.Register(api, op("get-result", "/calls/{id}/result", "selection.read_result", "Get the result of a call",
		"Open to everybody once the selection is decided; until then 401 or 403. Nothing is told of those who were not selected.", true), o.apiResult)
	file := func(op huma.Operation) huma.Operation {
		op.Responses = map[string]*huma.Response{"200": {Description: "The file.", Content: map[string]*huma.MediaType{
			"application/json": {Schema: &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true, Description: "As docs/select.md describes it."}}}}}
		return op
	}
	huma.Register(api, file(op("get-selection-input", "/selections/{id}/input", "selection.read", "Download the input of a selection run",
		"Byte for byte what the run was computed from: its SHA-256 as canonical JSON is the run's inputHash. For the owner, and after the decision for the researcher who follows the programme.", false)), o.apiInput)
	huma.Register(api, file(op("get-selection-certificate", "/selections/{id}/certificate", "selection.read", "Download the answer and certificate of a selection run",
		"Byte for byte what was stored: the selected, the proof of the bound, and why not for each of the others. kommunpilot select checks it. For the same readers as the input.", false, http.StatusConflict)), o.apiCertificate)
}

type apiCallIn struct {
	ID int64 `path:"id" minimum:"1" example:"7" doc:"The call's number."`
}

type apiResult struct {
	Call int64          `json:"call" example:"7" doc:"The call's number."`
	Runs []apiResultRun `json:"runs" doc:"The adopted selection runs, one for each kind of participation that was selected. None: all eligible answers take part."`
}

type apiResultRun struct {
	ID         int64         `json:"id" example:"3" doc:"The run's number, for its input and certificate."`
	Kind       string        `json:"kind" example:"pilot" doc:"The kind of participation, as in the call's content."`
	KindName   string        `json:"kindName" example:"Pilotkommun" doc:"Its name."`
	Method     string        `json:"method" enum:"best,lottery" doc:"best: highest sum of points within the quotas, with proof; lottery: drawn with exactly fair chances."`
	Engine     string        `json:"engine" doc:"The version of the engine that computed it."`
	Status     string        `json:"status" enum:"optimal,bounded,infeasible" doc:"optimal: proved best, or in a lottery proved fair; bounded: within bound of the best; infeasible: the quotas contradict each other."`
	Value      string        `json:"value,omitempty" example:"47.35" doc:"Sum of points of the selected, as a decimal."`
	Bound      string        `json:"bound,omitempty" example:"47.35" doc:"No selection within the quotas can have more; equal to value where it is proved best."`
	InputHash  string        `json:"inputHash" example:"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" doc:"SHA-256 of the input."`
	Commitment string        `json:"commitment,omitempty" doc:"What was published of a lottery's seed before it was drawn."`
	Seed       string        `json:"seed,omitempty" doc:"The seed of a lottery: anybody can draw again."`
	Created    time.Time     `json:"created" doc:"When it was computed, UTC."`
	DecidedAt  time.Time     `json:"decidedAt" doc:"When it was decided, UTC."`
	Selected   []apiSelected `json:"selected" doc:"Who is selected, with those who have stepped in for others since the decision."`
}

type apiSelected struct {
	Application    int64    `json:"application" example:"12" doc:"The application's number."`
	Title          string   `json:"title" example:"Norsjö kommun, Malå kommun och Skellefteå kommun" doc:"The applicants: one or several municipalities, or a district board."`
	Municipalities []string `json:"municipalities" example:"[\"2417\"]" doc:"Codes of the municipalities."`
}

func (o *Room) apiResult(ctx context.Context, in *apiCallIn) (*struct{ Body apiResult }, error) {
	out := apiResult{Call: in.ID, Runs: []apiResultRun{}}
	err := o.deps.DB.Read(ctx, func(q db.Q) error {
		p, err := o.resultPage(ctx, q, CallID(in.ID))
		if err != nil {
			return err
		}
		apps, err := o.deps.Applications(ctx, q, CallID(in.ID))
		if err != nil {
			return err
		}
		for _, x := range p.Runs {
			d, err := o.decided(ctx, q, x.ID)
			if err != nil {
				return err
			}
			out.Runs = append(out.Runs, resultOut(x, d, apps))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &struct{ Body apiResult }{out}, nil
}

func resultOut(x resultRun, d decided, apps []Application) apiResultRun {
	out := apiResultRun{ID: int64(x.ID), Kind: x.Kind, KindName: x.KindName, Method: x.Method, Engine: x.Engine, InputHash: x.InputHash,
		Commitment: x.Commitment, Seed: x.Seed, Created: x.Created, DecidedAt: d.At, Selected: []apiSelected{}}
	if x.Answer != nil {
		out.Status, out.Value, out.Bound = string(x.Answer.Status), x.Answer.Value.String(), x.Answer.Bound.String()
	}
	for _, a := range apps {
		if slices.Contains(d.In, a.ID) {
			out.Selected = append(out.Selected, apiSelected{int64(a.ID), a.Title, append([]string{}, a.Codes...)})
		}
	}
	return out
}

type apiRunIn struct {
	ID int64 `path:"id" minimum:"1" example:"3" doc:"The run's number."`
}

// apiFile is a stored file, byte for byte.
type apiFile struct {
	Type        string `header:"Content-Type" example:"application/json"`
	Disposition string `header:"Content-Disposition" example:"attachment; filename=\"urval-3.json\"" doc:"A name for the file."`
	Body        []byte
}

func (o *Room) apiRun(ctx context.Context, rid RunID, pick func(Run) string, otherwise string) (*apiFile, error) {
	var x Run
	if err := o.deps.DB.Read(ctx, func(q db.Q) (err error) { x, _, err = o.runAt(ctx, q, rid, "selection.read"); return err }); err != nil {
		return nil, err
	}
	text := pick(x)
	if text == "" {
		return nil, orConflict(nil, otherwise)
	}
	return &apiFile{"application/json", `attachment; filename="urval-` + id.String(rid) + `.json"`, []byte(text)}, nil
}

func (o *Room) apiInput(ctx context.Context, in *apiRunIn) (*apiFile, error) {
	return o.apiRun(ctx, RunID(in.ID), func(x Run) string { return x.Input }, "Underlaget saknas.")
}

func (o *Room) apiCertificate(ctx context.Context, in *apiRunIn) (*apiFile, error) {
	return o.apiRun(ctx, RunID(in.ID), func(x Run) string { return x.Result }, "Lottningen är inte dragen ännu.")
}
