package archive

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The description by CITS ERMS 2.1.3: element names, order and value lists
// are those of its schema.

const ermsSpace = "https://DILCIS.eu/XML/ERMS"

type ermsDoc struct {
	XMLName      xml.Name          `xml:"https://DILCIS.eu/XML/ERMS erms"`
	Control      ermsControl       `xml:"control"`
	Aggregations []ermsAggregation `xml:"aggregations>aggregation"`
}

type ermsControl struct {
	Identification []ermsTyped     `xml:"identification"`
	Maintenance    ermsMaintenance `xml:"maintenanceInformation"`
}

type ermsMaintenance struct {
	Status  ermsValue `xml:"maintenanceStatus"`
	Agency  string    `xml:"maintenanceAgency>agencyName"`
	History ermsMade  `xml:"maintenanceHistory>maintenanceEvent"`
}

type ermsMade struct {
	Type  ermsValue `xml:"eventType"`
	At    string    `xml:"eventDateTime"`
	Agent ermsAgent `xml:"agent"`
}

type ermsValue struct {
	Value string `xml:"value,attr"`
}

type ermsTyped struct {
	Type string `xml:"identificationType,attr"`
	Text string `xml:",chardata"`
}

type ermsExtra struct {
	Type string `xml:"extraIdType,attr"`
	Text string `xml:",chardata"`
}

type ermsClass struct {
	Code string `xml:"classificationCode,attr"`
	Text string `xml:",chardata"`
}

type ermsRelation struct {
	Type  string `xml:"relationType,attr"`
	Other string `xml:"otherRelationType,attr,omitempty"`
	Text  string `xml:",chardata"`
}

type ermsRestriction struct {
	Type       string `xml:"restrictionType,attr"`
	Regulation string `xml:"regulation"`
}

type ermsDisposal struct {
	Disposable bool       `xml:"disposable,attr"`
	Action     string     `xml:"disposalAction"`
	Period     string     `xml:"disposalPeriod,omitempty"`
	Mandate    string     `xml:"disposalMandate"`
	Dates      []ermsDate `xml:"dates>disposalDate"`
}

type ermsDate struct {
	Type string `xml:"dateType,attr"`
	Text string `xml:",chardata"`
}

type ermsAgent struct {
	Type  string `xml:"agentType,attr"`
	Other string `xml:"otherAgentType,attr,omitempty"`
	Name  string `xml:"name"`
}

type ermsAction struct {
	Text   string      `xml:"actionText"`
	Why    string      `xml:"actionMotivation,omitempty"`
	Type   string      `xml:"actionType"`
	Dates  []ermsDate  `xml:"dates>actionDate"`
	Agents []ermsAgent `xml:"agents>agent"`
}

type ermsDirection struct {
	Is    string `xml:"directionDefinition,attr"`
	Other string `xml:"otherDirectionDefinition,attr,omitempty"`
}

type ermsAppendix struct {
	Name        string `xml:"name,attr"`
	Description string `xml:"description,attr"`
	Format      string `xml:"fileFormat,attr"`
	Path        string `xml:"path,attr"`
}

type ermsAggregation struct {
	System         string        `xml:"systemIdentifier,attr"`
	Kind           string        `xml:"aggregationType,attr"`
	Object         string        `xml:"objectId"`
	Classification *ermsClass    `xml:"classification"`
	Title          string        `xml:"title"`
	Status         ermsValue     `xml:"status"`
	Disposal       *ermsDisposal `xml:"disposal"`
	Agents         []ermsAgent   `xml:"agents>agent"`
	Dates          []ermsDate    `xml:"dates>date"`
	Actions        []ermsAction  `xml:"action"`
	Records        []ermsRecord  `xml:"record"`
}

type ermsRecord struct {
	System      string           `xml:"systemIdentifier,attr"`
	Medium      string           `xml:"recordPhysicalOrDigital,attr"`
	Object      string           `xml:"objectId"`
	Extra       []ermsExtra      `xml:"extraId"`
	Title       string           `xml:"title"`
	Status      ermsValue        `xml:"status"`
	Relations   []ermsRelation   `xml:"relation"`
	Restriction *ermsRestriction `xml:"restriction"`
	Direction   *ermsDirection   `xml:"direction"`
	Agents      []ermsAgent      `xml:"agents>agent"`
	Dates       []ermsDate       `xml:"dates>date"`
	Actions     []ermsAction     `xml:"action"`
	Appendices  []ermsAppendix   `xml:"additionalInformation>appendix"`
}

const (
	software      = "Kommunpilot"
	counterpartID = "counterpart_registry_number"
	ownRelation   = "own_relation_definition"
	mirrorSeries  = "mirror_series"
	mirrorOf      = "mirror_of"
	projectID     = "project"
)

