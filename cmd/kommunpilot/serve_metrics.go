package main

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"kommunpilot/base/db"
	"kommunpilot/base/job"
)

// metrics are the node's figures, without anything about persons.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	jobs     *prometheus.HistogramVec
}

func newMetrics(d *db.DB, q *job.Queue) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "kommunpilot_http_request_seconds", Help: "Time to answer a request, by route.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .08, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route", "status"}),
		jobs: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "kommunpilot_job_seconds", Help: "Time to run a background job, by kind and outcome.",
			Buckets: []float64{.005, .025, .1, .5, 1, 5, 15, 60, 300},
		}, []string{"kind", "outcome"}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "kommunpilot_build_info", Help: "1, with the version.",
		ConstLabels: prometheus.Labels{"version": versionText(), "database": d.Dialect().String()},
	})
	build.Set(1)
	m.registry.MustRegister(m.requests, m.jobs, build, queueCollector{q}, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if d.Dialect() == db.Postgres {
		m.registry.MustRegister(poolCollector{d.Pool()})
	} else {
		m.registry.MustRegister(collectors.NewDBStatsCollector(d.Writer(), "writer"))
	}
	return m
}

// request is told of each answer; an unknown address has no route.
func (m *metrics) request(route string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
}

// job is told of each finished run of a background job.
func (m *metrics) job(kind, outcome string, took time.Duration) {
	m.jobs.WithLabelValues(kind, outcome).Observe(took.Seconds())
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, Timeout: 10 * time.Second})
}

// scrapePatience is how long the database may take for the figures.
const scrapePatience = 3 * time.Second

var queueDesc = prometheus.NewDesc("kommunpilot_jobs", "Background jobs in the queue, by state.", []string{"state"}, nil)

// queueCollector counts the jobs when it is asked.
type queueCollector struct{ queue *job.Queue }

// Describe implements prometheus.Collector.
func (c queueCollector) Describe(ch chan<- *prometheus.Desc) { ch <- queueDesc }

// Collect implements prometheus.Collector.
func (c queueCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapePatience)
	defer cancel()
	counts, err := c.queue.Counts(ctx)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(queueDesc, err)
		return
	}
	for state, n := range counts {
		ch <- prometheus.MustNewConstMetric(queueDesc, prometheus.GaugeValue, float64(n), state)
	}
}

var (
	poolConns = prometheus.NewDesc("kommunpilot_postgres_connections", "Connections to PostgreSQL, by use.", []string{"use"}, nil)
	poolWaits = prometheus.NewDesc("kommunpilot_postgres_waits_total", "Times that a request waited for a connection.", nil, nil)
	poolTime  = prometheus.NewDesc("kommunpilot_postgres_wait_seconds_total", "Time that requests waited for a connection.", nil, nil)
)

// poolCollector reads the pool of connections to PostgreSQL.
type poolCollector struct{ pool *pgxpool.Pool }

// Describe implements prometheus.Collector.
func (c poolCollector) Describe(ch chan<- *prometheus.Desc) {
	ch <- poolConns
	ch <- poolWaits
	ch <- poolTime
}

// Collect implements prometheus.Collector.
func (c poolCollector) Collect(ch chan<- prometheus.Metric) {
	s := c.pool.Stat()
	for use, n := range map[string]int32{"busy": s.AcquiredConns(), "idle": s.IdleConns(), "most": s.MaxConns()} {
		ch <- prometheus.MustNewConstMetric(poolConns, prometheus.GaugeValue, float64(n), use)
	}
	ch <- prometheus.MustNewConstMetric(poolWaits, prometheus.CounterValue, float64(s.EmptyAcquireCount()))
	ch <- prometheus.MustNewConstMetric(poolTime, prometheus.CounterValue, s.EmptyAcquireWaitTime().Seconds())
}
