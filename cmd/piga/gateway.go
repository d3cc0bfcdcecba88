package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/piga-money/piga/api"
	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/login"
	"github.com/piga-money/piga/core/office"
	"github.com/piga-money/piga/core/room"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
	"github.com/piga-money/piga/menus"
	"github.com/piga-money/piga/sms"
	"github.com/piga-money/piga/store"
	"github.com/piga-money/piga/store/session"
	"github.com/piga-money/piga/ussd"
)

// parts are what a gateway is put together from.
type parts struct {
	store  *store.Store
	calls  *session.Store
	sender sms.Sender
	clock  core.Clock // in the zone in which people read times
	log    *slog.Logger
	random io.Reader   // secure random bytes
	limits ussd.Limits // of a turn; zero is the defaults
	guess  login.Cost  // of one try at a password; zero is the default
	first  bool        // whoever is on this machine may make the first administrator
	pace   int         // money commands a minute from one bearer of the API; zero is the default
	outbox sms.Config  // its times; zero is the defaults
	traces *traces     // nil: none are made
}

// gateway is one copy of Piga: callbacks and the API in, messages out.
type gateway struct {
	parts
	wallet     *wallet.Wallet
	vault      *wallet.Vault
	room       *room.Room // for calls and texts
	visits     *room.Room // for the API: whoever crowds it turns nobody away who dials
	dispatcher *sms.Dispatcher
	rest       *api.API
	http       *echo.Echo
	grace      time.Duration
	drain      drain
}

// assemble wires a gateway. Nothing runs yet.
func assemble(c config, p parts) (*gateway, error) {
	words, err := text.LoadAll()
	if err != nil {
		return nil, err
	}
	peppers, err := wallet.ParsePeppers(c.Pepper)
	if err != nil {
		return nil, fmt.Errorf("PIGA_PIN_PEPPER: %w", err)
	}
	vault, err := wallet.NewVault(peppers, c.PINCost.cost(), runtime.GOMAXPROCS(0), p.random)
	if err != nil {
		return nil, fmt.Errorf("PIGA_PIN_PEPPER: %w", err)
	}
	registry := newRegistry(p.store, p.calls)
	g := &gateway{
		parts: p, vault: vault, room: room.New(p.clock), visits: room.New(p.clock), http: newEcho(p.log), grace: c.Grace,
		drain: drain{pause: c.Drain},
	}
	if p.traces != nil {
		g.http.Use(watched(p.traces))
	}
	g.wallet = wallet.New(p.store, vault, words, p.clock, p.random, c.Services[0])
	messages := sms.NewMetrics(registry)
	out := p.outbox
	out.Queue, out.Sender, out.Words, out.Clock, out.Random = p.store, p.sender, words, p.clock, mathrand.Float64
	out.Log, out.Metrics, out.PerSecond = p.log, messages, c.SMSRate
	if g.dispatcher, err = sms.NewDispatcher(out); err != nil {
		return nil, fmt.Errorf("PIGA_SMS_RATE: %w", err)
	}
	if err := g.mountCallbacks(c, words, callKey(peppers[0]), registry, messages); err != nil {
		return nil, err
	}
	if err := g.mountAPI(c, words, registry); err != nil {
		return nil, err
	}
	g.http.GET("/healthz", func(c echo.Context) error { return c.String(http.StatusOK, "ok\n") })
	g.http.GET("/readyz", g.ready)
	g.http.GET("/metrics", echo.WrapHandler(promhttp.HandlerFor(registry, promhttp.HandlerOpts{})))
	return g, nil
}

// mountCallbacks puts what the aggregator calls behind the secret.
func (g *gateway) mountCallbacks(
	c config, words text.Catalogs, key []byte, registry prometheus.Registerer, messages *sms.Metrics,
) error {
	metrics, err := ussd.NewMetrics(registry, menus.Keys())
	if err != nil {
		return err
	}
	calls, err := ussd.New(ussd.Config{
		Calls: g.calls, Menus: menus.New(g.wallet, words), Errands: g.wallet, Words: words, Room: g.room, Services: c.Services,
		Key: key, Clock: g.clock, Random: g.random, Log: g.log, Metrics: metrics, Limits: g.limits,
	})
	if err != nil {
		return fmt.Errorf("PIGA_SERVICE_CODES: %w", err)
	}
	guard, err := ussd.Guard{Secrets: c.Secrets, Allow: c.AllowFrom, BehindProxy: c.Forwarded, Metrics: metrics}.Middleware()
	if err != nil {
		return fmt.Errorf("PIGA_CALLBACK_SECRET: %w", err)
	}
	at := g.http.Group("/at/:secret", guard)
	calls.Mount(at)
	at.Any("/sms", echo.WrapHandler(sms.Inbound(sms.InboundConfig{
		Inbox: g.store, Counter: g.wallet, Words: words, Room: g.room, Provider: g.sender.Name(), Dial: c.Services[0], Log: g.log,
		Metrics: messages,
	})))
	at.Any("/delivery", echo.WrapHandler(sms.Delivery(g.store, g.sender.Name(), messages, g.log)))
	return nil
}

