package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"kommunpilot/base/calendar"
	"kommunpilot/base/who"
	"kommunpilot/engine/example"
	"kommunpilot/engine/scenario"
)

// The rooms below are told as scripts and played by the people's own acts, as
// "example load" does: rooms that have gone further than those that a newcomer
// walks. Their names and purposes say that they are made up.

// tale collects the lines of a script.
type tale struct {
	today calendar.Date
	at    time.Time
	who   string
	lines []example.Line
}

// on goes to a day, so many from today, as somebody.
func (t *tale) on(n int, who string) {
	t.at, t.who = t.today.AddDays(n).Start().UTC().Add(9*time.Hour), who
}

// date is a day, so many from today, as a form says it.
func (t *tale) date(n int) string { return string(t.today.AddDays(n)) }

// said are fields by name: a text, or a list of texts.
type said map[string]any

// do adds an act; name is what it makes, or what it acts on where the act is
// on something.
func (t *tale) do(act, name string, fields said) {
	l := example.Line{At: t.at, Who: t.who, Act: act, Fields: map[string]example.Values{}}
	verb := act[strings.IndexByte(act, '.')+1:]
	switch verb {
	case "add", "project", "person":
		l.As = name
	default:
		l.On = name
	}
	for k, v := range fields {
		switch x := v.(type) {
		case string:
			if x != "" {
				l.Fields[k] = example.Values{x}
			}
		case []string:
			l.Fields[k] = x
		}
	}
	t.lines = append(t.lines, l)
}

// move moves a thing to a state.
func (t *tale) move(name, act, to, why string) {
	t.lines = append(t.lines, example.Line{At: t.at, Who: t.who, Act: act + ".move", On: name, To: to, Why: why})
}

// stage is a player who knows the examples' people by the given names.
func (e *examples) stage(programme who.ProgrammeID, people map[string]string) *player {
	p := newPlayer(e.rooms, e.db)
	p.names["program"] = int64(programme)
	for name, email := range people {
		if as, here := e.as[email]; here {
			p.actors[name] = who.From(as)
		}
	}
	for name, org := range e.orgs {
		p.names["org:"+name] = int64(org)
	}
	return p
}

// held is a meeting from its call to its approved minutes or shared notes.
type held struct {
	name, number string
	day          int
	fields       said
	matters      []string
	deal         said
	those        []string // who come
	adjuster     string   // by name; "" is notes
}

func (t *tale) meeting(x held, people map[string]string) {
	t.on(x.day-14, example.Leader)
	x.fields["day"] = t.date(x.day)
	t.do("meeting.add", x.name, x.fields)
	if len(x.matters) > 0 {
		t.do("meeting.matters", x.name, said{"kinds": x.matters})
	}
	t.do("meeting.call", x.name, nil)
	for i, name := range x.those {
		t.on(x.day-12+i%4, name)
		t.do("meeting.reply", x.name, said{"answer": "ja"})
	}
	t.on(x.day, example.Leader)
	t.move(x.name, "meeting", "pågår", "")
	t.do("meeting.deal", x.name, x.deal)
	t.move(x.name, "meeting", "hållet", "")
	t.on(x.day+2, example.Leader)
	f := said{"meeting": "@" + x.name, "kind": "minnesanteckning", "number": x.number, "secretary": "Projektledningen"} //nolint:gosec // a secretary is no secret
	if x.adjuster == "" {
		t.do("minutes.add", "p-"+x.name, f)
		t.move("p-"+x.name, "minutes", "delat", "")
		return
	}
	f["kind"], f["adjusters"] = "protokoll", people[x.adjuster]
	t.do("minutes.add", "p-"+x.name, f)
	t.move("p-"+x.name, "minutes", "utsänt för justering", "")
	t.on(x.day+5, x.adjuster)
	t.do("minutes.approve", "p-"+x.name, nil)
}

