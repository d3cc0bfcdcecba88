package notice

import "time"

// steps are the waits after the first tries; after them it is hourly. The first is for a hiccup, the
// last for a provider that is down for the morning.
var steps = []time.Duration{
	2 * time.Second,
	10 * time.Second,
	time.Minute,
	5 * time.Minute,
	30 * time.Minute,
}

const (
	hourly = time.Hour

	// Lifetime is how long after it was made a message is still worth sending. A confirmation that comes
	// a day late confuses more than it tells.
	Lifetime = 24 * time.Hour

	// spread is how far a wait may be from its step, as a part of it, either way. It keeps messages that
	// failed together from coming back together.
	spread = 0.25
)

// Again is how long to wait before the next try, after a number of tries that failed; ok is false when
// there will be none. age is how long ago the message was made, random is from [0, 1) and 0.5 means no
// jitter. The last try falls on the end of the lifetime.
func Again(attempts int, age time.Duration, random float64) (wait time.Duration, ok bool) {
	left := Lifetime - age
	if left <= 0 {
		return 0, false
	}
	step := hourly
	if i := max(attempts, 1) - 1; i < len(steps) {
		step = steps[i]
	}
	wait = step + time.Duration((2*random-1)*spread*float64(step))
	return min(wait, left), true
}
