package main

import (
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/piga-money/piga/store"
	"github.com/piga-money/piga/store/session"
)

// newRegistry has what is watched of the process, of which build it is, and of what it keeps things in.
func newRegistry(db *store.Store, calls *session.Store) *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), built(), stores{db, calls},
	)
	return r
}

// built is always 1: its labels say which build runs.
func built() prometheus.Collector {
	labels := prometheus.Labels{"version": "", "revision": ""}
	if info, ok := debug.ReadBuildInfo(); ok {
		labels["version"] = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				labels["revision"] = s.Value
			}
		}
	}
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "piga_build_info", Help: "1; the labels say which build runs.", ConstLabels: labels})
	g.Set(1)
	return g
}

// stores asks the stores for their figures whenever somebody looks. They know nothing of Prometheus.
type stores struct {
	db    *store.Store
	calls *session.Store
}

var (
	moneyDesc = desc("piga_money_total",
		"Orders to the ledger, by what was said: done, held (until somebody confirms), released, expired, noted, or the code of the refusal "+
			"or the trouble. One that comes again is not counted again.", "operation", "code")
	centsDesc   = desc("piga_money_cents_total", "What these orders were about, in cents, without the fees.", "operation", "code")
	wrongDesc   = desc("piga_pin_wrong_total", "Tries at a PIN that were wrong.")
	lockedDesc  = desc("piga_pin_locked_total", "PINs that were locked by the last of three wrong tries.")
	ordersDesc  = desc("piga_batch_orders", "Orders in a batch of the ledger.")
	secondsDesc = desc("piga_batch_seconds", "Time that a batch of the ledger took, from the connection to its commit.")
	waitingDesc = desc("piga_orders_waiting", "Orders that wait for the next batch.")
	postingDesc = desc("piga_batches_running", "Batches under way, two at most.")
	connsDesc   = desc("piga_pool_connections",
		"Connections by what they are for, in_use or idle: redis; of PostgreSQL calls, batches, settling (of lost commits), records.",
		"pool", "state")
	waitsDesc    = desc("piga_pool_waits_total", "Times that a connection had to be waited for.", "pool")
	waitedDesc   = desc("piga_pool_wait_seconds_total", "All these waits together.", "pool")
	timedOutDesc = desc("piga_redis_pool_timeouts_total", "Commands that got no connection to Redis in time.")
)

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// Describe names what Collect gives.
func (s stores) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		moneyDesc, centsDesc, wrongDesc, lockedDesc, ordersDesc, secondsDesc, waitingDesc, postingDesc, connsDesc, waitsDesc, waitedDesc,
		timedOutDesc,
	} {
		to <- d
	}
}

// Collect gives the figures of this moment.
func (s stores) Collect(to chan<- prometheus.Metric) {
	f := s.db.Figures()
	for of, sum := range f.Money {
		to <- count(moneyDesc, float64(sum.Orders), string(of.Operation), of.Said)
		to <- count(centsDesc, float64(sum.Amount), string(of.Operation), of.Said)
	}
	to <- count(wrongDesc, float64(f.WrongPINs))
	to <- count(lockedDesc, float64(f.LockedPINs))
	to <- spread(ordersDesc, f.Batch)
	to <- spread(secondsDesc, f.Seconds)
	to <- gauge(waitingDesc, float64(f.Waiting))
	to <- gauge(postingDesc, float64(f.Posting))
	for name, p := range f.Pools {
		pool(to, name, p.InUse, p.Idle, p.WaitCount, p.WaitDuration.Seconds())
	}
	p := s.calls.Pool()
	pool(to, "redis", p.Conns-p.Idle, p.Idle, p.Waits, p.Waited.Seconds())
	to <- count(timedOutDesc, float64(p.TimedOut))
}

func pool(to chan<- prometheus.Metric, name string, inUse, idle int, waits int64, waited float64) {
	to <- gauge(connsDesc, float64(inUse), name, "in_use")
	to <- gauge(connsDesc, float64(idle), name, "idle")
	to <- count(waitsDesc, float64(waits), name)
	to <- count(waitedDesc, waited, name)
}

func count(d *prometheus.Desc, v float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
}

func gauge(d *prometheus.Desc, v float64, labels ...string) prometheus.Metric {
	return prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
}

func spread(d *prometheus.Desc, s store.Spread) prometheus.Metric {
	buckets := make(map[float64]uint64, len(s.UpTo))
	for i, bound := range s.UpTo {
		buckets[bound] = s.Count[i]
	}
	return prometheus.MustNewConstHistogram(d, s.All, s.Sum, buckets)
}
