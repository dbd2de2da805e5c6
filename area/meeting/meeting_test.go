package meeting

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"kommunpilot/base/calendar"
	"kommunpilot/base/fail"
	"kommunpilot/base/journal"
	"kommunpilot/base/web"
	"kommunpilot/base/who"
)

// TestSeed_000_11_TheWaitingListIsFair: for random orders of yes and no there
// is never a free place while somebody waits, never more than the maximum, and
// places are given in the order of entry.
func TestSeed_000_11_TheWaitingListIsFair(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	for range 500 {
		limit := int64(1 + r.IntN(5))
		var list []journal.Item[Attendance]
		for i := range 8 {
			list = append(list, journal.Item[Attendance]{ID: journal.ID(i + 1), State: Invited})
		}
		clock := time.Unix(0, 0)
		for range 60 {
			clock = clock.Add(time.Second)
			i := r.IntN(len(list))
			if r.IntN(3) > 0 {
				if list[i].State != Comes {
					to := place(limit, list, list[i].ID)
					if to == Waits && list[i].State != Waits {
						list[i].Is.Entered = clock
					}
					list[i].State = to
				}
			} else {
				list[i].State = Declines
			}
			for _, a := range promoted(limit, list) {
				for _, b := range list {
					if b.State == Waits && b.Is.Entered.Before(a.Is.Entered) && !contains(promoted(limit, list), b.ID) {
						t.Fatal("somebody is passed by on the list")
					}
				}
			}
			for _, a := range promoted(limit, list) {
				for j := range list {
					if list[j].ID == a.ID {
						list[j].State = Comes
					}
				}
			}
			come, wait := int64(0), 0
			for _, a := range list {
				switch a.State {
				case Comes:
					come++
				case Waits:
					wait++
				}
			}
			if come > limit || come < limit && wait > 0 {
				t.Fatalf("limit %d: %d come, %d wait", limit, come, wait)
			}
		}
	}
	if place(0, nil, 1) != Comes {
		t.Error("a meeting without a maximum has a waiting list")
	}
}

func contains(list []journal.Item[Attendance], id journal.ID) bool {
	for _, a := range list {
		if a.ID == id {
			return true
		}
	}
	return false
}

func TestSeed_000_06_000_10_000_11_RulesOfAMeeting(t *testing.T) {
	workshop := Meeting{Min: 10, Max: 30, Mixed: true}
	for _, row := range []struct {
		p      present
		broken int
	}{{present{9, 4, 5}, 1}, {present{10, 5, 5}, 0}, {present{30, 1, 29}, 0}, {present{12, 0, 12}, 1}, {present{12, 12, 0}, 1}, {present{2, 0, 2}, 2}} {
		if got := workshop.broken(row.p); len(got) != row.broken {
			t.Errorf("%+v: %v", row.p, got)
		}
	}
}

func TestSeed_000_08_MaterialIsSentInTime(t *testing.T) {
	for _, row := range []struct {
		day     calendar.Date
		reading int64
		want    calendar.Date
	}{{"2026-03-31", 5, "2026-03-24"}, {"2026-04-07", 3, "2026-03-31"}, {"2026-03-31", 0, ""}} { // Easter lies between
		if got := (Meeting{Day: row.day, Reading: row.reading}).latestSend(); got != row.want {
			t.Errorf("%s, %d workdays: %s, want %s", row.day, row.reading, got, row.want)
		}
	}
}

func TestTheClockMovesForwardInSpring(t *testing.T) {
	for _, row := range []struct {
		day         calendar.Date
		start, want string
	}{{"2026-03-29", "02:30", "2026-03-29T01:30:00Z"}, {"2026-03-29", "13:00", "2026-03-29T11:00:00Z"}, {"2026-03-28", "13:00", "2026-03-28T12:00:00Z"}, {"2026-10-25", "13:00", "2026-10-25T12:00:00Z"}} {
		if got := (Meeting{Day: row.day, Start: row.start}).begins().UTC().Format(time.RFC3339); got != row.want {
			t.Errorf("%s %s: %s, want %s", row.day, row.start, got, row.want)
		}
	}
}

func TestSeed_001_11_001_14_TheTwoWorkshopsHaveFivePointsEach(t *testing.T) {
	for _, tpl := range Templates[:2] {
		if len(tpl.Points) != 5 {
			t.Errorf("%s has %d points", tpl.Name, len(tpl.Points))
		}
	}
}