// The states and directions by ERMS' value lists; both ways.
var (
	statuses   = map[string]string{Closed: "closed", Archived: "ad_acta", Registered: "open", Finished: "closed", Disposed: "obliterated"}
	directions = map[string]string{"in": "incoming", "ut": "outgoing"}
)

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

func (p Package) erms() ermsDoc {
	m := p.Matter
	a := ermsAggregation{System: m.Identity, Kind: "caseFile", Object: m.Identity, Title: m.Title, Status: ermsValue{statuses[m.State]}, Actions: actions(m.Events),
		Dates: []ermsDate{{"opened", stamp(m.Events[0].At)}}}
	if m.Code != "" {
		a.Classification = &ermsClass{m.Code, m.Code}
	}
	if m.Responsible != "" {
		a.Agents = []ermsAgent{{Type: "responsible_person", Name: m.Responsible}}
	}
	if at := m.ClosedAt(); !at.IsZero() {
		a.Dates = append(a.Dates, ermsDate{"closed", stamp(at)})
	}
	if r := m.Retention; r != nil {
		a.Disposal = &ermsDisposal{Action: "preserve", Mandate: r.Ground, Dates: []ermsDate{{"retention_period_start", stamp(m.ClosedAt())}}}
		if r.Years > 0 {
			a.Disposal.Disposable, a.Disposal.Action, a.Disposal.Period = true, "dispose", fmt.Sprintf("P%dY", r.Years)
			a.Disposal.Dates = append(a.Disposal.Dates, ermsDate{"retention_period_end", stamp(m.ClosedAt().AddDate(r.Years, 0, 0))})
		}
	}
	for i, e := range m.Entries {
		a.Records = append(a.Records, e.record(m.Identity, i))
	}
	return ermsDoc{
		Control: ermsControl{
			Identification: []ermsTyped{{projectID, p.Project}},
			Maintenance: ermsMaintenance{Status: ermsValue{"new"}, Agency: p.Creator,
				History: ermsMade{ermsValue{"created"}, stamp(p.Created), ermsAgent{Type: "creator", Name: software}}},
		},
		Aggregations: []ermsAggregation{a},
	}
}

func (e Entry) record(matter string, i int) ermsRecord {
	r := ermsRecord{System: Identity("entry", matter, e.Number), Medium: "digital", Object: e.Number, Title: e.Brief, Status: ermsValue{statuses[e.State]}, Actions: actions(e.Events)}
	if e.Theirs != "" {
		r.Extra = []ermsExtra{{counterpartID, e.Theirs}}
	}
	if e.Mirror != "" {
		r.Relations = append(r.Relations, ermsRelation{ownRelation, mirrorSeries, e.Mirror})
	}
	if e.MirrorOf != "" {
		r.Relations = append(r.Relations, ermsRelation{ownRelation, mirrorOf, e.MirrorOf})
	}
	if e.Secrecy != "" {
		r.Restriction = &ermsRestriction{"confidential", e.Secrecy}
	}
	role, day := ermsAgent{Type: "counterpart", Name: e.Party}, "created"
	switch e.Direction {
	case "in":
		role.Type, day = "sender", "received"
	case "ut":
		role.Type, day = "recipient", "sent"
	}
	if d, ok := directions[e.Direction]; ok {
		r.Direction = &ermsDirection{Is: d}
	} else if e.Direction != "" {
		r.Direction = &ermsDirection{Is: "other", Other: e.Direction}
	}
	if e.Party != "" {
		r.Agents = []ermsAgent{role}
	}
	r.Dates = []ermsDate{{"captured", stamp(e.Events[0].At)}}
	if e.Day != "" {
		r.Dates = append(r.Dates, ermsDate{day, e.Day + "T00:00:00Z"})
	}
	for n, d := range e.Documents {
		r.Appendices = append(r.Appendices, ermsAppendix{d.Name, "Version " + strconv.Itoa(d.Version), d.Type, documentPath(i, n, d)})
	}
	return r
}

func actions(events []Event) (out []ermsAction) {
	for _, e := range events {
		out = append(out, ermsAction{Text: e.Act, Why: e.Reason, Type: e.To, Dates: []ermsDate{{"created", stamp(e.At)}}, Agents: []ermsAgent{{Type: "agent", Name: e.Agent}}})
	}
	return out
}

// said is what a description tells, before the files are looked at.
type said struct {
	p     Package
	paths [][]string // of each entry's documents
}

