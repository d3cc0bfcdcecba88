package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/office"
	"github.com/piga-money/piga/core/wallet"
	"github.com/piga-money/piga/store"
)

// Small commands for whoever runs Piga. Each needs the database alone.

func migrate(ctx context.Context, c config, args []string, _ io.Reader, out io.Writer) error {
	if err := noFlags("piga migrate", args, out); err != nil {
		return err
	}
	url, err := c.owner()
	if err != nil {
		return err
	}
	if err := store.Migrate(ctx, url, newLog(c, os.Stderr)); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, "the schema is up to date")
	return err
}

// owner is the URL of whoever owns the tables.
func (c config) owner() (string, error) {
	if c.Owner != "" {
		return c.Owner, nil
	}
	return c.Postgres, c.need("Postgres")
}

// rotatePepper seals every PIN under the first pepper. It may be broken off and run again, and runs beside
// gateways that know both peppers.
func rotatePepper(ctx context.Context, c config, args []string, _ io.Reader, out io.Writer) error {
	if err := noFlags("piga pepper rotate", args, out); err != nil {
		return err
	}
	if err := c.need("Postgres", "Pepper"); err != nil {
		return err
	}
	peppers, err := wallet.ParsePeppers(c.Pepper)
	if err != nil {
		return fmt.Errorf("PIGA_PIN_PEPPER: %w", err)
	}
	vault, err := wallet.NewVault(peppers, c.PINCost.cost(), 1, rand.Reader)
	if err != nil {
		return fmt.Errorf("PIGA_PIN_PEPPER: %w", err)
	}
	db, err := openStore(c, nil)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // the process ends with it
	n, err := db.Reseal(ctx, vault.Current(), func(id core.PartyID, s wallet.Sealed) (wallet.Sealed, error) {
		return vault.Reseal(s, wallet.Owner(id))
	})
	if err != nil {
		return fmt.Errorf("%d PINs are sealed under %q, then: %w", n, vault.Current(), err)
	}
	_, err = fmt.Fprintf(out, "%d PINs sealed anew; all are under %q, and older peppers may go from PIGA_PIN_PEPPER\n", n, vault.Current())
	return err
}

func issueFloat(ctx context.Context, c config, args []string, _ io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("piga float", flag.ContinueOnError)
	flags.SetOutput(out)
	number := flags.String("to", "", "the super agent's number, such as 10001")
	typed := flags.String("amount", "", "in shillings, as deposited at the bank")
	reference := flags.String("reference", "", "the bank's reference of the deposit: it is used once")
	if err := parse(flags, args, 0); err != nil {
		return err
	}
	if *number == "" || *typed == "" || *reference == "" {
		return errors.New("piga float needs --to, --amount and --reference")
	}
	amount, err := core.ParseAmount(*typed)
	if err != nil {
		return fmt.Errorf("--amount: %w", err)
	}
	bank, err := core.ParseReference(*reference)
	if err != nil {
		return fmt.Errorf("--reference: %w", err)
	}
	if err := c.need("Postgres"); err != nil {
		return err
	}
	db, err := openStore(c, nil)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // the process ends with it
	w := wallet.New(db, nil, nil, time.Now, rand.Reader, "")
	to, err := db.PartyByNumber(ctx, *number)
	if core.CodeOf(err) == core.NotRegistered {
		return fmt.Errorf("--to: %s is nobody's number: a super agent's five digits are needed: %w", *number, err)
	}
	if err != nil {
		return err
	}
	o, err := office.New(db, w, nil).IssueFloat(ctx, office.CommandLine(), to, amount, bank)
	if core.CodeOf(err) == core.RequestReused {
		return fmt.Errorf("--reference: %s was booked before, with another amount or to somebody else: %w", bank, err)
	}
	if err != nil {
		return err
	}
	done := "issued to"
	if o.Again {
		done = "was issued before, by the same reference, to"
	}
	balance, ok := o.Balance(to.Account)
	if !ok { // the reference is known for ever, its receipt as long as its month is part of the ledger
		_, err = fmt.Fprintf(out, "KES %s %s %s on %s; that month was put away, with the receipt\n",
			amount.Long(), done, to.Masked(), o.At.Format(time.DateOnly))
		return err
	}
	_, err = fmt.Fprintf(out, "%s: KES %s %s %s; float after it KES %s\n", o.Receipt, amount.Long(), done, to.Masked(), balance.Long())
	return err
}

// openStore opens the configured database. told hears of messages that were committed; it may be nil.
func openStore(c config, told func()) (*store.Store, error) {
	zone, err := c.zone()
	if err != nil {
		return nil, err
	}
	db, err := store.Open(store.Options{URL: c.Postgres, Zone: zone, Random: rand.Reader, Clock: time.Now, Told: told})
	if err != nil {
		return nil, fmt.Errorf("PIGA_POSTGRES_URL: %w", err)
	}
	return db, nil
}
