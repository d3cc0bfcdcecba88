package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/sms"
	"github.com/piga-money/piga/sms/africastalking"
	"github.com/piga-money/piga/store"
	"github.com/piga-money/piga/store/session"
)

// leastSecret is how short a callback secret may be: it is all that tells the provider from anybody.
const leastSecret = 16

// serve is one copy of the gateway, of which any number may run.
func serve(ctx context.Context, c config, args []string, _ io.Reader, out io.Writer) error {
	if err := noFlags("piga serve", args, out); err != nil {
		return err
	}
	if err := c.need("Postgres", "Redis", "Secrets", "Services", "Pepper", "ATUsername", "ATKey"); err != nil {
		return err
	}
	if err := c.forbid("it is for piga dev alone", "Data"); err != nil {
		return err
	}
	for _, s := range c.Secrets {
		if len(s) < leastSecret {
			return fmt.Errorf("PIGA_CALLBACK_SECRET is too easily guessed: take %d letters and digits at least", leastSecret)
		}
	}
	log := newLog(c, os.Stdout)
	session.LogTo(log)
	client, err := africastalking.New(africastalking.Config{
		Base: c.ATBase, Username: c.ATUsername, Key: africastalking.Key(c.ATKey), From: c.ATSender,
		HTTP: &http.Client{Timeout: 10 * time.Second, Transport: keeping()},
	})
	if err != nil {
		return fmt.Errorf("PIGA_AT_BASE_URL, PIGA_AT_USERNAME: %w", err)
	}
	g, err := open(ctx, c, client, log, false)
	if err != nil {
		return err
	}
	defer g.close()
	if err := g.fit(ctx); err != nil {
		return err
	}
	listener, err := listen(c)
	if err != nil {
		return err
	}
	log.Info("serving", "addr", listener.Addr().String(), "services", c.Services)
	return g.run(ctx, listener)
}

// keeping keeps as many of the provider's connections as messages are sent at once. By itself it would keep two, and
// most messages would begin with a handshake.
func keeping() *http.Transport {
	return &http.Transport{Proxy: http.ProxyFromEnvironment, MaxIdleConnsPerHost: 32, IdleConnTimeout: time.Minute}
}

// open connects a gateway's store and calls, and assembles it. first is for development: whoever is on this machine may
// make the first administrator.
func open(ctx context.Context, c config, sender sms.Sender, log *slog.Logger, first bool) (*gateway, error) {
	zone, err := c.zone()
	if err != nil {
		return nil, err
	}
	var g *gateway // its dispatcher hears of each message at once; none is written before it is there
	db, err := openStore(c, func() { g.dispatcher.Wake() })
	if err != nil {
		return nil, err
	}
	calls, err := session.Open(c.Redis)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("PIGA_REDIS_URL: %w", err), db.Close())
	}
	traces, err := openTraces(ctx, c, log)
	if err != nil {
		return nil, errors.Join(err, calls.Close(), db.Close())
	}
	wrong, err := clockSkew()
	if err != nil {
		return nil, errors.Join(err, calls.Close(), db.Close())
	}
	clock := core.Clock(func() time.Time { return time.Now().Add(wrong).In(zone) })
	g, err = assemble(c, parts{
		store: db, calls: calls, sender: sender, clock: clock, log: log, random: rand.Reader, first: first, traces: traces,
	})
	if err != nil {
		return nil, errors.Join(err, calls.Close(), db.Close())
	}
	return g, nil
}

// fit refuses to serve with what can only go wrong: a database that will not have us, PINs that no pepper opens.
// A database or a Redis that is away is waited for; /readyz says so.
func (g *gateway) fit(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	err := g.store.Ready(ctx)
	if store.Refused(err) {
		return fmt.Errorf("PIGA_POSTGRES_URL: the server will not have us: %w", err)
	}
	if err != nil {
		g.log.Warn("PostgreSQL is not ready", "error", err)
		return nil
	}
	if owns, err := g.store.OwnsTables(ctx); err == nil && owns {
		g.log.Warn("the login of PIGA_POSTGRES_URL owns the tables and could take their guards away: see docs/operations.md for two logins")
	}
	sealed, err := g.store.PepperIDs(ctx)
	if err != nil {
		return err
	}
	for _, id := range sealed {
		if !g.vault.Knows(id) {
			return fmt.Errorf("PIGA_PIN_PEPPER lacks %q, under which there are PINs: put it behind the new one and run piga pepper rotate", id)
		}
	}
	return nil
}

// listen opens the configured address.
func listen(c config) (net.Listener, error) {
	l, err := net.Listen("tcp", c.Addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is taken, perhaps by another piga: end that, or choose another, such as PIGA_ADDR=127.0.0.1:8081", c.Addr)
	}
	if err != nil {
		return nil, fmt.Errorf("PIGA_ADDR should be like 127.0.0.1:8080: %w", err)
	}
	return l, nil
}

// close gives back what a gateway holds open.
func (g *gateway) close() {
	if err := errors.Join(g.calls.Close(), g.store.Close(), g.traces.close()); err != nil {
		g.log.Warn("closing", "error", err)
	}
}

// newLog writes lines for machines, at the level that is configured.
func newLog(c config, w io.Writer) *slog.Logger {
	var h slog.Handler = slog.NewJSONHandler(w, &slog.HandlerOptions{Level: c.level(slog.LevelInfo)})
	if c.Traces != "" {
		h = traced{h}
	}
	return slog.New(h)
}