// cityClosed is the support function's project once more, two years from start
// to close-out, told by the generator.
func (e *examples) cityClosed(ctx context.Context) error {
	people, emails := example.Cast{}, map[string]string{}
	for name, at := range map[string]string{
		example.Owner: exampleOwner, example.Registrar: "registrator@stad.example", example.ProjectOwner: "projektagare@stad.example", example.Leader: "projektledare@stad.example",
		example.Leader2: "projektledare2@stad.example", example.Researcher: "foljeforskare@stad.example", example.Chair: "ordforande@stad.example", example.Secretary: "sekreterare@stad.example",
		"ledamot1": "higab@stad.example", "ledamot2": "trafik@stad.example", "ledamot3": "park@stad.example", "ledamot4": "arbetsformedlingen@stad.example",
	} {
		actor := who.From(e.as[at])
		_, body, _ := strings.Cut(actor.Name, ", ")
		people[name], emails[name] = example.Person{Name: actor.Name, Email: at, Body: body}, at
	}
	start := e.today.AddDays(-810)
	begin, err := time.Parse(time.DateOnly, string(start))
	if err != nil {
		return err
	}
	theme := example.Procurement
	theme.Purpose += " Rummet visar ett helt projekt, från start till avslut. Texter och siffror är påhittade."
	s, err := example.Tell(theme, "Stödfunktion för social hänsyn, avslutat exempel", people, begin, 2, 3)
	if err != nil {
		return err
	}
	return e.stage(e.city, emails).play(ctx, s.Lines)
}

// Who takes part in the room of seed 000: municipalities of the three main
// groups, each with a politician and an official.
var exampleInterviewed = []struct{ code, name, title string }{
	{"1480", "Göteborg", "Lokaler i en storstad"}, {"0880", "Kalmar", "Långsiktig plan i en residensstad"}, {"2480", "Umeå", "När staden växer"}, {"1983", "Köping", "Lokaler när barnen blir färre"},
}

const exampleCaptions = "WEBVTT\n\n00:00:01.000 --> 00:00:05.000\nVi börjar med behoven, inte med husen.\n\n00:00:05.500 --> 00:00:11.000\nPolitiker och tjänstepersoner sitter vid samma bord.\n\n00:00:11.500 --> 00:00:17.000\nPlanen ses över varje höst."

// premisesRoom is the development project of seed 000 once it has been held:
// three digital meetings of the steering group, a workshop, four interviews
// that are approved and published, three presentations.
func (e *examples) premisesRoom(ctx context.Context) error {
	people := map[string]string{example.Owner: "agare@skr.example", example.Leader: "handlaggare@skr.example"}
	t := &tale{today: e.today}
	t.on(-170, example.Owner)
	f := said{"programme": "@program", "name": "Lokaler för kommunens verksamhet, genomfört exempel", "purpose": "Kommuner, konsult och projektledning tar fram ett stöd för hur lokaler planeras. Rummet visar en omgång som är genomförd; texter och siffror är påhittade.",
		"orderer": "Fonden", "owner": "Sveriges Kommuner och Regioner", "recipient": "Kommunerna", "from": t.date(-170), "to": t.date(10), "budget": "900 000", "public": "ja", "responsible": "Handläggare, Sveriges Kommuner och Regioner", "contact": "lokaler@skr.example"}
	var members, reps, officials []string
	for _, m := range exampleInterviewed {
		members = append(members, "@org:"+m.code)
		people["politiker"+m.code], people["kontakt"+m.code], people["registrator"+m.code] = "foretradare@"+m.code+".example", "kontakt@"+m.code+".example", "registrator@"+m.code+".example"
		reps, officials = append(reps, "politiker"+m.code), append(officials, "kontakt"+m.code)
	}
	f["members"] = members
	t.do("project", "projekt", f)
	seat := func(group, name, role, politic, body string) {
		t.do("seat.add", "plats-"+group+name, said{"group": "@" + group, "email": people[name], "role": role, "politic": politic, "body": body, "from": t.date(-170)})
		t.move("plats-"+group+name, "seat", "utsedd", "")
	}
	seat("projektledning", example.Owner, "projektägare", "tjänsteperson", "Sveriges Kommuner och Regioner")
	seat("projektledning", example.Leader, "projektledare", "tjänsteperson", "Sveriges Kommuner och Regioner")
	seat("styrgrupp", reps[0], "ordförande", "politiker", "Göteborg")
	for i, m := range exampleInterviewed {
		if i > 0 {
			seat("styrgrupp", reps[i], "ledamot", "politiker", m.name)
		}
		seat("styrgrupp", officials[i], "ledamot", "tjänsteperson", m.name)
	}
	t.on(-168, example.Leader)
	t.do("group.add", "verkstad", said{"name": "Workshop om behov", "kind": "referensgrupp", "mandate": "Formulerar kommunernas frågor inför arbetet."})
	t.on(-167, reps[0])
	for i, m := range exampleInterviewed {
		seat("verkstad", reps[i], "ledamot", "politiker", m.name)
		seat("verkstad", officials[i], "ledamot", "tjänsteperson", m.name)
		seat("verkstad", "registrator"+m.code, "ledamot", "tjänsteperson", m.name)
	}
	t.premisesGoals()
	t.meeting(held{name: "workshop", number: "W1", day: -120, those: append(append([]string{}, reps...), append(append([]string{}, officials...), "registrator1480", "registrator0880", "registrator1983")...),
		fields: said{"title": "Workshop: vilka frågor har kommunerna?", "kind": "workshop", "group": "@verkstad", "start": "9.00", "minutes": "360", "link": "https://mote.example/workshop", "min": "10", "max": "30", "mixed": "ja", "reading": "5", "material": "Frågor att fundera på i förväg", "purpose": "Kommunerna formulerar sina frågor inför projektets fortsatta arbete."},
		deal:   said{}}, people)
	for i, day := range []int{-112, -84, -60} {
		x := held{name: fmt.Sprintf("styrgruppsmöte%d", i+1), number: fmt.Sprint(i + 1), day: day, those: append(append([]string{}, reps...), officials...), adjuster: reps[0],
			fields: said{"title": fmt.Sprintf("Styrgruppsmöte %d", i+1), "kind": "styrgrupp", "group": "@styrgrupp", "start": "13.00", "minutes": "120", "link": "https://mote.example/styrgrupp", "mixed": "ja", "reading": "5", "material": []string{"Utkast att läsa och kommentera", "Frågor till mötet"}, "purpose": "Ge stöd och dela erfarenheter, så att resultatet går att använda."},
			deal:   said{"gate": "gå", "gate.text": fmt.Sprintf("Styrgruppen beslutar gå vid beslutspunkt %d.", i+1)}, matters: []string{"gate"}}
		if i == 0 {
			x.matters, x.deal["goal"], x.deal["goal.text"] = []string{"goal", "gate"}, "fastställt", "Styrgruppen fastställer målet."
		}
		t.meeting(x, people)
	}
	t.interviews()
	t.presentations()
	return e.stage(e.programmes["tre-former"], people).play(ctx, example.InOrder(t.lines))
}

