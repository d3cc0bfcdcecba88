package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/piga-money/piga/store/local"
)

// fault is one thing that goes wrong, and is mended.
type fault struct {
	name string
	// do brings it about, mends it, and says in words what it did. What it draws is the seed's.
	do func(ctx context.Context, s *site, r *rand.Rand) (detail string, err error)
}

// happened is a fault as it came about.
type happened struct {
	name, detail string
	began, ended time.Time // ended when it was mended
}

// script is the faults in their order: every one there is, once or more, shuffled by the seed.
func script(seed uint64, faults []fault) []fault {
	r := rand.New(rand.NewPCG(seed, 3))
	all := slices.Clone(faults)
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// suffer has the faults happen one after the other until they are over, or the time is. It ends early only when one
// cannot be brought about, or mended.
func (t *torture) suffer(ctx context.Context) (all []happened, err error) {
	for i, f := range t.faults {
		r := rand.New(rand.NewPCG(t.seed, uint64(100+i)))
		if rest(ctx, t.calm+time.Duration(r.Int64N(int64(t.calm)))) != nil {
			return all, nil
		}
		h := happened{name: f.name, began: time.Now()}
		h.detail, err = f.do(ctx, &t.site, r)
		h.ended = time.Now()
		if err == nil && !t.site.answers(ctx, time.Minute) && ctx.Err() == nil {
			err = errors.New("PostgreSQL does not answer any more")
		}
		if err == nil && !t.site.followed(ctx, 20*time.Second) && ctx.Err() == nil { // as an operator does
			h.detail += ", and then another standby, as this one did not follow any more"
			err = t.site.pair.Rebuild(context.WithoutCancel(ctx))
			h.ended = time.Now()
		}
		t.site.say("%s: %s", f.name, h.detail)
		all = append(all, h)
		if err != nil {
			return all, fmt.Errorf("%s: %w", f.name, err)
		}
		t.soak.Memory.Receive(t.provider.Messages("")) // which forgets the oldest
	}
	return all, nil
}

// rest waits, unless ctx ends.
func rest(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// seconds is a time from so many to so many.
func seconds(r *rand.Rand, from, to float64) time.Duration {
	return time.Duration((from + r.Float64()*(to-from)) * float64(time.Second))
}

// everyFault is all of a long run.
func everyFault() []fault {
	var all []fault
	for _, p := range points() {
		all = append(all, killedAt(p), killedAt(p))
	}
	return append(all,
		killedAny(), killedAny(), killedAny(), replaced(),
		redisKilled(), redisFrozen(15*time.Second), redisFull(),
		connectionsCut(), connectionsCut(), databaseRestarted(local.Fast, "in order"),
		databaseRestarted(local.Immediate, "as after a crash"), promoted(), promoted(), frozenOut(), logFull(),
		smsDown(20*time.Second), smsSlow(20*time.Second),
		clockWrong(time.Hour), clockWrong(-time.Hour), memoryShort(),
	)
}

// shortFaults are those of a run of seconds.
func shortFaults() []fault {
	var all []fault
	for _, p := range points() {
		all = append(all, killedAt(p))
	}
	return append(all, redisKilled(), connectionsCut(), promoted())
}
