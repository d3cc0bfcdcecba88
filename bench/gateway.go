package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

// gateway is the real one: cmd/piga, built and run as in production, over a database of its own with the lab's
// PostgreSQL, a real Redis, and a provider that takes every message.
type gateway struct {
	*books
	cmd      *exec.Cmd
	address  string // http://127.0.0.1:port
	vault    *wallet.Vault
	provider *provider
	calls    *redis.Client
	phones   *http.Client
	sent     [withPIN]int // how often each of those with a PIN has sent, in U2
}

const (
	gatewaySecret = "bench-bench-bench"
	callersOfU    = 64
	withPIN       = 1024 // people of the gateway's who have a PIN, a multiple of callersOfU
	thePIN        = "258013"
)

// gateway starts it, with as many people as U3 needs.
func (l *lab) gateway(ctx context.Context) (*gateway, error) {
	if l.front != nil {
		return l.front, nil
	}
	g := &gateway{phones: newClient()}
	var err error
	if _, err = l.openBooks(ctx, &g.books, "gateway", fill{people: max(l.live, 2*withPIN)}); err != nil {
		return nil, err
	}
	pepper := "bench:" + base64.StdEncoding.EncodeToString(random(32))
	if err := g.givePINs(ctx, pepper); err != nil {
		return nil, fmt.Errorf("PINs: %w", err)
	}
	cache, err := l.openRedis(ctx)
	if err != nil {
		return nil, err
	}
	o, err := redis.ParseURL(cache.URL())
	if err != nil {
		return nil, err
	}
	g.calls = redis.NewClient(o)
	l.made.add(g.calls.Close)
	if g.provider, err = openProvider(); err != nil {
		return nil, err
	}
	l.made.add(g.provider.Close)
	if err := l.serve(ctx, g, cache.URL(), pepper); err != nil {
		return nil, err
	}
	l.front = g
	return g, nil
}

// serve builds the program and runs it until the lab closes.
func (l *lab) serve(ctx context.Context, g *gateway, cache, pepper string) error {
	l.say("building and starting the gateway")
	program := filepath.Join(l.dir, "piga")
	if said, err := exec.CommandContext(ctx, "go", "build", "-o", program, "github.com/piga-money/piga/cmd/piga").CombinedOutput(); err != nil {
		return fmt.Errorf("build the gateway: %w: %s", err, said)
	}
	address, err := freeAddress()
	if err != nil {
		return err
	}
	g.address = "http://" + address
	log, err := os.Create(filepath.Join(l.dir, "gateway.log"))
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // the gateway has its own copy
	g.cmd = exec.Command(program, "serve")
	g.cmd.Env = []string{
		"PIGA_ADDR=" + address, "PIGA_POSTGRES_URL=" + g.url, "PIGA_REDIS_URL=" + cache, "PIGA_PIN_PEPPER=" + pepper,
		"PIGA_CALLBACK_SECRET=" + gatewaySecret, "PIGA_SERVICE_CODES=" + service,
		"PIGA_AT_USERNAME=bench", "PIGA_AT_API_KEY=bench", "PIGA_AT_BASE_URL=" + g.provider.address, "PIGA_SMS_RATE=100000",
	}
	g.cmd.Stdout, g.cmd.Stderr = log, log
	if err := g.cmd.Start(); err != nil {
		return err
	}
	l.made.add(g.stop)
	if err := g.await(ctx); err != nil {
		said, _ := os.ReadFile(log.Name())
		return fmt.Errorf("the gateway: %w: %s", err, said)
	}
	return nil
}

// stop ends it in order. It may have been asked already, by the terminal's Ctrl-C.
func (g *gateway) stop() error {
	_ = g.cmd.Process.Signal(syscall.SIGTERM) // it has ended, or ends
	killed := time.AfterFunc(30*time.Second, func() { _ = g.cmd.Process.Kill() })
	defer killed.Stop()
	return g.cmd.Wait()
}

// await asks until it is ready.
func (g *gateway) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, g.address+"/readyz", nil)
		if err != nil {
			return err
		}
		if res, err := g.phones.Do(req); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return errors.New("it is not ready")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// givePINs seals the one PIN for those who need it, at its default cost.
func (g *gateway) givePINs(ctx context.Context, pepper string) error {
	peppers, err := wallet.ParsePeppers(pepper)
	if err != nil {
		return err
	}
	if g.vault, err = wallet.NewVault(peppers, wallet.DefaultCost, runtime.NumCPU(), rand.Reader); err != nil {
		return err
	}
	pin, err := core.ParsePIN(thePIN)
	if err != nil {
		return err
	}
	var all errgroup.Group
	all.SetLimit(callersOfU)
	for i := range withPIN {
		all.Go(func() error {
			sealed, err := g.vault.Seal(ctx, pin, wallet.Owner(person(i).ID))
			if err != nil {
				return err
			}
			return g.store.SetPIN(ctx, person(i).ID, sealed, nil)
		})
	}
	return all.Wait()
}

// memory is what the gateway has of the machine's at the moment, in bytes; false where the system does not tell
// in the manner of Linux.
func (g *gateway) memory() (float64, bool) {
	return residentMemory("/proc/" + strconv.Itoa(g.cmd.Process.Pid) + "/status")
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

// freeAddress is one of this machine that nobody has at this moment.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// newClient keeps a connection for each caller, as an aggregator does.
func newClient() *http.Client {
	return &http.Client{
		Timeout:   20 * time.Second,
		Transport: &http.Transport{MaxIdleConns: 2 * callersOfU, MaxIdleConnsPerHost: 2 * callersOfU},
	}
}

// page is what a request is answered with.
func page(client *http.Client, req *http.Request) (string, error) {
	res, err := client.Do(req)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		return "", err
	}
	if res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("status %d", res.StatusCode)
	}
	return string(body), nil
}
