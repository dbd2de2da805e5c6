package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// health is what the probes ask about.
type health struct{ up atomic.Bool }

// readyPatience is how long the database may take to answer a probe.
const readyPatience = 2 * time.Second

// publicHandler is what visitors reach.
func (n *node) publicHandler() http.Handler {
	mux := http.NewServeMux()
	n.probes(mux)
	if n.cfg.AdminAddress == "" {
		mux.Handle("GET /metrics", fromThisMachine(n.metrics.handler()))
	}
	if n.cfg.Role.Serves() {
		mux.Handle("/", n.cfg.Proxies.wrap(n.tracing.wrap(n.app.Handler, n.app.Pattern)))
	}
	return mux
}

// adminHandler is what those who watch over the platform reach.
func (n *node) adminHandler() http.Handler {
	mux := http.NewServeMux()
	n.probes(mux)
	mux.Handle("GET /metrics", n.metrics.handler())
	return mux
}

func (n *node) probes(mux *http.ServeMux) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), readyPatience)
		defer cancel()
		switch {
		case !n.health.up.Load():
			answer(w, http.StatusServiceUnavailable, "stopping")
		case n.db.Ping(ctx) != nil:
			answer(w, http.StatusServiceUnavailable, "the database does not answer")
		default:
			answer(w, http.StatusOK, "ok")
		}
	})
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = fmt.Fprintln(w, text)
}

// fromThisMachine hides a page from all but direct requests of this machine: a
// proxy that forwards a visitor says so in a header.
func fromThisMachine(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		ip := net.ParseIP(host)
		forwarded := r.Header.Get("Forwarded")+r.Header.Get("X-Forwarded-For")+r.Header.Get("Via") != ""
		if err != nil || ip == nil || !ip.IsLoopback() || forwarded {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
