package structure

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"kommunpilot/base/kommun"
	"kommunpilot/engine/scenario"
)

// V10: results, charts and memo are the same bytes for 1, 2 and 8 workers.
func TestV10SameFilesForAnyNumberOfWorkers(t *testing.T) {
	country, err := Country()
	if err != nil {
		t.Fatal(err)
	}
	plan, problems := scenario.Parse(country, []byte(scenario.Example))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	var first map[string][]byte
	for _, workers := range []int{1, 2, 8} {
		r, err := scenario.Run(country, plan, scenario.Options{Draws: 60, Seed: 4, Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		files, err := Files(r, Frame{})
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = files
			continue
		}
		if !maps.EqualFunc(first, files, bytes.Equal) {
			for _, name := range slices.Sorted(maps.Keys(files)) {
				if !bytes.Equal(first[name], files[name]) {
					t.Errorf("%s differs with %d workers", name, workers)
				}
			}
		}
	}
}

// The memo's first page has the three numbers of every alternative and
// municipality, and its last part what the model cannot say.
func TestMemoLeadsWithThreeNumbersAndEndsWithItsLimits(t *testing.T) {
	country, err := Country()
	if err != nil {
		t.Fatal(err)
	}
	plan, _ := scenario.Parse(country, []byte(scenario.Example))
	r, err := scenario.Run(country, plan, scenario.Options{Draws: 60, Seed: 4})
	if err != nil {
		t.Fatal(err)
	}
	d := Memo(r, Frame{Workshop: []string{"Sagt på workshop 1"}})
	rows := d.Parts[0].Table.Rows
	// Nothing, four scenarios and the merger's summation, three municipalities each.
	if len(rows) != 6*3 || rows[3][0] != "En kommun" || rows[6][0] != "Ren sammanräkning" || !strings.Contains(rows[3][4], "mkr") {
		t.Errorf("%d rows: %q", len(rows), rows)
	}
	last := d.Parts[len(d.Parts)-1]
	for _, want := range []string{"Ej bekräftat", "17–17 a §§"} {
		if !strings.Contains(strings.Join(last.List, "\n"), want) {
			t.Errorf("the limits do not say %q", want)
		}
	}
	for _, unconfirmed := range r.Assumed() {
		if unconfirmed.Mark == scenario.Open && unconfirmed.Mark.Word() != "antagande" {
			t.Errorf("%s is shown as %s", unconfirmed.Key, unconfirmed.Mark.Word())
		}
	}
}

// A municipality that is no more is told as such, with what took over.
func TestAnEndedMunicipalityIsToldAsSuch(t *testing.T) {
	country, err := Country()
	if err != nil {
		t.Fatal(err)
	}
	ended := kommun.Default().Ended()
	if len(ended) == 0 {
		t.Fatal("the register has no ended municipality")
	}
	text := strings.ReplaceAll(scenario.Example, `"Kungsör"`, `"`+ended[0].Code+`"`)
	if _, problems := scenario.Parse(country, []byte(text)); problems.Err() == nil || !strings.Contains(problems.Error(), ended[0].Name+" ("+ended[0].Code+") finns inte längre") {
		t.Errorf("%v", problems)
	}
}
