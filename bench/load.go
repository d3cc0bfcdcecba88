package main

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// load is callers who do something again and again, each waiting for her answer before she asks for the next.
type load struct {
	callers int
	// do does it once and tells how many were carried out; none is a refusal. An error ends the measurement.
	do func(ctx context.Context, caller int) (int, error)
}

// tally is what came of a load within the time that is measured.
type tally struct {
	Rate     float64       // carried out a second
	Refused  int           // asked for and not carried out
	P50, P99 time.Duration // of what was carried out
}

// callerTally is one caller's.
type callerTally struct {
	done    int
	refused int
	took    []time.Duration
}

// window is the time that is measured. It begins with the first answer after the warm-up, however long the first
// ones take.
type window struct {
	warm     time.Time
	measured time.Duration
	from     atomic.Pointer[time.Time]
}

// over is whether nothing that is asked now can count any more.
func (w *window) over(now time.Time) bool {
	from := w.from.Load()
	return from != nil && !now.Before(from.Add(w.measured))
}

// counts is whether an answer falls within it. The one that opens it does not.
func (w *window) counts(answered time.Time) bool {
	if answered.Before(w.warm) || w.from.CompareAndSwap(nil, &answered) {
		return false
	}
	from := *w.from.Load()
	return answered.After(from) && !answered.After(from.Add(w.measured))
}

// run lets the callers work for the warm-up and then for a time. What is answered within that time counts.
func (l load) run(ctx context.Context, warm, measured time.Duration) (tally, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	w := &window{warm: time.Now().Add(warm), measured: measured}
	each := make([]callerTally, l.callers)
	var all sync.WaitGroup
	for caller := range l.callers {
		all.Go(func() {
			var err error
			if each[caller], err = l.call(ctx, caller, w); err != nil {
				cancel(err)
			}
		})
	}
	all.Wait()
	if err := context.Cause(ctx); err != nil {
		return tally{}, err
	}
	return sum(each, measured), nil
}

func (l load) call(ctx context.Context, caller int, w *window) (callerTally, error) {
	var t callerTally
	for ctx.Err() == nil {
		asked := time.Now()
		if w.over(asked) {
			break
		}
		n, err := l.do(ctx, caller)
		if err != nil {
			return t, err
		}
		answered := time.Now()
		switch {
		case !w.counts(answered):
		case n == 0:
			t.refused++
		default:
			t.done += n
			t.took = append(t.took, answered.Sub(asked))
		}
	}
	return t, nil
}

func sum(each []callerTally, measured time.Duration) tally {
	var t tally
	var took []time.Duration
	done := 0
	for _, e := range each {
		done += e.done
		t.Refused += e.refused
		took = append(took, e.took...)
	}
	slices.Sort(took)
	t.Rate = float64(done) / measured.Seconds()
	t.P50, t.P99 = percentile(took, 0.50), percentile(took, 0.99)
	return t
}
