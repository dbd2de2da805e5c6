package interest

import (
	"context"
	"fmt"
	"io/fs"
	"net/http/httptest"
	"testing"

	"kommunpilot/base/db"
	"kommunpilot/base/db/dbtest"
	"kommunpilot/base/kommun"
	"kommunpilot/base/web/webtest"
	"kommunpilot/base/who"
)

// BenchmarkListOf290Applications is the owner's list with every municipality's
// application in it.
func BenchmarkListOf290Applications(b *testing.B) {
	for _, kind := range []string{"sqlite", "postgres"} {
		b.Run(kind, func(b *testing.B) {
			var d *db.DB
			if schemas := []fs.FS{Schema()}; kind == "sqlite" {
				d = dbtest.SQLite(b, schemas...)
			} else {
				d = dbtest.Postgres(b, schemas...)
			}
			w := newWorld(b, d)
			for i, k := range kommun.Default().All() {
				org := who.OrgID(1000 + i)
				orgs[org] = Org{ID: org, Code: k.Code, Name: k.Name, Kind: "kommun"}
				w.sent(org, "pilot")
			}
			officer := someone(who.Handlaggare, agency)
			for _, path := range []string{listPath, "/intresse/100", listPath + "/export.csv"} {
				b.Run(fmt.Sprintf("GET%s", path), func(b *testing.B) {
					for b.Loop() {
						r := webtest.As(officer)(httptest.NewRequestWithContext(context.Background(), "GET", path, nil))
						a := httptest.NewRecorder()
						w.h.ServeHTTP(a, r)
						if a.Code != 200 {
							b.Fatal(a.Code)
						}
					}
				})
			}
		})
	}
}
