package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// options are what the flags say.
type options struct {
	rows    []string
	rounds  int
	seconds time.Duration // of one side in a round, after its warm-up
	warm    time.Duration
	profile string
	json    string

	people  int  // wallets of the L rows
	callers int  // of most of them: 256, in tests fewer
	live    int  // calls in U3
	large   fill // of L5
}

// Every row but L5 is run unless told otherwise: filling that one's tables takes longer than all the others.
const largeRow = "L5"

func readOptions(args []string, out io.Writer) (options, error) {
	o := options{callers: manyCallers}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(out)
	rows := flags.String("rows", "", "rows to run, such as L1,L2,U1 (default: all but L5)")
	large := flags.Bool("large", false, "run L5 and nothing else, unless -rows says more")
	flags.IntVar(&o.rounds, "rounds", 5, "rounds of each row")
	seconds := flags.Float64("seconds", 2, "length of one side's measurement in a round")
	flags.StringVar(&o.profile, "cpuprofile", "", "write a CPU profile of the rounds to this file")
	flags.StringVar(&o.json, "json", "bench.json", "where the figures are written for programs; empty for nowhere")
	flags.IntVar(&o.people, "people", 10_000, "wallets of the L rows")
	flags.IntVar(&o.live, "live", 50_000, "live calls in U3")
	flags.IntVar(&o.large.people, "accounts", 5_000_000, "accounts in L5")
	entries := flags.Int("entries", 50_000_000, "entries in L5, at least")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.rows = chosen(*rows, *large)
	o.seconds = time.Duration(*seconds * float64(time.Second))
	o.warm = min(o.seconds/4, 500*time.Millisecond)
	o.large.sweeps = sweepsFor(o.large.people, *entries)
	for _, r := range o.rows {
		if !slices.ContainsFunc(rowsOfTheTable(), func(known row) bool { return known.name == r }) {
			return o, fmt.Errorf("there is no row %q", r)
		}
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("%q is no flag", flags.Arg(0))
	case o.rounds < 1 || o.seconds <= 0:
		return o, errors.New("-rounds and -seconds must be above zero")
	case o.people < 2*manyCallers || o.large.people < 2*manyCallers:
		return o, fmt.Errorf("-people and -accounts must be %d at least: each of %d callers has customers of her own", 2*manyCallers, manyCallers)
	case o.live < walkedCalls:
		return o, fmt.Errorf("-live must be %d at least", walkedCalls)
	}
	return o, nil
}

// chosen are the rows to run, in the order of the table.
func chosen(rows string, large bool) []string {
	if rows != "" {
		return strings.Split(rows, ",")
	}
	var all []string
	for _, r := range rowsOfTheTable() {
		if (r.name == largeRow) == large {
			all = append(all, r.name)
		}
	}
	return all
}
