package interest

import (
	"slices"

	"kommunpilot/base/calendar"
)

// The times of kommunallagen (2017:725), as this platform reads them:
// 5:69 (minutes approved within 14 days), 8:12 (announced within two days
// after approval) and 13:5 (three weeks to appeal from the announcement).
const (
	approveWithin  = 14
	announceWithin = 2
	appealDays     = 21
)

// Clock is when a decision can last be appealed and from when it stands.
type Clock struct {
	From      calendar.Date // the announcement that counts: the latest
	Counted   calendar.Date // three weeks later, before any move
	AppealEnd calendar.Date // the last day to appeal
	Moved     string        // why AppealEnd is not Counted: "påskdagen", "söndag"; "" where it is
	InForce   calendar.Date // the first day in legal force, where nobody appeals
}

// LegalForce computes the clock from the days on which the approved minutes
// were announced: one for a municipality, several for a joint board, where the
// latest counts. It is the zero Clock where a day is missing.
//
// Three weeks from the day: announced on a Thursday, the last day is the
// Thursday three weeks later. A last day on a Saturday, Sunday, holiday or
// Midsummer, Christmas or New Year's Eve moves to the next weekday (lag
// (1930:173); its reach is unconfirmed, and pages say so). The day after is
// the first in legal force, whatever weekday it is.
//
// Source: programme.md 9.2. O(number of days).
func LegalForce(announced ...calendar.Date) Clock {
	if len(announced) == 0 || slices.Contains(announced, "") {
		return Clock{}
	}
	from := slices.Max(announced)
	c := Clock{From: from, Counted: from.AddDays(appealDays)}
	c.AppealEnd = calendar.NextWorkday(c.Counted)
	c.InForce = c.AppealEnd.AddDays(1)
	if c.AppealEnd != c.Counted {
		c.Moved = restDay(c.Counted)
	}
	return c
}

// restDay says why nothing can be handed in on the day.
func restDay(d calendar.Date) string {
	if h := calendar.Holiday(d); h != "" {
		return h
	}
	if d.Weekday() == 0 {
		return "söndag"
	}
	return "lördag"
}

// AnnounceBy is the last day to announce minutes that were approved on the day.
func AnnounceBy(approved calendar.Date) calendar.Date { return approved.AddDays(announceWithin) }
