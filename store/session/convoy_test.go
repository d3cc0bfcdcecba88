package session

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/piga-money/piga/store/local"
)

// Whoever rides with others gets her own answer, and loses nothing by it. In a cluster she rides alone.
func TestRidersGetTheirOwn(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]func(testing.TB) string{
		"redis": local.Redis, "sentinel": local.RedisSentinel, "cluster": local.RedisCluster,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := Open(url(t))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			if (s.convoy == nil) != (name == "cluster") {
				t.Errorf("a convoy: %t", s.convoy != nil)
			}
			var riders sync.WaitGroup
			for range 3 * mostRiders {
				riders.Go(func() {
					ctx, id := t.Context(), rand.Text()
					if _, mine, err := s.Claim(ctx, id, "a", time.Minute); !mine || err != nil {
						t.Errorf("a claim: %t, %v", mine, err)
					}
					if kept, err := s.Keep(ctx, id, "a", []byte("call "+id), time.Minute); !kept || err != nil {
						t.Errorf("kept: %t, %v", kept, err)
					}
					if call, mine, err := s.Claim(ctx, id, "b", time.Minute); string(call) != "call "+id || !mine || err != nil {
						t.Errorf("%s has the call %q: %t, %v", id, call, mine, err)
					}
					if before, err := s.Swap(ctx, id, id, time.Minute); before != "" || err != nil {
						t.Errorf("before %s: %q, %v", id, before, err)
					}
				})
			}
			riders.Wait()
		})
	}
}

// A turn whose time is over while its claim waits must not keep the call from others.
func TestWhoLeftIsNotCarried(t *testing.T) {
	t.Parallel()
	o, err := redis.ParseURL(local.Redis(t))
	if err != nil {
		t.Fatal(err)
	}
	c := &convoy{client: redis.NewClient(o), away: true}
	defer func() { _ = c.client.Close() }()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	key := rand.Text()
	if err := c.do(over, redis.NewCmd(over, "set", key, "hers")); !errors.Is(err, context.Canceled) {
		t.Errorf("out of time, behind others: %v", err)
	}
	another := rider{cmd: redis.NewCmd(t.Context(), "get", key), back: make(chan struct{})}
	c.waiting = append(c.waiting, another)
	c.run(t.Context())
	<-another.back
	if err := another.cmd.Err(); !errors.Is(err, redis.Nil) {
		t.Errorf("it was done all the same: %v, %v", another.cmd, err)
	}
	if c.away {
		t.Error("somebody is away for ever")
	}
}

// That Redis is out of reach is found out once for all who wait.
func TestOutOfReachForAll(t *testing.T) {
	t.Parallel()
	dials := func(riders int) int64 {
		var dialled atomic.Int64
		c := &convoy{client: redis.NewClient(&redis.Options{
			MaxRetries: 1, DialerRetries: 1,
			Dialer: func(context.Context, string, string) (net.Conn, error) {
				dialled.Add(1)
				return nil, errors.New("no route")
			},
		})}
		for range riders {
			c.waiting = append(c.waiting, rider{cmd: redis.NewCmd(t.Context(), "ping"), back: make(chan struct{})})
		}
		waited := slices.Clone(c.waiting)
		c.run(t.Context())
		for _, r := range waited {
			<-r.back
			if r.cmd.Err() == nil {
				t.Error("an answer from nowhere")
			}
		}
		return dialled.Load()
	}
	if one, many := dials(1), dials(3*mostRiders); one != many {
		t.Errorf("dialled %d times for one, %d times for many", one, many)
	}
}
