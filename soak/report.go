package soak

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/piga-money/piga/sandbox"
)

// Report is what came of a soak.
type Report struct {
	Seed     uint64
	Calls    int // texts included
	Texts    int
	Turns    int
	Within   time.Duration // from the first call to the last
	Took     [4]time.Duration
	Drops    int
	Repeats  int
	Struck   map[sandbox.Kind]int
	Sent     int // messages
	Dead     int // the provider refused for good
	Again    int // took more than one try
	Untold   int // outcomes whose message is among the dead
	Known    int // transfers of which somebody had a receipt, on a page or by SMS
	Missing  int // those of them that the ledger does not hold
	Outcomes map[string]int
	Findings []Finding
}

// percentiles are those of Took, in order; the last is the worst.
var percentiles = [4]float64{0.50, 0.95, 0.99, 1}

// Report sums up, and adds what was found elsewhere to what the check finds.
func (s *Soak) Report(b *Books, within time.Duration, found []Finding) Report {
	mine, untold := s.Check(b)
	r := Report{
		Seed: s.Seed, Calls: s.Done(), Texts: len(s.Memory.Texts), Within: within, Untold: untold,
		Outcomes: map[string]int{}, Findings: append(mine, found...),
	}
	r.Known, r.Missing = s.acknowledged(b)
	s.Wire.sum(&r)
	for _, m := range b.Messages {
		switch {
		case m.Sent:
			r.Sent++
		case m.Dead:
			r.Dead++
		}
		if m.Attempts > 1 {
			r.Again++
		}
	}
	for id, o := range b.Outcomes {
		if !strings.HasPrefix(string(id), Setup) {
			r.Outcomes[nameOfOutcome(o)]++
		}
	}
	return r
}

// acknowledged counts the receipts that came to anybody, and those of no transfer. What she texted herself, and asked
// in vain about, is no receipt.
func (s *Soak) acknowledged(b *Books) (known, missing int) {
	held, seen := map[string]bool{}, map[string]bool{}
	for _, t := range b.Transfers {
		held[t.Receipt] = true
	}
	take := func(said Said) {
		if r := said.Args["receipt"]; r != "" && said.Key != "sms.balance" && said.Key != "reply.unknown_receipt" && !seen[r] {
			seen[r] = true
			known++
			if !held[r] {
				missing++
			}
		}
	}
	for _, call := range s.Memory.Calls {
		for _, page := range call.Pages {
			take(page)
			if page.Above != nil {
				take(*page.Above)
			}
		}
	}
	for _, m := range s.Memory.Inbox {
		take(s.reader.message(m.Text))
	}
	return known, missing
}

func nameOfOutcome(o Outcome) string {
	switch {
	case o.Code != "":
		return string(o.Code)
	case o.Transfer != 0:
		return "moved"
	case o.Hold != 0:
		return "held"
	default:
		return "noted"
	}
}

func (w *Wire) sum(r *Report) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r.Turns, r.Drops, r.Repeats, r.Struck = len(w.took), w.drops, w.repeats, maps.Clone(w.struck)
	took := slices.Sorted(slices.Values(w.took))
	for i, p := range percentiles {
		if n := len(took); n > 0 {
			r.Took[i] = took[min(n-1, int(p*float64(n)))]
		}
	}
}

// Harmed is how often each harm was found.
func (r Report) Harmed() map[Harm]int {
	n := map[Harm]int{}
	for _, f := range r.Findings {
		n[f.Harm]++
	}
	return n
}

// mostShown bounds the findings that are printed of each harm: the first tell the cause.
const mostShown = 20

// Print writes the table.
func (r Report) Print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\nseed\t%d\n", r.Seed)
	fmt.Fprintf(w, "calls\t%d, of which %d texts, in %s\n", r.Calls, r.Texts, r.Within.Round(time.Second))
	fmt.Fprintf(w, "turns\t%d, of which %d once more; %d drops\n", r.Turns, r.Repeats, r.Drops)
	fmt.Fprintf(w, "turn time\tp50 %s, p95 %s, p99 %s, worst %s\n", short(r.Took[0]), short(r.Took[1]), short(r.Took[2]), short(r.Took[3]))
	fmt.Fprintf(w, "SMS\t%d sent, %d refused for good, %d tried again\n", r.Sent, r.Dead, r.Again)
	fmt.Fprintf(w, "\nhostility\t\n")
	for _, k := range sandbox.Kinds() {
		fmt.Fprintf(w, "  %s\t%d\n", k.Name, r.Struck[k.Name])
	}
	fmt.Fprintf(w, "\noutcomes\t\n")
	for _, name := range slices.Sorted(maps.Keys(r.Outcomes)) {
		fmt.Fprintf(w, "  %s\t%d\n", name, r.Outcomes[name])
	}
	fmt.Fprintf(w, "  (told by nobody: the SMS was refused for good)\t%d\n\n", r.Untold)
	harmed := r.Harmed()
	for _, h := range Harms {
		fmt.Fprintf(w, "%s\t%d\n", h, harmed[h])
	}
	shown := map[Harm]int{}
	for _, f := range r.Findings {
		if shown[f.Harm]++; shown[f.Harm] <= mostShown {
			fmt.Fprintf(w, "\n%s: %s", f.Harm, f.What)
		}
	}
	if len(r.Findings) > 0 {
		fmt.Fprintln(w)
	}
	return w.Flush()
}

func short(d time.Duration) time.Duration { return d.Round(100 * time.Microsecond) }