// premisesGoals are proposed before the first meeting of the steering group.
func (t *tale) premisesGoals() {
	t.on(-160, example.Leader)
	t.do("goal.add", "mål", said{"level": "projektmål", "text": "Ett stöd för hur kommuner planerar lokaler är klart och publicerat"})
	t.do("lfa.add", "målverkstad", said{"title": "Målverkstad", "day": t.date(-161), "place": "Digitalt", "participants": []string{"Handläggare, Sveriges Kommuner och Regioner", "Lokalstrateg, Göteborg", "Lokalstrateg, Umeå"}})
	t.move("målverkstad", "lfa", "genomförd", "")
	t.do("goal.add", "delmål", said{"workshop": "@målverkstad", "level": "delmål", "text": "Kommuner berättar hur de har ordnat sin process", "parent": "@mål"})
	t.do("indicator.add", "indikator", said{"goal": "@delmål", "name": "Publicerade intervjuer", "unit": "intervjuer", "target": "4", "source": "Projektets logg", "frequency": "vid slutet", "disclosure": "öppen"})
	for _, l := range []struct {
		n    int
		what string
	}{{-150, "Konsult är upphandlad"}, {-119, "Workshopen gav tolv frågor att arbeta vidare med"}, {-62, "Utkast till rapport skickat till styrgruppen"}, {-12, "Rapport och filmade intervjuer är publicerade"}} {
		t.on(l.n, example.Leader)
		t.do("log.add", "", said{"day": t.date(l.n), "kind": "händelse", "what": l.what})
	}
}

// interviews are four: held, filmed, captioned, approved by the municipality,
// published.
func (t *tale) interviews() {
	for i, m := range exampleInterviewed {
		day, name := -104+7*i, "intervju"+m.code
		t.on(day-10, example.Leader)
		t.do("interview.add", name, said{"title": m.title, "municipality": "@org:" + m.code, "roles": []string{"Ordförande i en nämnd, " + m.name, "Lokalstrateg, " + m.name}, "purpose": "Visa hur kommunen har ordnat sin process. Svaren är påhittade.", "questions": []string{"Vem beslutar om vad?", "Hur möts behov och budget?", "Vad skulle ni göra om?"},
			"day": t.date(day), "place": m.name})
		t.on(day, example.Leader)
		t.move(name, "interview", "genomförd", "")
		t.on(day+10, example.Leader)
		t.do("interview.change", name, said{"link": "https://film.example/" + m.code, "seconds": "20", "reason": "Filmen är klippt"})
		t.move(name, "interview", "redigerad", "")
		t.on(day+14, example.Leader)
		t.do("interview.change", name, said{"captions": exampleCaptions, "transcript": "Vi börjar med behoven, inte med husen. Politiker och tjänstepersoner sitter vid samma bord. Planen ses över varje höst.", "reason": "Textning"})
		t.move(name, "interview", "textad", "")
		t.move(name, "interview", "till godkännande", "")
		t.on(day+20, "politiker"+m.code)
		t.move(name, "interview", "godkänd", "")
		t.on(-13+i, example.Leader)
		t.move(name, "interview", "publicerad", "")
	}
	t.on(-9, example.Leader)
	t.do("measurement.add", "", said{"indicator": "@indikator", "from": t.date(-170), "to": t.date(-9), "value": "4", "method": "Räknade", "source": "Projektets logg"})
}

