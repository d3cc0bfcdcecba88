package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/piga-money/piga/soak"
	"github.com/piga-money/piga/store"
	"github.com/piga-money/piga/store/local"
)

// site is all that runs: three gateways behind a balancer, over a pair of PostgreSQLs and a Redis, each wire a tap.
type site struct {
	dir      string // of everything; gone in the end
	program  string
	pair     *local.Pair
	redis    *local.RedisServer
	gateways []*gateway
	front    string // http://… of the balancer
	outside  string // host:port of the provider
	pepper   string
	cost     string // of a PIN, as PIGA_PIN_COST has it
	sieve    soak.Sieve
	log      io.Writer // for what the gateways say; may be nil
	progress io.Writer
	began    time.Time

	skews      []time.Duration // clocks that will be wrong, whose programs are built beforehand
	pace       float64         // by which what is killed stays so for less, or more
	alone      time.Duration   // that a promoted server has no standby
	promotions []time.Time     // when a standby took over

	mu    sync.Mutex
	ends  []end // of gateways, by themselves
	built map[time.Duration]string
	made  []func() error
}

// end is that a gateway ended though nobody had wanted that.
type end struct {
	gateway string
	at      time.Time
	how     string
}

const (
	gatewaysThere = 3
	secret        = "torture-torture-torture"
	service       = "*384*96#"
	shortCode     = "38496"
	apiKey        = "torture"
	databaseName  = "piga"
)

// open brings everything up around the provider, which listens already.
func (s *site) open(ctx context.Context, outside net.Addr) (err error) {
	s.outside = outside.String()
	if s.dir, err = os.MkdirTemp("", "piga-torture-"); err != nil {
		return err
	}
	s.made = append(s.made, func() error { return os.RemoveAll(s.dir) })
	if err := os.Chmod(s.dir, 0o711); err != nil { // as root, PostgreSQL runs as another user
		return err
	}
	key := make([]byte, 32)
	rand.Read(key)
	s.pepper = "torture:" + base64.StdEncoding.EncodeToString(key)
	if s.program, err = s.build(ctx, 0); err != nil {
		return err
	}
	for _, skew := range s.skews {
		if _, err := s.build(ctx, skew); err != nil {
			return err
		}
	}
	if err := s.openServers(ctx); err != nil {
		return err
	}
	for i := range gatewaysThere {
		g, err := s.openGateway(fmt.Sprintf("gateway%d", i+1))
		if err != nil {
			return err
		}
		s.gateways = append(s.gateways, g)
		s.made = append(s.made, g.close)
	}
	for _, g := range s.gateways {
		if err := g.start(ctx, s.program); err != nil {
			return err
		}
	}
	return s.openBalancer(ctx)
}

// build makes the program: for a clock that is wrong, with a variable that is set as it is linked.
func (s *site) build(ctx context.Context, skew time.Duration) (string, error) {
	if program := s.built[skew]; program != "" {
		return program, nil
	}
	program := filepath.Join(s.dir, fmt.Sprintf("piga%d", len(s.built)))
	args := []string{"build", "-o", program}
	if skew != 0 {
		args = append(args, "-ldflags", "-X main.skew="+skew.String())
	}
	said, err := exec.CommandContext(ctx, "go", append(args, "github.com/piga-money/piga/cmd/piga")...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the gateway: %w: %s", err, said)
	}
	if s.built == nil {
		s.built = map[time.Duration]string{}
	}
	s.built[skew] = program
	return program, nil
}

func (s *site) openServers(ctx context.Context) (err error) {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if s.pair == nil { // a test brings its own
		if err := s.openPair(ctx, log); err != nil {
			return err
		}
	}
	if _, err := s.pair.Primary().Create(ctx, databaseName, true); err != nil {
		return err
	}
	if err := store.Migrate(ctx, s.pair.URL(databaseName), log); err != nil {
		return err
	}
	if s.redis, err = local.StartRedis(ctx); err != nil {
		return err
	}
	s.made = append(s.made, s.redis.Stop)
	return nil
}

