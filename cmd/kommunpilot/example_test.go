package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kommunpilot/area/room"
	"kommunpilot/base/audit"
	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/job"
	"kommunpilot/base/journal"
	"kommunpilot/base/mail"
	"kommunpilot/base/policy"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// generated writes a small script and gives its lines.
func generated(t *testing.T) (file string, lines []string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "exempel.jsonl")
	if code, _, wrong := command(t, "example", "generate", "--programmes", "2", "--years", "1", "--seed", "5", "--out", file); code != 0 {
		t.Fatal(wrong)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return file, strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
}

// everyAddress runs the test with the address of an empty, migrated database.
func everyAddress(t *testing.T, test func(t *testing.T, address string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, "sqlite:"+filepath.Join(t.TempDir(), "k.db")) })
	t.Run("postgres", func(t *testing.T) {
		address := dbtest.PostgresURL(t, append(roomSchemas(), mail.Schema(), journal.Schema())...)
		d, err := db.Open(t.Context(), address)
		worked(t, err)
		_, err = job.Migrate(t.Context(), d)
		worked(t, err)
		worked(t, d.Close())
		test(t, address)
	})
}

// counted counts things by "noun state".
func counted(t *testing.T, d *db.DB, project who.ProjectID) map[string]int {
	t.Helper()
	out := map[string]int{}
	worked(t, d.Read(t.Context(), func(q db.Q) error {
		_, err := db.All(t.Context(), q, func(r db.Row) (struct{}, error) {
			var noun, state string
			var n int
			err := r.Scan(&noun, &state, &n)
			out[strings.TrimSpace(noun+" "+state)] += n
			return struct{}{}, err
		}, `SELECT noun, state, COUNT(*) FROM item WHERE ? = 0 OR project_id = ? GROUP BY noun, state`, int64(project), int64(project))
		return err
	}))
	return out
}

// programmes is how many there are.
func programmes(t *testing.T, address string) (n int) {
	t.Helper()
	d, err := db.Open(t.Context(), address)
	worked(t, err)
	defer func() { worked(t, d.Close()) }()
	worked(t, d.Read(t.Context(), func(q db.Q) (err error) {
		n, err = db.Value[int](t.Context(), q, `SELECT COUNT(*) FROM programme`)
		return err
	}))
	return n
}

// A small script gives so many programmes with rooms from start to close-out:
// five gates that the steering group has decided (003-72), a change that is
// approved and one that is refused with its reason (003-59), a risk that
// occurs (003-43), reports that are dealt with (003-62, -63), the researcher's
// part-reports (003-56), and an audit chain that holds. No letter is sent.
func TestSeed_003_61_example_programmes_reach_their_close_out_003_72_five_gates_003_59_changes_003_56_part_reports(t *testing.T) {
	everyAddress(t, func(t *testing.T, address string) {
		file, lines := generated(t)
		files := t.TempDir()
		code, out, wrong := command(t, "example", "load", file, "--into", address, "--files", files)
		if code != 0 || !strings.Contains(out, "2 programmes, "+strconv.Itoa(len(lines))+" acts") || !strings.Contains(wrong, "1 of 2: ") || strings.Contains(wrong, "mail") {
			t.Fatalf("%d\n%s\n%s", code, out, wrong)
		}
		d, err := db.Open(t.Context(), address)
		worked(t, err)
		defer func() { worked(t, d.Close()) }()
		got := counted(t, d, 0)
		for what, want := range map[string]int{"project avslutat": 2, "gate gå": 10, "phase klar": 10, "change godkänd": 2, "change avslagen": 2, "risk inträffad": 2, "deviation åtgärdad": 2, "matter avslutat": 2, "minutes justerat": 10, "research bemött": 4} {
			if got[what] != want {
				t.Errorf("%s: %d, want %d", what, got[what], want)
			}
		}
		for what := range got {
			if slices.Contains([]string{"risk hanteras", "action öppen", "report utkast", "report lämnad", "goal föreslaget", "gate väntar", "meeting hållet"}, what) {
				t.Errorf("%d %s are left when the projects are closed", got[what], what)
			}
		}
		worked(t, d.Read(t.Context(), func(q db.Q) error {
			if n, err := db.Value[int](t.Context(), q, `SELECT COUNT(*) FROM mail_outbox`); err != nil || n != 0 {
				t.Errorf("%d letters, %v", n, err)
			}
			refused, err := db.Values[string](t.Context(), q, `SELECT reason FROM item_event WHERE noun = 'change' AND to_state = 'avslagen'`)
			if err != nil || len(refused) != 2 || !strings.HasPrefix(refused[0], "Styrgruppen avslår") {
				t.Errorf("reasons of the refused: %q %v", refused, err)
			}
			_, err = audit.Verify(t.Context(), q)
			return err
		}))
		// The same people are there already: nothing is stored twice.
		if code, _, wrong := command(t, "example", "load", file, "--into", address, "--files", files); code != exitBadInput || !strings.Contains(wrong, "line ") {
			t.Errorf("a second load: %d %s", code, wrong)
		}
		if n := programmes(t, address); n != 2 {
			t.Errorf("%d programmes after the second load", n)
		}
	})
}

