package calendar

import (
	"testing"
	"time"
)

func TestHolidays(t *testing.T) {
	for d, want := range map[Date]string{
		"2018-03-30": "långfredagen", "2018-04-01": "påskdagen", "2018-04-02": "annandag påsk",
		"2018-05-10": "Kristi himmelsfärdsdag", "2018-06-22": "midsommarafton", "2018-06-23": "midsommardagen",
		"2018-11-03": "alla helgons dag", "2024-10-31": "", "2020-10-31": "alla helgons dag",
		"2024-02-29": "", "2026-06-06": "Sveriges nationaldag", "2026-12-31": "nyårsafton", "2026-11-23": "",
		"2038-04-25": "påskdagen", "2008-03-23": "påskdagen", "2011-04-24": "påskdagen",
	} {
		if got := Holiday(d); got != want {
			t.Errorf("Holiday(%s) = %q, want %q", d, got, want)
		}
	}
}

func TestWorkdays(t *testing.T) {
	for d, want := range map[Date]Date{
		"2018-03-30": "2018-04-03", "2026-12-24": "2026-12-28", "2026-12-31": "2027-01-04",
		"2024-02-29": "2024-02-29", "2026-11-21": "2026-11-23",
	} {
		if got := NextWorkday(d); got != want {
			t.Errorf("NextWorkday(%s) = %s, want %s", d, got, want)
		}
	}
	if got := WorkdaysBefore("2018-04-04", 2); got != "2018-03-29" {
		t.Errorf("two workdays before Wednesday after Easter 2018 = %s, want Maundy Thursday", got)
	}
}

func TestDayHas23And25HoursWhenClocksChange(t *testing.T) {
	for d, want := range map[Date]time.Duration{"2026-03-29": 23, "2026-10-25": 25, "2026-11-23": 24} {
		if got := d.End().Sub(d.Start()); got != want*time.Hour {
			t.Errorf("%s lasts %v", d, got)
		}
	}
	if got := Of(time.Date(2026, 6, 30, 22, 30, 0, 0, time.UTC)); got != "2026-07-01" {
		t.Errorf("half past midnight in Sweden is %s", got)
	}
}

func TestParse(t *testing.T) {
	for _, bad := range []string{"2026-02-29", "26-01-01", "2026-1-1", "i morgon", "2026-13-01"} {
		if _, err := Parse(bad); err == nil {
			t.Errorf("Parse(%q) is accepted", bad)
		}
	}
}
