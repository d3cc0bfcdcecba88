package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// master is what the Sentinels call the Redis that takes writes.
const master = "piga"

// SentinelServers are a Redis, its replica, and three Sentinels that put the one in the other's place when it is gone, within
// three seconds or so.
type SentinelServers struct {
	t        testing.TB // whose it is alone; nil for any other
	dir      string     // of what the Sentinels write down
	pair     []*RedisServer
	watchers []*RedisServer
}

// RedisSentinel is the URL of Sentinels that all tests of this process share: use keys that no other test uses.
func RedisSentinel(t testing.TB) string {
	t.Helper()
	tests.mu.Lock()
	defer tests.mu.Unlock()
	if tests.sentinel == nil {
		s, err := startSentinel(t.Context())
		needed(t, err)
		tests.sentinel = s
	}
	return tests.sentinel.URL()
}

// OwnRedisSentinel is a set for one test that breaks it. It ends with the test.
func OwnRedisSentinel(t testing.TB) *SentinelServers {
	t.Helper()
	s, err := startSentinel(t.Context())
	needed(t, err)
	s.t = t
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// URL is where the Sentinels are, all of them.
func (s *SentinelServers) URL() string {
	return fmt.Sprintf("redis://%s/0?master=%s&addr=%s&addr=%s",
		s.watchers[0].Address(), master, s.watchers[1].Address(), s.watchers[2].Address())
}

// Master is the server that takes writes as the first Sentinel sees it. Its methods for tests are its owner's.
func (s *SentinelServers) Master() *RedisServer {
	s.t.Helper()
	said, err := s.watchers[0].Tell(s.t.Context(), "SENTINEL", "GET-MASTER-ADDR-BY-NAME", master)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, r := range s.pair {
		if strings.Join(said, ":") == r.Address() {
			r.t = s.t
			return r
		}
	}
	s.t.Fatalf("the master is at %q, and not one of ours", said)
	return nil
}

// FailOver has the replica take over while the master is well, as for its maintenance, and returns when the Sentinels
// say that it has.
func (s *SentinelServers) FailOver() {
	s.t.Helper()
	old := s.Master()
	if _, err := s.watchers[0].Tell(s.t.Context(), "SENTINEL", "FAILOVER", master); err != nil {
		s.t.Fatal(err)
	}
	s.AwaitSuccessor(old)
}

// AwaitSuccessor returns when every Sentinel says that another server is the master.
func (s *SentinelServers) AwaitSuccessor(old *RedisServer) { s.awaitSuccessor(old, nil) }

func (s *SentinelServers) awaitSuccessor(old, lost *RedisServer) {
	s.t.Helper()
	for _, w := range s.watchers {
		if w == lost {
			continue
		}
		err := w.program.await(s.t.Context(), func(ctx context.Context) error {
			said, err := w.Tell(ctx, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", master)
			if err == nil && strings.Join(said, ":") == old.Address() {
				err = errors.New("it still says that the master is the old one")
			}
			return err
		})
		if err != nil {
			s.t.Fatal(err)
		}
	}
}

func startSentinel(ctx context.Context) (_ *SentinelServers, err error) {
	dir, err := os.MkdirTemp("", "piga-sentinel-")
	if err != nil {
		return nil, err
	}
	s := &SentinelServers{dir: dir}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.stop())
		}
	}()
	first, err := StartRedis(ctx)
	if err != nil {
		return nil, err
	}
	s.pair = append(s.pair, first)
	second, err := startRedis(ctx, func(int) ([]string, error) {
		return []string{"--replicaof", "127.0.0.1", fmt.Sprint(first.port), "--repl-diskless-sync-delay", "0"}, nil
	})
	if err != nil {
		return nil, err
	}
	s.pair = append(s.pair, second)
	// Sentinels ask a master for its replicas when they come, and then every ten seconds.
	if err := second.program.await(ctx, second.follows); err != nil {
		return nil, err
	}
	for range 3 {
		w, err := startRedis(ctx, s.watcher)
		if err != nil {
			return nil, err
		}
		s.watchers = append(s.watchers, w)
	}
	for _, w := range s.watchers {
		if err := w.program.await(ctx, w.watches); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// watcher writes the file of a Sentinel, which it adds to.
func (s *SentinelServers) watcher(port int) ([]string, error) {
	path := filepath.Join(s.dir, fmt.Sprintf("%d.conf", port))
	lines := fmt.Sprintf(`
sentinel monitor %[1]s 127.0.0.1 %[2]d 2
sentinel down-after-milliseconds %[1]s 500
sentinel failover-timeout %[1]s 3000
`, master, s.pair[0].port)
	return []string{path, "--sentinel"}, os.WriteFile(path, []byte(lines), 0o600)
}

// follows is nil when a replica has all that its master has.
func (r *RedisServer) follows(ctx context.Context) error {
	said, err := r.Tell(ctx, "INFO", "replication")
	if err != nil {
		return err
	}
	link, err := field(said, "master_link_status")
	if err == nil && link != "up" {
		err = errors.New("the link to the master is " + link)
	}
	return err
}

// watches is nil when a Sentinel knows the two others and the replica.
func (r *RedisServer) watches(ctx context.Context) error {
	said, err := r.Tell(ctx, "INFO", "sentinel")
	if err != nil {
		return err
	}
	state, err := field(said, "master0")
	if err == nil && (!strings.Contains(state, "status=ok") || !strings.HasSuffix(state, "slaves=1,sentinels=3")) {
		err = errors.New("it sees " + state)
	}
	return err
}

func (s *SentinelServers) stop() error {
	var errs []error
	for _, r := range append(s.watchers, s.pair...) {
		errs = append(errs, r.kill())
	}
	return errors.Join(append(errs, os.RemoveAll(s.dir))...)
}

// LoseMachine freezes the master and the Sentinel that a client of this name asks, as when both were on a machine that
// is gone without a word, and returns when the two other Sentinels have another master. Thaw brings it back.
func (s *SentinelServers) LoseMachine(client string) (thaw func()) {
	s.t.Helper()
	old, asked := s.Master(), -1
	for i, w := range s.watchers {
		said, err := w.Tell(s.t.Context(), "CLIENT", "LIST")
		if err != nil {
			s.t.Fatal(err)
		}
		if strings.Contains(strings.Join(said, ""), " name="+client+" ") {
			asked = i
		}
	}
	if asked < 0 {
		s.t.Fatalf("no Sentinel has a client of the name %s", client)
	}
	lost := s.watchers[asked]
	for _, r := range []*RedisServer{old, lost} {
		if err := r.Freeze(); err != nil {
			s.t.Fatal(err)
		}
	}
	s.awaitSuccessor(old, lost)
	return func() {
		for _, r := range []*RedisServer{old, lost} {
			if err := r.Thaw(); err != nil {
				s.t.Error(err)
			}
		}
	}
}
