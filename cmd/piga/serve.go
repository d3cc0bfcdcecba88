package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/piga-money/piga/sms/africastalking"
	"github.com/piga-money/piga/store/session"
)

// leastSecret is how short a callback secret may be: it is all that tells the provider from anybody.
const leastSecret = 16

// serve is one copy of the gateway, of which any number may run.
func serve(ctx context.Context, c config, _ []string, _ io.Reader, _ io.Writer) error {
	if err := c.need("Postgres", "Redis", "Secrets", "Services", "Pepper", "ATUsername", "ATKey"); err != nil {
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
		HTTP: &http.Client{Timeout: 10 * time.Second},
	})
	if err != nil {
		return fmt.Errorf("PIGA_AT_BASE_URL, PIGA_AT_USERNAME: %w", err)
	}
	g, err := open(c, client, log)
	if err != nil {
		return err
	}
	defer g.close()
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("PIGA_ADDR: %w", err)
	}
	log.Info("serving", "addr", listener.Addr().String(), "services", c.Services)
	return g.run(ctx, listener)
}

// close gives back what a gateway holds open.
func (g *gateway) close() {
	if err := errors.Join(g.calls.Close(), g.store.Close()); err != nil {
		g.log.Warn("closing", "error", err)
	}
}

// newLog writes lines for machines, at the level that is configured.
func newLog(c config, w io.Writer) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: c.LogLevel}))
}
