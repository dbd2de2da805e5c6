package record

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"kommunpilot/base/db"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// TestALargeMatterIsPackedInTheBackground: the page says how far it has come,
// then gives the file; a lost document is told.
func TestALargeMatterIsPackedInTheBackground(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, o *Room, h http.Handler) {
		var jobs []packageArgs
		o.deps.Enqueue = func(_ context.Context, _ *db.Tx, args river.JobArgs, _ *river.InsertOpts) error {
			jobs = append(jobs, args.(packageArgs))
			return nil
		}
		m := matter(t, o)
		var docs []Document
		for i := range manyFiles + 1 {
			ref, err := o.deps.Files.Put(context.Background(), strings.NewReader(fmt.Sprint("fil ", i)), 100)
			if err != nil {
				t.Fatal(err)
			}
			docs = append(docs, Document{Name: fmt.Sprint(i, ".txt"), Type: "text/plain", Hash: ref.Hash, Size: ref.Size, Version: 1, Added: exported})
		}
		if _, err := o.entries.Add(as(registrar), pid, 0, Entry{Matter: m, Series: "KS", Day: "2026-03-02", Direction: "in", Brief: "Mycket", Documents: docs}, ""); err != nil {
			t.Fatal(err)
		}
		move(t, o, m, Closed, "", d)
		href := o.matters.Href(pid, m) + "/arkivpaket"
		if got := webtest.Post(t, h, href, url.Values{}, webtest.As(registrar)); got.Status != http.StatusSeeOther || len(jobs) != 1 {
			t.Fatalf("%d, %d jobs", got.Status, len(jobs))
		}
		webtest.HasText(t, webtest.Get(t, h, href, webtest.As(registrar)), "main", "0 av 51 filer")
		if got := webtest.Fetch(t, h, href+"/fil", webtest.As(registrar)); got.Status != http.StatusNotFound {
			t.Errorf("a package before it is made: %d", got.Status)
		}
		us := who.With(context.Background(), who.Us)
		work := func() error {
			return (&packer{room: o}).Work(us, &river.Job[packageArgs]{JobRow: &rivertype.JobRow{Attempt: 1, MaxAttempts: 1}, Args: jobs[len(jobs)-1]})
		}
		if err := work(); err != nil {
			t.Fatal(err)
		}
		webtest.HasText(t, webtest.Get(t, h, href, webtest.As(registrar)), "main a", "Hämta arkivpaketet")
		got := webtest.Fetch(t, h, href+"/fil", webtest.As(registrar))
		if r := reading(t, []byte(got.Body)); len(r.Matter.Entries) != 1 || len(r.Matter.Entries[0].Documents) != 51 {
			t.Errorf("%+v", r.Matter)
		}
		for _, path := range []string{href, href + "/fil"} {
			if got := webtest.Fetch(t, h, path); got.Status == http.StatusOK {
				t.Errorf("the public opens %s", path)
			}
		}
		if _, err := o.deps.Files.Remove(context.Background(), docs[7].Hash, exported.AddDate(100, 0, 0)); err != nil {
			t.Fatal(err)
		}
		webtest.Post(t, h, href, url.Values{}, webtest.As(registrar))
		if err := work(); err == nil {
			t.Error("a lost document is packed")
		}
		webtest.HasText(t, webtest.Get(t, h, href, webtest.As(registrar)), "main", "kunde inte göras")
	})
}
