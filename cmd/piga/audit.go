package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/piga-money/piga/store"
)

// audit looks at every row of the ledger, beside gateways that serve. It is an error when any is wrong.
func audit(ctx context.Context, c config, args []string, _ io.Reader, out io.Writer) error {
	if err := noFlags("piga audit", args, out); err != nil {
		return err
	}
	if err := c.need("Postgres"); err != nil {
		return err
	}
	db, err := openStore(c, nil)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // the process ends with it
	began := time.Now()
	shown := newProgress(out)
	r, err := db.Audit(ctx, shown.show)
	shown.end()
	if err != nil {
		return fmt.Errorf("the audit was broken off, and nothing is known: %w", err)
	}
	printFindings(out, r)
	fmt.Fprintf(out, "as of %s: %d accounts, %d entries, %d transfers, %d requests, %d messages, %d holds, %d cash requests, %d reversals; it took %s\n",
		r.At.Format(time.DateTime), r.Accounts, r.Entries, r.Transfers, r.Requests, r.Messages, r.Holds, r.Cash, r.Reversals,
		time.Since(began).Round(time.Millisecond))
	fmt.Fprintf(out, "people have KES %s, the system's own accounts KES %s\n", r.People.Long(), r.System.Long())
	if n := r.Wrong(); n > 0 {
		return fmt.Errorf("rows that are wrong: %d. See docs/operations.md", n)
	}
	_, err = fmt.Fprintln(out, "nothing is wrong")
	return err
}

// printFindings prints what was found, rule by rule.
func printFindings(out io.Writer, r store.AuditReport) {
	for _, rule := range store.Rules() {
		found := r.Found[rule]
		if found == 0 {
			continue
		}
		word := "WRONG"
		if rule.Warns() {
			word = "warning"
		}
		fmt.Fprintf(out, "%s, %d times: it is not so that %s\n", word, found, rule)
		for _, f := range r.Findings {
			if f.Rule == rule {
				fmt.Fprintf(out, "  %s: %s\n", f.Row, f.Says)
				found--
			}
		}
		if found > 0 {
			fmt.Fprintf(out, "  and %d more\n", found)
		}
	}
}

// progress is a line that is written anew on a terminal, and now and then a line elsewhere.
type progress struct {
	out      io.Writer
	terminal bool
	next     time.Time // when there is something to be shown again
	doing    string
	width    int // of the longest line so far
}

func newProgress(out io.Writer) *progress {
	p := &progress{out: out}
	if f, ok := out.(*os.File); ok {
		if info, err := f.Stat(); err == nil {
			p.terminal = info.Mode()&os.ModeCharDevice != 0
		}
	}
	return p
}

func (p *progress) show(at store.Progress) {
	every := 10 * time.Second
	if p.terminal {
		every = 200 * time.Millisecond
	}
	now := time.Now()
	if at.Doing == p.doing && now.Before(p.next) {
		return
	}
	p.doing, p.next = at.Doing, now.Add(every)
	line := fmt.Sprintf("looking at %s: %d rows", at.Doing, at.Rows)
	if at.Of > at.Rows {
		line += fmt.Sprintf(" of about %d", at.Of)
	}
	if p.terminal {
		fmt.Fprintf(p.out, "\r%-*s", p.width, line)
		p.width = max(p.width, len(line))
		return
	}
	fmt.Fprintln(p.out, line)
}

// end takes the line away.
func (p *progress) end() {
	if p.terminal {
		fmt.Fprintf(p.out, "\r%s\r", strings.Repeat(" ", p.width))
	}
}