func TestAnswersSurviveAnEditOfThePoll(t *testing.T) {
	p := Poll{}
	if err := p.setTimes("2026-03-31 9.00 Rådhuset\n2026-04-01 13:30"); err != nil {
		t.Fatal(err)
	}
	if err := p.setTimes("2026-04-01 13.30 Stadshuset\n2026-04-02 10.00"); err != nil {
		t.Fatal(err)
	}
	offered := p.offered()
	if len(offered) != 2 || offered[0].ID != 2 || offered[0].Place != "Stadshuset" || offered[1].ID != 3 || len(p.Options) != 3 {
		t.Errorf("%+v", p.Options)
	}
	if err := p.setTimes("2026-03-31 9.00"); err != nil || p.offered()[0].ID != 1 {
		t.Errorf("a time that comes back has number %d, %v", p.offered()[0].ID, err)
	}
	for _, text := range []string{"i morgon 9.00", "2026-02-30 9.00", "2026-03-31", "2026-03-31 25.00"} {
		if err := p.setTimes(text); !fail.Is(err, fail.Invalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestSeed_000_13_CaptionsAreCheckedByLine(t *testing.T) {
	good := "WEBVTT\n\nNOTE gjord för hand\n\n1\n00:00:01.000 --> 00:00:04.000 align:start\nHej och välkommen.\n\n00:05.000 --> 00:06.500\nTvå\nrader\n"
	cues, err := ParseCaptions(good, 10*time.Second)
	if err != nil || len(cues) != 2 || cues[1].Text != "Två\nrader" || cues[1].From != 5*time.Second {
		t.Fatalf("%+v %v", cues, err)
	}
	for text, line := range map[string]string{
		"": "Rad 1", "Hej": "Rad 1", "WEBVTT\n\n00:00:01,000 --> 00:00:02,000\nHej": "Rad 3", "WEBVTT\n\n00:00:05.000 --> 00:00:02.000\nHej": "Rad 3",
		"WEBVTT\n\n00:00:01.000 --> 00:00:04.000\nHej\n\n00:00:03.000 --> 00:00:05.000\nÖverlapp": "Rad 6",
		"WEBVTT\n\n00:00:01.000 --> 00:00:11.000\nFörbi slutet":                                   "Rad 3", "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n\n": "Rad 3", "WEBVTT\n\n": "Rad",
	} {
		_, err := ParseCaptions(text, 10*time.Second)
		if !fail.Is(err, fail.Invalid) || !strings.Contains(err.Error(), line) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestSeed_000_14_NothingIsPublishedWithoutItsApproval goes through every order
// of up to seven acts on an interview: whatever happens, what is published has
// been approved by the municipality in exactly that version, with captions.
func TestSeed_000_14_NothingIsPublishedWithoutItsApproval(t *testing.T) {
	captions := "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nHej\n"
	noun := New(Deps{}).interviews.Noun
	acts := map[string]func(s *showing) bool{
		"film": func(s *showing) bool {
			s.x.Chunks, s.x.Whole = append(s.x.Chunks, Chunk{fmt.Sprint(len(s.x.Chunks)), 1}), true
			return true
		},
		"captions": func(s *showing) bool { s.x.Captions = captions; return true },
		"cut":      func(s *showing) bool { s.x.Seconds++; return true },
	}
	for _, to := range []string{InterviewHeld, InterviewEdited, InterviewCaptioned, InterviewAsked, InterviewApproved, InterviewRefused, InterviewPublished, InterviewWithdrawn} {
		acts[to] = func(s *showing) bool { return noun.May(s.state, to, "skäl") == nil && s.move(to) }
	}
	published := 0
	var walk func(s showing, depth int)
	walk = func(s showing, depth int) {
		if s.state == InterviewPublished {
			published++
			if s.seen == "" || s.seen != s.x.Hash() || s.x.Captions == "" || !s.x.hasFilm() {
				t.Fatalf("published without an approval of this version: %+v", s)
			}
		}
		if depth == 0 {
			return
		}
		for _, act := range acts {
			next := s
			next.x.Chunks = append([]Chunk(nil), s.x.Chunks...)
			if s.state == InterviewPublished {
				// What is published is locked: only a move leads on.
				if !next.move(InterviewWithdrawn) {
					continue
				}
			} else if !act(&next) {
				continue
			}
			if next.state == InterviewApproved && next.x.Approval != nil && next.x.Approval.Hash != next.x.Hash() {
				next.state, next.x.Approval = InterviewCaptioned, nil // as the guard does on every save
			}
			walk(next, depth-1)
		}
	}
	walk(showing{state: InterviewCaptioned, x: Interview{Captions: captions, Link: "https://exempel.se/film", Seconds: 10}}, 7)
	walk(showing{state: InterviewPlanned}, 7)
	if published == 0 {
		t.Error("nothing was ever published")
	}
}

// showing is an interview in a state; seen is the hash that the municipality
// has approved, kept apart from the interview's own.
type showing struct {
	state string
	x     Interview
	seen  string
}

// move lets the guard say whether the interview may enter the state.
func (s *showing) move(to string) bool {
	it := journal.Item[Interview]{State: to, Is: s.x}
	it.Is.Municipality = "1"
	o := &Room{}
	ctx := who.With(context.Background(), who.Actor{Kind: who.Person, Person: 1})
	if to == InterviewApproved {
		it.Is.Org = 1
		it.Is.Approval = &Approval{Hash: it.Is.Hash()} // the guard takes the time from its transaction
		s.seen = it.Is.Hash()
	} else if err := o.guardInterview(ctx, nil, journal.Project{}, &it, s.state); err != nil {
		return false
	}
	s.state, s.x = it.State, it.Is
	return true
}

func TestSeed_004_21_004_22_004_23_TheYearShowsWhatIsMissing(t *testing.T) {
	towns := []web.Option{{Value: "1", Label: "Arjeplog"}, {Value: "2", Label: "Sorsele"}}
	list := []journal.Item[Meeting]{
		{State: Held, Is: Meeting{Kind: "besök", Visits: "1", Day: "2026-08-20"}}, {State: Held, Is: Meeting{Kind: "besök", Visits: "2", Day: "2026-05-02"}},
		{State: Cancelled, Is: Meeting{Kind: "konferens", Day: "2026-10-01"}}, {State: Planned, Is: Meeting{Kind: "projektledarträff", Day: "2026-03-01"}},
	}
	due := yearly(2026, towns, list)
	if due[0].Held != 1 || strings.Join(due[0].Missing, "") != "Sorsele" || due[1].Held != 1 || due[2].Held != 0 {
		t.Errorf("%+v", due)
	}
	if due := yearly(2025, towns, list); due[0].Held != 0 {
		t.Errorf("another year: %+v", due)
	}
}