// A line that the platform refuses is told by its number, and nothing of its
// programme is stored; the one before it stays. A line that is no act at all
// keeps everything out.
func TestExampleLoadStoresNothingOfAProgrammeWithABadLine(t *testing.T) {
	_, lines := generated(t)
	second := 1 + slices.IndexFunc(lines[1:], func(l string) bool { return strings.Contains(l, `"act":"begin"`) })
	find := func(act string) int {
		n := slices.IndexFunc(lines[second:], func(l string) bool { return strings.Contains(l, `"act":"`+act+`"`) })
		if n < 0 {
			t.Fatalf("no %s", act)
		}
		return second + n
	}
	everyAddress(t, func(t *testing.T, address string) {
		stored := 0
		for _, x := range []struct {
			name, act, old, bad, want string
			first                     bool // the first programme is stored
		}{
			{"not by right", "matter.add", `"who":"registrator"`, `"who":"ledamot1"`, "ledamot1 matter.add", true},
			{"not in the form", "log.add", `"kind":`, `"sort":`, "log.add: sort: Formuläret har inget fält sort.", false},
			{"no such choice", "risk.add", `"impact":"`, `"impact":"9`, "risk.add: impact: Välj ett av alternativen.", false},
			{"no such outcome", "meeting.deal", `"goal":"fastställt"`, `"goal":"kanske"`, "Välj ett av utfallen.", false},
			{"a real address", "person", `.example"`, `.se"`, "must end with .example", false},
			{"no JSON", "log.add", `{`, `[`, "this is not an act", false},
			{"no such act", "log.add", `"act":"log.add"`, `"act":"log.delete"`, `there is no act "log.delete"`, false},
		} {
			bad := slices.Clone(lines)
			n := find(x.act)
			if bad[n] = strings.Replace(bad[n], x.old, x.bad, 1); bad[n] == lines[n] {
				t.Fatalf("%s: %s has no %s", x.name, bad[n], x.old)
			}
			text := bad
			if !x.first { // the second programme alone, in its place
				text = append(make([]string, second), bad[second:]...)
			}
			file := filepath.Join(t.TempDir(), "fel.jsonl")
			worked(t, os.WriteFile(file, []byte(strings.Join(text, "\n")), 0o600))
			code, _, wrong := command(t, "example", "load", file, "--into", address, "--files", t.TempDir())
			if code != exitBadInput || !strings.Contains(wrong, "line "+strconv.Itoa(n+1)+": ") || !strings.Contains(wrong, x.want) || !strings.Contains(strings.ToLower(wrong), "was stored") {
				t.Errorf("%s (line %d): %d %s", x.name, n+1, code, wrong)
			}
			if x.first {
				stored = 1
			}
			if strings.HasPrefix(address, "sqlite:") && x.name == "no JSON" {
				continue
			}
			if got := programmes(t, address); got != stored {
				t.Fatalf("%s: %d programmes are stored, want %d", x.name, got, stored)
			}
		}
	})
}

