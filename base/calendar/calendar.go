// Package calendar has the calendar date in Swedish time and the Swedish
// holidays. It has no clock: a caller gives the date.
package calendar

import (
	"errors"
	"time"
	_ "time/tzdata" // so that Europe/Stockholm is known on every machine
)

// Date is a calendar date in Europe/Stockholm written 2006-01-02, so that
// order as text is order in time. The empty Date means that none is given.
type Date string

// Stockholm is the place whose calendar counts.
var Stockholm = func() *time.Location {
	l, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		panic(err) // embedded by time/tzdata
	}
	return l
}()

// ErrNotADate is returned by Parse.
var ErrNotADate = errors.New("skriv datumet som år-månad-dag, till exempel 2026-03-31")

// Parse reads a date written 2006-01-02; the empty text gives the empty Date.
func Parse(s string) (Date, error) {
	if s == "" {
		return "", nil
	}
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return "", ErrNotADate
	}
	return Date(s), nil
}

// Of is the date in Sweden at the moment t.
func Of(t time.Time) Date { return Date(t.In(Stockholm).Format(time.DateOnly)) }

// New makes a date; months and days outside their range roll over.
func New(year int, month time.Month, day int) Date {
	return Date(time.Date(year, month, day, 12, 0, 0, 0, time.UTC).Format(time.DateOnly))
}

// noon is a moment of the day that no change of clocks can move to another.
func (d Date) noon() time.Time {
	t, _ := time.Parse(time.DateOnly, string(d))
	return t.Add(12 * time.Hour)
}

// Start is the moment at which the day begins in Sweden; the zero time for "".
func (d Date) Start() time.Time {
	if d == "" {
		return time.Time{}
	}
	n := d.noon()
	return time.Date(n.Year(), n.Month(), n.Day(), 0, 0, 0, 0, Stockholm)
}

// End is the moment at which the next day begins.
func (d Date) End() time.Time {
	if d == "" {
		return time.Time{}
	}
	return d.AddDays(1).Start()
}

// AddDays gives the date n days later, or earlier where n is negative.
func (d Date) AddDays(n int) Date {
	if d == "" {
		return ""
	}
	return Date(d.noon().AddDate(0, 0, n).Format(time.DateOnly))
}

// DaysTo counts the days from d to e; negative where e is earlier.
func (d Date) DaysTo(e Date) int { return int(e.noon().Sub(d.noon()).Hours() / 24) }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.noon().Weekday() }

// Year is the year.
func (d Date) Year() int { return d.noon().Year() }

// Easter is Easter Sunday in the Gregorian calendar (Anonymous Gregorian
// algorithm, Meeus, Astronomical Algorithms, chapter 8).
func Easter(year int) Date {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	f := (b + 8) / 25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	return New(year, time.Month((h+l-7*m+114)/31), (h+l-7*m+114)%31+1)
}

// Holiday names the holiday (lag (1989:253) om allmänna helgdagar) or the eve
// that is treated as one (midsummer, Christmas and New Year's Eve); "" where
// the day is neither. Sundays are not named.
func Holiday(d Date) string {
	year := d.Year()
	switch d[5:] {
	case "01-01":
		return "nyårsdagen"
	case "01-06":
		return "trettondedag jul"
	case "05-01":
		return "första maj"
	case "06-06":
		return "Sveriges nationaldag"
	case "12-24":
		return "julafton"
	case "12-25":
		return "juldagen"
	case "12-26":
		return "annandag jul"
	case "12-31":
		return "nyårsafton"
	}
	easter := Easter(year)
	switch easter.DaysTo(d) {
	case -2:
		return "långfredagen"
	case 0:
		return "påskdagen"
	case 1:
		return "annandag påsk"
	case 39:
		return "Kristi himmelsfärdsdag"
	case 49:
		return "pingstdagen"
	}
	switch {
	case d >= New(year, time.June, 19) && d <= New(year, time.June, 25) && d.Weekday() == time.Friday:
		return "midsommarafton"
	case d >= New(year, time.June, 20) && d <= New(year, time.June, 26) && d.Weekday() == time.Saturday:
		return "midsommardagen"
	case d >= New(year, time.October, 31) && d <= New(year, time.November, 6) && d.Weekday() == time.Saturday:
		return "alla helgons dag"
	}
	return ""
}

// Workday tells whether d is a Monday to Friday that is no holiday nor one of
// the three eves.
func Workday(d Date) bool {
	w := d.Weekday()
	return w != time.Saturday && w != time.Sunday && Holiday(d) == ""
}

// NextWorkday is d itself if it is a workday, else the first one after it.
// That a last day moves so follows lag (1930:173); the specification marks
// the act's reach as unverified, and pages say so.
func NextWorkday(d Date) Date {
	for !Workday(d) {
		d = d.AddDays(1)
	}
	return d
}

// WorkdaysBefore is the workday that lies n workdays before d.
func WorkdaysBefore(d Date, n int) Date {
	for n > 0 {
		if d = d.AddDays(-1); Workday(d) {
			n--
		}
	}
	return d
}
