package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	_ "github.com/lib/pq" // the soak looks at the tables past the store

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
	"github.com/piga-money/piga/sandbox"
	"github.com/piga-money/piga/sms"
	"github.com/piga-money/piga/sms/africastalking"
	"github.com/piga-money/piga/soak"
	"github.com/piga-money/piga/store"
	"github.com/piga-money/piga/store/session"
)

// soaking is one soak: a whole Piga over a fresh database, with the provider's stand-in and people around it.
type soaking struct {
	postgres, redis string // URLs; the schema is there, and nothing in it
	calls, callers  int
	seed            uint64
	within          time.Duration
	hostility       sandbox.Hostility
	limits          sandbox.Limits
	cost            pinCost
	progress        func(calls int)
	behind          func() []string    // the servers behind the URL of Redis; nil: it is one server
	watch           func(sandbox.Line) // sees what goes over the wire, too; may be nil

	ahead    atomic.Int64 // of the machine's clock
	db       *sql.DB
	g        *gateway
	provider *sandbox.Sandbox
	wire     soak.Wire
	sieve    soak.Sieve
	people   *soak.Soak
	base     string
}

// run has them call, and gives what came of it.
func (o *soaking) run(ctx context.Context) (r soak.Report, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return r, err
	}
	o.base = "http://" + listener.Addr().String()
	if err := o.assemble(); err != nil {
		return r, errors.Join(err, listener.Close())
	}
	serving, stop := context.WithCancel(ctx)
	var behind sync.WaitGroup
	var served error
	behind.Go(func() { served = o.g.run(serving, listener) })
	behind.Go(func() { o.provider.Run(serving) })
	defer func() {
		stop()
		behind.Wait()
		o.g.close()
		err = errors.Join(err, served, o.db.Close())
	}()
	return o.soak(ctx)
}

