package example

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The days of a project's quarters, and how long before a meeting its call
// goes out and after it its minutes are approved.
const (
	quarterDays = 91
	firstDay    = 14 // of the first meeting
	callDays    = 14
	approveDays = 6
)

// f are fields by name and single value.
type f map[string]string

func fields(x f) map[string]Values {
	out := map[string]Values{}
	for name, value := range x {
		if value != "" {
			out[name] = Values{value}
		}
	}
	return out
}

// quarters is how many quarters the project has; a steering group meeting
// begins it and one ends each.
func (t *teller) quarters() int { return 4 * t.years }

// meetingDay is the day of the steering group's meeting number k, from 0.
func (t *teller) meetingDay(k int) time.Time { return t.workday(firstDay + k*quarterDays) }

// project tells the whole story, from the frame to the close-out.
func (t *teller) project(name string) {
	last := t.on(firstDay + t.quarters()*quarterDays + 21)
	x := t.theme
	frame := fields(f{"name": name, "purpose": x.Purpose, "orderer": x.Orderer, "owner": t.cast[ProjectOwner].Body, "responsible": t.cast[Leader].Name, "contact": t.cast[Leader].Email,
		"recipient": x.Recipient, "from": t.start.Format(time.DateOnly), "to": last.Format(time.DateOnly), "last_to": last.AddDate(1, 0, 0).Format(time.DateOnly),
		"budget": strconv.Itoa(x.Budget), "public": "ja", "programme": "@program"})
	frame["scope_in"], frame["scope_out"], frame["dependencies"] = x.In, x.Out, x.Dependencies
	t.say(t.start, 8, Owner, Line{Act: "project", As: "projekt", Fields: frame})
	for _, s := range seats {
		t.seat(t.start, Owner, s.group, s.who, s.role)
	}
	t.groups()
	t.goals()
	t.matter()
	t.risks()
	t.research()
	t.outreach()
	for k := 0; k <= t.quarters(); k++ {
		t.quarter(k)
		t.steering(k)
	}
	t.changes()
	t.end()
}

// seat proposes and appoints somebody to a group.
func (t *teller) seat(day time.Time, by, group, who, role string) {
	p, name := t.cast[who], t.name("plats")
	politic := "tjänsteperson"
	if who == Researcher {
		politic = ""
	}
	t.say(day, 9, by, Line{Act: "seat.add", As: name, Fields: fields(f{"group": "@" + group, "email": p.Email, "role": role, "body": p.Body, "politic": politic, "from": t.start.Format(time.DateOnly)})})
	t.say(day, 9, by, Line{Act: "seat.move", On: name, To: "utsedd"})
}

// groups are the working groups, which the steering group appoints.
func (t *teller) groups() {
	for i, g := range t.theme.Groups {
		name := "arbetsgrupp" + strconv.Itoa(i+1)
		v := fields(f{"name": g.Name, "kind": "arbetsgrupp", "mandate": g.Mandate, "side": g.Side})
		if len(g.Moments) > 0 {
			v["moments"] = g.Moments
		}
		t.say(t.on(1), 9, Leader, Line{Act: "group.add", As: name, Fields: v})
		for _, who := range []string{Leader, "ledamot" + strconv.Itoa(1+i%4), "ledamot" + strconv.Itoa(1+(i+1)%4)} {
			t.seat(t.on(2), Chair, name, who, "ledamot")
		}
	}
}

