package interest

import (
	"testing"

	"kommunpilot/base/calendar"
)

// The dates were made by another program, with another formula for Easter
// (Oudin's), and the seed's own example was put first.
var legalForce = []struct{ announced, counted, appeal, force calendar.Date }{
	{"2018-02-15", "2018-03-08", "2018-03-08", "2018-03-09"},
	{"2024-02-08", "2024-02-29", "2024-02-29", "2024-03-01"},
	{"2028-02-08", "2028-02-29", "2028-02-29", "2028-03-01"},
	{"2023-02-08", "2023-03-01", "2023-03-01", "2023-03-02"},
	{"2026-03-13", "2026-04-03", "2026-04-07", "2026-04-08"},
	{"2026-03-14", "2026-04-04", "2026-04-07", "2026-04-08"},
	{"2026-03-15", "2026-04-05", "2026-04-07", "2026-04-08"},
	{"2026-03-16", "2026-04-06", "2026-04-07", "2026-04-08"},
	{"2026-03-17", "2026-04-07", "2026-04-07", "2026-04-08"},
	{"2019-03-29", "2019-04-19", "2019-04-23", "2019-04-24"},
	{"2018-03-09", "2018-03-30", "2018-04-03", "2018-04-04"},
	{"2027-03-08", "2027-03-29", "2027-03-30", "2027-03-31"},
	{"2024-04-10", "2024-05-01", "2024-05-02", "2024-05-03"},
	{"2025-04-10", "2025-05-01", "2025-05-02", "2025-05-03"},
	{"2026-04-23", "2026-05-14", "2026-05-15", "2026-05-16"},
	{"2025-05-08", "2025-05-29", "2025-05-30", "2025-05-31"},
	{"2024-04-18", "2024-05-09", "2024-05-10", "2024-05-11"},
	{"2026-05-04", "2026-05-25", "2026-05-25", "2026-05-26"},
	{"2025-05-16", "2025-06-06", "2025-06-09", "2025-06-10"},
	{"2026-05-16", "2026-06-06", "2026-06-08", "2026-06-09"},
	{"2024-05-31", "2024-06-21", "2024-06-24", "2024-06-25"},
	{"2026-05-29", "2026-06-19", "2026-06-22", "2026-06-23"},
	{"2020-05-29", "2020-06-19", "2020-06-22", "2020-06-23"},
	{"2025-05-30", "2025-06-20", "2025-06-23", "2025-06-24"},
	{"2021-06-05", "2021-06-26", "2021-06-28", "2021-06-29"},
	{"2025-10-10", "2025-10-31", "2025-10-31", "2025-11-01"},
	{"2026-10-10", "2026-10-31", "2026-11-02", "2026-11-03"},
	{"2025-10-11", "2025-11-01", "2025-11-03", "2025-11-04"},
	{"2024-12-03", "2024-12-24", "2024-12-27", "2024-12-28"},
	{"2025-12-03", "2025-12-24", "2025-12-29", "2025-12-30"},
	{"2026-12-03", "2026-12-24", "2026-12-28", "2026-12-29"},
	{"2027-12-03", "2027-12-24", "2027-12-27", "2027-12-28"},
	{"2024-12-10", "2024-12-31", "2025-01-02", "2025-01-03"},
	{"2025-12-10", "2025-12-31", "2026-01-02", "2026-01-03"},
	{"2026-12-10", "2026-12-31", "2027-01-04", "2027-01-05"},
	{"2027-12-10", "2027-12-31", "2028-01-03", "2028-01-04"},
	{"2025-12-16", "2026-01-06", "2026-01-07", "2026-01-08"},
	{"2024-12-16", "2025-01-06", "2025-01-07", "2025-01-08"},
	{"2026-12-11", "2027-01-01", "2027-01-04", "2027-01-05"},
	{"2028-12-05", "2028-12-26", "2028-12-27", "2028-12-28"},
	{"2026-11-02", "2026-11-23", "2026-11-23", "2026-11-24"},
	{"2026-07-25", "2026-08-15", "2026-08-17", "2026-08-18"},
}

