// Package soak is people with phones who run errands on Piga while everything around it is hostile, and who
// afterwards compare what they were told with what the ledger holds. The phones, the network and the hostility
// are the sandbox's; what people read they understand by the catalogues. It must not know how Piga is built:
// only what it says, and the tables, past the store.
//
// # Map
//
//	people.go   who calls; caller.go one of them; errand.go what they want; counter.go cash, and texts
//	words.go    how they read pages and messages
//	memory.go   what they remember; wire.go what went over the wire
//	books.go    what the tables hold
//	check*.go   one compared with the other; leak.go PINs where none may be
//	report.go   what came of it, as a table
//
// An errand is drawn from the seed and the caller alone. So the same seed makes everybody want the same again;
// what comes of it also depends on who is faster.
package soak

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/sandbox"
)

// Config is what a soak needs.
type Config struct {
	Sandbox *sandbox.Sandbox
	Wire    *Wire // watches the sandbox
	Words   text.Catalogs
	Service string // that is dialled
	People  []Person
	Seed    uint64
	Calls   int // at the most, texts included
	Callers int // at once
	Acts    int // of each in a round; 2 if it is 0

	// Between is called while nobody calls, after each round of calls but the last: time may pass there. It may
	// not be nil.
	Between func(ctx context.Context, round int) error
	// Think is how long somebody thinks before she dials, texts or answers; it may be nil.
	Think func(ctx context.Context)
	// Progress is called now and then with the calls so far; it may be nil.
	Progress func(calls int)
}

// Soak is one run.
type Soak struct {
	Config
	Memory   *Memory
	reader   *reader
	counters *counters
	callers  []*caller
	begun    atomic.Int64
}

// New puts a phone up for everybody.
func New(c Config) (*Soak, error) {
	if c.Acts == 0 {
		c.Acts = actsInARound
	}
	s := &Soak{Config: c, Memory: newMemory(), reader: newReader(c.Words), counters: newCounters()}
	for i, p := range c.People {
		phone, err := c.Sandbox.Phone(string(p.Party.Phone))
		if err != nil {
			return nil, err
		}
		r := rand.New(rand.NewPCG(c.Seed, uint64(1000+i)))
		s.callers = append(s.callers, &caller{
			Person: p, Soak: s, r: r, phone: phone, pins: []string{p.PIN}, taken: map[string]bool{p.PIN: true},
			read: map[string]bool{}, friends: friendsOf(r, c.People, p),
		})
	}
	return s, nil
}

// friendsOf are a few of each kind, without herself.
func friendsOf(r *rand.Rand, people []Person, p Person) map[core.Kind][]core.Party {
	friends := map[core.Kind][]core.Party{}
	for _, i := range r.Perm(len(people)) {
		who := people[i].Party
		if who.Phone != p.Party.Phone && len(friends[who.Kind]) < mostFriends {
			friends[who.Kind] = append(friends[who.Kind], who)
		}
	}
	return friends
}

// mostFriends of a kind: with all kinds together, fewer numbers than one may look up within an hour.
const mostFriends = 5

// actsInARound is how often each acts before time passes, unless it is told, and roundsOfPatience how long anybody stands at a
// counter.
const (
	actsInARound     = 2
	roundsOfPatience = 3
)

// Run has everybody call until the calls are used up, or ctx ends: how far it came, Done says.
func (s *Soak) Run(ctx context.Context) error {
	for round := 1; ; round++ {
		if err := s.each(func(c *caller) error { return s.acts(ctx, c) }); err != nil {
			return err
		}
		if s.Progress != nil {
			s.Progress(s.Done())
		}
		if ctx.Err() != nil || s.Done() >= s.Calls {
			return nil
		}
		if err := s.Between(ctx, round); err != nil {
			return err
		}
		if round%roundsOfPatience == 0 {
			s.counters.forget()
		}
	}
}

// Look has everybody dial once and read the first page: whatever she has not been told yet stands there.
func (s *Soak) Look(ctx context.Context) error {
	return s.each(func(c *caller) error { return c.plainCall(ctx) })
}

// Done is how many calls there were so far.
func (s *Soak) Done() int { return min(int(s.begun.Load()), s.Calls) }

// acts is what one does in a round.
func (s *Soak) acts(ctx context.Context, c *caller) error {
	for range s.Acts {
		if ctx.Err() != nil || s.begun.Add(1) > int64(s.Calls) {
			return nil
		}
		c.think(ctx)
		if err := c.act(ctx); err != nil {
			return fmt.Errorf("%s, call %d: %w", c.Party.Phone, c.calls, err)
		}
	}
	return nil
}

// each has everybody do something, as many at once as may, and reads what was sent to them.
func (s *Soak) each(do func(*caller) error) error {
	var all errgroup.Group
	all.SetLimit(s.Callers)
	for _, c := range s.callers {
		all.Go(func() error { return do(c) })
	}
	err := all.Wait()
	s.Memory.Receive(s.Sandbox.Messages(""))
	return err
}
