package main

import (
	"context"
	"fmt"
	"strings"

	"kommunpilot/area/goal"
	"kommunpilot/area/meeting"
	"kommunpilot/area/outreach"
	"kommunpilot/area/record"
	"kommunpilot/area/room"
	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/id"
	"kommunpilot/base/journal"
	"kommunpilot/base/who"
)

// story lets half a year go by in the room of the support function, by the
// people's own acts: a frame, goals that the steering group adopts, meetings
// with minutes, two gates, figures, risks, a change under way, a diarium. The
// texts and figures are made up; the roles, organisations and rules are the
// plan's.
func (e *examples) story(context.Context) error {
	e.day(-180)
	pid, err := e.supportRoom()
	if err != nil {
		return err
	}
	s := &story{examples: e, pid: pid, leader: e.as["projektledare@stad.example"], secretary: e.as["sekreterare@stad.example"], chair: e.as["ordforande@stad.example"]}
	if s.groups, err = e.groupIDs(pid); err != nil {
		return err
	}
	for _, part := range []func() error{s.goals, s.start, s.work, s.second, s.ahead} {
		if err := part(); err != nil {
			return fmt.Errorf("story: %w", err)
		}
	}
	return nil
}

type story struct {
	*examples
	pid                      who.ProjectID
	groups                   map[string]journal.ID
	leader, secretary, chair context.Context
	sub                      []journal.ID // sub-goals
	share                    journal.ID   // the indicator of the share
	jobs                     journal.ID
}

func (s *story) on(n int) calendar.Date { return s.today.AddDays(n) }

// goals proposes the tree and its indicators.
func (s *story) goals() error {
	above := journal.ID(0)
	for _, g := range []goal.Goal{
		{Level: goal.Vision, Text: "En stad där upphandling öppnar vägar till arbete"}, {Level: goal.Purpose, Text: "Stödfunktionen gör det lätt att ställa och nå krav på anställning"},
		{Level: goal.Overall, Text: "Fler är i arbete, alla möts med respekt och förtroendet för myndigheterna växer"}, {Level: goal.Target, Text: "En modell är klar för beslut i Kommunstyrelsen"},
	} {
		g.Parent = above
		made, err := s.rooms.goal.Propose(s.leader, s.pid, g, "")
		if err != nil {
			return err
		}
		above = made
	}
	subs := []string{"Begreppen är definierade och åtskilda", "De tre processerna är beskrivna och synkroniserade", "Planerade upphandlingar presenteras tidigt i en bruttolista", "Uppföljningen visar resultat för deltagare och kontrakt",
		"De som berörs vet varför hänsynen behövs, litar på modellen och vill arbeta med den", "De som berörs är delaktiga, och roller och ansvar följer organisationen"}
	workshop, err := s.rooms.goal.Hold(s.leader, s.pid, goal.Workshop{Title: "Målverkstad", Day: s.on(-180), Place: "Upphandlingsbolaget", Participants: []string{"Projektledare, Upphandlingsbolaget", "Ledamot, Higab", "Ledamot, Arbetsförmedlingen", "En leverantör"}}, subs)
	if err != nil {
		return err
	}
	for i, text := range subs {
		made, err := s.rooms.goal.Propose(s.leader, s.pid, goal.Goal{Level: goal.Sub, Text: text, Parent: above, Workshop: workshop, Owner: "Projektledare, Upphandlingsbolaget"}, "")
		if err != nil {
			return err
		}
		s.sub = append(s.sub, made)
		x := goal.Indicator{Goal: made, Name: "Andel av " + strings.ToLower(text[:1]) + text[1:], Unit: "delar", Target: float64(3 + i), Source: "Projektets logg", Frequency: "varje kvartal", Disclosure: "öppen"}
		switch i {
		case 2:
			x.Name, x.Unit, x.Target, x.Numerator, x.Denominator, x.Source = "Andel tjänsteupphandlingar med social hänsyn", "%", 50, "Tjänsteupphandlingar i bruttolistan med krav på anställning", "Alla tjänsteupphandlingar i bruttolistan", "Bruttolistan"
		case 3:
			x.Name, x.Unit, x.Target, x.Disclosure = "Personer som har fått anställning", "personer", 40, "skyddad"
		}
		indicator, err := s.rooms.goal.Measure(s.leader, s.pid, x)
		if err != nil {
			return err
		}
		switch i {
		case 2:
			s.share = indicator
		case 3:
			s.jobs = indicator
		}
	}
	if err := s.prepared(); err != nil {
		return err
	}
	for _, q := range room.SevenQuestions {
		if err := s.rooms.room.AskResearch(s.as["foljeforskare@stad.example"], s.pid, room.Question{Text: q, Source: "Intervjuer, bruttolistan och kontraktsuppföljningen"}); err != nil {
			return err
		}
	}
	return nil
}

