package sms

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/sony/gobreaker/v2"
	"golang.org/x/time/rate"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
)

const (
	// markTimeout is for writing down what became of a message.
	markTimeout = 5 * time.Second
	// lagEvery is how often the outbox is measured: counting rows on every turn would be work for nobody.
	lagEvery = 10 * time.Second
)

// Config is what a Dispatcher needs. The second half has defaults for zero values.
type Config struct {
	Queue   Queue
	Sender  Sender
	Words   text.Catalogs
	Clock   core.Clock
	Random  func() float64 // from [0, 1), safe for concurrent use; spreads the retries
	Log     *slog.Logger
	Metrics *Metrics

	Batch       int           // messages claimed at once; 50
	Parallel    int           // sends at once; 24: at half a second each they come to PerSecond
	PerSecond   float64       // sends a second at most, as agreed with the provider; 50
	SendTimeout time.Duration // for one send; 10 s
	Lease       time.Duration // how long a claim keeps other copies away; 2 min
	Poll        time.Duration // how often the outbox is looked at when nobody calls Wake; 1 s
	Pause       time.Duration // how long a provider that is down is left alone; 30 s
}

// Dispatcher takes messages from the outbox to a provider. Several may work on one outbox.
type Dispatcher struct {
	Config
	breaker  *gobreaker.CircuitBreaker[string]
	limit    *rate.Limiter
	wake     chan struct{}
	window   time.Duration // after a claim, in which a send may begin and still be marked within the lease
	measured time.Time
}

// NewDispatcher refuses a lease that a single send could outlast, and a rate that sends nothing within
// one.
func NewDispatcher(c Config) (*Dispatcher, error) {
	d := &Dispatcher{Config: c, wake: make(chan struct{}, 1)}
	d.fill()
	d.window = d.Lease - d.SendTimeout - markTimeout
	if d.window <= 0 {
		return nil, fmt.Errorf("sms: a lease of %s is not longer than a send (%s) and its mark (%s)",
			d.Lease, d.SendTimeout, markTimeout)
	}
	perWindow := d.PerSecond * d.window.Seconds()
	if perWindow < 1 {
		return nil, fmt.Errorf("sms: at %g messages a second none is sent within a lease of %s", d.PerSecond, d.Lease)
	}
	d.Batch = int(min(float64(d.Batch), perWindow))
	d.limit = rate.NewLimiter(rate.Limit(d.PerSecond), max(1, int(d.PerSecond)))
	d.breaker = d.newBreaker()
	d.Metrics.of(d.Sender.Name())
	return d, nil
}

func (d *Dispatcher) fill() {
	zero(&d.Batch, 50)
	zero(&d.Parallel, 24)
	zero(&d.PerSecond, 50)
	zero(&d.SendTimeout, 10*time.Second)
	zero(&d.Lease, 2*time.Minute)
	zero(&d.Poll, time.Second)
	zero(&d.Pause, 30*time.Second)
}

func zero[T comparable](v *T, otherwise T) {
	var none T
	if *v == none {
		*v = otherwise
	}
}

// Wake makes an idle dispatcher look at once. It never blocks, and may be called by anybody at any time.
func (d *Dispatcher) Wake() {
	select {
	case d.wake <- struct{}{}:
	default: // it is about to look already
	}
}

// Run sends until ctx ends. Then the sends that have begun are finished and marked, the other claims are
// given back for other copies to take, and it returns: at the latest after SendTimeout and five seconds.
// It is called once.
func (d *Dispatcher) Run(ctx context.Context) {
	finish, cancel := outlive(ctx, d.SendTimeout+markTimeout)
	defer cancel()
	for ctx.Err() == nil {
		d.measure(ctx)
		if more := d.turn(ctx, finish); !more {
			d.idle(ctx)
		}
	}
}

// outlive is a context that goes on for a while when another has ended.
func outlive(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		t := time.AfterFunc(grace, cancel)
		context.AfterFunc(longer, func() { t.Stop() })
	})
	return longer, func() { stop(); cancel() }
}

// turn claims and sends one batch. It is true when more is probably due already.
func (d *Dispatcher) turn(ctx, finish context.Context) (more bool) {
	n := d.room()
	if n == 0 {
		return false
	}
	begin, cancel := context.WithTimeout(ctx, d.window) // from before the claim: the lease runs from within it
	defer cancel()
	claimed, err := d.Queue.ClaimMessages(begin, n, d.Lease)
	if err != nil {
		if ctx.Err() == nil {
			d.Log.ErrorContext(ctx, "messages not claimed", "error", err)
		}
		return false
	}
	d.sendAll(begin, finish, claimed)
	return len(claimed) == n
}

func (d *Dispatcher) idle(ctx context.Context) {
	t := time.NewTimer(d.Poll)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-d.wake:
	case <-t.C:
	}
}

func (d *Dispatcher) measure(ctx context.Context) {
	now := d.Clock()
	if now.Sub(d.measured) < lagEvery {
		return
	}
	d.measured = now
	ctx, cancel := context.WithTimeout(ctx, markTimeout)
	defer cancel()
	waiting, oldest, err := d.Queue.MessageLag(ctx)
	if err != nil {
		d.Log.WarnContext(ctx, "outbox not measured", "error", err)
		return
	}
	d.Metrics.lag(waiting, oldest)
}
