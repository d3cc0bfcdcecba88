package notice_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/piga-money/piga/core/notice"
)

const plain = 0.5 // the random number that means no jitter

func TestAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		attempts int
		age      time.Duration
		random   float64
		want     time.Duration
		ok       bool
	}{
		{1, 0, plain, 2 * time.Second, true},
		{2, 2 * time.Second, plain, 10 * time.Second, true},
		{3, 12 * time.Second, plain, time.Minute, true},
		{4, 72 * time.Second, plain, 5 * time.Minute, true},
		{5, 6 * time.Minute, plain, 30 * time.Minute, true},
		{6, 36 * time.Minute, plain, time.Hour, true},
		{20, 15 * time.Hour, plain, time.Hour, true},
		{0, 0, plain, 2 * time.Second, true}, // a store that counts from nought
		{1, 0, 0, 1500 * time.Millisecond, true},
		{6, time.Hour, 0, 45 * time.Minute, true},
		{29, 24*time.Hour - 20*time.Minute, plain, 20 * time.Minute, true}, // the last try, on the hour
		{1, 24*time.Hour - time.Nanosecond, plain, time.Nanosecond, true},
		{30, 24 * time.Hour, plain, 0, false},
		{1, 72 * time.Hour, plain, 0, false}, // nobody sent for days
	} {
		wait, ok := notice.Again(c.attempts, c.age, c.random)
		if wait != c.want || ok != c.ok {
			t.Errorf("after %d tries, %s old, random %g: %s, %t; want %s, %t",
				c.attempts, c.age, c.random, wait, ok, c.want, c.ok)
		}
	}
}

// However the dice fall, a message is tried a sensible number of times, never in a tight loop, and is
// dead a day after it was made.
func TestAgainEnds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		age, tries := time.Duration(0), 1
		for ; tries < 100; tries++ {
			wait, ok := notice.Again(tries, age, rapid.Float64Range(0, 0.999999).Draw(t, "random"))
			if !ok {
				break
			}
			if wait <= 0 {
				t.Fatalf("no wait after try %d", tries)
			}
			age += wait
		}
		if age != notice.Lifetime {
			t.Errorf("the last try was at %s, want at %s", age, notice.Lifetime)
		}
		if tries < 20 || tries > 45 {
			t.Errorf("%d tries in a day", tries)
		}
	})
}
