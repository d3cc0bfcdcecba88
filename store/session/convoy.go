package session

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/redis/go-redis/v9"
)

// convoy sends in one go what many turns ask of Redis at the same moment. To write and to read costs either side
// more than what is asked, and so is paid once for all of them. Nobody waits for company: what comes while a
// convoy is away goes with the next.
type convoy struct {
	client redis.UniversalClient

	mu      sync.Mutex
	waiting []rider
	away    bool // somebody is, and sends those who wait when she is back
}

// rider is a command, and who waits for it.
type rider struct {
	cmd  redis.Cmder
	left <-chan struct{} // closed when she waits no longer
	back chan struct{}   // closed when there is an answer
}

// mostRiders bounds how much one broken connection loses, and how long the first answer is kept from its turn.
const mostRiders = 100

// do has a command carried out. It waits no longer than ctx lasts; by then the command may be under way, and is
// not to be looked at any more.
func (c *convoy) do(ctx context.Context, cmd redis.Cmder) error {
	r := rider{cmd: cmd, left: ctx.Done(), back: make(chan struct{})}
	if c.first(r) {
		defer c.follow(context.WithoutCancel(ctx))
		return c.client.Process(ctx, cmd)
	}
	select {
	case <-r.back:
		return cmd.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// first is true of whoever finds nobody away, and goes alone and at once. Anybody else waits.
func (c *convoy) first(r rider) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.away {
		c.away = true
		return true
	}
	c.waiting = append(c.waiting, r)
	return false
}

// follow sends those who came while the first was away.
func (c *convoy) follow(ctx context.Context) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.away = len(c.waiting) > 0
	if c.away {
		go c.run(ctx)
	}
}

// run sends until nobody waits. How long a server may be silent is the client's to say: what one turn has left of
// its time is nothing to the others.
func (c *convoy) run(ctx context.Context) {
	for riders := c.next(); riders != nil; riders = c.next() {
		riders = slices.DeleteFunc(riders, rider.gone)
		pipe := c.client.Pipeline()
		for _, r := range riders {
			_ = pipe.Process(ctx, r.cmd) // not sent yet
		}
		_, err := pipe.Exec(ctx) // each command has its own, too
		if err != nil && !refused(err) {
			riders = append(riders, c.strand(err)...)
		}
		for _, r := range riders {
			close(r.back)
		}
	}
}

// next are those who ride together, nil when there is nobody.
func (c *convoy) next() []rider {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := min(len(c.waiting), mostRiders)
	if n == 0 {
		c.waiting, c.away = nil, false
		return nil
	}
	riders := c.waiting[:n:n]
	c.waiting = c.waiting[n:]
	return riders
}

// gone is true of whoever need not be carried: a claim would be made that nobody uses.
func (r rider) gone() bool {
	select {
	case <-r.left:
		return true
	default:
		return false
	}
}

// strand has all who wait share the error of a convoy that did not come back: Redis is out of reach, and to find
// that out once more would take each of them as long again.
func (c *convoy) strand(err error) []rider {
	c.mu.Lock()
	defer c.mu.Unlock()
	riders := c.waiting
	c.waiting = nil
	for _, r := range riders {
		r.cmd.SetErr(err)
	}
	return riders
}

// refused is true of an error that Redis answered with.
func refused(err error) bool {
	_, ok := errors.AsType[redis.Error](err)
	return ok
}
