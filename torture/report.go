package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/piga-money/piga/soak"
)

// report is what came of a run.
type report struct {
	began, ended time.Time // of the calls
	planned      int       // faults
	happened     []happened
	spans        []span          // what callers saw from each fault to the next
	moved        []time.Duration // from each promotion to the first posting after it
	soak         soak.Report
	audited      string
	auditFailed  error
	wrongs       []string
}

// harmful is whether the run has failed.
func (r *report) harmful() bool { return len(r.wrongs)+len(r.soak.Findings)+r.soak.Missing > 0 }

// at is a moment in seconds from the first call.
func (r *report) at(t time.Time) string { return fmt.Sprintf("%.1f s", t.Sub(r.began).Seconds()) }

// print writes the tables.
func (r *report) print(out io.Writer) error {
	if err := r.soak.Print(out); err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\nat\tfault\t\tlasted\tanswered\tbroken off\tdial again\tunknown\tsilence\tagain after\n")
	for i, h := range r.happened {
		s := r.spans[i]
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%s\t%s\n", r.at(h.began), h.name, h.detail, tenths(h.ended.Sub(h.began)),
			s.turns[answered], s.turns[broken], s.turns[again], s.turns[unknown], tenths(s.silence), tenths(s.until))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(out, "\nSilence is the longest time without a call that was answered; again after, the time from the fault until a call was\n"+
		"answered after the last time that most of ten in a row were not.\n\n")
	fmt.Fprintf(out, "%d faults of %d in the script\n", len(r.happened), r.planned)
	for _, d := range r.moved {
		fmt.Fprintf(out, "after a promotion money moved again in %s\n", tenths(d))
	}
	fmt.Fprintf(out, "receipts that somebody had: %d; not in the ledger: %d\n", r.soak.Known, r.soak.Missing)
	fmt.Fprintf(out, "piga audit: %s\n", r.audited)
	for _, words := range r.wrongs {
		fmt.Fprintf(out, "\nWRONG: %s\n", words)
	}
	return nil
}

func tenths(d time.Duration) time.Duration { return d.Round(100 * time.Millisecond) }