// goals is the tree with its indicators, proposed before the first meeting.
func (t *teller) goals() {
	day := t.on(4)
	above := ""
	for _, g := range []struct{ level, text string }{{"vision", t.theme.Vision}, {"syfte", t.theme.Aim}, {"övergripande mål", t.theme.Overall}, {"projektmål", t.theme.Target}} {
		name := strings.ReplaceAll(g.level, " ", "-")
		v := fields(f{"level": g.level, "text": g.text, "owner": t.cast[ProjectOwner].Name})
		if above != "" {
			v["parent"] = Values{"@" + above}
		}
		t.say(day, 10, Leader, Line{Act: "goal.add", As: name, Fields: v})
		above = name
	}
	t.say(day, 10, Leader, Line{Act: "lfa.add", As: "målverkstad", Fields: map[string]Values{"title": {"Målverkstad"}, "day": {day.Format(time.DateOnly)}, "place": {"Hos ägaren"}, "participants": {t.cast[ProjectOwner].Name, t.cast[Leader].Name, t.cast["ledamot1"].Name, "De som projektet är till för"}}})
	t.say(day, 10, Leader, Line{Act: "lfa.move", On: "målverkstad", To: "genomförd"})
	for i, s := range t.theme.Subs {
		n := strconv.Itoa(i + 1)
		t.say(day, 10, Leader, Line{Act: "goal.add", As: "delmål" + n, Fields: fields(f{"level": "delmål", "text": s.Text, "workshop": "@målverkstad", "parent": "@" + above, "owner": t.cast[Leader].Name})})
		t.say(day, 11, Leader, Line{Act: "indicator.add", As: "indikator" + n, Fields: fields(f{"goal": "@delmål" + n, "name": s.Indicator, "unit": s.Unit, "numerator": s.Numerator, "denominator": s.Denominator,
			"baseline": tenths(s.Baseline * 10), "target": tenths(s.Target * 10), "source": s.Source, "frequency": "varje kvartal", "disclosure": "öppen"})})
	}
}

// value is what indicator i shows at the end of quarter k of all: a way from
// the baseline to where it ends, with some noise, in tenths; counts are whole.
func (t *teller) value(i, k int) int {
	s, all := t.theme.Subs[i], t.quarters()
	end := s.Target
	if s.Missed {
		end = s.Baseline + (s.Target-s.Baseline)*7/10
	}
	v := s.Baseline*10 + (end-s.Baseline)*10*k/all
	if k > 0 && k < all {
		v += (end - s.Baseline) * 10 * (t.r.IntN(9) - 4) / 100
	}
	if s.Unit != "%" {
		v = (v + 5) / 10 * 10
	}
	return v
}

// matter opens the matter in the diarium and registers its first documents.
func (t *teller) matter() {
	t.say(t.on(3), 10, Registrar, Line{Act: "matter.add", As: "ärende", Fields: fields(f{"title": t.theme.Name, "code": "1.3.2", "responsible": t.cast[Registrar].Name})})
	for _, d := range t.theme.Signed {
		t.register(t.on(3), "upprättad", d.Party, d.Brief, "UHB", "")
	}
}

// register registers a document, in the other organisation too where mirror says so.
func (t *teller) register(day time.Time, direction, party, brief, mirror, secrecy string) {
	t.say(day, 15, Registrar, Line{Act: "entry.add", Fields: fields(f{"matter": "@ärende", "series": "SLK", "mirror": mirror, "direction": direction, "day": day.Format(time.DateOnly), "party": party, "brief": brief, "secrecy": secrecy})})
}

// risks are found early, move with the quarters, and one of them occurs.
func (t *teller) risks() {
	for i, r := range t.theme.Risks {
		name := "risk" + strconv.Itoa(i+1)
		p, e := 2+t.r.IntN(3), 2+t.r.IntN(3)
		write := func(day time.Time, act string, p, e int, why string) {
			x := f{"cause": r.Cause, "event": r.Event, "effect": r.Effect, "probability": strconv.Itoa(p), "impact": strconv.Itoa(e), "owner": t.cast[ProjectOwner].Name, "response": r.Response,
				"review": day.AddDate(0, 0, quarterDays).Format(time.DateOnly), "reason": why}
			l := Line{Act: act, Fields: fields(x)}
			if act == "risk.add" {
				l.As = name
			} else {
				l.On = name
			}
			t.say(day, 10, Leader, l)
		}
		write(t.on(20+i), "risk.add", p, e, "")
		t.say(t.on(30+i), 10, Leader, Line{Act: "risk.move", On: name, To: "hanteras"})
		ends := t.quarters() - 1 - i%2
		if i == 0 {
			ends = t.quarters() / 2
		}
		for k := 1; k < ends; k++ {
			p = min(5, max(1, p+t.r.IntN(3)-1))
			if i == 0 {
				p = min(5, p+1) // the one that will occur grows
			}
			write(t.on(k*quarterDays+30+i), "risk.change", p, e, "Genomgång av riskerna kvartal "+strconv.Itoa(k)+".")
		}
		day := t.on(ends*quarterDays + 35 + i)
		if i == 0 {
			t.say(day, 10, Leader, Line{Act: "risk.move", On: name, To: "inträffad", Why: r.Occurred})
			t.say(day.AddDate(0, 0, 40), 10, Leader, Line{Act: "deviation.move", On: Newest + "deviation", To: "åtgärdad", Why: r.Remedied})
			continue
		}
		t.say(day, 10, Leader, Line{Act: "risk.move", On: name, To: "stängd", Why: "Åtgärderna har haft effekt; risken är liten under resten av projektet."})
	}
}

