package example

import (
	"strconv"
	"time"
)

// gate is the number of the gate that meeting k of the last decides, 0 for
// none, and the outcome. A project of two years or more is once told to
// complete what is missing.
func gate(k, last int) (number int, outcome string) {
	first := k
	if last > 4 {
		first = k - 1
		if k == 0 {
			first = 0
		}
	}
	switch {
	case k == 0:
		return 1, "gå"
	case k == 1 && last > 4:
		return 2, "komplettera"
	case first == 1:
		return 2, "gå"
	case k == last-2:
		return 3, "gå"
	case k == last-1:
		return 4, "gå"
	case k == last:
		return 5, "gå"
	}
	return 0, ""
}

// steering is meeting k of the steering group, from the call to the approval
// of its minutes: what waits is decided there, the gate last.
func (t *teller) steering(k int) {
	day, last := t.meetingDay(k), t.quarters()
	n := strconv.Itoa(k + 1)
	name, minutes := "styrgruppsmöte"+n, "protokoll"+n
	before := day.AddDate(0, 0, -callDays)
	if k > 0 {
		t.report(before.AddDate(0, 0, -1), "möte", t.meetingDay(k-1), before.AddDate(0, 0, -1))
	}
	if before.Before(t.on(8)) {
		before = t.on(8)
	}
	t.say(before, 9, Secretary, Line{Act: "meeting.add", As: name, Fields: fields(f{"title": "Styrgruppsmöte " + n, "kind": "styrgrupp", "group": "@styrgrupp", "day": day.Format(time.DateOnly), "start": "13.00", "minutes": "120",
		"place": "Stadshuset", "reading": "3", "material": "Lägesrapport", "min": "3", "purpose": "Följa projektet och besluta om det som väntar."})})
	number, outcome := gate(k, last)
	kinds, deal := Values{"report"}, f{"report": "behandlad i styrgrupp", "report.text": "Styrgruppen har behandlat lägesrapporten."}
	switch k {
	case 0:
		kinds, deal = Values{"goal"}, f{"goal": "fastställt", "goal.text": "Styrgruppen fastställer målet."}
	case t.changeAt(0):
		kinds = append(kinds, "change")
		deal["change"], deal["change.text"] = "godkänd", "Styrgruppen godkänner ändringen enligt beredningen."
	case t.changeAt(1):
		kinds = append(kinds, "change")
		deal["change"], deal["change.text"] = "avslagen", t.theme.Refused.Reason
		deal["change.reservation"] = "En ledamot reserverar sig till förmån för ändringen."
		deal["change.votes"] = "Fyra för avslag, en emot."
	}
	if number > 0 {
		kinds = append(kinds, "gate")
		deal["gate"], deal["gate.text"] = outcome, "Styrgruppen beslutar "+outcome+" vid beslutspunkt "+strconv.Itoa(number)+"."
		if outcome == "komplettera" {
			deal["gate.text"] = "Styrgruppen vill se hur de tre processerna hänger ihop innan genomförandet börjar."
		}
	}
	t.say(before, 10, Secretary, Line{Act: "meeting.matters", On: name, Fields: map[string]Values{"kinds": kinds}})
	t.say(before, 11, Secretary, Line{Act: "meeting.call", On: name})
	for i, s := range seats {
		if s.group != "styrgrupp" {
			continue
		}
		answer := "ja"
		if i > 6 && t.r.IntN(6) == 0 {
			answer = "nej"
		}
		t.say(before.AddDate(0, 0, 1+i%3), 12, s.who, Line{Act: "meeting.reply", On: name, Fields: fields(f{"answer": answer})})
	}
	t.say(day, 12, Secretary, Line{Act: "meeting.move", On: name, To: "pågår"})
	t.say(day, 13, Secretary, Line{Act: "meeting.deal", On: name, Fields: fields(deal)})
	t.say(day, 14, Secretary, Line{Act: "meeting.move", On: name, To: "hållet"})
	t.say(day.AddDate(0, 0, 2), 10, Secretary, Line{Act: "minutes.add", As: minutes, Fields: fields(f{"meeting": "@" + name, "kind": "protokoll", "number": n, "secretary": t.cast[Secretary].Name, "adjusters": t.cast[Chair].Email})})
	t.say(day.AddDate(0, 0, 2), 11, Secretary, Line{Act: "minutes.move", On: minutes, To: "utsänt för justering"})
	t.say(day.AddDate(0, 0, approveDays), 10, Chair, Line{Act: "minutes.approve", On: minutes})
	if k == 0 || k == last {
		return // the last approval has closed the project
	}
	t.say(day.AddDate(0, 0, approveDays+1), 10, Leader, Line{Act: "projectdecision.move", On: Newest + "projectdecision", To: "verkställt"})
}

