package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/sms"
	"github.com/piga-money/piga/sms/africastalking"
)

// after is that nothing is wrong any more: what is on its way arrives, everybody looks once more, the gateways are
// stopped in order, and what waits for a time of the day gets it.
func (t *torture) after(ctx context.Context, r *report) error {
	if err := t.provider.SetHostility(nil); err != nil {
		return err
	}
	t.site.say("nothing is wrong any more")
	if err := t.until(ctx, "the texts were taken", func() (bool, error) {
		return t.wire.Texts() >= len(t.soak.Memory.Texts), nil
	}); err != nil {
		return err
	}
	t.site.say("the texts were taken")
	if err := t.voided(ctx, r); err != nil {
		return err
	}
	if err := t.soak.Look(ctx); err != nil {
		return err
	}
	for _, err := range t.site.stop() {
		r.wrong("%v", err)
	}
	t.site.say("the gateways have ended")
	if err := t.pass(ctx); err != nil {
		return err
	}
	t.site.say("ten minutes have passed")
	t.soak.Memory.Receive(t.provider.Messages(""))
	return nil
}

// voided waits until every errand has an outcome, to which the gateways see by themselves.
func (t *torture) voided(ctx context.Context, r *report) error {
	db, err := sql.Open("postgres", t.site.pair.Primary().URL(databaseName))
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // only read
	for until := time.Now().Add(t.voids); time.Now().Before(until); {
		var open int
		err := db.QueryRowContext(ctx, `
			SELECT count(*) FROM intents i WHERE NOT EXISTS (SELECT FROM requests r WHERE r.id = i.request_id)`).Scan(&open)
		if err != nil || open == 0 {
			return err
		}
		if err := rest(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
	if t.voids > 0 {
		r.wrong("errands that got no further than the PIN were not voided within %s", t.voids)
	}
	return nil
}

// pass lets ten minutes and more pass for requests of cash, and as much as it takes for messages that are to be tried
// again, by Piga's own code in this process: nobody waits for that in a test.
func (t *torture) pass(ctx context.Context) (err error) {
	var ahead atomic.Int64
	ahead.Store(int64(11 * time.Minute))
	offset := func() time.Duration { return time.Duration(ahead.Load()) }
	in, err := t.site.openInside(offset)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.store.Close()) }()
	sending, stop := context.WithCancel(ctx)
	done, err := t.sends(sending, in, offset)
	if err != nil {
		stop()
		return err
	}
	defer func() { stop(); <-done }()
	return t.until(ctx, "every request for cash ended, and every message was sent", func() (bool, error) {
		_, late := in.wallet.Expire(ctx)
		_, open := in.wallet.Void(ctx)
		if err := errors.Join(late, open); err != nil {
			return false, err
		}
		waiting, _, err := in.store.MessageLag(ctx)
		if err != nil {
			return false, err
		}
		due, err := in.store.CashDue(ctx, 0, 1)
		if waiting == 0 && len(due) == 0 || err != nil {
			return err == nil, err
		}
		ahead.Add(int64(20 * time.Second))
		return false, nil
	})
}

// sends runs a dispatcher until ctx ends.
func (t *torture) sends(ctx context.Context, in *inside, offset func() time.Duration) (done <-chan struct{}, err error) {
	words, err := text.LoadAll()
	if err != nil {
		return nil, err
	}
	client, err := africastalking.New(africastalking.Config{
		Base: "http://" + t.site.outside, Username: "sandbox", Key: apiKey, From: shortCode, HTTP: &http.Client{Timeout: 10 * time.Second},
	})
	if err != nil {
		return nil, err
	}
	d, err := sms.NewDispatcher(sms.Config{
		Queue: in.store, Sender: client, Words: words, Clock: func() time.Time { return time.Now().Add(offset()) }, Random: rand.Float64,
		Log: slog.New(slog.DiscardHandler), Metrics: sms.NewMetrics(prometheus.NewRegistry()), PerSecond: 1000,
		Poll: 50 * time.Millisecond, Pause: 200 * time.Millisecond,
	})
	if err != nil {
		return nil, err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		d.Run(ctx)
	}()
	return ended, nil
}

// until asks again and again, for two minutes.
func (t *torture) until(ctx context.Context, what string, holds func() (bool, error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, 2*time.Minute, fmt.Errorf("not within two minutes: %s", what))
	defer cancel()
	for {
		if ok, err := holds(); ok || err != nil {
			return err
		}
		if rest(ctx, 20*time.Millisecond) != nil {
			return context.Cause(ctx)
		}
	}
}
