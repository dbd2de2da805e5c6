package scenario

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Version of the engine: it changes when the same input would give other numbers.
const Version = "1"

// Table is one of a result's tables: a header and rows of text, with a point as
// decimal sign.
type Table struct {
	Name string // the file's name without ending
	Rows [][]string
}

// CSV is the table as a file.
func (t Table) CSV() []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.WriteAll(t.Rows) // a buffer takes everything
	return b.Bytes()
}

func fixed(v float64, decimals int) string {
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Trim(s, "-0.") == "" {
		return strings.TrimPrefix(s, "-")
	}
	return s
}

func bandCells(b Band, decimals int) []string {
	out := []string{fixed(b.Mean, decimals)}
	for _, q := range b.Q {
		out = append(out, fixed(q, decimals))
	}
	return out
}

var bandHead = []string{"mean", "q05", "q10", "q25", "q50", "q75", "q90", "q95"}

// Tables are all numbers of a result.
func (r *Result) Tables() []Table {
	return []Table{r.results(), r.changes(), r.sensitivity(), r.representation(), r.assumed(), r.resting()}
}

func (r *Result) results() Table {
	rows := [][]string{append([]string{"scenario", "enhet", "enhet_namn", "ar", "indikator", "matt"}, append(bandHead, "underlag")...)}
	for i := range r.Variants {
		v := &r.Variants[i]
		for u := range v.Units {
			for y := range v.years + 1 {
				for k := range indicators {
					b, ok := v.Get(u, y, k)
					if !ok {
						continue
					}
					d := &Indicators[k]
					row := []string{v.ID, v.Units[u].Code, v.Units[u].Name, strconv.Itoa(r.Plan.Base + y), d.Code, d.Unit}
					rows = append(rows, append(append(row, bandCells(b, d.Decimals+1)...), string(d.Quality)))
				}
			}
		}
	}
	return Table{"resultat", rows}
}

func (r *Result) changes() Table {
	head := []string{"scenario", "kommun", "kommun_namn", "ar", "indikator", "matt", "mot"}
	rows := [][]string{append(append(head, bandHead...), "medelfel", "sannolikhet_lagre", "sannolikhet_hogre", "sannolikhet_over_dagens_plus_1", "fel_i_sannolikheten")}
	for i := range r.Variants {
		v := &r.Variants[i]
		for _, c := range v.Changes {
			d := &Indicators[c.Indicator]
			for n, against := range []struct {
				name string
				band Band
			}{{"gör ingenting", c.Nothing}, {"ren sammanräkning", c.Sum}, {"dagens skattesats", c.Today}} {
				if n == 2 && c.Indicator != RequiredRate {
					continue
				}
				row := []string{v.ID, c.Code, r.name(c.Code), strconv.Itoa(c.Year), d.Code, d.Unit, against.name}
				row = append(row, bandCells(against.band, d.Decimals+2)...)
				if n == 0 {
					row = append(row, fixed(c.StandardError, d.Decimals+3), fixed(c.Lower, 3), fixed(c.Higher, 3), fixed(c.PlusOne, 3), fixed(c.ErrorOfPlusOne, 3))
				} else {
					row = append(row, "", "", "", "", "")
				}
				rows = append(rows, row)
			}
		}
	}
	return Table{"skillnader", rows}
}

func (r *Result) name(code string) string {
	if i, ok := r.Country.Find(code); ok {
		return r.Country.Units[i].Name
	}
	return code
}

func (r *Result) sensitivity() Table {
	rows := [][]string{{"scenario", "slag", "antagande", "lagt_varde", "mitt", "hogt_varde", "skillnad_vid_lagt", "skillnad_vid_mitt", "skillnad_vid_hogt", "andel_av_variansen"}}
	for i := range r.Plan.Scenarios {
		id := r.Plan.Scenarios[i].ID
		for _, b := range r.Tornado[id] {
			rows = append(rows, []string{id, "en i taget", b.Key, fixed(b.Low, 4), fixed(b.Mid, 4), fixed(b.High, 4), fixed(b.AtLow, 4), fixed(b.Center, 4), fixed(b.AtHigh, 4), ""})
		}
		for _, s := range r.Sobol[id] {
			rows = append(rows, []string{id, "grupp", s.Group, "", "", "", "", "", "", fixed(s.Value, 3)})
		}
	}
	return Table{"kanslighet", rows}
}

func (r *Result) representation() Table {
	rows := [][]string{{"scenario", "kommun", "kommun_namn", "rostberattigade", "andel", "ledamoter_i_dag", "makt", "minsta_ledamoter_ny", "invanare_per_ledamot_i_dag", "invanare_per_ledamot_ny", "valdeltagande_pp_q10", "valdeltagande_pp_q50", "valdeltagande_pp_q90"}}
	for i := range r.Plan.Scenarios {
		id := r.Plan.Scenarios[i].ID
		for _, d := range r.Democracy[id] {
			for _, p := range d.Parts {
				turnout := []string{"0.0", "0.0", "0.0"}
				if p.TurnoutFalls {
					turnout = []string{fixed(d.Turnout.Q[Q10], 1), fixed(d.Turnout.Q[Q50], 1), fixed(d.Turnout.Q[Q90], 1)}
				}
				rows = append(rows, append([]string{id, p.Code, p.Name, fixed(p.Voters, 0), fixed(p.Share, 3), strconv.Itoa(p.Seats), fixed(p.Power, 3),
					strconv.Itoa(d.SeatsAfter), fixed(d.PersonsBefore, 0), fixed(d.PersonsAfter, 0)}, turnout...))
			}
		}
	}
	return Table{"demokrati", rows}
}

