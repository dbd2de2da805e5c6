package programme

import (
	"net/http"
	"net/url"
	"testing"

	"kommunpilot/base/db"
	"kommunpilot/base/fail"
	"kommunpilot/base/id"
	"kommunpilot/base/web/webtest"
)

// invited sends Köping an invitation to take part with Arboga.
func (f *fixture) invited() InvitationID {
	f.t.Helper()
	cid := f.published("inbjudan")
	letter := Letter{
		Date: "2026-03-02", OurRef: "Fi 2017:02", Text: "Välkomna att delta.", Role: "Huvudsekreterare", Unit: "Utredningen", Phone: "08-000 00 00", Email: "utredningen@example.org",
		Contacts: []Contact{{Day: "2026-01-15", How: "Telefon med kommunchefen", Note: "Intresserade."}}, Together: []string{"1984"},
	}
	iid, err := f.Invite(as(officer), cid, koping, letter, "2026-03-20", "")
	f.must(err)
	f.must(f.Send(as(officer), iid, ""))
	return iid
}

func (f *fixture) state(iid InvitationID) (s InvitationState) {
	f.t.Helper()
	f.must(f.d.Read(as(officer), func(q db.Q) error {
		i, _, err := f.invitation(as(officer), q, iid, "invitation.read")
		s = i.State
		return err
	}))
	return s
}

func TestSeed_001_01_letter_has_date_and_references_001_02_responsible_001_03_contacts_001_09_together(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		iid := f.invited()
		doc := webtest.Get(t, f.handler, "/inbjudningar/"+id.String(iid), webtest.As(representative))
		for _, want := range []string{"2 mars 2026", "Fi 2017:02", "Huvudsekreterare", "Utredningen", "08-000 00 00", "utredningen@example.org", "Telefon med kommunchefen", "tillsammans med Arboga"} {
			webtest.HasText(t, doc, "main", want)
		}
		if got := f.state(iid); got != Seen {
			t.Errorf("opened by the addressee it is %s", got)
		}
		if len(f.letters) != 1 {
			t.Errorf("%d letters", len(f.letters))
		}
	})
}

func TestSeed_001_18_each_party_keeps_its_own_number(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		iid := f.invited()
		f.must(f.Reply(as(representative), iid, Accepted, Answer{OwnRef: "KS 2016/619", Occasions: "KSAU 12 april"}, ""))
		doc := webtest.Get(t, f.handler, "/utlysningar/1/inbjudningar", webtest.As(officer))
		webtest.HasText(t, doc, "tbody", "Fi 2017:02")
		webtest.HasText(t, doc, "tbody", "KS 2016/619")
	})
}

func TestAnswersToAnInvitation(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		iid := f.invited()
		for _, bad := range []InvitationState{"", Sent, Expired, "ja"} {
			if err := f.Reply(as(representative), iid, bad, Answer{}, ""); err == nil {
				t.Errorf("%q is taken as an answer", bad)
			}
		}
		if err := f.Reply(as(neighbour), iid, Accepted, Answer{}, ""); !fail.Is(err, fail.Forbidden) {
			t.Errorf("another municipality answers: %v", err)
		}
		f.must(f.Reply(as(representative), iid, Talk, Answer{Text: "Vi vill veta mer."}, ""))
		f.must(f.Reply(as(representative), iid, Declined, Answer{}, ""))
		if err := f.Reply(as(representative), iid, Accepted, Answer{}, ""); !fail.Is(err, fail.Conflict) {
			t.Errorf("answered twice: %v", err)
		}
	})
}

func TestAnInvitationExpires(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		iid := f.invited()
		f.now = at("2026-03-20 23:59")
		f.must(f.Tick(as(public)))
		if got := f.state(iid); got != Sent {
			t.Errorf("on the last day it is %s", got)
		}
		f.now = at("2026-03-21 00:00")
		if err := f.Reply(as(representative), iid, Accepted, Answer{}, ""); !fail.Is(err, fail.Conflict) {
			t.Errorf("a late answer: %v", err)
		}
		f.must(f.Tick(as(public)))
		f.must(f.Tick(as(public)))
		if got := f.state(iid); got != Expired {
			t.Errorf("after the last day it is %s", got)
		}
	})
}

