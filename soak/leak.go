package soak

import (
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
)

// Sieve finds PINs in what a run leaves behind. It is given everything, bit by bit, while nobody knows yet
// which PINs there will be, and keeps what looks like one: six digits with none beside them, in clear or as the
// hexadecimal of bytes. It is a log's writer, too, and safe for concurrent use.
type Sieve struct {
	mu   sync.Mutex
	seen map[string]string // where, and beside what, it was found first
}

// Write takes in a line of a log.
func (s *Sieve) Write(b []byte) (int, error) {
	s.Sift("the log", string(b))
	return len(b), nil
}

// Sift takes in a text. place names where it lay.
func (s *Sieve) Sift(place, content string) {
	for from := 0; from < len(content); {
		to := from
		for to < len(content) && isHex(content[to]) {
			to++
		}
		if to-from < leastID { // longer ones are ids, hashes and seals, which hold any six digits by chance
			s.siftRun(place, content, from, to)
		}
		from = to + 1
	}
}

// leastID is how long an id is at the least, in hexadecimal.
const leastID = 32

// siftRun looks at digits and the letters up to f.
func (s *Sieve) siftRun(place, content string, from, to int) {
	for from < to {
		end := from
		for end < to && isDigit(content[end]) {
			end++
		}
		switch digits := content[from:end]; {
		case end-from == 6 && !byChance(content[:from]):
			s.keep(digits, place, content, from, end)
		case end-from == 12:
			if b, err := hex.DecodeString(digits); err == nil && strings.IndexFunc(string(b), notDigit) < 0 {
				s.keep(string(b), place, content, from, end)
			}
		}
		from = end + 1
	}
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func isHex(b byte) bool { return isDigit(b) || b >= 'a' && b <= 'f' }

func notDigit(r rune) bool { return r < '0' || r > '9' }

// byChance is true of the fractions of a second, and of how long a turn took: what stands before tells.
func byChance(before string) bool {
	n := len(before)
	return strings.HasSuffix(before, `"took":`) ||
		n >= 4 && before[n-4] == ':' && isDigit(before[n-3]) && isDigit(before[n-2]) && before[n-1] == '.'
}

// keep remembers what stands beside it, and not itself: a report must not tell what should not be told.
func (s *Sieve) keep(digits, place, content string, from, to int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil {
		s.seen = map[string]string{}
	}
	if _, known := s.seen[digits]; !known {
		s.seen[digits] = fmt.Sprintf("%s: ...%s******%s...", place, content[max(0, from-40):from], content[to:min(len(content), to+20)])
	}
}

// Found are the places where one of the PINs was.
func (s *Sieve) Found(pins map[string]bool) []Finding {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Finding
	for pin := range pins {
		if where, ok := s.seen[pin]; ok {
			all = append(all, Finding{Leaked, "a PIN is in " + where})
		}
	}
	return all
}
