package api

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts visits. Every label has a bounded set of values.
type Metrics struct {
	requests *prometheus.CounterVec
	seconds  prometheus.Histogram
}

// NewMetrics registers the metrics of the API.
func NewMetrics(r prometheus.Registerer) (*Metrics, error) {
	m := &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "piga_api_requests_total",
			Help: "Requests to the REST API, by route and HTTP status.",
		}, []string{"route", "status"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "piga_api_seconds",
			Help:    "Time from a request's arrival to its answer.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2, 5, 10, 15},
		}),
	}
	for _, c := range []prometheus.Collector{m.requests, m.seconds} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// visit counts one.
func (m *Metrics) visit(r Route, status int, took time.Duration) {
	m.requests.WithLabelValues(r.name(), strconv.Itoa(status)).Inc()
	m.seconds.Observe(took.Seconds())
}