// What each of the moved ones is there for, so that a wrong calendar is seen
// at once: by the day on which three weeks end.
var movedBy = map[calendar.Date]string{
	"2026-04-03": "långfredagen", "2026-04-04": "lördag", "2026-04-05": "påskdagen", "2026-04-06": "annandag påsk", "2024-05-01": "första maj",
	"2026-05-14": "Kristi himmelsfärdsdag", "2025-06-06": "Sveriges nationaldag", "2024-06-21": "midsommarafton", "2021-06-26": "midsommardagen",
	"2026-10-31": "alla helgons dag", "2024-12-24": "julafton", "2028-12-26": "annandag jul", "2024-12-31": "nyårsafton", "2027-01-01": "nyårsdagen", "2026-01-06": "trettondedag jul",
	"2026-08-15": "lördag", "2018-03-08": "", "2028-02-29": "", "2026-05-25": "",
}

func TestLegalForceOnFortyDates(t *testing.T) {
	if len(legalForce) < 40 {
		t.Fatalf("%d dates", len(legalForce))
	}
	for _, x := range legalForce {
		c := LegalForce(x.announced)
		if c.From != x.announced || c.Counted != x.counted || c.AppealEnd != x.appeal || c.InForce != x.force {
			t.Errorf("announced %s: counted %s, appeal until %s, in force %s; want %s, %s, %s", x.announced, c.Counted, c.AppealEnd, c.InForce, x.counted, x.appeal, x.force)
		}
		if why, ok := movedBy[x.counted]; ok && c.Moved != why {
			t.Errorf("%s moved because of %q, want %q", x.counted, c.Moved, why)
		}
	}
}

func TestLegalForceOfAJointBoardCountsFromTheLastAnnouncement(t *testing.T) {
	if c := LegalForce("2018-02-12", "2018-02-15", "2018-02-13"); c.From != "2018-02-15" || c.InForce != "2018-03-09" {
		t.Errorf("%+v", c)
	}
	if c := LegalForce("2018-02-12", ""); c != (Clock{}) {
		t.Errorf("one announcement is missing, yet %+v", c)
	}
	if c := LegalForce(); c != (Clock{}) {
		t.Errorf("%+v", c)
	}
}

// Whatever the day, the clock never runs backwards, and the last day is one on
// which a letter can be handed in.
func TestLegalForceOnEveryDayOfThirtyYears(t *testing.T) {
	last := calendar.Date("")
	for d := calendar.Date("2012-01-01"); d < "2042-01-01"; d = d.AddDays(1) {
		c := LegalForce(d)
		switch {
		case !calendar.Workday(c.AppealEnd), c.AppealEnd < c.Counted, c.Counted != d.AddDays(21), c.InForce != c.AppealEnd.AddDays(1), c.AppealEnd < last:
			t.Fatalf("%s: %+v after %s", d, c, last)
		case (c.Moved == "") != (c.AppealEnd == c.Counted):
			t.Fatalf("%s: moved %q", d, c.Moved)
		case c.Counted.DaysTo(c.AppealEnd) > 5:
			t.Fatalf("%s: moved %d days", d, c.Counted.DaysTo(c.AppealEnd))
		}
		last = c.AppealEnd
	}
}