// Assumed are the assumptions of a run, the areas' prices left out.
func (r *Result) Assumed() []Assumption {
	a := r.Plan.Assumptions
	a.Areas = r.Projection.areas
	return a.All()
}

func (r *Result) assumed() Table {
	rows := [][]string{{"antagande", "namn", "matt", "varde", "spridning", "marke", "belagg", "andrat", "anmarkning"}}
	for _, x := range r.Assumed() {
		changed := "nej"
		if r.Plan.Assumptions.Changed(x.Key) {
			changed = "ja"
		}
		rows = append(rows, []string{x.Key, x.Name, x.Unit, num(x.Value), num(x.Spread), x.Mark.Word(), strings.Join(x.Evidence, " "), changed, x.Note})
	}
	for _, area := range r.Projection.areas {
		last := -1.0
		from := 0
		for a := 0; a <= len(area.Price); a++ {
			if a < len(area.Price) && area.Price[a] == last {
				continue
			}
			if last > 0 {
				rows = append(rows, []string{"pris." + area.Code, fmt.Sprintf("%s, %d–%d år", area.Name, from, a-1), "kr per invånare", num(last), "", Prior.Word(), "", "nej", "nivån rättas till kommunens egen kostnad"})
			}
			if a < len(area.Price) {
				last, from = area.Price[a], a
			}
		}
	}
	return Table{"antaganden", rows}
}

func (r *Result) resting() Table {
	rows := [][]string{{"underlag", "kvalitet", "vad"}}
	for _, p := range r.Country.Parts {
		rows = append(rows, []string{p.Name, string(p.Quality), p.Says})
	}
	return Table{"underlag", rows}
}

// Manifest is what a run can be made again from: the same plan, seed, draws and
// data give the same bytes.
type Manifest struct {
	Format    int               `json:"format"`
	Engine    string            `json:"engine"`
	Title     string            `json:"title"`
	Base      int               `json:"base"`
	Years     int               `json:"years"`
	Seed      uint64            `json:"seed"`
	Draws     int               `json:"draws"`
	Rules     int               `json:"rule_set_year"`
	Plan      string            `json:"plan_sha256"`
	Data      []ManifestData    `json:"data"`
	Files     map[string]string `json:"files_sha256"`
	Command   string            `json:"command"`
	Scenarios []string          `json:"scenarios"`
	Notes     []string          `json:"notes"`
	Open      []string          `json:"not_confirmed"`
}

// ManifestData is a data set of a run.
type ManifestData struct {
	Name   string `json:"name"`
	Origin string `json:"origin"`
	SHA256 string `json:"sha256"`
}

// Manifest of a result whose files are given by name.
func (r *Result) Manifest(files map[string][]byte) Manifest {
	plan := r.Plan.File()
	m := Manifest{
		Format: 1, Engine: Version, Title: r.Plan.Title, Base: r.Plan.Base, Years: r.Plan.Years, Seed: r.Seed, Draws: r.Draws, Rules: r.Country.Rules.Year,
		Plan: fmt.Sprintf("%x", sha256.Sum256(plan)), Files: map[string]string{}, Notes: r.Notes, Open: r.Unconfirmed(),
		Command: fmt.Sprintf("kommunpilot scenario run plan.scenario --draws %d --seed %d --out MAPP", r.Draws, r.Seed),
	}
	for _, s := range r.Country.Sources {
		m.Data = append(m.Data, ManifestData(s))
	}
	for i := range r.Variants {
		m.Scenarios = append(m.Scenarios, r.Variants[i].ID)
	}
	for name, data := range files {
		m.Files[name] = fmt.Sprintf("%x", sha256.Sum256(data))
	}
	return m
}

// JSON writes a manifest.
func (m Manifest) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(m) //nolint:wrapcheck // the caller knows what it wrote to
}

// Unconfirmed are the values of a run that are not confirmed and are shown as
// assumptions (structure.md 18).
func (r *Result) Unconfirmed() []string {
	out := []string{
		"17–17 a §§ lag (2004:773) om ändrad indelning, och förordning (2004:881) i sin helhet",
		"länens skattesatser för avgifter i inkomstutjämningen",
		"uppräkningsfaktorn och landets skatteunderlag för utjämningsåret",
		"SCB:s standardkostnader per delmodell och kommun",
		"vad som är beslutat om utjämningen för 2026–2028",
		"stödbelopp vid sammanläggning och svenska omställningskostnader",
		"effekternas storlek med medelfel",
		"priser per ålder och inkomst efter ålder",
		"barnafödande efter 2015 och dödlighet efter 2020",
		"resultatmålet 2 procent och vad det räknas på",
		"lag (1979:411) om ändringar i indelningen: förfarande och tider",
		"modell, horisont och variabler i den statliga utredningens egna beräkningar: de återges inte här",
	}
	return append(out, r.Country.Rules.Open...)
}
