package room_test

import (
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/piga-money/piga/core/room"
)

// crowd is so many who come at once; it is how many were let in, and what ends each.
func crowd(r *room.Room, n int) (leave []func()) {
	for range n {
		if l, ok := r.Enter(); ok {
			leave = append(leave, l)
		}
	}
	return leave
}

// worked is what comes of a place that does so many a second, one after the other, and to which for some seconds so
// many come a second who are let in when there is room: how many were let in, and how long each was in.
func worked(r *room.Room, does, come int, seconds int) (in int, slowest time.Duration) {
	var all sync.WaitGroup
	var mu sync.Mutex
	queue := make(chan func(), 1_000_000)
	all.Go(func() {
		for leave := range queue {
			time.Sleep(time.Second / time.Duration(does))
			leave()
		}
	})
	for range come * seconds {
		if leave, ok := r.Enter(); ok {
			in++
			entered := time.Now()
			queue <- func() {
				leave()
				mu.Lock()
				defer mu.Unlock()
				slowest = max(slowest, time.Since(entered))
			}
		}
		time.Sleep(time.Second / time.Duration(come))
	}
	close(queue)
	all.Wait()
	return in, slowest
}

// Whether it is slow or fast, four times as many as it can do keep it at work all the time, and nobody waits for long.
func TestLimitFollowsWhatIsDone(t *testing.T) {
	t.Parallel()
	for _, does := range []int{50, 2000} {
		synctest.Test(t, func(t *testing.T) {
			const seconds = 10
			in, slowest := worked(room.New(time.Now), does, 4*does, seconds)
			if in < does*seconds*95/100 || in > does*(seconds+8) {
				t.Errorf("%d a second: %d were let in within %d s", does, in, seconds)
			}
			if slowest > 6*time.Second {
				t.Errorf("%d a second: one took %s", does, slowest)
			}
		})
	}
}

// calls is what becomes of calls of five turns, with some seconds between any two and most of the work in the last, of which
// several times as many are dialled as can be served: whole ones a second in the second half of the time, and the share
// of those let in that had to wait for too long.
func calls(does, times float64, think, lasts time.Duration) (whole, late float64) {
	r := room.New(time.Now)
	work := make(chan func(), 1_000_000)
	var worker, inAir sync.WaitGroup
	worker.Go(func() {
		for one := range work {
			one()
		}
	})
	dials, thinks := rand.New(rand.NewPCG(1, 0)), rand.New(rand.NewPCG(2, 0)) // one for each goroutine
	began := time.Now()
	var in, out, tooLate int // by the one that works alone
	var turn func(n int, leave func())
	turn = func(n int, leave func()) {
		asked := time.Now()
		cost := time.Duration(float64(time.Second) / does / 10)
		if n == 5 {
			cost *= 6
		}
		work <- func() {
			defer inAir.Done()
			defer leave()
			counts := time.Since(began) > lasts/2 && time.Since(began) < lasts
			if counts && n == 1 {
				in++
			}
			if time.Since(asked) > 7*time.Second {
				if counts {
					tooLate++
				}
				return
			}
			time.Sleep(cost)
			if n < 5 {
				inAir.Add(1)
				time.AfterFunc(think/2+time.Duration(thinks.Int64N(int64(think))), func() { turn(n+1, r.GoOn()) })
			} else if counts {
				out++
			}
		}
	}
	for time.Since(began) < lasts {
		if leave, ok := r.Enter(); ok {
			inAir.Add(1)
			turn(1, leave)
		}
		time.Sleep(time.Duration(dials.ExpFloat64() * float64(time.Second) / does / times))
	}
	inAir.Wait()
	close(work)
	worker.Wait()
	return float64(out) / (lasts / 2).Seconds(), float64(tooLate) / float64(in)
}

// People take their time: what is let in now is the work of half a minute later.
func TestCallsThatLast(t *testing.T) {
	t.Parallel()
	for _, times := range []float64{1, 4} {
		synctest.Test(t, func(t *testing.T) {
			const does, think = 50, 5 * time.Second
			whole, late := calls(does, times, think, 6*time.Minute)
			if whole < 0.8*does || late > 0.02 {
				t.Errorf("%g times as many: %.0f of %d a second, and %.0f %% too late", times, whole, does, 100*late)
			}
		})
	}
}

// Whoever comes when nothing is the matter is let in, and a burst is nothing the matter.
func TestNobodyIsTurnedAwayForNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := room.New(time.Now)
		if in, _ := worked(r, 1000, 900, 10); in != 9000 {
			t.Errorf("%d of 9000 were let in", in)
		}
		if in := len(crowd(r, 200)); in != 200 {
			t.Errorf("%d of 200 were let in", in)
		}
	})
}

// When nothing is done any more, only so many are let in; when things are done again, so are others.
func TestAfterAStandstill(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := room.New(time.Now)
		stuck := crowd(r, 1000)
		if len(stuck) != 256 {
			t.Errorf("%d were let in", len(stuck))
		}
		r.GoOn()() // what was begun before goes on, whatever there is
		time.Sleep(8 * time.Second)
		for _, leave := range stuck {
			leave()
		}
		if in := len(crowd(r, 1000)); in < 16 {
			t.Errorf("%d were let in afterwards", in)
		} else if in > 256 {
			t.Errorf("%d were let in afterwards, as if nothing had been", in)
		}
	})
}

// A clock that is set back says nothing of what was done before, and keeps nobody out for as long as it was ahead.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var back time.Duration
		r := room.New(func() time.Time { return time.Now().Add(-back) })
		stuck := crowd(r, 1000)
		time.Sleep(8 * time.Second)
		for _, leave := range stuck[1:] { // one is always there
			leave()
		}
		back = time.Hour
		in := 0
		for range 50 {
			some := crowd(r, 40)
			time.Sleep(100 * time.Millisecond)
			for _, leave := range some {
				leave()
			}
			in = len(some)
		}
		if in < 40 {
			t.Errorf("%d of 40 are let in", in)
		}
	})
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	r := room.New(func() time.Time { return time.Time{} }) // however slow the machine is
	var all sync.WaitGroup
	for range 1000 {
		all.Go(func() {
			if leave, ok := r.Enter(); ok {
				leave()
			}
			r.GoOn()()
		})
	}
	all.Wait()
	if in := len(crowd(r, 100)); in != 100 {
		t.Errorf("%d of 100 were let in", in)
	}
}