// working is a meeting of a working group, whose notes are shared; it may take
// up a change.
func (t *teller) working(k int, day time.Time, change *string) {
	i := k%len(t.theme.Groups) + 1
	name, group := t.name("arbetsmöte"), "@arbetsgrupp"+strconv.Itoa(i)
	before := day.AddDate(0, 0, -7)
	t.say(before, 9, Secretary, Line{Act: "meeting.add", As: name, Fields: fields(f{"title": t.theme.Groups[i-1].Name, "kind": "arbetsgrupp", "group": group, "day": day.Format(time.DateOnly), "start": "9.00", "minutes": "90", "place": "Projektkontoret",
		"template": "Styrgruppsmöte"})})
	if change != nil {
		t.say(before, 10, Secretary, Line{Act: "meeting.takeup", On: name, Fields: fields(f{"title": "Ändring som bereds", "about": "change:@" + *change})})
	}
	t.say(before, 11, Secretary, Line{Act: "meeting.call", On: name})
	t.say(before.AddDate(0, 0, 1), 9, Leader, Line{Act: "meeting.reply", On: name, Fields: fields(f{"answer": "ja"})})
	t.say(day, 8, Secretary, Line{Act: "meeting.move", On: name, To: "pågår"})
	t.say(day, 9, Secretary, Line{Act: "meeting.deal", On: name})
	t.say(day, 10, Secretary, Line{Act: "meeting.move", On: name, To: "hållet"})
	notes := t.name("anteckning")
	t.say(day.AddDate(0, 0, 1), 9, Secretary, Line{Act: "minutes.add", As: notes, Fields: fields(f{"meeting": "@" + name, "kind": "minnesanteckning", "number": "A" + strconv.Itoa(t.n), "secretary": t.cast[Secretary].Name})})
	t.say(day.AddDate(0, 0, 1), 10, Secretary, Line{Act: "minutes.move", On: notes, To: "delat"})
}

// changeAt is the meeting that decides on the first change, or the second.
func (t *teller) changeAt(i int) int { return []int{t.quarters() / 2, t.quarters() - 1}[i] }

// changes are two change requests through the whole chain (003-59): one that
// is approved and changes budget and a goal, one that is refused.
func (t *teller) changes() {
	for i, c := range []Change{t.theme.Approved, t.theme.Refused} {
		name := "ändring" + strconv.Itoa(i+1)
		at := t.meetingDay(t.changeAt(i))
		first := at.AddDate(0, 0, -64)
		v := f{"what": c.What, "why": c.Why, "budget": ""}
		if c.Kronor != 0 {
			v["budget"] = strconv.Itoa(c.Kronor)
		}
		if c.Days != 0 {
			v["to"] = t.on(firstDay+t.quarters()*quarterDays+21).AddDate(0, 0, c.Days).Format(time.DateOnly)
		}
		if c.Goal > 0 {
			v["goal"], v["goal_text"] = "@delmål"+strconv.Itoa(c.Goal), c.GoalText
		}
		t.say(first, 9, Leader, Line{Act: "change.add", As: name, Fields: fields(v)})
		t.say(first.AddDate(0, 0, 1), 9, Leader, Line{Act: "change.move", On: name, To: "bereds"})
		t.working(i, first.AddDate(0, 0, 14), &name)
		t.say(first.AddDate(0, 0, 20), 9, Leader, Line{Act: "change.change", On: name, Fields: fields(f{"prepared": c.Prepared, "reason": "Beredningen är klar."})})
		t.say(first.AddDate(0, 0, 21), 9, Leader, Line{Act: "change.move", On: name, To: "hos ägaren"})
		t.say(first.AddDate(0, 0, 30), 9, ProjectOwner, Line{Act: "change.change", On: name, Fields: fields(f{"opinion": c.Opinion, "reason": "Ägarens yttrande."})})
		t.say(first.AddDate(0, 0, 30), 10, ProjectOwner, Line{Act: "change.move", On: name, To: "till styrgruppen"})
	}
}
