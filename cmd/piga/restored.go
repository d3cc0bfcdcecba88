package main

import (
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/store"
)

// restored is for a database that was restored to a moment, before any gateway serves it. It does not know what was
// sent since: what waits goes out with a warning. Of the provider's list of what it sent, it prints what the ledger does not
// hold.
func restored(ctx context.Context, c config, args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("piga restored", flag.ContinueOnError)
	flags.SetOutput(out)
	sent := flags.String("sent", "", "a `file` of CSV with the texts that the provider sent, - for what comes by a pipe: prints the lines whose receipt the ledger does not hold")
	if err := parse(flags, args, 0); err != nil {
		return err
	}
	if err := c.need("Postgres"); err != nil {
		return err
	}
	db, err := openStore(c, nil)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // what it did has been answered
	switch *sent {
	case "":
		return warnRepeats(ctx, db, out)
	case "-":
		return printUnknown(ctx, db, in, out)
	}
	list, err := os.Open(*sent)
	if err != nil {
		return err
	}
	defer list.Close() //nolint:errcheck // it was read only
	return printUnknown(ctx, db, list, out)
}

func warnRepeats(ctx context.Context, db *store.Store, out io.Writer) error {
	words, err := text.LoadAll()
	if err != nil {
		return err
	}
	n, err := db.RewriteWaiting(ctx, func(m notice.Message) string { return notice.Repeat(words, m) })
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "messages that wait, and say from now on that they may be repeats: %d\n", n)
	return err
}

var word = regexp.MustCompile(`[0-9A-Z]+`)

// printUnknown prints the lines of a list in which a receipt stands that the ledger does not hold. A list without any receipt is
// refused: it is not the provider's, or in a form that is not read, and no line of it would look as if all were true.
func printUnknown(ctx context.Context, db *store.Store, list io.Reader, out io.Writer) error {
	lines, unknown := csv.NewReader(list), csv.NewWriter(out)
	lines.FieldsPerRecord, lines.LazyQuotes = -1, true
	read, found := 0, false
	for ; ; read++ {
		line, err := lines.Read()
		if errors.Is(err, io.EOF) && !found {
			return fmt.Errorf("--sent: no receipt stands in any of %d lines: is it the list of what was sent, as CSV in UTF-8 with the texts?", read)
		}
		if errors.Is(err, io.EOF) {
			unknown.Flush()
			return unknown.Error()
		}
		if err != nil {
			return err
		}
		receipts := receiptsIn(line)
		if len(receipts) == 0 {
			continue
		}
		found = true
		missing, err := db.UnknownReceipts(ctx, receipts)
		if err != nil {
			return err
		}
		if len(missing) == 0 {
			continue
		}
		if err := unknown.Write(line); err != nil {
			return err
		}
	}
}

func receiptsIn(line []string) (receipts []core.Receipt) {
	for _, field := range line {
		for _, w := range word.FindAllString(field, -1) {
			if r, err := core.ParseReceipt(w); err == nil {
				receipts = append(receipts, r)
			}
		}
	}
	return receipts
}