// saying turns the description back. where names the line of each record.
func (x ermsDoc) saying(where func(record int) int) (s said, faults []Fault) {
	bad := func(line int, what string) { faults = append(faults, Fault{File: ermsPath, Line: line, What: what}) }
	if len(x.Aggregations) != 1 {
		bad(1, fmt.Sprintf("beskrivningen har %d ärenden (aggregation); ett paket har ett", len(x.Aggregations)))
		return s, faults
	}
	var err error
	a := x.Aggregations[0]
	s.p.Creator = x.Control.Maintenance.Agency
	if s.p.Created, err = time.Parse(time.RFC3339Nano, x.Control.Maintenance.History.At); err != nil {
		bad(1, fmt.Sprintf("exportens tid %q är ingen tid (eventDateTime)", x.Control.Maintenance.History.At))
	}
	for _, i := range x.Control.Identification {
		if i.Type == projectID {
			s.p.Project = i.Text
		}
	}
	m := Matter{Identity: a.System, Title: a.Title, State: stateOf(a.Status.Value, Closed, Archived)}
	if m.State == "" {
		bad(1, fmt.Sprintf("ärendets tillstånd %q är okänt (status)", a.Status.Value))
	}
	if a.Classification != nil {
		m.Code = a.Classification.Text
	}
	for _, g := range a.Agents {
		if g.Type == "responsible_person" {
			m.Responsible = g.Name
		}
	}
	if m.Events, err = events(a.Actions); err != nil {
		bad(1, err.Error())
	}
	if d := a.Disposal; d != nil {
		m.Retention = &Retention{Ground: d.Mandate}
		if d.Disposable {
			if _, err := fmt.Sscanf(d.Period, "P%dY", &m.Retention.Years); err != nil || m.Retention.Years < 1 {
				bad(1, fmt.Sprintf("gallringstiden %q är inte hela år, som P10Y (disposalPeriod)", d.Period))
			}
		}
	}
	for i, r := range a.Records {
		e, paths, err := r.entry()
		if err != nil {
			bad(where(i), err.Error())
		}
		m.Entries, s.paths = append(m.Entries, e), append(s.paths, paths)
	}
	s.p.Matter = m
	return s, faults
}

func (r ermsRecord) entry() (e Entry, paths []string, err error) {
	e = Entry{Number: r.Object, Brief: r.Title, State: stateOf(r.Status.Value, Registered, Finished, Disposed)}
	if e.State == "" {
		return e, nil, fmt.Errorf("diarieposten %s har ett okänt tillstånd %q (status)", e.Number, r.Status.Value)
	}
	for _, x := range r.Extra {
		if x.Type == counterpartID {
			e.Theirs = x.Text
		}
	}
	for _, x := range r.Relations {
		switch x.Other {
		case mirrorSeries:
			e.Mirror = x.Text
		case mirrorOf:
			e.MirrorOf = x.Text
		}
	}
	if r.Restriction != nil {
		e.Secrecy = r.Restriction.Regulation
	}
	if d := r.Direction; d != nil {
		e.Direction = d.Other
		for ours, theirs := range directions {
			if theirs == d.Is {
				e.Direction = ours
			}
		}
	}
	for _, g := range r.Agents {
		if g.Type == "sender" || g.Type == "recipient" || g.Type == "counterpart" {
			e.Party = g.Name
		}
	}
	for _, d := range r.Dates {
		if d.Type == "received" || d.Type == "sent" || d.Type == "created" {
			e.Day, _, _ = strings.Cut(d.Text, "T")
		}
	}
	for _, x := range r.Appendices {
		e.Documents = append(e.Documents, Document{Name: x.Name, Type: x.Format})
		paths = append(paths, x.Path)
	}
	if e.Events, err = events(r.Actions); err != nil {
		return e, paths, fmt.Errorf("diarieposten %s: %w", e.Number, err)
	}
	return e, paths, nil
}

func events(list []ermsAction) (out []Event, err error) {
	for _, a := range list {
		e := Event{Act: a.Text, Reason: a.Why, To: a.Type}
		if len(a.Dates) != 1 || len(a.Agents) != 1 {
			return out, fmt.Errorf("åtgärden %q ska ha en tid och en aktör (action)", a.Text)
		}
		if e.At, err = time.Parse(time.RFC3339Nano, a.Dates[0].Text); err != nil {
			return out, fmt.Errorf("åtgärden %q har tiden %q, som inte är en tid (actionDate)", a.Text, a.Dates[0].Text)
		}
		e.Agent = a.Agents[0].Name
		out = append(out, e)
	}
	return out, nil
}

// stateOf is the state among the given whose status is the value.
func stateOf(value string, among ...string) string {
	for _, s := range among {
		if statuses[s] == value {
			return s
		}
	}
	return ""
}
