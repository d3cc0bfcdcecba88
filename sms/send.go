package sms

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
)

// holdBack is the longest that a message waits for an earlier one to the same phone that must be tried
// again. Two balances in the wrong order confuse; but one message that cannot be sent must not keep the
// others for hours.
const holdBack = 10 * time.Second

// sendAll sends a batch, several phones at once. When begin ends no send begins any more; finish is for
// those that have begun, and for writing down what became of each.
func (d *Dispatcher) sendAll(begin, finish context.Context, ms []notice.Message) {
	var phones sync.WaitGroup
	slots := make(chan struct{}, d.Parallel)
	for _, one := range byPhone(ms) {
		slots <- struct{}{}
		phones.Go(func() {
			defer func() { <-slots }()
			d.sendInOrder(begin, finish, one)
		})
	}
	phones.Wait()
}

// byPhone are the messages of each phone in the order in which they were made, the phone whose message is
// the oldest first. Ids grow with time; the order in which the outbox gives messages need not.
func byPhone(ms []notice.Message) [][]notice.Message {
	slices.SortFunc(ms, func(a, b notice.Message) int { return cmp.Compare(a.ID, b.ID) })
	var phones [][]notice.Message
	place := map[core.MSISDN]int{}
	for _, m := range ms {
		i, ok := place[m.Phone]
		if !ok {
			i = len(phones)
			place[m.Phone] = i
			phones = append(phones, nil)
		}
		phones[i] = append(phones[i], m)
	}
	return phones
}

// sendInOrder sends the messages of one phone. When one must wait, those after it wait with it.
func (d *Dispatcher) sendInOrder(begin, finish context.Context, ms []notice.Message) {
	for i, m := range ms {
		if hold, wait := d.send(begin, finish, m); wait {
			for _, later := range ms[i+1:] {
				d.giveBack(finish, later, hold)
			}
			return
		}
	}
}

// send tries one message and writes down what became of it. It says how long those after it should wait,
// if they should.
func (d *Dispatcher) send(begin, finish context.Context, m notice.Message) (hold time.Duration, wait bool) {
	finish, step := core.Begin(finish, "message")
	step.Note("message", strconv.FormatInt(m.ID, 10))
	defer step.End(nil)
	if m.Text == "" {
		m.Text = notice.Text(d.Words, m)
	}
	if m.Text == "" {
		return d.failed(finish, m, &SendError{Reason: NoWords, Retry: true, Detail: string(m.Key)})
	}
	if d.breaker.State() == gobreaker.StateOpen {
		return d.giveBack(finish, m, d.Pause), true
	}
	if err := d.limit.Wait(begin); err != nil { // stopping, or the lease would run out
		return d.giveBack(finish, m, 0), true
	}
	id, err := d.breaker.Execute(func() (string, error) { return d.try(finish, m) })
	switch {
	case err == nil:
		d.sent(finish, m, id)
		return 0, false
	case errors.Is(err, gobreaker.ErrOpenState), errors.Is(err, gobreaker.ErrTooManyRequests):
		return d.giveBack(finish, m, d.Pause), true
	default:
		return d.failed(finish, m, failure(err))
	}
}

func (d *Dispatcher) try(finish context.Context, m notice.Message) (string, error) {
	ctx, cancel := context.WithTimeout(finish, d.SendTimeout)
	defer cancel()
	ctx, step := core.Begin(ctx, "send")
	began := d.Clock()
	id, err := d.Sender.Send(ctx, Outgoing{Phone: m.Phone, Text: m.Text})
	d.Metrics.seconds.WithLabelValues(d.Sender.Name()).Observe(d.Clock().Sub(began).Seconds())
	step.Note("provider", d.Sender.Name())
	if err != nil {
		step.Note("reason", string(failure(err).Reason))
	}
	step.End(err)
	return id, err
}

func (d *Dispatcher) sent(finish context.Context, m notice.Message, id string) {
	d.Metrics.sent.WithLabelValues(d.Sender.Name()).Inc()
	d.Metrics.behind.WithLabelValues(d.Sender.Name()).Observe(max(0, d.Clock().Sub(m.Created).Seconds()))
	d.Log.DebugContext(finish, "message sent", "message", m, "to", m.Phone, "provider", d.Sender.Name(), "provider_id", id)
	d.mark(finish, m, func(ctx context.Context) error {
		return d.Queue.MessageSent(ctx, m.ID, m.Text, d.Sender.Name(), id)
	})
}

// failed has the message tried again, or gives it up. Those after a message that was given up need not
// wait for it.
func (d *Dispatcher) failed(finish context.Context, m notice.Message, e *SendError) (hold time.Duration, wait bool) {
	name := d.Sender.Name()
	d.Metrics.failed.WithLabelValues(name, string(e.Reason)).Inc()
	after, again := d.dueIn(m)
	if !e.Retry || !again {
		d.Metrics.dead.WithLabelValues(name, string(e.Reason)).Inc()
		d.Log.ErrorContext(finish, "message dead", "message", m, "to", m.Phone, "provider", name, "tries", m.Attempts, "error", e)
		d.mark(finish, m, func(ctx context.Context) error {
			return d.Queue.MessageDead(ctx, m.ID, m.Text, e.Error())
		})
		return 0, false
	}
	d.Log.WarnContext(finish, "message to be tried again",
		"message", m, "to", m.Phone, "provider", name, "tries", m.Attempts, "after", after, "error", e)
	d.mark(finish, m, func(ctx context.Context) error {
		return d.Queue.MessageRetry(ctx, m.ID, m.Text, e.Error(), after)
	})
	return min(after, holdBack), true
}

// dueIn is when a failed message is tried again.
func (d *Dispatcher) dueIn(m notice.Message) (time.Duration, bool) {
	return notice.Again(m.Attempts, d.Clock().Sub(m.Created), d.Random())
}

// giveBack returns a claim unused, and the wait for those after it.
func (d *Dispatcher) giveBack(finish context.Context, m notice.Message, after time.Duration) time.Duration {
	d.mark(finish, m, func(ctx context.Context) error {
		return d.Queue.MessageRetry(ctx, m.ID, m.Text, Untried, after)
	})
	return after
}

// mark writes down what became of a message. When that fails the lease brings the message back, and if
// it had been sent it is sent twice.
func (d *Dispatcher) mark(finish context.Context, m notice.Message, write func(context.Context) error) {
	ctx, cancel := context.WithTimeout(finish, markTimeout)
	defer cancel()
	ctx, step := core.Begin(ctx, "mark")
	err := write(ctx)
	step.End(err)
	if err != nil {
		d.Log.ErrorContext(ctx, "message not marked", "message", m, "error", err)
	}
}
