package people

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"kommunpilot/base/who"
)

// How long a session lasts without use, and at most.
const (
	idleTime     = 8 * time.Hour
	absoluteTime = 7 * 24 * time.Hour
	// noteEvery is how often it is noted that a session or key is in use.
	noteEvery = 5 * time.Minute
	// keepEnded is how long an ended session's row stays, so that a form that
	// was open can be given back to the same person.
	keepEnded = 30 * 24 * time.Hour
)

// SessionID names a session.
type SessionID int64

// Session is a person's being signed in from one browser.
type Session struct {
	ID            SessionID
	Person        who.PersonID
	Created, Seen time.Time
	Ended         time.Time
	Agent         string
}

// valid tells whether the session is in force at the moment.
func (s Session) valid(now time.Time) bool {
	return s.Ended.IsZero() && now.Sub(s.Seen) < idleTime && now.Sub(s.Created) < absoluteTime
}

// hashOf is how a token is stored: whoever reads the database cannot use it.
func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// browserOf names a browser and its system from the User-Agent, so that a
// person can tell the own sessions apart; nothing finer is stored.
func browserOf(r *http.Request) string {
	agent := r.UserAgent()
	pick := func(otherwise string, pairs ...[2]string) string {
		for _, p := range pairs {
			if strings.Contains(agent, p[0]) {
				return p[1]
			}
		}
		return otherwise
	}
	browser := pick("", [2]string{"Edg", "Edge"}, [2]string{"Firefox", "Firefox"}, [2]string{"Chrome", "Chrome"}, [2]string{"Safari", "Safari"})
	system := pick("", [2]string{"Android", "Android"}, [2]string{"iPhone", "iPhone"}, [2]string{"iPad", "iPad"},
		[2]string{"Windows", "Windows"}, [2]string{"Mac OS", "macOS"}, [2]string{"Linux", "Linux"})
	return strings.Trim(browser+", "+system, ", ")
}

// addressOf is the network that a request comes from: the address of a
// visitor, or the /64 of an IPv6 one. The server has already put the visitor's
// address in place of a known proxy's.
func addressOf(r *http.Request) string {
	a, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	ip := a.Addr().Unmap()
	if ip.Is4() {
		return ip.String()
	}
	return netip.PrefixFrom(ip.WithZone(""), 64).Masked().String()
}
