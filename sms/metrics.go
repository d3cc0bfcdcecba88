package sms

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/sony/gobreaker/v2"

	"github.com/piga-money/piga/core/notice"
)

// Metrics are what operators watch of messages. A registry has one, shared by the dispatcher, the
// delivery reports and what comes in.
type Metrics struct {
	sent    *prometheus.CounterVec
	failed  *prometheus.CounterVec
	dead    *prometheus.CounterVec
	seconds *prometheus.HistogramVec
	behind  *prometheus.HistogramVec
	breaker *prometheus.GaugeVec
	waiting prometheus.Gauge
	oldest  prometheus.Gauge
	reports *prometheus.CounterVec
	inbound *prometheus.CounterVec
}

// NewMetrics registers them. It panics when the registry has them already.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		sent: counter("piga_messages_sent_total",
			"Messages that a provider took.", "provider"),
		failed: counter("piga_messages_failed_total",
			"Tries to send that failed. One message can fail many times.", "provider", "reason"),
		dead: counter("piga_messages_dead_total",
			"Messages given up, until they are sent again by hand.", "provider", "reason"),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "piga_message_send_seconds",
			Help:    "How long a provider takes to answer, failures included.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 20},
		}, []string{"provider"}),
		behind: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "piga_message_lag_seconds",
			Help:    "How long after it was written, with the money that it tells of, a message was taken by a provider.",
			Buckets: []float64{.1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200, 86400},
		}, []string{"provider"}),
		breaker: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "piga_message_breaker_state",
			Help: "0 closed: messages flow. 1 half open: one is tried. 2 open: the provider is down.",
		}, []string{"provider"}),
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "piga_messages_waiting",
			Help: "Messages that are due and not yet sent.",
		}),
		oldest: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "piga_message_oldest_seconds",
			Help: "How long the first of the waiting messages has waited.",
		}),
		reports: counter("piga_message_reports_total",
			"Delivery reports: delivered, failed, other (on its way, or an unknown status), malformed, unkept.",
			"provider", "outcome"),
		inbound: counter("piga_inbound_total",
			"Messages that came in, by what they ask for: done, silent (told often enough), again (taken before), "+
				"malformed, no_phone, too_large, or the code of what was in the way.",
			"kind", "outcome"),
	}
	r.MustRegister(m.sent, m.failed, m.dead, m.seconds, m.behind, m.breaker, m.waiting, m.oldest, m.reports, m.inbound)
	return m
}

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

// of has zeros for a provider: what is not there before it happens cannot be seen to grow.
func (m *Metrics) of(provider string) {
	m.sent.WithLabelValues(provider)
	for _, why := range Reasons {
		m.failed.WithLabelValues(provider, string(why))
		m.dead.WithLabelValues(provider, string(why))
	}
}

func (m *Metrics) lag(waiting int, oldest time.Duration) {
	m.waiting.Set(float64(waiting))
	m.oldest.Set(oldest.Seconds())
}

func (m *Metrics) state(provider string, s gobreaker.State) {
	level := map[gobreaker.State]float64{
		gobreaker.StateClosed:   0,
		gobreaker.StateHalfOpen: 1,
		gobreaker.StateOpen:     2,
	}
	m.breaker.WithLabelValues(provider).Set(level[s])
}

func (m *Metrics) came(kind, outcome string) { m.inbound.WithLabelValues(kind, outcome).Inc() }

func (m *Metrics) report(provider string, r notice.Report) {
	outcome := "other"
	switch {
	case r.Delivered:
		outcome = "delivered"
	case r.Failed:
		outcome = "failed"
	}
	m.reports.WithLabelValues(provider, outcome).Inc()
}
