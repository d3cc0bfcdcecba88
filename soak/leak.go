package soak

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"sync"
)

// Sieve finds PINs in what a run leaves behind. It is given everything, bit by bit, while nobody knows yet
// which PINs there will be, and keeps what looks like one: six digits with none beside them, in clear or as the
// hexadecimal of bytes. It is a log's writer, too, and safe for concurrent use.
type Sieve struct {
	mu   sync.Mutex
	seen map[string]string // where, and beside what, it was found first
}

var (
	// chance matches what may hold any six digits by chance: ids, the fractions of seconds, how long a turn took.
	chance = regexp.MustCompile(`[0-9a-f]{32,}|:[0-9]{2}\.[0-9]+|"took":[0-9]+`)
	// six and sixInHex are a PIN in clear, and its bytes.
	six      = regexp.MustCompile(`(?:^|[^0-9])([0-9]{6})(?:[^0-9]|$)`)
	sixInHex = regexp.MustCompile(`(?:^|[^0-9a-f])((?:3[0-9]){6})(?:[^0-9a-f]|$)`)
)

// Write takes in a line of a log.
func (s *Sieve) Write(b []byte) (int, error) {
	s.Sift("the log", string(b))
	return len(b), nil
}

// Sift takes in a text. place names where it lay.
func (s *Sieve) Sift(place, content string) {
	sifted := chance.ReplaceAllString(content, "#")
	for _, form := range []struct {
		in *regexp.Regexp
		is func(string) string
	}{{six, clear6}, {sixInHex, bytes6}} {
		for from := 0; from < len(sifted); {
			m := form.in.FindStringSubmatchIndex(sifted[from:])
			if m == nil {
				break
			}
			s.keep(form.is(sifted[from+m[2]:from+m[3]]), place, around(sifted, from+m[2], from+m[3]))
			from += m[3] // what ends one may begin the next
		}
	}
}

func clear6(digits string) string { return digits }

func bytes6(digits string) string {
	b, _ := hex.DecodeString(digits) // matched as such
	return string(b)
}

// around is what stands beside something, without itself: a report must not tell what should not be told.
func around(all string, from, to int) string {
	return all[max(0, from-40):from] + "******" + all[to:min(len(all), to+20)]
}

func (s *Sieve) keep(digits, place, beside string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil {
		s.seen = map[string]string{}
	}
	if _, known := s.seen[digits]; !known {
		s.seen[digits] = fmt.Sprintf("%s: ...%s...", place, beside)
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