func TestExampleGenerateSaysWhatIsWrong(t *testing.T) {
	for _, x := range []struct{ args, want string }{
		{"--programmes 0", "the number of programmes is 0"}, {"--years 9", "the number of years is 9"}, {"--start igår", `--start "igår": write the day as 2023-01-09`}, {"--start 1800-01-01", "1990 to 2100"},
	} {
		file := filepath.Join(t.TempDir(), "e.jsonl")
		code, _, wrong := command(t, append([]string{"example", "generate", "--out", file}, strings.Fields(x.args)...)...)
		if code != exitBadInput || !strings.Contains(wrong, x.want) {
			t.Errorf("%s: %d %s", x.args, code, wrong)
		}
		if list, _ := os.ReadDir(filepath.Dir(file)); len(list) != 0 {
			t.Errorf("%s: left %v", x.args, list)
		}
	}
	if code, _, _ := command(t, "example", "generate", "--out", filepath.Join(t.TempDir(), "no", "e.jsonl")); code != exitBadInput {
		t.Errorf("a folder that is not there: %d", code)
	}
	_, one, _ := command(t, "example", "generate", "--programmes", "1", "--years", "1", "--out", "-")
	_, two, _ := command(t, "example", "generate", "--programmes", "1", "--years", "1", "--out", "-")
	if one == "" || one != two {
		t.Error("the same parameters give other bytes on standard output")
	}
}

// The rooms that make run starts with: seeds 000, 001 and 003 as they are when
// the work is done.
func TestSeed_000_07_three_steering_meetings_000_14_approved_interviews_000_19_presentations_001_11_two_workshops(t *testing.T) {
	everySchema(t, func(t *testing.T, d *db.DB) {
		p := newPlatform(t, d)
		projects := map[string]who.ProjectID{}
		worked(t, d.Read(who.With(t.Context(), who.Us), func(q db.Q) error {
			list, err := p.rooms.room.Projects(who.With(t.Context(), who.Us), q, 0)
			for _, x := range list {
				projects[x.Name] = x.ID
			}
			return err
		}))
		has := func(name string, want map[string]int) who.ProjectID {
			t.Helper()
			pid, ok := projects[name]
			if !ok {
				t.Fatalf("no %q among %v", name, projects)
			}
			got := counted(t, d, pid)
			for what, n := range want {
				if got[what] != n {
					t.Errorf("%s: %d %s, want %d", name, got[what], what, n)
				}
			}
			return pid
		}
		skr := has("Lokaler för kommunens verksamhet, genomfört exempel", map[string]int{"meeting protokollfört": 4, "minutes justerat": 3, "minutes delat": 1, "interview publicerad": 4, "presentation hållen": 3, "gate gå": 3})
		worked(t, d.Read(t.Context(), func(q db.Q) error {
			meetings, err := db.Values[string](t.Context(), q, `SELECT content FROM item WHERE project_id = ? AND noun = 'meeting' AND content LIKE '%"kind":"styrgrupp"%'`, int64(skr))
			if err != nil || len(meetings) != 3 {
				t.Errorf("%d meetings of the steering group, %v", len(meetings), err)
			}
			for _, m := range meetings {
				if !strings.Contains(m, `"minutes":120`) || !strings.Contains(m, `"link":"https://`) {
					t.Errorf("no digital meeting of two hours: %s", m)
				}
			}
			before := `SELECT COUNT(*) FROM item_event a JOIN item_event b ON b.item_id = a.item_id AND b.id > a.id WHERE a.project_id = ? AND a.noun = 'interview' AND a.to_state = 'godkänd' AND a.from_state = 'till godkännande' AND b.to_state = 'publicerad' AND a.person_id <> b.person_id`
			n, err := db.Value[int](t.Context(), q, before, int64(skr))
			if n != 4 {
				t.Errorf("%d interviews are approved by somebody else before they are published, want 4", n)
			}
			return err
		}))
		inquiry := has("Fallstudie i tre kommuner, genomfört exempel", map[string]int{"meeting protokollfört": 2, "minutes delat": 2, "interview genomförd": 3, "item behandlad": 10})
		city := has("Stödfunktion för social hänsyn, avslutat exempel", map[string]int{"project avslutat": 1, "gate gå": 5, "change godkänd": 1, "change avslagen": 1, "minutes justerat": 9, "research bemött": 4})
		url := func(pid who.ProjectID, part string) string {
			return "/projekt/" + strconv.FormatInt(int64(pid), 10) + "/" + part
		}
		as := func(email string) webtest.Option { return webtest.As(who.From(p.examples.as[email])) }
		// The list, which reads everything at once, has for everybody what each
		// room's own frame permits.
		for _, email := range []string{exampleOwner, "foljeforskare@stad.example", "park@stad.example", "handlaggare@skr.example", "kontakt@1983.example", "kontakt@2506.example", "admin@kommunpilot.example"} {
			ctx := p.examples.as[email]
			worked(t, d.Read(ctx, func(q db.Q) error {
				list, err := p.rooms.room.Projects(ctx, q, 0)
				if err != nil {
					return err
				}
				for name, pid := range projects {
					frame, err := p.rooms.room.Frame(ctx, q, pid)
					if err != nil {
						return err
					}
					listed := slices.ContainsFunc(list, func(x room.Listed) bool { return x.ID == pid })
					if may := policy.Check(who.From(ctx), "project.public", frame.Resource) == nil; may != listed {
						t.Errorf("%s: %q is listed: %v, may be seen: %v", email, name, listed, may)
					}
				}
				return nil
			}))
		}
		films := webtest.Get(t, p.handler, "/filmer")
		for _, m := range exampleInterviewed {
			webtest.HasText(t, films, "main", m.title)
		}
		meetings := webtest.Get(t, p.handler, url(skr, "moten"), as("handlaggare@skr.example"))
		webtest.HasText(t, meetings, "main", "Styrgruppsmöte 3")
		webtest.HasText(t, meetings, "main", "Workshop: vilka frågor har kommunerna?")
		webtest.HasText(t, webtest.Get(t, p.handler, url(inquiry, "dagordning"), as("sekreterare@utredning.example")), "main", "Medskick till utredningen")
		webtest.HasText(t, webtest.Get(t, p.handler, url(city, "indikatorer"), as(exampleOwner)), "main", "Andel tjänsteupphandlingar med social hänsyn")
		webtest.HasText(t, webtest.Get(t, p.handler, strings.TrimSuffix(url(city, ""), "/"), as(exampleOwner)), "main", "påhittade")
	})
}

