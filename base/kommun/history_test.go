package kommun

import (
	"slices"
	"testing"

	"kommunpilot/base/calendar"
)

// The official number of municipalities on the last day of some years. They
// hold the list of splits: one missing or twice would show.
func TestNumberOfMunicipalitiesThroughTime(t *testing.T) {
	for day, want := range map[calendar.Date]int{
		"1979-12-31": 277, "1980-12-31": 279, "1982-12-31": 279, "1983-01-01": 284, "1991-12-31": 284, "1992-01-01": 286,
		"1994-12-31": 286, "1995-01-01": 288, "1998-12-31": 288, "1999-01-01": 289, "2002-12-31": 289, "2003-01-01": 290,
		"2006-12-31": 290, "2007-01-01": 290, "2024-12-31": 290,
	} {
		if got := len(Default().AllAt(day)); got != want {
			t.Errorf("%s: %d municipalities, want %d", day, got, want)
		}
	}
}

func TestABrokenOutMunicipalityNamesWhereItCameFrom(t *testing.T) {
	r := Default()
	for _, c := range []struct{ code, from, day string }{
		{"0330", "0380", "2003-01-01"}, {"0140", "0181", "1999-01-01"}, {"1443", "1490", "1995-01-01"}, {"1814", "1880", "1995-01-01"},
		{"0461", "0480", "1992-01-01"}, {"0488", "0480", "1992-01-01"},
	} {
		k, _ := r.ByCode(c.code)
		if !slices.Equal(k.Predecessors, []string{c.from}) || string(k.ValidFrom) != c.day {
			t.Errorf("%s %s: from %v on %s", k.Code, k.Name, k.Predecessors, k.ValidFrom)
		}
		if _, ok := r.At(c.code, k.ValidFrom.AddDays(-1)); ok {
			t.Errorf("%s is there before %s", k.Name, c.day)
		}
		if old, ok := r.At(c.from, k.ValidFrom.AddDays(-1)); !ok || old.ValidTo != "" {
			t.Errorf("%s does not live on: %+v", c.from, old)
		}
	}
}

func TestARenamingDoesNotRenameHistory(t *testing.T) {
	r := Default()
	for day, want := range map[calendar.Date]string{"2007-12-31": "Malung", "2008-01-01": "Malung-Sälen"} {
		if k, ok := r.At("2023", day); !ok || k.Name != want {
			t.Errorf("2023 on %s is %s, want %s", day, k.Name, want)
		}
	}
	if k, _ := r.ByCode("2023"); k.Name != "Malung-Sälen" {
		t.Errorf("2023 is %s", k.Name)
	}
	if len(r.Ended()) != 1 {
		t.Errorf("an earlier name counts as an ended code: %v", r.Ended())
	}
}

func TestTodayFollowsSuccessors(t *testing.T) {
	r := Default()
	for code, want := range map[string]string{"1917": "0331", "0331": "0331", "1983": "1983"} {
		if now := r.Today(code); len(now) != 1 || now[0].Code != want {
			t.Errorf("%s is today %v", code, now)
		}
	}
	if now := r.Today("9999"); now != nil {
		t.Errorf("an unknown code is today %v", now)
	}
}

// A merger that the country has not seen: Kungsör becomes a part of Köping.
func TestAMergerDoesNotRenameHistory(t *testing.T) {
	r := merged(t)
	if len(r.All()) != 289 {
		t.Errorf("%d municipalities", len(r.All()))
	}
	if k, ok := r.At("1960", "2026-12-31"); !ok || k.Name != "Kungsör" {
		t.Errorf("before: %+v", k)
	}
	if _, ok := r.At("1960", "2027-01-01"); ok {
		t.Error("Kungsör is there after the merger")
	}
	if now := r.Today("1960"); len(now) != 1 || now[0].Name != "Köping" {
		t.Errorf("today: %v", now)
	}
	m := r.Map(Box{})
	if len(m.Kommuner) != 289 {
		t.Errorf("the map has %d areas", len(m.Kommuner))
	}
	if tile, err := r.Tile(4, 8, 4); err != nil || len(tile) == 0 {
		t.Errorf("tile: %d bytes, %v", len(tile), err)
	}
}