// mountAPI puts the REST API under /api, whatever the method: it answers what it does not know in its own shape.
func (g *gateway) mountAPI(c config, words text.Catalogs, registry prometheus.Registerer) error {
	metrics, err := api.NewMetrics(registry)
	if err != nil {
		return err
	}
	cost := g.guess
	if cost == (login.Cost{}) {
		cost = login.DefaultCost
	}
	passwords := login.NewPasswords(cost, runtime.GOMAXPROCS(0), g.random)
	g.rest, err = api.New(api.Config{
		Wallet: g.wallet, Programs: wallet.NewPrograms(g.wallet, c.AutoConfirm),
		Office: office.New(g.store, g.wallet, passwords), Logins: login.New(g.store, passwords, g.random, c.OpenRegistration),
		Passwords: passwords, Limits: g.calls, Room: g.visits, Words: words, Clock: g.clock, Random: g.random, Log: g.log, Metrics: metrics,
		Address:          func(r *http.Request) netip.Addr { return ussd.Address(r, c.Forwarded) },
		OpenRegistration: c.OpenRegistration, OpenFirstAdmin: g.first, Pace: g.pace,
	})
	if err != nil {
		return err
	}
	for _, path := range []string{"/api", "/api/*"} {
		g.http.Any(path, echo.WrapHandler(g.rest))
		g.http.RouteNotFound(path, echo.WrapHandler(g.rest))
	}
	return nil
}

// callKey is the key of the hashes by which turns are told apart. Every copy must have the same, and the
// pepper in use is the secret that they share; calls in mid-air when it changes must be dialled again.
func callKey(p wallet.Pepper) []byte {
	h := hmac.New(sha256.New, p.Key[:])
	h.Write([]byte("piga: hashes of turns"))
	return h.Sum(nil)
}

// watched has a watcher see what is done for each request. What the other side says of traces of its own is not heard.
func watched(w core.Watcher) echo.MiddlewareFunc {
	return func(serve echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			c.SetRequest(c.Request().WithContext(core.Watched(c.Request().Context(), w)))
			return serve(c)
		}
	}
}

func newEcho(log *slog.Logger) *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Use(middleware.Recover())
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		status := http.StatusInternalServerError
		if he, ok := errors.AsType[*echo.HTTPError](err); ok {
			status = he.Code
		} else {
			log.Error("request failed", "route", c.Path(), "error", err) // never the URL: it holds the secret
		}
		if !c.Response().Committed {
			_ = c.String(status, http.StatusText(status)+"\n") // the other side is gone: nobody else to tell
		}
	}
	return e
}

// ready says what is missing, if anything is, and that it stops, if it does.
func (g *gateway) ready(c echo.Context) error {
	if g.drain.begun.Load() {
		return c.String(http.StatusServiceUnavailable, "stopping\n")
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), 2*time.Second)
	defer cancel()
	status, page := http.StatusOK, ""
	for _, part := range []struct {
		name  string
		check func(context.Context) error
	}{{"postgres", g.store.Ready}, {"redis", g.calls.Ping}} {
		if err := part.check(ctx); err != nil {
			status = http.StatusServiceUnavailable
			page += part.name + ": " + err.Error() + "\n"
			continue
		}
		page += part.name + ": ok\n"
	}
	return c.String(status, page)
}

// newServer bounds what one connection may cost.
func newServer(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 20 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

// run serves on a listener until ctx ends, and until the balancer had time to see that. Then no new callback is taken,
// those in hand are finished, and messages that are being sent are marked.
func (g *gateway) run(ctx context.Context, l net.Listener) error {
	server := newServer(g.drain.last(g.http), g.log)
	sending, stopSending := context.WithCancel(context.WithoutCancel(ctx))
	if g.traces != nil {
		sending = core.Watched(sending, g.traces)
	}
	var behind sync.WaitGroup
	behind.Go(func() { g.dispatcher.Run(sending) })
	behind.Go(func() { sweep(sending, g.wallet.Expire, g.log) })
	behind.Go(func() { g.voids(sending, voidEvery) })
	behind.Go(func() { g.upkeep(sending) })
	defer behind.Wait()
	defer stopSending()

	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	if err := g.drain.wait(g.log, served); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	g.log.Info("stopping: finishing the turns and the messages in hand")
	stopSending()
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), g.grace)
	defer cancel()
	if err := server.Shutdown(stopping); err != nil {
		return fmt.Errorf("some turns did not finish within %s: %w", g.grace, err)
	}
	return nil
}
