package sandbox

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"sync"
	"time"
)

// occasion names one moment at which hostility may strike: the third hop of a phone's second call, the
// first message to a number. What happens then depends on the seed and on this name alone: not on what other
// phones do meanwhile, nor on which other kinds are on.
type occasion string

// draw is a number from 0 to below 1.
func (s *Sandbox) draw(at occasion, about string) float64 {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d/%s/%s", s.Seed, at, about))
	return float64(binary.BigEndian.Uint64(sum[:])>>11) / (1 << 53)
}

// strikes tells which of some kinds strike.
func (s *Sandbox) strikes(at occasion, kinds ...Kind) struck {
	now := s.hostile.get()
	var did struck
	for _, k := range kinds {
		if s.draw(at, string(k)) < now[k] {
			did = append(did, k)
		}
	}
	return did
}

// pick is one of n, from 0.
func (s *Sandbox) pick(at occasion, about Kind, n int) int {
	return int(s.draw(at, "which "+string(about)) * float64(n))
}

// delay is how long a kind delays something.
func (s *Sandbox) delay(at occasion, about Kind) time.Duration {
	return time.Duration(s.draw(at, "how long "+string(about)) * float64(s.Delay))
}

// mostCounted bounds how many names are counted apart; the rest are counted as one.
const mostCounted = 100_000

// counts tells the first message to a number from the second.
type counts struct {
	mu sync.Mutex
	of map[string]int
}

func (c *counts) next(name string) occasion {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil {
		c.of = map[string]int{}
	}
	if _, known := c.of[name]; !known && len(c.of) >= mostCounted {
		name = "others"
	}
	c.of[name]++
	return occasion(fmt.Sprintf("%s %d", name, c.of[name]))
}