// research are the questions and a part-report each half year, with the
// steering group's response.
func (t *teller) research() {
	for i, q := range t.theme.Questions {
		t.say(t.on(5), 10, Researcher, Line{Act: "question.add", As: "fråga" + strconv.Itoa(i+1), Fields: fields(f{"text": q, "source": t.theme.Evidence})})
	}
	for k := 2; k <= t.quarters(); k += 2 {
		name := "delrapport" + strconv.Itoa(k/2)
		day := t.meetingDay(k).AddDate(0, 0, -10)
		v := f{"title": "Delrapport " + strconv.Itoa(k/2), "called": t.meetingDay(k).Format(time.DateOnly), "findings": pick(t.r, t.theme.Findings), "comms": t.theme.Cooperation[k/2%len(t.theme.Cooperation)]}
		for i := range t.theme.Questions {
			v["answer-@fråga"+strconv.Itoa(i+1)] = pick(t.r, t.theme.Answers)
		}
		t.say(day, 11, Researcher, Line{Act: "research.add", As: name, Fields: fields(v)})
		t.say(day, 12, Researcher, Line{Act: "research.move", On: name, To: "lämnad"})
		t.say(day, 14, ProjectOwner, Line{Act: "research.move", On: name, To: "förmedlad"})
		back := day.AddDate(0, 0, 11)
		t.say(back, 16, Researcher, Line{Act: "research.change", On: name, Fields: fields(f{"response": "Styrgruppen tackar för delrapporten och tar med den i nästa kvartals planering.", "reason": "Styrgruppens svar"})})
		t.say(back, 17, Leader, Line{Act: "research.move", On: name, To: "bemött"})
	}
}

// outreach is the communication plan: planned, done, followed up; and a
// newsletter each quarter, which the project owner approves.
func (t *teller) outreach() {
	for k := range t.quarters() {
		c := t.theme.Comms[k%len(t.theme.Comms)]
		name, day := t.name("aktivitet"), t.workday(k*quarterDays+45)
		t.say(t.on(k*quarterDays+25), 11, Leader, Line{Act: "commitem.add", As: name, Fields: fields(f{"audience": c.Audience, "step": c.Step, "know": c.Know, "do": c.Do, "message": c.Message, "channel": c.Channel,
			"day": day.Format(time.DateOnly), "owner": t.cast[Leader].Name, "measure": c.Measure})})
		t.say(day, 16, Leader, Line{Act: "commitem.move", On: name, To: "gjord"})
		t.say(day.AddDate(0, 0, 20), 16, Leader, Line{Act: "commitem.move", On: name, To: "följd upp", Why: fmt.Sprintf("Nådde %d av %d.", 8+t.r.IntN(20), 30)})
		t.newsletter(k, c)
	}
}

// newsletter is the issue of a quarter: what the steering group's meeting led
// to, and what the plan's next audience shall know.
func (t *teller) newsletter(k int, c Comm) {
	name, day := t.name("nyhetsbrev"), t.workday(k*quarterDays+70)
	t.say(day, 9, Leader, Line{Act: "newsletter.add", As: name, Fields: fields(f{"title": fmt.Sprintf("Nyhetsbrev %d", k+1), "intro": c.Message + ".",
		"body": "## " + c.Audience + "\n\n- " + c.Know + "\n- " + c.Do + "\n", "from": t.on(max(0, k*quarterDays-21)).Format(time.DateOnly), "to": day.Format(time.DateOnly)})})
	t.say(day, 13, ProjectOwner, Line{Act: "newsletter.move", On: name, To: "godkänt"})
	t.say(day, 14, Leader, Line{Act: "newsletter.move", On: name, To: "skickat"})
}

