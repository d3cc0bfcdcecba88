package sms_test

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/sms"
	"github.com/piga-money/piga/sms/noop"
)

const (
	jane core.MSISDN = "+254711000001"
	john core.MSISDN = "+254711000002"
	mary core.MSISDN = "+254711000003"
)

// outbox is a queue in memory that keeps Queue's word, on the time of the test's bubble.
type outbox struct {
	mu     sync.Mutex
	rows   []*row
	away   bool // the database, which says so
	hangs  bool // the database, which says nothing
	claims int  // calls of ClaimMessages
}

type row struct {
	notice.Message
	due        time.Time
	sent, dead time.Time
	claimed    []time.Time
	providerID string
	reason     string
}

func (o *outbox) add(phones ...core.MSISDN) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, p := range phones {
		o.rows = append(o.rows, &row{due: time.Now(), Message: notice.Message{
			ID: int64(len(o.rows) + 1), Phone: p, Lang: core.English, Created: time.Now(),
			Key: "sms.balance", Args: text.Args{"receipt": string(rune('A' + len(o.rows)))},
		}})
	}
}

func (o *outbox) ClaimMessages(_ context.Context, n int, lease time.Duration) ([]notice.Message, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.claims++
	if o.away {
		return nil, errors.New("the database is away")
	}
	due := slices.Clone(o.rows)
	due = slices.DeleteFunc(due, func(r *row) bool {
		return r.due.After(time.Now()) || !r.sent.IsZero() || !r.dead.IsZero()
	})
	slices.SortStableFunc(due, func(a, b *row) int { return cmp.Compare(a.due.UnixNano(), b.due.UnixNano()) })
	var claimed []notice.Message
	for _, r := range due[:min(n, len(due))] {
		r.due = time.Now().Add(lease)
		r.claimed = append(r.claimed, time.Now())
		r.Attempts++
		claimed = append(claimed, r.Message)
	}
	slices.Reverse(claimed) // a database need not return them in the order of the claim
	return claimed, nil
}

func (o *outbox) mark(ctx context.Context, id int64, text string, f func(*row)) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.hangs {
		o.mu.Unlock()
		<-ctx.Done()
		o.mu.Lock()
	}
	if o.away || ctx.Err() != nil {
		return errors.New("the database is away")
	}
	r := o.rows[id-1]
	r.Text = text
	f(r)
	return nil
}

func (o *outbox) MessageSent(ctx context.Context, id int64, text, _, providerID string) error {
	return o.mark(ctx, id, text, func(r *row) { r.sent, r.providerID = time.Now(), providerID })
}

func (o *outbox) MessageRetry(ctx context.Context, id int64, text, reason string, after time.Duration) error {
	return o.mark(ctx, id, text, func(r *row) {
		r.due = time.Now().Add(after)
		if reason == sms.Untried {
			r.Attempts--
			return
		}
		r.reason = reason
	})
}

func (o *outbox) MessageDead(ctx context.Context, id int64, text, reason string) error {
	return o.mark(ctx, id, text, func(r *row) { r.dead, r.reason = time.Now(), reason })
}

func (o *outbox) MessageLag(context.Context) (int, time.Duration, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.rows), time.Minute, nil
}

// row is a copy of a message's row, by its place from 1.
func (o *outbox) row(id int) row {
	o.mu.Lock()
	defer o.mu.Unlock()
	r := *o.rows[id-1]
	r.claimed = slices.Clone(r.claimed)
	return r
}

func (o *outbox) setAway(away bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.away = away
}

func (o *outbox) claimCalls() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.claims
}

// bench is a dispatcher with what surrounds it. Its outbox and sender may be used while it runs.
type bench struct {
	*sms.Dispatcher
	outbox   *outbox
	sender   *noop.Sender
	registry *prometheus.Registry
	began    time.Time
	stop     func() // and wait until Run has returned
}

// start runs a dispatcher until the test ends, in a bubble of synctest.
func start(t *testing.T, o *outbox, s *noop.Sender, change func(*sms.Config)) *bench {
	t.Helper()
	words, err := text.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	r := prometheus.NewRegistry()
	c := sms.Config{
		Queue: o, Sender: s, Words: words, Clock: time.Now,
		Random:  func() float64 { return 0.5 }, // no jitter
		Log:     slog.New(slog.DiscardHandler),
		Metrics: sms.NewMetrics(r),
	}
	if change != nil {
		change(&c)
	}
	d, err := sms.NewDispatcher(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d.Run(ctx)
	}()
	stop := func() { cancel(); <-ended }
	t.Cleanup(stop)
	return &bench{Dispatcher: d, outbox: o, sender: s, registry: r, began: time.Now(), stop: stop}
}

// texts is what the provider took for a phone, in order: the receipt that each begins with.
func (b *bench) texts(p core.MSISDN) string {
	var s string
	for _, o := range b.sender.Sent() {
		if o.Phone == p {
			s += o.Text[:1]
		}
	}
	return s
}

// metric is the value of a counter or gauge, summed over its labels.
func (b *bench) metric(t *testing.T, name string) float64 {
	t.Helper()
	families, err := b.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var sum float64
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			sum += m.GetCounter().GetValue() + m.GetGauge().GetValue() + m.GetHistogram().GetSampleSum()
		}
	}
	return sum
}