// docs/examples.md has every act, no other, and a script that loads.
func TestExampleDocsNameEveryActAndLoad(t *testing.T) {
	b, err := os.ReadFile("../../docs/examples.md")
	worked(t, err)
	doc := string(b)
	p := newPlayer(newRooms(&Config{}, Base{}), nil)
	for act := range founding {
		if !strings.Contains(doc, "`"+act+"`") {
			t.Errorf("docs/examples.md does not name %s", act)
		}
	}
	_, list, _ := strings.Cut(doc, "presses one of its buttons. The things:\n\n")
	list, _, _ = strings.Cut(list, ".\n")
	var named []string
	for x := range strings.SplitSeq(list, ", ") {
		named = append(named, strings.Trim(x, "`"))
	}
	for noun := range p.clerks {
		if !slices.Contains(named, noun) {
			t.Errorf("docs/examples.md does not name the thing %s", noun)
		}
	}
	if len(named) != len(p.clerks) {
		t.Errorf("docs/examples.md names %d things, there are %d: %v", len(named), len(p.clerks), named)
	}
	_, script, _ := strings.Cut(doc, "```json\n")
	script, _, _ = strings.Cut(script, "```")
	file := filepath.Join(t.TempDir(), "docs.jsonl")
	worked(t, os.WriteFile(file, []byte(script), 0o600))
	must(t, "example", "load", file, "--into", "sqlite:"+filepath.Join(t.TempDir(), "k.db"), "--files", t.TempDir())
}