// quarter is the work between two meetings of the steering group: the log, the
// figures, actions done in time and late, letters, a working group's meeting.
func (t *teller) quarter(k int) {
	from := k * quarterDays
	if k == t.quarters() {
		return // the last meeting ends the project
	}
	for i := range 6 + t.r.IntN(4) {
		l := t.theme.Log[(k*5+i)%len(t.theme.Log)]
		day := t.workday(from + 16 + i*8)
		t.say(day, 14, Leader, Line{Act: "log.add", Fields: fields(f{"day": day.Format(time.DateOnly), "kind": l.Kind, "what": l.What})})
	}
	if k > 0 {
		end := t.on(from)
		for i := range t.theme.Subs {
			t.say(t.on(from+5), 9, Leader, Line{Act: "measurement.add", Fields: fields(f{"indicator": "@indikator" + strconv.Itoa(i+1), "from": t.on(from - quarterDays).Format(time.DateOnly), "to": end.AddDate(0, 0, -1).Format(time.DateOnly),
				"value": tenths(t.value(i, k)), "method": t.theme.Method, "source": t.theme.Subs[i].Source})})
		}
		t.report(t.on(from+6), "kvartal", t.on(from-quarterDays), end.AddDate(0, 0, -1))
	}
	for i := range 3 {
		name, due := t.name("åtgärd"), t.workday(from+40+i*9)
		t.say(t.on(from+18), 13, Leader, Line{Act: "action.add", As: name, Fields: fields(f{"text": t.theme.Actions[(k*3+i)%len(t.theme.Actions)], "email": t.cast[pick(t.r, []string{Leader, Leader2, "ledamot1", "ledamot2"})].Email,
			"due": due.Format(time.DateOnly), "source": "Styrgruppsmöte " + strconv.Itoa(k+1)})})
		done := due.AddDate(0, 0, -1-t.r.IntN(5))
		if t.r.IntN(4) == 0 {
			done = due.AddDate(0, 0, 7+t.r.IntN(12)) // late
		}
		t.say(done, 16, Leader, Line{Act: "action.move", On: name, To: "klar"})
	}
	for i := range 2 {
		d := t.theme.Letters[(k*2+i)%len(t.theme.Letters)]
		t.register(t.workday(from+22+i*24), d.Direction, d.Party, d.Brief, d.Mirror, d.Secrecy)
	}
	t.working(k, t.workday(from+28), nil)
}

// report writes a status report and hands it in.
func (t *teller) report(day time.Time, kind string, from, to time.Time) {
	name := t.name("rapport")
	t.say(day, 13, Leader, Line{Act: "report.add", As: name, Fields: fields(f{"kind": kind, "from": from.Format(time.DateOnly), "to": to.Format(time.DateOnly), "summary": pick(t.r, t.theme.Summaries)})})
	t.say(day, 14, Leader, Line{Act: "report.move", On: name, To: "lämnad"})
}

// end closes what is open before the last meeting.
func (t *teller) end() {
	k := t.quarters()
	day := t.meetingDay(k).AddDate(0, 0, -20)
	for i, s := range t.theme.Subs {
		n := strconv.Itoa(i + 1)
		t.say(day, 9, Leader, Line{Act: "measurement.add", Fields: fields(f{"indicator": "@indikator" + n, "from": t.on((k - 1) * quarterDays).Format(time.DateOnly), "to": day.AddDate(0, 0, -1).Format(time.DateOnly),
			"value": tenths(t.value(i, k)), "method": t.theme.Method, "source": s.Source})})
		to, why := "uppnått", "Slutmätningen visar att målvärdet är nått."
		if s.Missed {
			to, why = "ej uppnått", s.Why
		}
		t.say(day.AddDate(0, 0, 1), 10, Chair, Line{Act: "goal.move", On: "delmål" + n, To: to, Why: why})
	}
	t.say(day.AddDate(0, 0, 1), 11, Chair, Line{Act: "goal.move", On: "projektmål", To: "uppnått", Why: t.theme.Handover + "."})
	t.say(day, 14, Leader, Line{Act: "log.add", Fields: fields(f{"day": day.Format(time.DateOnly), "kind": "händelse", "what": t.theme.Handover})})
	t.register(day.AddDate(0, 0, 2), "ut", t.theme.Recipient, t.theme.Handover, "", "")
	t.say(day.AddDate(0, 0, 3), 15, Registrar, Line{Act: "matter.move", On: "ärende", To: "avslutat"})
}