// openPair has a log that can be filled, where that can be had.
func (s *site) openPair(ctx context.Context, log *slog.Logger) (err error) {
	c := local.Config{Dir: filepath.Join(s.dir, "postgresql"), Fsync: true, WAL: logSize, Log: log}
	if s.pair, err = local.StartPair(ctx, c); errors.Is(err, local.ErrNoMount) {
		c.WAL = 0
		s.pair, err = local.StartPair(ctx, c)
	}
	if err == nil {
		s.made = append(s.made, s.pair.Stop)
	}
	return err
}

// logSize is the file system of what PostgreSQL writes first.
const logSize = 128 << 20

// openGateway makes the wires of one, and does not start it.
func (s *site) openGateway(name string) (*gateway, error) {
	direct, err := url.Parse(s.pair.URL(databaseName))
	if err != nil {
		return nil, err
	}
	hosts := strings.Split(direct.Host, ",")
	g := &gateway{name: name, log: &lines{to: &s.sieve, copy: s.log, name: name}, died: s.died}
	for w, to := range [wires]string{one: hosts[0], other: hosts[1], calls: s.redis.Address(), provider: s.outside} {
		if g.wires[w], err = newTap(to); err != nil {
			return nil, err
		}
		if wire(w) == front {
			continue
		}
		if err := g.wires[w].admit(to); err != nil {
			return nil, err
		}
	}
	direct.Host = g.wires[one].address + "," + g.wires[other].address
	g.env = []string{
		"PIGA_POSTGRES_URL=" + direct.String(), "PIGA_REDIS_URL=redis://" + g.wires[calls].address + "/0",
		"PIGA_CALLBACK_SECRET=" + secret, "PIGA_SERVICE_CODES=" + service, "PIGA_PIN_PEPPER=" + s.pepper, "PIGA_PIN_COST=" + s.cost,
		"PIGA_AT_USERNAME=sandbox", "PIGA_AT_API_KEY=" + apiKey, "PIGA_AT_SENDER=" + shortCode,
		"PIGA_AT_BASE_URL=http://" + g.wires[provider].address, "PIGA_SMS_RATE=1000", "PIGA_LOG_LEVEL=debug",
	}
	return g, nil
}

func (s *site) openBalancer(ctx context.Context) error {
	address, p, err := openBalancer(s.dir, io.Discard, s.gateways)
	if err != nil {
		return err
	}
	s.made = append(s.made, func() error { p.kill(); return nil })
	s.front = "http://" + address
	return p.listens(ctx, address)
}

// stop ends the gateways in order, all at once.
func (s *site) stop() (wrong []error) {
	var all sync.WaitGroup
	errs := make([]error, len(s.gateways))
	for i, g := range s.gateways {
		all.Go(func() { errs[i] = g.close() })
	}
	all.Wait()
	return slices.DeleteFunc(errs, func(err error) bool { return err == nil })
}

// close ends everything, the last first.
func (s *site) close() (err error) {
	for i := len(s.made) - 1; i >= 0; i-- {
		err = errors.Join(err, s.made[i]())
	}
	s.made = nil
	return err
}

// died remembers a gateway that ended by itself.
func (s *site) died(g *gateway, how string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ends = append(s.ends, end{g.name, time.Now(), how})
}

// endsSince are those after a moment.
func (s *site) endsSince(at time.Time) (all []end) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.ends {
		if e.at.After(at) {
			all = append(all, e)
		}
	}
	return all
}

func (s *site) anyGateway(r *mathrand.Rand) *gateway { return s.gateways[r.IntN(len(s.gateways))] }

// say tells who waits how far it is.
func (s *site) say(format string, args ...any) {
	fmt.Fprintf(s.progress, "%6.1f s  "+format+"\n", append([]any{time.Since(s.began).Seconds()}, args...)...)
}
