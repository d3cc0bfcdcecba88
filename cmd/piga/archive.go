package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"github.com/piga-money/piga/store"
)

// archive puts the oldest month away, as the owner of the tables.
func archive(ctx context.Context, c config, args []string, _ io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("piga archive", flag.ContinueOnError)
	flags.SetOutput(out)
	if err := parse(flags, args, 1); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return errors.New("piga archive needs a month, such as 2026-08, or before for what there was before the ledger had months")
	}
	url, err := c.owner()
	if err != nil {
		return err
	}
	done, err := store.Archive(ctx, store.Options{URL: url}, flags.Arg(0))
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, `%s is put away: %d transfers, %d entries of %d accounts, whose balances at its end are kept.
Its tables are no part of the ledger any more. Keep a copy, and only then drop them:
  pg_dump --format=custom --table=%[5]s --table=%[6]s --file=%[5]s.dump "$PIGA_POSTGRES_OWNER_URL"
  psql "$PIGA_POSTGRES_OWNER_URL" --command='DROP TABLE %[5]s, %[6]s'
`, done.Month, done.Transfers, done.Entries, done.Accounts, done.Tables[0], done.Tables[1])
	return err
}
