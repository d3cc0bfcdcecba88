package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
	"github.com/piga-money/piga/soak"
	"github.com/piga-money/piga/store"
)

// inside is Piga without its gateway, over the same database: for what happens before the first call and after the
// last.
type inside struct {
	store  *store.Store
	wallet *wallet.Wallet
}

// openInside has a clock that is ahead.
func (s *site) openInside(ahead func() time.Duration) (*inside, error) {
	zone, err := time.LoadLocation("Africa/Nairobi")
	if err != nil {
		return nil, err
	}
	words, err := text.LoadAll()
	if err != nil {
		return nil, err
	}
	peppers, err := wallet.ParsePeppers(s.pepper)
	if err != nil {
		return nil, err
	}
	var cost wallet.Cost
	if _, err := fmt.Sscanf(s.cost, "%dx%d", &cost.Memory, &cost.Passes); err != nil {
		return nil, err
	}
	vault, err := wallet.NewVault(peppers, cost, runtime.NumCPU(), rand.Reader)
	if err != nil {
		return nil, err
	}
	db, err := store.Open(store.Options{
		URL: s.pair.Primary().URL(databaseName), Zone: zone, Random: rand.Reader, ClockOffset: ahead, Clock: time.Now,
	})
	if err != nil {
		return nil, err
	}
	clock := func() time.Time { return time.Now().Add(ahead()).In(zone) }
	return &inside{store: db, wallet: wallet.New(db, vault, words, clock, rand.Reader, service)}, nil
}

// settle has Piga know everybody who is not new, and gives them their money.
func (s *site) settle(ctx context.Context, people []soak.Person) (err error) {
	in, err := s.openInside(func() time.Duration { return 0 })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.store.Close()) }()
	for _, p := range people {
		if p.New {
			continue
		}
		if err := in.welcome(ctx, p); err != nil {
			return fmt.Errorf("%s: %w", p.Party.Name, err)
		}
	}
	return nil
}

func (in *inside) welcome(ctx context.Context, p soak.Person) error {
	pin, err := core.ParsePIN(p.PIN)
	if err != nil {
		return err
	}
	known, err := in.wallet.Open(ctx, p.Party, pin, "")
	if err != nil {
		return err
	}
	out, err := in.store.Post(ctx, wallet.Order{Posting: ledger.Posting{
		Request: core.RequestID(soak.Setup + string(p.Party.Phone)), Action: ledger.Move, Operation: core.Issue,
		From: core.Trust, To: known.Account, Amount: p.Money,
		Entries: []ledger.Entry{{Account: core.Trust, Amount: -p.Money}, {Account: known.Account, Amount: p.Money}},
	}})
	return errors.Join(err, out.Err())
}