// assemble wires the gateway as cmd does, and the sandbox beside it.
func (o *soaking) assemble() (err error) {
	if o.db, err = sql.Open("postgres", o.postgres); err != nil {
		return err
	}
	zone, err := time.LoadLocation("Africa/Nairobi")
	if err != nil {
		return err
	}
	offset := func() time.Duration { return time.Duration(o.ahead.Load()) }
	db, err := store.Open(store.Options{
		URL: o.postgres, Zone: zone, Random: rand.Reader, ClockOffset: offset, Clock: time.Now, Told: func() { o.g.dispatcher.Wake() },
	})
	if err != nil {
		return err
	}
	calls, err := session.Open(o.redis)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	client, err := africastalking.New(africastalking.Config{
		Base: o.base, Username: "sandbox", Key: devKey, From: devShortCode, HTTP: &http.Client{Timeout: 10 * time.Second},
	})
	if err != nil {
		return err
	}
	pepper := make([]byte, 32)
	rand.Read(pepper)
	c := config{
		Secrets: []string{devSecret}, Services: []string{devService}, Pepper: "soak:" + base64.StdEncoding.EncodeToString(pepper),
		PINCost: o.cost, SMSRate: 10_000, Grace: 15 * time.Second,
	}
	log := slog.New(slog.NewJSONHandler(&o.sieve, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o.g, err = assemble(c, parts{
		store: db, calls: calls, sender: client, log: log, random: rand.Reader,
		clock:  func() time.Time { return time.Now().Add(offset()).In(zone) },
		outbox: sms.Config{Pause: 200 * time.Millisecond, Poll: 50 * time.Millisecond},
	})
	if err != nil {
		return errors.Join(err, calls.Close(), db.Close())
	}
	o.provider = sandbox.New(sandbox.Config{
		Clock: time.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler), Key: devKey, ShortCode: devShortCode, Codes: c.Services,
		Callback: o.base + "/at/dev/ussd", Events: o.base + "/at/dev/events", Reports: o.base + "/at/dev/delivery",
		Inbound: o.base + "/at/dev/sms",
		Phones:  1000, Seed: o.seed, Hostility: o.hostility, Limits: o.limits, Watch: o.see,
	})
	o.provider.Mount(o.g.http)
	return nil
}

// see takes in what went over the wire.
func (o *soaking) see(l sandbox.Line) {
	o.wire.Watch(l)
	if o.watch != nil {
		o.watch(l)
	}
}

// mostPeople of them call, and an eighth of the calls at the least: each calls several times.
const (
	mostPeople  = 64
	leastPeople = 9
)

func (o *soaking) soak(ctx context.Context) (r soak.Report, err error) {
	people := soak.People(o.seed, min(mostPeople, max(leastPeople, o.calls/8)))
	if err := o.open(ctx, people); err != nil {
		return r, err
	}
	words, err := text.LoadAll()
	if err != nil {
		return r, err
	}
	o.people, err = soak.New(soak.Config{
		Sandbox: o.provider, Wire: &o.wire, Words: words, Service: devService, People: people, Seed: o.seed,
		Calls: o.calls, Callers: o.callers, Between: o.between, Progress: o.progress,
	})
	if err != nil {
		return r, err
	}
	began := time.Now()
	calling, enough := context.WithTimeout(ctx, o.within)
	defer enough()
	if err := o.people.Run(calling); err != nil {
		return r, err
	}
	within := time.Since(began)
	if err := o.end(ctx); err != nil {
		return r, err
	}
	if err := o.sift(ctx); err != nil {
		return r, err
	}
	books, err := soak.ReadBooks(ctx, o.db)
	if err != nil {
		return r, err
	}
	return o.people.Report(books, within, o.sieve.Found(o.people.Memory.PINs)), nil
}

// open has Piga know everybody who is not new, and gives them their money.
func (o *soaking) open(ctx context.Context, people []soak.Person) error {
	for _, p := range people {
		if p.New {
			continue
		}
		pin, err := core.ParsePIN(p.PIN)
		if err != nil {
			return err
		}
		known, err := o.g.wallet.Open(ctx, p.Party, pin, "")
		if err != nil {
			return fmt.Errorf("%s: %w", p.Party.Name, err)
		}
		entries := []ledger.Entry{{Account: core.Trust, Amount: -p.Money}, {Account: known.Account, Amount: p.Money}}
		out, err := o.g.store.Post(ctx, wallet.Order{Posting: ledger.Posting{
			Request: core.RequestID(soak.Setup + string(p.Party.Phone)), Action: ledger.Move, Operation: core.Issue,
			From: core.Trust, To: known.Account, Amount: p.Money, Entries: entries,
		}})
		if err = errors.Join(err, out.Err()); err != nil {
			return fmt.Errorf("the money of %s: %w", p.Party.Name, err)
		}
	}
	return nil
}

const (
	// pause is the time between two rounds of calls: a request for cash lasts for two of them.
	pause = 4 * time.Minute
	// night comes each so many rounds: the limits of a day, and locked PINs, are over.
	night       = 25 * time.Hour
	nightsEvery = 20
)

// between two rounds time passes.
func (o *soaking) between(ctx context.Context, round int) error {
	if round%nightsEvery == 0 {
		if err := o.settle(ctx); err != nil { // what was not sent by then would be given up
			return err
		}
		o.ahead.Add(int64(night))
	}
	return o.pass(ctx, pause)
}

// pass lets time pass, and has those sweep who do so by themselves in a few seconds.
func (o *soaking) pass(ctx context.Context, d time.Duration) error {
	o.ahead.Add(int64(d))
	_, late := o.g.wallet.Expire(ctx)
	_, open := o.g.wallet.Void(ctx)
	o.g.dispatcher.Wake()
	return errors.Join(late, open)
}

// end is that the hostility is over: what is on its way arrives, and everybody looks once more.
func (o *soaking) end(ctx context.Context) error {
	if err := o.provider.SetHostility(nil); err != nil {
		return err
	}
	if err := o.until(ctx, "the texts were taken", func() (bool, error) {
		return o.wire.Texts() >= len(o.people.Memory.Texts), nil
	}); err != nil {
		return err
	}
	if err := o.pass(ctx, 31*time.Second); err != nil { // errands that got no further than the PIN
		return err
	}
	if err := o.people.Look(ctx); err != nil {
		return err
	}
	if err := o.pass(ctx, 11*time.Minute); err != nil { // requests for cash
		return err
	}
	if err := o.settle(ctx); err != nil {
		return err
	}
	o.people.Memory.Receive(o.provider.Messages(""))
	return nil
}

// settle waits until every message has been sent or refused, while hours pass.
func (o *soaking) settle(ctx context.Context) error {
	return o.until(ctx, "the messages were sent", func() (bool, error) {
		var waiting int
		err := o.db.QueryRowContext(ctx, `SELECT count(*) FROM messages WHERE sent_at IS NULL AND dead_at IS NULL`).Scan(&waiting)
		if err != nil || waiting == 0 {
			return err == nil, err
		}
		return false, o.pass(ctx, 20*time.Second)
	})
}

// until asks again and again, for a minute.
func (o *soaking) until(ctx context.Context, what string, holds func() (bool, error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, time.Minute, errors.New("not within a minute: "+what))
	defer cancel()
	for {
		if ok, err := holds(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
