// Torture is what make torture runs: the soak's callers keep calling three gateways, real processes behind a real
// balancer, while a script of faults happens underneath; afterwards everything is checked from the outside, and a table
// tells each fault, when, and what the callers saw. It brings its own PostgreSQLs and Redis in a temporary folder, and
// leaves nothing behind.
//
// The script is drawn from the seed alone, and so is what everybody wants. What comes of it also depends on who is
// faster.
//
// # Map
//
//	site.go     all that runs; gateway.go one copy of Piga; balancer.go; process.go whatever is a process
//	tap.go      the wires between them, which can be watched and cut; point.go the moments to wait for
//	fault.go    the script; faults_….go every fault there is
//	torture.go  one run; hours.go what comes after it
//	seen.go     what callers saw; verdict.go what must not be; report.go the table
//
// A moment such as "after the commit" is seen on the wire. In Piga there is no hook for it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		os.Exit(1)
	}
}

// errHarm ends a run whose table tells what harm was done.
var errHarm = errors.New("harm was done: see above; the seed repeats the script")

func run(ctx context.Context, args []string, out, progress io.Writer) error {
	flags := flag.NewFlagSet("torture", flag.ContinueOnError)
	flags.SetOutput(progress)
	seed := flags.Uint64("seed", 1, "draws the script, and who wants what")
	within := flags.Duration("within", 12*time.Minute, "how long they call")
	calm := flags.Duration("calm", 6*time.Second, "the least time between two faults")
	only := flags.String("only", "", "faults whose names begin so, such as Redis; an unknown one has all names told")
	keep := flags.String("log", "", "a file for what the gateways say")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	t := longTorture(*seed, *within)
	t.site.progress, t.calm = progress, *calm
	t.faults = slices.DeleteFunc(t.faults, func(f fault) bool { return !strings.HasPrefix(f.name, *only) })
	if len(t.faults) == 0 {
		return fmt.Errorf("-only: no fault begins with %q; there are: %s", *only, strings.Join(faultNames(), "; "))
	}
	if *keep != "" {
		f, err := os.Create(*keep)
		if err != nil {
			return err
		}
		defer f.Close() //nolint:errcheck // a log is written as it comes
		t.site.log = f
	}
	r, err := t.run(ctx)
	if err != nil {
		return err
	}
	if err := r.print(out); err != nil {
		return err
	}
	if r.harmful() {
		return errHarm
	}
	return nil
}

// faultNames is the name of every fault, once.
func faultNames() (names []string) {
	for _, f := range everyFault() {
		names = append(names, f.name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
