package knowledge

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"kommunpilot/base/calendar"
	"kommunpilot/base/db"
	"kommunpilot/base/journal"
	"kommunpilot/base/who"
)

// How links are looked at.
const (
	lookAgain  = 7  // days until a link that answers is asked again; one that does not, the next day
	dead       = 3  // days in a row without an answer
	linksATick = 20 // links asked in one round
	longWait   = 10 // seconds for an answer
	hops       = 5  // redirects followed
)

// errPrivate is said of an address that is none of the open web's.
var errPrivate = errors.New("adressen hör inte till det öppna nätet")

// closed are ranges that are global by their form and yet not the open web.
var closed = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("2001::/32"), netip.MustParsePrefix("2001:db8::/32"),
}

// onTheWeb tells whether an address and port belong to the open web.
func onTheWeb(at netip.AddrPort) bool {
	ip := at.Addr().Unmap()
	if at.Port() != 80 && at.Port() != 443 || !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	return !slices.ContainsFunc(closed, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// guard refuses a connection after the name has been looked up, so that no name
// and no redirect leads inside.
func guard(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !onTheWeb(at) {
		return errPrivate
	}
	return nil
}

// LinkClient asks links on the open web and refuses every other address.
func LinkClient() *http.Client {
	return &http.Client{
		Timeout: longWait * time.Second,
		Transport: &http.Transport{
			Proxy: nil, DisableKeepAlives: true, TLSHandshakeTimeout: longWait * time.Second, MaxResponseHeaderBytes: 64 << 10,
			DialContext: (&net.Dialer{Timeout: longWait * time.Second, Control: guard}).DialContext,
		},
		CheckRedirect: func(_ *http.Request, via []*http.Request) error {
			if len(via) > hops {
				return errors.New("länken leder runt")
			}
			return nil
		},
	}
}

// answers asks a link; the error says why it does not answer. Nothing of the body
// is read.
func answers(ctx context.Context, c *http.Client, href string) error {
	for _, method := range []string{http.MethodHead, http.MethodGet} {
		r, err := http.NewRequestWithContext(ctx, method, href, nil)
		if err != nil {
			return err
		}
		r.Header.Set("User-Agent", "Kommunpilot (kontrollerar länkar)")
		a, err := c.Do(r)
		if err != nil {
			return err
		}
		_ = a.Body.Close() // nothing is read
		switch {
		case a.StatusCode < 400:
			return nil
		case method == http.MethodHead:
			continue // some answer only a whole question
		}
		return fmt.Errorf("svaret är %d", a.StatusCode)
	}
	return nil
}

// link is a source's address with what is known of it.
type link struct {
	source   journal.ID
	href     string
	failures int64
}

// Tick asks the links whose turn it is; Deps.Links nil: none.
func (o *Room) Tick(ctx context.Context) error {
	if o.deps.Links == nil {
		return nil
	}
	ctx = who.With(ctx, who.Us)
	list, err := o.linksDue(ctx)
	if err != nil {
		return err
	}
	for _, l := range list {
		wrong := answers(ctx, o.deps.Links, l.href)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		why := ""
		l.failures++
		if wrong == nil {
			l.failures = 0
		} else {
			why = cut(wrong.Error(), 300)
		}
		if err := o.deps.DB.Housekeep(ctx, func(tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO knowledge_link (source_id, href, checked_on, failures, why) VALUES (?, ?, ?, ?, ?)
				ON CONFLICT (source_id) DO UPDATE SET href = excluded.href, checked_on = excluded.checked_on, failures = excluded.failures, why = excluded.why`, int64(l.source), l.href, string(calendar.Of(tx.Now())), l.failures, why)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// linksDue lists the links whose turn it is, in the order of their sources.
func (o *Room) linksDue(ctx context.Context) (out []link, err error) {
	err = o.deps.DB.Read(ctx, func(q db.Q) error {
		known, err := linksKnown(ctx, q)
		if err != nil {
			return err
		}
		sources, err := o.sources.Noun.List(ctx, q, journal.Query{State: Valid})
		if err != nil {
			return err
		}
		today := calendar.Of(q.Now())
		for _, s := range sources {
			k, asked := known[s.ID]
			wait := lookAgain
			if k.failures > 0 {
				wait = 1
			}
			if s.Is.Href == "" || asked && k.href == s.Is.Href && today < k.on.AddDays(wait) {
				continue
			}
			l := link{source: s.ID, href: s.Is.Href}
			if asked && k.href == s.Is.Href {
				l.failures = k.failures
			}
			if out = append(out, l); len(out) == linksATick {
				break
			}
		}
		return nil
	})
	return out, err
}

type knownLink struct {
	href     string
	on       calendar.Date
	failures int64
	why      string
}

func linksKnown(ctx context.Context, q db.Q) (map[journal.ID]knownLink, error) {
	type row struct {
		source journal.ID
		knownLink
	}
	list, err := db.All(ctx, q, func(r db.Row) (x row, err error) {
		return x, r.Scan(&x.source, &x.href, &x.on, &x.failures, &x.why)
	}, `SELECT source_id, href, checked_on, failures, why FROM knowledge_link`)
	out := map[journal.ID]knownLink{}
	for _, x := range list {
		out[x.source] = x.knownLink
	}
	return out, err
}

// deadLinks are the sources whose link has not answered for some days.
func deadLinks(ctx context.Context, q db.Q) (map[journal.ID]bool, error) {
	known, err := linksKnown(ctx, q)
	out := map[journal.ID]bool{}
	for id, k := range known {
		if k.failures >= dead {
			out[id] = true
		}
	}
	return out, err
}
