// Bench is what make bench runs: it measures the ledger and the gateway against what the machine under them can do,
// and prints one table. It brings up a PostgreSQL of its own with fsync on, a Redis and the real gateway, all in a
// temporary folder, and leaves nothing behind.
//
// Rounds are interleaved: the first round of each row, then the second of each, so that a machine that slows down
// slows all of them. What is compared is measured side by side in a round and divided there; the table shows the
// medians and the extremes of the rounds. A missed aim is shown and never an error.
//
// Money moves through store.Post alone. What knows the tables is fill.sql, which makes the people, and ceiling.sql,
// which is what the ledger is compared to.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run is the program, or one of the processes that it starts of itself.
func run(ctx context.Context, args []string, in io.Reader, out, progress io.Writer) error {
	if len(args) > 0 {
		switch args[0] {
		case workerName:
			return worker(ctx, in, out)
		case bareName:
			return bare(ctx, in, out)
		}
	}
	o, err := readOptions(args, progress)
	if err != nil {
		return err
	}
	return measure(ctx, o, out, progress)
}
