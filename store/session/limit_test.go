package session_test

import (
	"crypto/rand"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/piga-money/piga/store/session"
)

// count is how long one must wait who would be counted now.
func count(t *testing.T, s *session.Store, key, name string, most int, window time.Duration) time.Duration {
	t.Helper()
	wait, err := s.Count(t.Context(), key, name, most, window)
	if err != nil {
		t.Fatal(err)
	}
	return wait
}

func TestLimit(t *testing.T) {
	each(t, func(t *testing.T, s *session.Store, c redis.UniversalClient) {
		key := rand.Text()
		for _, step := range []struct {
			name string
			free bool
		}{{"a", true}, {"b", true}, {"a", true}, {"b", true}, {"c", true}, {"d", false}, {"c", true}, {"e", false}} {
			if wait := count(t, s, key, step.name, 3, time.Hour); (wait == 0) != step.free || wait > time.Hour {
				t.Errorf("%s waits %s", step.name, wait)
			}
		}
		if wait := count(t, s, key+"other", "d", 3, time.Hour); wait != 0 {
			t.Errorf("under another key one waits %s", wait)
		}
		if err := s.Uncount(t.Context(), key, "b"); err != nil {
			t.Error(err)
		}
		if wait := count(t, s, key, "d", 3, time.Hour); wait != 0 {
			t.Errorf("with one taken back one waits %s", wait)
		}
		if left, err := c.PTTL(t.Context(), "piga:limit:"+key).Result(); err != nil || left <= 0 || left > time.Hour {
			t.Errorf("the key stays for %s, %v", left, err)
		}
	})
}

// It is any time as long as the window that counts, not the one that began with the first.
func TestLimitSlides(t *testing.T) {
	each(t, func(t *testing.T, s *session.Store, c redis.UniversalClient) {
		key := rand.Text()
		count(t, s, key, "old", 2, time.Hour)
		count(t, s, key, "young", 2, time.Hour)
		if err := c.ZIncrBy(t.Context(), "piga:limit:"+key, -3_600_000, "old").Err(); err != nil { // an hour passes
			t.Fatal(err)
		}
		if wait := count(t, s, key, "new", 2, time.Hour); wait != 0 {
			t.Errorf("after an hour one waits %s", wait)
		}
		if wait := count(t, s, key, "newer", 2, time.Hour); wait < 59*time.Minute {
			t.Errorf("the young one still counts, and one waits %s", wait)
		}
	})
}

// Of many who come at once as many are let in as may be.
func TestLimitHoldsTogether(t *testing.T) {
	each(t, func(t *testing.T, s *session.Store, _ redis.UniversalClient) {
		key := rand.Text()
		var in atomic.Int64
		var all sync.WaitGroup
		for i := range 50 {
			all.Go(func() {
				if count(t, s, key, strconv.Itoa(i), 5, time.Hour) == 0 {
					in.Add(1)
				}
			})
		}
		all.Wait()
		if in.Load() != 5 {
			t.Errorf("%d were let in", in.Load())
		}
	})
}
