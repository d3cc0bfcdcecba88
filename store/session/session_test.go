package session_test

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/piga-money/piga/store/local"
	"github.com/piga-money/piga/store/session"
)

const lease = time.Minute

// each runs a test on a real Redis, on a master that Sentinels name, on a cluster, and on the one inside the program that
// development uses. To the store they differ by their URL alone.
func each(t *testing.T, test func(t *testing.T, s *session.Store, c redis.UniversalClient)) {
	t.Parallel()
	for name, url := range map[string]func(testing.TB) string{
		"redis":     local.Redis,
		"sentinel":  local.RedisSentinel,
		"cluster":   local.RedisCluster,
		"miniredis": func(t testing.TB) string { return "redis://" + miniredis.RunT(t).Addr() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, url(t))
			test(t, s, s.Client())
		})
	}
}

// open is a store that is closed when the test ends.
func open(t *testing.T, url string) *session.Store {
	t.Helper()
	s, err := session.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// claim is what a worker reads, and whether the call is its own.
func claim(t *testing.T, s *session.Store, id, token string) (string, bool) {
	t.Helper()
	call, mine, err := s.Claim(t.Context(), id, token, lease)
	if err != nil {
		t.Fatal(err)
	}
	if call == nil {
		return "none", mine
	}
	return string(call), mine
}

func keep(t *testing.T, s *session.Store, id, token, call string) bool {
	t.Helper()
	kept, err := s.Keep(t.Context(), id, token, []byte(call), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

func TestOneWorkerAtATime(t *testing.T) {
	each(t, func(t *testing.T, s *session.Store, _ redis.UniversalClient) {
		id := rand.Text()
		for _, step := range []struct {
			what, want string
			got        func() (string, bool)
			mine       bool
		}{
			{"a claims", "none", func() (string, bool) { return claim(t, s, id, "a") }, true},
			{"b does not get it", "none", func() (string, bool) { return claim(t, s, id, "b") }, false},
			{"a asks again, its answer was lost", "none", func() (string, bool) { return claim(t, s, id, "a") }, true},
			{"b cannot store", "", func() (string, bool) { return "", keep(t, s, id, "b", "B") }, false},
			{"a stores", "", func() (string, bool) { return "", keep(t, s, id, "a", "A1") }, true},
			{"a stores again, its answer was lost", "", func() (string, bool) { return "", keep(t, s, id, "a", "A1") }, true},
			{"a stores another without a claim", "", func() (string, bool) { return "", keep(t, s, id, "a", "A2") }, false},
			{"b claims and reads", "A1", func() (string, bool) { return claim(t, s, id, "b") }, true},
			{"c reads what b has", "A1", func() (string, bool) { return claim(t, s, id, "c") }, false},
		} {
			got, mine := step.got()
			if got != step.want || mine != step.mine {
				t.Errorf("%s: %q, %t, want %q, %t", step.what, got, mine, step.want, step.mine)
			}
		}
	})
}

func TestReleaseLeavesTheCallAndOthersClaims(t *testing.T) {
	each(t, func(t *testing.T, s *session.Store, _ redis.UniversalClient) {
		id := rand.Text()
		claim(t, s, id, "a")
		keep(t, s, id, "a", "A")
		claim(t, s, id, "b")
		for _, token := range []string{"c", "b"} {
			if err := s.Release(t.Context(), id, token); err != nil {
				t.Fatal(err)
			}
			if got, mine := claim(t, s, id, "d"); got != "A" || mine != (token == "b") {
				t.Errorf("after a release by %s: %q, %t", token, got, mine)
			}
		}
	})
}

func TestEverythingExpires(t *testing.T) {
	each(t, func(t *testing.T, s *session.Store, c redis.UniversalClient) {
		id := rand.Text()
		claim(t, s, id, "a")
		keep(t, s, id, "a", "A")
		claim(t, s, id, "b")
		for _, key := range []string{"piga:call:{" + id + "}", "piga:claim:{" + id + "}"} {
			if left := c.PTTL(t.Context(), key).Val(); left <= 0 || left > time.Minute {
				t.Errorf("%s lives %s", key, left)
			}
		}
	})
}

func TestManyWorkersOneClaim(t *testing.T) {
	each(t, func(t *testing.T, s *session.Store, _ redis.UniversalClient) {
		id := rand.Text()
		var workers sync.WaitGroup
		granted := make(chan string, 50)
		for range 50 {
			workers.Go(func() {
				token := rand.Text()
				if _, mine, err := s.Claim(t.Context(), id, token, lease); err != nil {
					t.Error(err)
				} else if mine {
					granted <- token
				}
			})
		}
		workers.Wait()
		if len(granted) != 1 {
			t.Errorf("%d workers have the call", len(granted))
		}
	})
}

// A script's keys must be on one node. Ids come from outside, so a brace in one must not part them.
func TestKeysOfACallShareASlot(t *testing.T) {
	each(t, func(t *testing.T, s *session.Store, c redis.UniversalClient) {
		for _, id := range []string{"ATUid_1", "}", "a}b", "{}", "{a}b", "a b%"} {
			id += rand.Text()
			claim(t, s, id, "a")
			keep(t, s, id, "a", "A")
			claim(t, s, id, "b")
			_, suffix, _ := strings.Cut(id, id[:len(id)-26])
			keys := keysOf(t, c, "piga:*"+suffix+"*")
			if len(keys) != 2 {
				t.Fatalf("%s: keys %q", id, keys)
			}
			if tag(keys[0]) != tag(keys[1]) || tag(keys[0]) == "" {
				t.Errorf("%s: tags %q and %q", id, tag(keys[0]), tag(keys[1]))
			}
		}
	})
}

// keysOf are the keys of a pattern on whatever node they are.
func keysOf(t *testing.T, c redis.UniversalClient, pattern string) (keys []string) {
	t.Helper()
	cluster, ok := c.(*redis.ClusterClient)
	if !ok {
		return c.Keys(t.Context(), pattern).Val()
	}
	var mu sync.Mutex
	err := cluster.ForEachMaster(t.Context(), func(ctx context.Context, node *redis.Client) error {
		mu.Lock()
		defer mu.Unlock()
		keys = append(keys, node.Keys(ctx, pattern).Val()...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// tag is what a cluster hashes of a key: what stands between the first "{" and the first "}" after it.
func tag(key string) string {
	_, rest, _ := strings.Cut(key, "{")
	inner, _, _ := strings.Cut(rest, "}")
	return inner
}

func TestSwapAndRead(t *testing.T) {
	each(t, func(t *testing.T, s *session.Store, c redis.UniversalClient) {
		caller, id := rand.Text(), rand.Text()
		for i, want := range []string{"", "call 0", "call 1"} {
			before, err := s.Swap(t.Context(), caller, "call "+string(rune('0'+i)), time.Minute)
			if before != want || err != nil {
				t.Errorf("swap %d: %q, %v", i, before, err)
			}
		}
		if left := c.PTTL(t.Context(), "piga:last:"+caller).Val(); left <= 0 || left > time.Minute {
			t.Errorf("it lives %s", left)
		}
		if call, err := s.Read(t.Context(), id); call != nil || err != nil {
			t.Errorf("nothing is stored: %q, %v", call, err)
		}
		claim(t, s, id, "a")
		keep(t, s, id, "a", "A")
		claim(t, s, id, "b")
		if call, err := s.Read(t.Context(), id); string(call) != "A" || err != nil {
			t.Errorf("while claimed: %q, %v", call, err)
		}
	})
}
