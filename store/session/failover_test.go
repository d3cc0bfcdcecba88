package session_test

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"github.com/piga-money/piga/store/local"
	"github.com/piga-money/piga/store/session"
)

// within is how soon a turn hears that the server that has its call is silent: what is left of its 8 s is for an answer.
const within = 6 * time.Second

// again claims until it is granted: every try that fails must end in time, and the last within so much.
func again(t *testing.T, s *session.Store, id, token string, all time.Duration) (call string) {
	t.Helper()
	for began := time.Now(); ; {
		tried := time.Now()
		got, mine, err := s.Claim(t.Context(), id, token, lease)
		if took := time.Since(tried); took > within {
			t.Errorf("a claim took %s: %v", took, err)
		}
		switch {
		case mine:
			return string(got)
		case time.Since(began) > all:
			t.Fatalf("after %s still not granted: %t, %v", all, mine, err)
		}
	}
}

// kept is the id of a call that is kept, and not claimed.
func kept(t *testing.T, s *session.Store, call string) (id string) {
	t.Helper()
	id = rand.Text()
	claim(t, s, id, "a")
	keep(t, s, id, "a", call)
	return id
}

// While a server is frozen nothing hangs, and once it is thawed it is used again.
func TestFrozen(t *testing.T) {
	t.Parallel()
	r := local.OwnRedis(t)
	s := open(t, r.URL())
	id := kept(t, s, "A")
	if err := r.Freeze(); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if _, _, err := s.Claim(t.Context(), id, "b", lease); err == nil || time.Since(began) > within {
		t.Errorf("a frozen Redis: %v after %s", err, time.Since(began))
	}
	if err := r.Thaw(); err != nil {
		t.Fatal(err)
	}
	if got := again(t, s, id, "b", within); got != "A" {
		t.Errorf("thawed, it has %q", got)
	}
}

// The replica takes over in order, with the calls.
func TestFailOver(t *testing.T) {
	t.Parallel()
	servers := local.OwnRedisSentinel(t)
	s := open(t, servers.URL())
	id := kept(t, s, "A")
	servers.FailOver()
	if got := again(t, s, rand.Text(), "b", 10*time.Second); got != "" {
		t.Errorf("a new call has %q", got)
	}
	if got := again(t, s, id, "b", within); got != "A" {
		t.Errorf("the replica has %q", got)
	}
}

// The replica takes over for a master that is no more.
func TestMasterKilled(t *testing.T) {
	t.Parallel()
	servers := local.OwnRedisSentinel(t)
	s := open(t, servers.URL())
	kept(t, s, "A")
	first := servers.Master()
	first.Kill()
	again(t, s, rand.Text(), "b", 20*time.Second)
	servers.AwaitSuccessor(first)
	again(t, s, rand.Text(), "b", within)
}

// A Sentinel that was asked before is gone with the master, and nobody says so.
func TestLostMachine(t *testing.T) {
	t.Parallel()
	servers := local.OwnRedisSentinel(t)
	s := open(t, servers.URL()+"&client_name=us")
	kept(t, s, "A")
	thaw := servers.LoseMachine("us")
	again(t, s, rand.Text(), "a", within)
	thaw()
	again(t, s, rand.Text(), "a", within)
}

// While one node of a cluster is gone, only the calls that it has are refused; and it is used again when it is back.
func TestNodeGone(t *testing.T) {
	t.Parallel()
	for name, silent := range map[string]bool{"killed": false, "frozen": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := local.OwnRedisCluster(t)
			s := open(t, c.URL())
			ids := map[*local.RedisServer]string{}
			for len(ids) < 3 {
				id := rand.Text()
				ids[c.Owner("piga:call:{"+id+"}")] = id
			}
			gone := c.Owner("piga:call:{x}")
			back := lose(t, gone, silent)
			for n, id := range ids {
				ctx, cancel := context.WithTimeout(t.Context(), 2*within)
				began := time.Now()
				_, mine, err := s.Claim(ctx, id, "a", lease)
				cancel()
				if mine == (n == gone) || time.Since(began) > within {
					t.Errorf("of the node that is gone: %t; claimed: %t, %v, in %s", n == gone, mine, err, time.Since(began))
				}
			}
			for range 5 {
				began := time.Now()
				if err := s.Ping(t.Context()); err != nil || time.Since(began) > time.Second {
					t.Errorf("two nodes are well, and a ping ends with %v in %s", err, time.Since(began))
				}
			}
			back()
			again(t, s, ids[gone], "a", 20*time.Second)
		})
	}
}

// lose has a server gone until it is brought back.
func lose(t *testing.T, r *local.RedisServer, silent bool) (back func()) {
	t.Helper()
	if !silent {
		r.Kill()
		return r.Restart
	}
	if err := r.Freeze(); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := r.Thaw(); err != nil {
			t.Error(err)
		}
	}
}