// prepared are a plan that is being written and a matter that a working group
// prepares for the steering group.
func (s *story) prepared() error {
	if _, err := s.rooms.room.Draft(s.leader, s.pid, room.Document{Kind: "arbetsordning", Title: "Arbetsordning för stödfunktionen", Text: "Vem som gör vad före, under och efter en upphandling. Texten är påhittad."}); err != nil {
		return err
	}
	_, err := s.rooms.room.Prepare(s.leader, s.pid, room.Brief{Title: "Villkor om anställning i städavtalet", Group: s.groups["Arbetsgrupp Modell"], Background: "Avtalet löper ut nästa år.", Procures: true})
	return err
}

// steering holds a meeting of the steering group that decides on what waits.
func (s *story) steering(n int, title, number string, outcomes map[string]string) error {
	s.day(n - 14)
	m, err := s.rooms.meeting.Plan(s.secretary, s.pid, meeting.Meeting{Title: title, Kind: "styrgrupp", Group: s.groups["Styrgrupp"], Day: s.on(n), Start: "13:00", Minutes: 120, Place: "Stadshuset", Reading: 5, Material: []string{"Lägesrapport"}})
	if err != nil {
		return err
	}
	var matters []meeting.Matter
	if err := s.db.Read(s.secretary, func(q db.Q) error {
		p, err := s.rooms.room.Frame(s.secretary, q, s.pid)
		if err != nil {
			return err
		}
		matters, err = s.rooms.meetingMatters(s.secretary, q, p)
		return err
	}); err != nil {
		return err
	}
	notes := map[string]meeting.Note{}
	for _, x := range matters {
		kind, _, _ := strings.Cut(x.Key, ":")
		outcome, wanted := outcomes[kind]
		if !wanted {
			continue
		}
		if err := s.rooms.meeting.AddMatter(s.secretary, m, x.Key, ""); err != nil {
			return err
		}
		notes[x.Key] = meeting.Note{State: meeting.ItemDealt, Outcome: outcome, Notes: "Underlaget gicks igenom.", Proposals: []string{"Enligt beredningen"}, Decision: "Styrgruppen beslutar enligt förslaget: " + x.Title + "."}
	}
	if err := s.rooms.meeting.CallTo(s.secretary, m); err != nil {
		return err
	}
	for _, who := range []string{"ordforande@stad.example", "sekreterare@stad.example", "higab@stad.example"} {
		if _, err := s.rooms.meeting.Reply(s.as[who], m, true, ""); err != nil {
			return err
		}
	}
	s.day(n)
	if err := s.rooms.meeting.MoveMeeting(s.secretary, m, meeting.Running, ""); err != nil {
		return err
	}
	if err := s.rooms.meeting.DealWith(s.secretary, m, notes); err != nil {
		return err
	}
	if err := s.rooms.meeting.MoveMeeting(s.secretary, m, meeting.Held, ""); err != nil {
		return err
	}
	minutes, err := s.rooms.meeting.WriteMinutes(s.secretary, s.pid, meeting.Minutes{Meeting: m, Kind: "protokoll", Number: number, Secretary: "Sekreterare, stadskansliet", Adjusters: []string{"ordforande@stad.example"}}) //nolint:gosec // a secretary is no secret
	if err != nil {
		return err
	}
	s.day(n + 5)
	_, err = s.rooms.meeting.Approve(s.chair, minutes, 2, "")
	return err
}

