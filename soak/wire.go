package soak

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/sandbox"
)

// Wire is what went over the wire: its Watch is for the sandbox's configuration. The zero Wire is ready, and
// safe for concurrent use.
type Wire struct {
	// NoAnswer is told of callbacks that had no answer at all. Where it is nil they are harm; else they are what it
	// takes them for. It must neither wait nor ask the wire.
	NoAnswer func(sandbox.Line)

	mu      sync.Mutex
	took    []time.Duration // of every callback that was answered
	struck  map[sandbox.Kind]int
	drops   int
	repeats int
	broken  []string        // callbacks that had no good answer, and pages that were too long
	taken   map[string]bool // texts that were taken, by the provider's id
}

// Watch takes in one line.
func (w *Wire) Watch(l sandbox.Line) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.struck == nil {
		w.struck, w.taken = map[sandbox.Kind]int{}, map[string]bool{}
	}
	w.count(l)
	switch l.What {
	case "callback":
		w.callback(l)
	case "text":
		if form, err := url.ParseQuery(l.Sent); err == nil && l.Status == http.StatusOK {
			w.taken[form.Get("id")] = true
		}
	}
}

// copies are the notes on lines about what has been counted already.
var copies = []string{"a copy", "the start once more", "once more", "hop "}

// count counts what hostility did, once for each occasion.
func (w *Wire) count(l sandbox.Line) {
	if slices.ContainsFunc(copies, func(note string) bool { return strings.HasPrefix(l.Note, note) }) {
		w.repeats++
		return
	}
	for _, k := range l.Did {
		switch {
		case k == sandbox.EventEarly && l.What == "event", k == sandbox.ReportStorm && !strings.Contains(l.Sent, "status=Success"):
		case (k == sandbox.DeepDial || k == sandbox.UnknownOperator) && l.Hop != 1:
		default:
			w.struck[k]++
		}
	}
}

func (w *Wire) callback(l sandbox.Line) {
	switch {
	case l.Status == 0 && slices.Contains(l.Did, sandbox.DropBefore):
		w.drops++
		return
	case l.Status == 0 && slices.Contains(l.Did, sandbox.HangUpAtPIN), l.Status == 0 && strings.HasPrefix(l.Note, "too long"):
		return // no callback of its own
	}
	if slices.Contains(l.Did, sandbox.DropAfter) || slices.Contains(l.Did, sandbox.EventEarly) {
		w.drops++
	}
	if l.Status != http.StatusOK && w.NoAnswer != nil {
		w.NoAnswer(l)
		return
	}
	w.took = append(w.took, time.Duration(l.TookMS*float64(time.Millisecond)))
	page, ok := strings.CutPrefix(l.Got, "CON ")
	if !ok {
		page, ok = strings.CutPrefix(l.Got, "END ")
	}
	switch {
	case l.Status != http.StatusOK || !ok:
		w.broken = append(w.broken, fmt.Sprintf("%s hop %d of %s: status %d, %s", l.Phone, l.Hop, l.Call, l.Status, l.Note))
	case !text.Fits("CON " + page):
		w.broken = append(w.broken, fmt.Sprintf("%s hop %d of %s: too long: %q", l.Phone, l.Hop, l.Call, page))
	}
}

// Texts is how many texts of people were taken.
func (w *Wire) Texts() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.taken)
}
