package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/piga-money/piga/sandbox"
	"github.com/piga-money/piga/sms/africastalking"
	"github.com/piga-money/piga/store"
	"github.com/piga-money/piga/store/local"
	"github.com/piga-money/piga/store/session"
)

// What piga dev answers to, unless told otherwise.
const (
	devSecret    = "dev"
	devService   = "*384*96#"
	devShortCode = "38496"
	devKey       = "sandbox"
)

// dev runs everything on this machine: a private PostgreSQL whose data stay, a Redis in the process, the
// provider's stand-in, people to try it, and the gateway itself.
func dev(ctx context.Context, c config, args []string, _ io.Reader, out io.Writer) (err error) {
	flags := flag.NewFlagSet("piga dev", flag.ContinueOnError)
	flags.SetOutput(out)
	fresh := flags.Bool("fresh", false, "begin anew: forget all people and their money")
	if err := parse(flags, args, 0); err != nil {
		return err
	}
	if err := c.forbid("piga dev brings its own", "Postgres", "Owner", "Redis", "ATUsername", "ATKey"); err != nil {
		return err
	}
	listener, err := listen(c)
	if err != nil {
		return err
	}
	defer listener.Close() //nolint:errcheck // closed by the server already, unless it never ran

	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: c.level(slog.LevelWarn)})) // for people
	session.LogTo(log)
	dir, err := dataFolder(c)
	if err != nil {
		return err
	}
	db, err := local.Start(ctx, local.Config{Dir: dir, Fsync: true, Log: log})
	if err != nil {
		return fmt.Errorf("PIGA_DATA: %w", err)
	}
	defer func() { err = errors.Join(err, db.Stop()) }()
	if c.Postgres, err = db.Create(ctx, "piga", *fresh); err != nil {
		return err
	}
	if err := c.fillForDev(dir); err != nil {
		return err
	}
	redis, stopRedis, err := inProcessRedis(ctx)
	if err != nil {
		return err
	}
	defer stopRedis()
	c.Redis = redis
	g, err := assembleDev(ctx, c, listener, log)
	if err != nil {
		return err
	}
	defer g.close()
	if err := populate(ctx, g); err != nil {
		return err
	}
	if err := introduce(out, c, reachable(listener.Addr().String()), dir, *fresh); err != nil {
		return err
	}
	return g.run(ctx, listener)
}

// fillForDev sets what a production gateway must be told.
func (c *config) fillForDev(dir string) (err error) {
	c.Drain = 0 // there is no balancer, and somebody waits for the prompt
	if len(c.Secrets) == 0 {
		c.Secrets = []string{devSecret}
	}
	if len(c.Services) == 0 {
		c.Services = []string{devService}
	}
	if c.ATSender == "" {
		c.ATSender = devShortCode
	}
	c.OpenRegistration, c.AutoConfirm = true, true
	if c.Pepper == "" {
		c.Pepper, err = keptPepper(filepath.Join(dir, "pepper"))
	}
	return err
}

// assembleDev is the gateway with the provider's stand-in mounted beside it, to which it speaks over HTTP
// as it would to the provider.
func assembleDev(ctx context.Context, c config, l net.Listener, log *slog.Logger) (*gateway, error) {
	if err := store.Migrate(ctx, c.Postgres, log); err != nil {
		return nil, err
	}
	here := "http://" + reachable(l.Addr().String())
	client, err := africastalking.New(africastalking.Config{
		Base: here, Username: "sandbox", Key: devKey, From: c.ATSender, HTTP: &http.Client{Timeout: 10 * time.Second},
	})
	if err != nil {
		return nil, err
	}
	g, err := open(ctx, c, client, log, true)
	if err != nil {
		return nil, err
	}
	at := here + "/at/" + c.Secrets[0]
	provider := sandbox.New(sandbox.Config{
		Clock: g.clock, Random: rand.Reader, Log: log, Key: devKey, ShortCode: c.ATSender, Codes: c.Services, People: players(), Try: errand(c), Seed: 1,
		Callback: at + "/ussd", Events: at + "/events", Reports: at + "/delivery", Inbound: at + "/sms",
	})
	for _, number := range []string{"+254711000001", "+254722000001"} { // Jane's and Mama Njeri's, on the page
		if _, err := provider.Phone(number); err != nil {
			return nil, err
		}
	}
	provider.Mount(g.http)
	go provider.Run(ctx)
	return g, nil
}

// reachable is where we ourselves find a listener that may listen on all addresses.
func reachable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}

// dataFolder is PIGA_DATA, or a folder for this checkout in the user's cache. Root's PostgreSQL runs as
// another user, to whom root's own home may be closed.
func dataFolder(c config) (string, error) {
	if c.Data != "" {
		return c.Data, nil
	}
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(here))
	name := filepath.Join("piga", filepath.Base(here)+"-"+hex.EncodeToString(sum[:4]))
	if os.Geteuid() == 0 {
		return filepath.Join("/var/cache", name), nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("PIGA_DATA must be set: %w", err)
	}
	return filepath.Join(cache, name), nil
}

// keptPepper is the pepper of a data folder, made at the first start.
func keptPepper(path string) (string, error) {
	kept, err := os.ReadFile(path)
	if err == nil {
		return string(kept), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	key := make([]byte, 32)
	rand.Read(key)
	pepper := "dev:" + base64.StdEncoding.EncodeToString(key)
	return pepper, os.WriteFile(path, []byte(pepper), 0o600)
}

// inProcessRedis is a Redis for one process. Keys in it expire only when it is told that time has passed.
func inProcessRedis(ctx context.Context) (url string, stop func(), err error) {
	m := miniredis.NewMiniRedis()
	if err := m.Start(); err != nil {
		return "", nil, fmt.Errorf("the Redis in the process: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for ctx.Err() == nil {
			select {
			case <-ctx.Done():
			case <-tick.C:
				m.FastForward(time.Second)
			}
		}
	}()
	return "redis://" + m.Addr(), func() { cancel(); m.Close() }, nil
}
