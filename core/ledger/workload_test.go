package ledger_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/piga-money/piga/core"
)

// Enough to meet the rare: a hold of last month that is given back to somebody who was closed.
const (
	leastOperations = 100_000
	aWorkload       = 150
)

var day = time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)

// A random workload, step by step against the auditor: the ledger says what she says, and the books are
// what she adds up.
func TestWorkload(t *testing.T) {
	t.Parallel()
	operations, met := 0, map[core.Code]int{}
	for operations < leastOperations && !t.Failed() {
		rapid.Check(t, func(t *rapid.T) {
			w := newWorld(t, met)
			for range aWorkload {
				w.step(t, steps.Draw(t, "step"))
			}
			operations += len(w.asked)
		})
	}
	t.Logf("%d operations: %v", operations, met)
	for name, code := range mentionedCodes(t) {
		if code := core.Code(code); met[code] == 0 && code != core.Overflow { // sums that large are the fuzz test's
			t.Errorf("core.%s: the workload has never met it, so it proves nothing about it", name)
		}
	}
}

// A step is drawn without knowing the world, so that a failure can be made small. What its numbers mean
// depends on the kind.
type step struct {
	kind     string
	from, to core.AccountID
	amount   core.Amount
	pick     int
}

// Rapid likes the ends of a range best and shrinks towards its beginning. So quiet things come first in
// these lists, usual ones last, and mistakes in the middle.
var (
	kinds = []string{
		"nothing", "wait", "wait", "send", "send", "send", "withdraw", "withdraw", "deposit", "deposit", "status",
		"release", "expire", "reverse", "refuse", "note", "again", "again", "reuse", "mistake", "status", "release",
		"place", "place", "crash", "place", "capture", "capture", "capture", "capture", "place", "send", "send", "send",
	}
	statuses = []core.Status{core.Active, core.Active, core.Active, core.Suspended, core.Dormant, core.Closed, core.Active, core.Pending}
	waits    = []time.Duration{time.Minute, time.Hour, 240 * time.Hour, 24 * time.Hour, 11 * time.Minute, 3 * time.Minute}
	amounts  = []core.Amount{10, 30, 50, 99, 100, 101, 199, 600, 0, 1, 250, 299, 300, 301, 400, 200} // both sides of the limits
)

var steps = rapid.Custom(func(t *rapid.T) step {
	from := rapid.IntRange(0, len(parties)-1).Draw(t, "from")
	away := rapid.SampledFrom([]int{1, 2, 3, 4, 1, 2, 0, 3, 4, 1, 2, 3}).Draw(t, "away") // rarely to oneself
	return step{
		kind:   rapid.SampledFrom(kinds).Draw(t, "kind"),
		from:   parties[from],
		to:     parties[(from+away)%len(parties)],
		amount: rapid.SampledFrom(amounts).Draw(t, "amount"),
		pick:   int(rapid.Byte().Draw(t, "pick")),
	}
})