// start is the first meeting: the goals are adopted and the project begins.
func (s *story) start() error {
	return s.steering(-150, "Styrgruppsmöte 1", "1", map[string]string{"gate": room.Go, "goal": goal.Adopted})
}

// work is the spring: log, figures, risks, actions, a working group's meeting.
func (s *story) work() error {
	for _, l := range []struct {
		n    int
		kind string
		what string
	}{{-148, "aktivitet", "Första arbetsgruppsmötena planerade"}, {-140, "kontakt", "Möte med Samordningsförbunden om förberedelser"}, {-120, "händelse", "Första upphandlingen med krav på anställning är annonserad"}, {-96, "aktivitet", "Processkartan för målgrupper är klar i en första version"}, {-70, "händelse", "Två upphandlingar skjuts upp i väntan på politiska beslut"}, {-50, "aktivitet", "Kompetensmatrisen prövas i tre upphandlingar"}, {-20, "kontakt", "Branschorganisationerna har lämnat synpunkter på villkoren"}} {
		s.day(l.n)
		if err := s.rooms.room.Log(s.leader, s.pid, room.LogEntry{Day: s.on(l.n), Kind: l.kind, What: l.what}); err != nil {
			return err
		}
	}
	for i, v := range []float64{8, 14, 19} {
		s.day(-130 + 45*i)
		if err := s.rooms.goal.Report(s.leader, s.pid, goal.Measurement{Indicator: s.share, From: s.on(-180), To: s.on(-131 + 45*i), Value: v, Method: "Räknat i bruttolistan", Source: "Upphandlingsbolaget"}); err != nil {
			return err
		}
		if err := s.rooms.goal.Report(s.leader, s.pid, goal.Measurement{Indicator: s.jobs, From: s.on(-180), To: s.on(-131 + 45*i), Value: float64(2 + 5*i), Method: "Kontraktsuppföljning", Source: "Upphandlingsbolaget"}); err != nil {
			return err
		}
	}
	s.day(-100)
	for _, r := range []room.Risk{
		{Cause: "Upphandlingar väntar på politiska beslut", Event: "För få upphandlingar startar", Effect: "Målet om hälften nås inte i tid", Probability: 4, Impact: 4, Owner: "Projektägare, Upphandlingsbolaget", Response: "Presentera planerade upphandlingar tidigare", Review: s.on(20)},
		{Cause: "Matchningen tar tid", Event: "Platser står tomma", Effect: "Leverantörer tappar förtroende", Probability: 3, Impact: 4, Owner: "Projektledare, Samordningsförbunden", Response: "Gemensam yta för matchning", Review: s.on(30)},
		{Cause: "Begreppet uppfattas olika", Event: "Villkoren skrivs olika", Effect: "Uppföljningen går inte att jämföra", Probability: 2, Impact: 3, Owner: "Arbetsgrupp Modell", Response: "Definitioner i arbetsordningen"},
	} {
		if _, err := s.rooms.room.AddRisk(s.leader, s.pid, r); err != nil {
			return err
		}
	}
	for _, a := range []room.Action{{Text: "Skriv förslag till arbetsordning", Email: "projektledare@stad.example", Due: s.on(10), Source: "Styrgruppsmöte 1"}, {Text: "Ta fram bruttolista för nästa år", Email: "higab@stad.example", Due: s.on(-5), Source: "Arbetsgrupp Upphandling"}} {
		if err := s.rooms.room.Act(s.leader, s.pid, a); err != nil {
			return err
		}
	}
	return s.diarium()
}

