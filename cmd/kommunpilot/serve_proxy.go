package main

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are the machines that may say whom a request comes from.
type Proxies []netip.Prefix

// UnmarshalText reads addresses and networks with commas between them.
func (p *Proxies) UnmarshalText(text []byte) error {
	*p = nil
	for _, s := range strings.Split(string(text), ",") {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		if a, err := netip.ParseAddr(s); err == nil {
			*p = append(*p, netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()))
			continue
		}
		n, err := netip.ParsePrefix(s)
		if err != nil {
			return fmt.Errorf("%q is neither an address as 127.0.0.1 nor a network as 10.0.0.0/8", s)
		}
		*p = append(*p, n.Masked())
	}
	return nil
}

func (p Proxies) has(a netip.Addr) bool {
	for _, n := range p {
		if n.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}

// wrap puts the visitor's own address in r.RemoteAddr where the request comes
// through our proxies: the last address in X-Forwarded-For that is not one of
// them. What stands before it may have been made up by the visitor.
func (p Proxies) wrap(next http.Handler) http.Handler {
	if len(p) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if from, err := netip.ParseAddrPort(r.RemoteAddr); err == nil && p.has(from.Addr()) {
			if visitor, ok := p.visitor(r.Header.Values("X-Forwarded-For")); ok {
				changed := *r
				changed.RemoteAddr = netip.AddrPortFrom(visitor, 0).String()
				r = &changed
			}
		}
		next.ServeHTTP(w, r)
	})
}

func (p Proxies) visitor(headers []string) (netip.Addr, bool) {
	hops := strings.Split(strings.Join(headers, ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		a, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return netip.Addr{}, false
		}
		if !p.has(a) {
			return a.Unmap(), true
		}
	}
	return netip.Addr{}, false
}
