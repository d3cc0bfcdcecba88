package ussd

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/piga-money/piga/core/text"
)

// Metrics counts turns. Every label has a bounded set of values, whatever comes in from outside.
type Metrics struct {
	screens map[text.Key]bool
	turns   *prometheus.CounterVec
	seconds *prometheus.HistogramVec
	refused *prometheus.CounterVec
	ended   *prometheus.CounterVec
}

// other stands for all values that are not known.
const other = "other"

// NewMetrics registers the metrics of calls. screens are the keys that a page may have besides the
// gateway's own last words; another is counted as "other".
func NewMetrics(r prometheus.Registerer, screens []text.Key) (*Metrics, error) {
	m := &Metrics{
		screens: map[text.Key]bool{},
		turns: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "piga_turns_total",
			Help: "Turns answered, by the screen shown and by what the turn was.",
		}, []string{"screen", "outcome"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "piga_turn_seconds",
			Help: "Time from a callback's arrival to its answer, by the screen shown. The aggregator gives up after 10 s.",
			// Fine where the menus are, then the marks that matter: Patience 2, the menus' end 7, Deadline 8.
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2, 4, 7, 8, 10},
		}, []string{"screen"}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "piga_callbacks_refused_total",
			Help: "Callbacks of which nothing was carried out, by why.",
		}, []string{"reason"}),
		ended: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "piga_calls_ended_total",
			Help: "End events of the aggregator, by its status, the last screen and the caller's operator. They may not arrive at all.",
		}, []string{"status", "screen", "operator"}),
	}
	for _, k := range screens {
		m.screens[k] = true
	}
	for _, k := range []text.Key{
		"call.again", "call.busy", "call.received", "call.sms_follows", "call.unavailable", "call.unreadable", "call.not_kenyan", "call.foreign",
		"call.unknown_service",
	} {
		m.screens[k] = true
	}
	for _, c := range []prometheus.Collector{m.turns, m.seconds, m.refused, m.ended} {
		if err := r.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *Metrics) turn(screen text.Key, outcome kind, took time.Duration) {
	m.turns.WithLabelValues(m.screen(screen), string(outcome)).Inc()
	m.seconds.WithLabelValues(m.screen(screen)).Observe(took.Seconds())
}

func (m *Metrics) refuse(why reason) { m.refused.WithLabelValues(string(why)).Inc() }

func (m *Metrics) end(status string, screen text.Key, network string) {
	m.ended.WithLabelValues(status, m.screen(screen), operator(network)).Inc()
}

// operator is whose network it is, by the aggregator's number for it. They are an open set.
func operator(network string) string {
	switch network {
	case "63902":
		return "safaricom"
	case "63903":
		return "airtel"
	case "63907":
		return "telkom"
	case "63999":
		return "equitel"
	case "99999":
		return "sandbox"
	default:
		return other
	}
}

func (m *Metrics) screen(k text.Key) string {
	if m.screens[k] {
		return string(k)
	}
	return other
}