func (t *tale) presentations() {
	for i, p := range []struct {
		n           int
		title, whom string
	}{{-46, "Mellanresultat", "Nätverket för lokalstrateger"}, {-20, "Det här har vi kommit fram till", "Branschdagarna"}, {-6, "Slutresultat", "Fondens styrelse"}} {
		name := fmt.Sprintf("presentation%d", i+1)
		t.on(-150, example.Leader)
		t.do("presentation.add", name, said{"title": p.title, "audience": p.whom, "day": t.date(p.n), "place": "Digitalt", "result": "Stödet och kommunernas erfarenheter"})
		t.on(p.n, example.Leader)
		t.move(name, "presentation", "hållen", "")
	}
}

// caseRoom is the case study of seed 001 once it has been held: two workshops
// with five points each, and between them calculations and interviews that
// the second takes up.
func (e *examples) caseRoom(ctx context.Context) error {
	people := map[string]string{example.Owner: "huvudsekreterare@utredning.example", example.Leader: "sekreterare@utredning.example", example.Registrar: "registrator@utredning.example"}
	t := &tale{today: e.today}
	t.on(-160, example.System)
	codes, towns := []string{"1983", "1984", "1960"}, map[string]string{"1983": "Köping", "1984": "Arboga", "1960": "Kungsör"}
	var members, those []string
	for _, code := range codes {
		members = append(members, "@org:"+code)
		for i, x := range []string{"Ledamot 1, arbetsutskottet", "Ledamot 2, arbetsutskottet", "Chef 1, förvaltningsledningen", "Chef 2, förvaltningsledningen"} {
			name := fmt.Sprintf("%s-%d", code, i+1)
			people[name] = fmt.Sprintf("deltagare%d@%s.example", i+1, code)
			t.do("person", name, said{"name": x + ", " + towns[code], "email": people[name]})
			those = append(those, name)
		}
	}
	t.on(-150, example.Owner)
	t.do("project", "projekt", said{"programme": "@program", "name": "Fallstudie i tre kommuner, genomfört exempel", "purpose": "Kommunerna prövar tillsammans vad sammanläggning, samverkan och olika uppgifter kan ge. Rummet visar en fallstudie som är genomförd; texter och siffror är påhittade.", "orderer": "Kommunutredningen", "owner": "Kommunutredningen och Sveriges Kommuner och Regioner",
		"recipient": "Utredningen", "from": t.date(-150), "to": t.date(20), "members": members, "responsible": "Huvudsekreterare, Kommunutredningen", "contact": "utredningen@utredning.example"})
	seat := func(group, name, role, politic, body string) {
		t.do("seat.add", "plats-"+group+name, said{"group": "@" + group, "email": people[name], "role": role, "politic": politic, "body": body, "from": t.date(-150)})
		t.move("plats-"+group+name, "seat", "utsedd", "")
	}
	seat("projektledning", example.Owner, "projektägare", "tjänsteperson", "Kommunutredningen")
	seat("projektledning", example.Leader, "projektledare", "tjänsteperson", "Kommunutredningen")
	seat("styrgrupp", example.Owner, "ordförande", "tjänsteperson", "Kommunutredningen")
	t.do("group.add", "kommungrupp", said{"name": "Köping, Arboga och Kungsör", "kind": "kommungrupp", "mandate": "Två till fyra från arbetsutskottet och lika många från förvaltningsledningen i varje kommun; kommunerna avgör själva."})
	for i, name := range those {
		body, politic := "arbetsutskottet", "politiker"
		if i%4 > 1 {
			body, politic = "förvaltningsledningen", "tjänsteperson"
		}
		seat("kommungrupp", name, "ledamot", politic, towns[name[:4]]+", "+body)
	}
	t.meeting(held{name: "workshop1", number: "1", day: -105, those: those,
		fields: said{"title": "Workshop 1", "kind": "workshop", "group": "@kommungrupp", "start": "9.00", "minutes": "360", "place": "Köpings stadshus", "per_body": "2–4", "mixed": "ja", "template": "Workshop 1 i en fallstudie", "purpose": "Dialog om utmaningar och om vad kommunerna redan gör."},
		deal: said{"notes": []string{"Metod och syfte: Utredningen visade hur beräkningarna görs.", "Utmaningar: allmänna och kommunernas egna: Färre i arbetsför ålder, svårt att anställa specialister.", "Kommunernas arbete i dag: Gemensam räddningstjänst och gymnasium.",
			"Erfarenheter av samverkan och andra åtgärder: Avtal fungerar när ansvaret är tydligt.", "Nästa steg: Beräkningar och intervjuer före nästa workshop."}}}, people)
	t.on(-80, example.Leader)
	t.do("log.add", "", said{"day": t.date(-80), "kind": "händelse", "what": "Modellkörningar och beräkningar har lämnats till kommunerna"})
	for i, code := range codes {
		name := "intervju" + code
		t.on(-78+i, example.Leader)
		t.do("interview.add", name, said{"title": "Intervju i " + towns[code], "municipality": "@org:" + code, "roles": []string{"Kommunchef, " + towns[code]}, "purpose": "Redovisas på workshop 2. Svaren är påhittade.", "questions": []string{"Vad klarar kommunen själv om tio år?"}, "day": t.date(-70 + i), "place": towns[code]})
		t.on(-70+i, example.Leader)
		t.move(name, "interview", "genomförd", "")
	}
	t.on(-82, example.Leader)
	t.do("structure.add", "modell", said{"title": "Köping, Arboga och Kungsör: tre vägar", "question": "Vad skulle en sammanläggning, en samverkan eller en överflyttad uppgift göra med folkmängd, ekonomi och demokrati?",
		"owner": "Exempel: statlig utredning", "own_ref": "Exempel 1", "draws": "1000", "seed": "1", "years": "25"})
	t.do("structure.plan", "modell", said{"file": scenario.Example})
	t.do("structure.count", "modell", nil)
	t.on(-75, example.Registrar)
	t.do("matter.add", "ärende", said{"title": "Fallstudie i tre kommuner", "code": "1.2", "responsible": "Registrator, Kommunutredningen"})
	t.do("entry.add", "", said{"matter": "@ärende", "series": "KU", "direction": "ut", "day": t.date(-75), "party": "Köping, Arboga och Kungsör", "brief": "Modellkörningar och beräkningar"})
	t.meeting(held{name: "workshop2", number: "2", day: -40, those: those,
		fields: said{"title": "Workshop 2", "kind": "workshop", "group": "@kommungrupp", "start": "9.00", "minutes": "360", "place": "Arboga rådhus", "per_body": "2–4", "mixed": "ja", "template": "Workshop 2 i en fallstudie", "reading": "10", "material": []string{"Modellkörningar och beräkningar", "Sammanställning av intervjuerna"}, "purpose": "Gå igenom underlaget och kommunernas väg framåt."},
		deal:   said{"notes": []string{"Sammanfattning av workshop 1: Anteckningarna gicks igenom.", "Modellkörningar och underlag: Tre alternativ jämfördes.", "Intervjuerna: De tre intervjuerna redovisades.", "Kommunernas väg framåt: aktörsnivå: Kommunerna vill börja med gemensamma tjänster."}}}, people)
	// The model runs are delivered with time to read before the second workshop (001-08).
	t.on(-52, example.Leader)
	t.do("structure.change", "modell", said{"meeting": "@workshop2"})
	t.move("modell", "structure", "levererad", "")
	t.on(-10, example.Leader)
	t.do("log.add", "", said{"day": t.date(-10), "kind": "aktivitet", "what": "Slutrapporten skrivs"})
	t.on(-4, example.Leader)
	t.do("report.add", "slutrapport", said{"kind": "slut", "from": t.date(-150), "to": t.date(-5), "summary": "Kommunerna ser störst möjligheter i gemensamma tjänster. Texten är påhittad."})
	t.move("slutrapport", "report", "lämnad", "")
	return e.stage(e.programmes["inbjudan"], people).play(ctx, example.InOrder(t.lines))
}