func TestDecisionStateFollowsItsDates(t *testing.T) {
	taken := DecisionContent{Organ: "KS", Own: "KS 2018/1", Day: "2018-02-13", Paragraph: "§ 20", Joins: "ja"}
	with := func(edit func(*DecisionContent)) DecisionContent { c := taken; edit(&c); return c }
	announced := with(func(c *DecisionContent) { c.Approved, c.Announced = "2018-02-14", "2018-02-15" })
	appealed := announced
	appealed.Appealed = "2018-03-01"
	stands, annulled := appealed, appealed
	stands.AppealEnded, stands.AppealSays = "2018-06-01", AppealFailed
	annulled.AppealEnded, annulled.AppealSays = "2018-06-01", AppealGranted
	for _, row := range []struct {
		name  string
		c     DecisionContent
		today calendar.Date
		want  DecisionState
		final calendar.Date
	}{
		{"nothing known", DecisionContent{}, "2018-02-01", Requested, ""},
		{"number known", DecisionContent{Own: "KS 2018/1"}, "2018-02-01", Prepared, ""},
		{"day without paragraph", DecisionContent{Own: "x", Day: "2018-02-13"}, "2018-02-13", Prepared, ""},
		{"taken", taken, "2018-02-13", Taken, ""},
		{"approved", with(func(c *DecisionContent) { c.Approved = "2018-02-14" }), "2018-02-14", Approved, ""},
		{"announced", announced, "2018-02-15", Announced, "2018-03-09"},
		{"the last day to appeal", announced, "2018-03-08", Announced, "2018-03-09"},
		{"the day after", announced, "2018-03-09", InForce, "2018-03-09"},
		{"appealed", appealed, "2018-03-02", Appealed, ""},
		{"an appeal stops the clock", appealed, "2019-01-01", Appealed, ""},
		{"the appeal failed", stands, "2018-06-01", InForce, "2018-06-01"},
		{"the appeal was granted", annulled, "2018-06-01", Requested, ""},
	} {
		if got := row.c.stateOn(row.today); got != row.want || row.c.final() != row.final {
			t.Errorf("%s: %s final %q, want %s final %q", row.name, got, row.c.final(), row.want, row.final)
		}
	}
	early := stands
	early.AppealEnded = "2018-03-05" // withdrawn while others could still appeal
	if early.final() != "2018-03-09" {
		t.Errorf("others may still appeal until the 8th, yet final %s", early.final())
	}
}

func TestDecisionDatesAreCheckedInOrder(t *testing.T) {
	const today = calendar.Date("2018-03-01")
	ok := DecisionContent{Day: "2018-02-13", Paragraph: "§ 20", Approved: "2018-02-14", Announced: "2018-02-15"}
	for _, row := range []struct {
		name, field string
		edit        func(*DecisionContent)
	}{
		{"fine", "", func(*DecisionContent) {}},
		{"approved the same day", "", func(c *DecisionContent) { c.Approved, c.Announced = c.Day, c.Day }},
		{"in the future", "day", func(c *DecisionContent) { *c = DecisionContent{Day: "2018-03-02"} }},
		{"approved before it was taken", "approved", func(c *DecisionContent) { c.Approved = "2018-02-12" }},
		{"announced before it was approved", "announced", func(c *DecisionContent) { c.Announced = "2018-02-13" }},
		{"announced, never approved", "announced", func(c *DecisionContent) { c.Approved = "" }},
		{"approved, never taken", "approved", func(c *DecisionContent) { c.Day = "" }},
		{"appealed too late", "appealed", func(c *DecisionContent) { c.Announced, c.Appealed = "2018-02-15", "2018-03-09" }},
		{"outcome without appeal", "appealed", func(c *DecisionContent) { c.AppealSays = AppealFailed }},
		{"ended without outcome", "appeal_ended", func(c *DecisionContent) { c.Appealed, c.AppealEnded = "2018-02-20", "2018-02-28" }},
		{"joint board, a day missing", "other-0", func(c *DecisionContent) { c.Others = []Announcement{{Kommun: "Malå"}} }},
		{"an answer that is none", "joins", func(c *DecisionContent) { c.Joins = "kanske" }},
	} {
		c, now := ok, today
		row.edit(&c)
		if row.name == "appealed too late" {
			now = "2018-04-01"
		}
		fields := fieldsOf(c.check(now))
		if row.field == "" && len(fields) > 0 || row.field != "" && !fields[row.field] {
			t.Errorf("%s: errors at %v, want %q", row.name, fields, row.field)
		}
	}
}

func TestRemarksTellOfTheLawsTimes(t *testing.T) {
	d := DecisionContent{Day: "2018-02-01", Approved: "2018-02-15", Announced: "2018-02-17"}
	if len(d.remarks()) != 0 {
		t.Errorf("in time, yet %v", d.remarks())
	}
	d.Approved, d.Announced = "2018-02-16", "2018-02-19"
	if len(d.remarks()) != 2 {
		t.Errorf("late twice: %v", d.remarks())
	}
	if AnnounceBy("2018-02-28") != "2018-03-02" {
		t.Error(AnnounceBy("2018-02-28"))
	}
}