// diarium registers what the project has signed and got, in two series.
func (s *story) diarium() error {
	clerk := s.as["registrator@stad.example"]
	m, err := s.rooms.record.OpenMatter(clerk, s.pid, record.Matter{Code: "1.3.2", Title: "Stödfunktion för social hänsyn", Responsible: "Registrator, stadskansliet"})
	if err != nil {
		return err
	}
	for _, x := range []record.Entry{
		{Series: "SLK", Mirror: "UHB", Direction: "upprättad", Party: "Upphandlingsbolaget", Brief: "Projektplan"}, {Series: "SLK", Mirror: "UHB", Direction: "upprättad", Party: "Samordningsförbunden", Brief: "Avtal om ansvarsfördelning"},
		{Series: "UHB", Direction: "in", Party: "En leverantör", Brief: "Synpunkter på kontraktsvillkor", Secrecy: "OSL 19:3"},
	} {
		x.Matter, x.Day = m, s.on(-100)
		if _, err := s.rooms.record.Register(clerk, s.pid, x, ""); err != nil {
			return err
		}
	}
	said := []string{"Vi hjälper er från planering till uppföljning", "Ni får kandidater som är förberedda"}
	for n, i := range []outreach.Item{
		{Audience: "Upphandlande förvaltningar och bolag", Step: "förståelse", Know: "Vilket stöd som finns", Do: "Presentera planerade upphandlingar tidigt", Channel: "arbetsgruppsmöte", Day: s.on(14), Owner: "Projektledare, Upphandlingsbolaget", Measure: "Antal upphandlingar i bruttolistan"},
		{Audience: "Leverantörer", Step: "intresse", Know: "Vad villkoren kräver", Feel: "Att kraven är rimliga", Channel: "webbsida", Day: s.on(30), Owner: "Projektledare, Samordningsförbunden"},
	} {
		i.Message = said[n]
		if err := s.rooms.outreach.Plan(s.leader, s.pid, i); err != nil {
			return err
		}
	}
	return nil
}

// second is the meeting at which the preparation ends, and a change that a
// working group has taken up.
func (s *story) second() error {
	if err := s.steering(-60, "Styrgruppsmöte 2", "2", map[string]string{"gate": room.Go}); err != nil {
		return err
	}
	s.day(-40)
	change, err := s.rooms.room.RequestChange(s.leader, s.pid, room.Change{What: "En handledare till i matchningen", Why: "Matchningen är flaskhalsen: platser väntar på kandidater.", Budget: 32_000_000, Prepared: "En handledare på halvtid i arton månader. Andra lösningar prövades i arbetsgruppen."})
	if err != nil {
		return err
	}
	m, err := s.rooms.meeting.Plan(s.secretary, s.pid, meeting.Meeting{Title: "Arbetsgrupp Modell", Kind: "arbetsgrupp", Group: s.groups["Arbetsgrupp Modell"], Day: s.on(-30), Start: "09:00", Minutes: 90, Place: "Upphandlingsbolaget", Template: "Styrgruppsmöte"})
	if err != nil {
		return err
	}
	if err := s.rooms.meeting.TakeUpNew(s.secretary, m, "Ändring: en handledare till", "change:"+id.String(change)); err != nil {
		return err
	}
	if err := s.rooms.meeting.CallTo(s.secretary, m); err != nil {
		return err
	}
	s.day(-30)
	for _, to := range []string{meeting.Running, meeting.Held} {
		if to == meeting.Held {
			if err := s.rooms.meeting.DealWith(s.secretary, m, nil); err != nil {
				return err
			}
		}
		if err := s.rooms.meeting.MoveMeeting(s.secretary, m, to, ""); err != nil {
			return err
		}
	}
	_, err = s.rooms.meeting.WriteMinutes(s.secretary, s.pid, meeting.Minutes{Meeting: m, Kind: "minnesanteckning", Number: "3", Secretary: "Sekreterare, stadskansliet"}) //nolint:gosec // a secretary is no secret
	return err
}

// ahead is what waits today: a poll for the next meeting, and a report that
// the quarter's end has made.
func (s *story) ahead() error {
	s.day(0)
	if _, err := s.rooms.meeting.Ask(s.secretary, s.pid, meeting.Poll{Title: "Styrgruppsmöte 3", Group: s.groups["Styrgrupp"], Minutes: 120, Deadline: s.on(10), Required: []string{"ordförande"}},
		fmt.Sprintf("%s 13.00 Stadshuset\n%s 09.00 Stadshuset\n%s 13.00 Upphandlingsbolaget", s.on(21), s.on(22), s.on(28))); err != nil {
		return err
	}
	return s.rooms.room.Tick(s.leader)
}