func TestALetterIsNotSentHalfWritten(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		cid := f.published("inbjudan")
		iid, err := f.Invite(as(officer), cid, koping, Letter{Text: "Hej"}, "", "")
		f.must(err)
		a := webtest.Post(t, f.handler, "/inbjudningar/"+id.String(iid)+"/skicka", url.Values{}, webtest.As(officer))
		if a.Status != http.StatusUnprocessableEntity || len(f.letters) != 0 || f.state(iid) != Unsent {
			t.Errorf("%d, %d letters, %s", a.Status, len(f.letters), f.state(iid))
		}
		webtest.HasText(t, a.Doc, ".ds-error-summary", "Ange er beteckning")
		if _, err := f.Invite(as(officer), cid, koping, Letter{}, "", ""); !fail.Is(err, fail.Invalid) {
			t.Errorf("invited twice: %v", err)
		}
	})
}

// rows are who, what they ask for, and what they get.
func TestWhoSeesACallAndAnInvitation(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		draft, open := f.draft("pilot"), f.published("pilot")
		iid := f.invited()
		d, o, i := "/utlysningar/"+id.String(draft), "/utlysningar/"+id.String(open), "/inbjudningar/"+id.String(iid)
		for _, x := range []struct {
			who    string
			as     webtest.Option
			path   string
			status int
		}{
			{"public", webtest.As(public), d, 303}, {"owner", webtest.As(owner), d, 200}, {"officer", webtest.As(officer), d, 200}, {"assessor", webtest.As(assessor), d, 200},
			{"registrar", webtest.As(registrar), d, 200}, {"representative", webtest.As(representative), d, 403}, {"other owner", webtest.As(otherOwner), d, 403}, {"administrator", webtest.As(administrator), d, 403},
			{"public", webtest.As(public), o, 200}, {"other owner", webtest.As(otherOwner), o, 200}, {"administrator", webtest.As(administrator), o, 200},
			{"public", webtest.As(public), o + "/redigera", 303}, {"officer", webtest.As(officer), o + "/redigera", 200}, {"assessor", webtest.As(assessor), o + "/redigera", 403}, {"other owner", webtest.As(otherOwner), o + "/redigera", 403},
			{"representative", webtest.As(representative), i, 200}, {"neighbour", webtest.As(neighbour), i, 403}, {"public", webtest.As(public), i, 303}, {"officer", webtest.As(officer), i, 200}, {"registrar", webtest.As(registrar), i, 200},
			{"assessor", webtest.As(assessor), i, 403}, {"administrator", webtest.As(administrator), i, 403}, {"officer", webtest.As(officer), i + "/redigera", 200},
			{"owner", webtest.As(owner), o + "/avbryt", 200}, {"officer", webtest.As(officer), o + "/avbryt", 403},
			{"nobody's", webtest.As(owner), "/utlysningar/999", 404}, {"nonsense", webtest.As(owner), "/utlysningar/x", 404},
		} {
			if a := webtest.Fetch(t, f.handler, x.path, x.as); a.Status != x.status {
				t.Errorf("%s %s: %d, want %d", x.who, x.path, a.Status, x.status)
			}
		}
		list := webtest.Get(t, f.handler, "/utlysningar", webtest.As(representative))
		webtest.HasNo(t, list, `a[href="`+d+`"]`)
		webtest.Has(t, list, `a[href="`+o+`"]`)
	})
}

// TestSeed_001_05_the_case_study_says_its_three_purposes where the invited read
// what they are asked to take part in.
func TestSeed_001_05_the_case_study_says_its_three_purposes(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		f.invited()
		doc := webtest.Get(t, f.handler, "/utlysningar/1", webtest.As(representative))
		for _, want := range []string{"vilka möjligheter kommunerna ser", "samla erfarenheter av samverkan", "ge underlag till utredningen", "sammanläggning, samverkan och olika uppgifter för olika kommuner"} {
			webtest.HasText(t, doc, "main", want)
		}
	})
}
