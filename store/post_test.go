package store

import (
	"context"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

func TestPostMovesMoneyAndTells(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane, john := b.party(core.Subscriber, core.TierNew), b.party(core.Subscriber, core.TierNew)
	b.fund(jane.Account, 1000_00)
	o := b.done(b.move(core.Send, jane.Account, john.Account, 500_00, 5_00))
	if got, _ := o.Balance(jane.Account); got != 495_00 || b.balance(jane.Account) != 495_00 || b.balance(john.Account) != 500_00 {
		t.Errorf("balances are %s and %s", b.balance(jane.Account), b.balance(john.Account))
	}
	if o.At.Location() != b.zone {
		t.Errorf("the time is in %s", o.At.Location())
	}
	claimed, err := b.ClaimMessages(t.Context(), 10, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	last := claimed[len(claimed)-1]
	if last.Key != "sms.received" || last.Lang != core.Swahili || last.Args["receipt"] != string(o.Receipt) ||
		last.Args["balance"] != "500.00" || last.Args["name"] != "JANE" {
		t.Errorf("the last message is %s %v", last.Key, last.Args)
	}
	b.sound()
}

// Whatever became of a posting, it is told again in the same words.
func TestReplayIsEqual(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane, john := b.party(core.Subscriber, core.TierFull), b.party(core.Agent, core.TierTrade)
	b.fund(jane.Account, 1000_00)
	held := b.place(jane.Account, john.Account, 100_00, 10_00)
	hold := b.done(held).Hold
	capture := b.move(core.Withdraw, jane.Account, john.Account, 100_00, 10_00)
	capture.Action, capture.Hold = ledger.Capture, hold
	refuse := wallet.Order{Posting: ledger.Posting{Request: b.request(), Action: ledger.Refuse, Code: core.NoTariff}}
	for name, order := range map[string]wallet.Order{
		"move":    b.move(core.Send, jane.Account, john.Account, 1_00, 5),
		"place":   held,
		"capture": capture,
		"release": b.end(b.done(b.place(jane.Account, john.Account, 5_00, 0)).Hold),
		"refuse":  refuse,
		"poor":    b.move(core.Send, jane.Account, john.Account, 2000_00, 0),
		"unknown": b.move(core.Send, jane.Account, 99, 1_00, 0),
	} {
		first, err := b.Post(t.Context(), order)
		if err != nil {
			t.Fatal(err)
		}
		first.Again = true // the place has come before
		told := b.count(`SELECT count(*) FROM messages`)
		again, err := b.Post(t.Context(), order)
		if diff := gocmp.Diff(first, again); diff != "" || err != nil {
			t.Errorf("%s: %v (-first +again)\n%s", name, err, diff)
		}
		if now := b.count(`SELECT count(*) FROM messages`); now != told {
			t.Errorf("%s: the replay tells %d more", name, now-told)
		}
	}
	b.sound()
}

// A refusal stays one when money has come since, and an id is not used for something else.
func TestRequestIsUsedOnce(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane, john := b.party(core.Subscriber, core.TierFull), b.party(core.Subscriber, core.TierFull)
	order := b.move(core.Send, jane.Account, john.Account, 100_00, 0)
	for range 2 {
		o, err := b.Post(t.Context(), order)
		if err != nil || o.Code != core.InsufficientFunds {
			t.Fatalf("%q: %v", o.Code, err)
		}
		b.fund(jane.Account, 500_00)
	}
	other := b.move(core.Send, jane.Account, john.Account, 50_00, 0)
	other.Request = order.Request
	if o, err := b.Post(t.Context(), other); err != nil || o.Code != core.RequestReused {
		t.Errorf("other content is %q: %v", o.Code, err)
	}
	if o, err := b.Post(t.Context(), wallet.Order{}); err != nil || o.Code != core.BadPosting {
		t.Errorf("a posting without anything is %q: %v", o.Code, err)
	}
	b.sound()
}

// The same id with other content at the same moment: one is first, the other is told so.
func TestSameRequestOtherAccounts(t *testing.T) {
	t.Parallel()
	b := open(t)
	parties := make([]core.Party, 8)
	for i := range parties {
		parties[i] = b.party(core.Subscriber, core.TierFull)
		b.fund(parties[i].Account, 100_00)
	}
	id := b.request()
	outcomes := make([]ledger.Outcome, 4)
	together(4, func(i int) {
		order := b.move(core.Send, parties[2*i].Account, parties[2*i+1].Account, 10_00, 0)
		order.Request = id
		var err error
		if outcomes[i], err = b.Post(context.Background(), order); err != nil {
			t.Error(err)
		}
	})
	done := 0
	for _, o := range outcomes {
		if o.Code == "" {
			done++
		} else if o.Code != core.RequestReused {
			t.Errorf("the other is %q", o.Code)
		}
	}
	if done != 1 {
		t.Errorf("%d were carried out", done)
	}
	b.sound()
}

func TestSameRequestTogether(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane, john := b.party(core.Subscriber, core.TierFull), b.party(core.Subscriber, core.TierFull)
	b.fund(jane.Account, 1000_00)
	before := b.count(`SELECT count(*) FROM messages`)
	order := b.move(core.Send, jane.Account, john.Account, 100_00, 0)
	outcomes := make([]ledger.Outcome, 20)
	together(20, func(i int) {
		var err error
		if outcomes[i], err = b.Post(context.Background(), order); err != nil {
			t.Error(err)
		}
	})
	first := 0
	for i := range outcomes {
		if !outcomes[i].Again {
			first++
		}
		outcomes[i].Again = false
		if diff := gocmp.Diff(outcomes[0], outcomes[i]); diff != "" {
			t.Error(diff)
		}
	}
	if n := b.count(`SELECT count(*) FROM messages`) - before; first != 1 || n != 2 || b.balance(john.Account) != 100_00 {
		t.Errorf("carried out %d times, %d messages, %s", first, n, b.balance(john.Account))
	}
	b.sound()
}

// A hundred sends at once take what there is and no more, and no more than the day allows.
func TestLimitsHoldTogether(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		funds core.Amount
		want  core.Code
	}{
		"balance": {30_000_00, core.InsufficientFunds},
		"day":     {50_000_00, core.OverDayLimit},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			b.noon()
			jane, shop := b.party(core.Subscriber, core.TierNew), b.party(core.Merchant, core.TierTrade)
			b.fund(jane.Account, c.funds)
			if name == "day" { // some is spent already, and there is money beyond the limit
				b.done(b.move(core.Pay, jane.Account, shop.Account, 20_000_00, 0))
				b.fund(jane.Account, 20_000_00)
			}
			codes := make([]core.Code, 100)
			together(100, func(i int) {
				o, err := b.Post(context.Background(), b.move(core.Pay, jane.Account, shop.Account, 1_000_00, 0))
				if err != nil {
					t.Error(err)
				}
				codes[i] = o.Code
			})
			count := map[core.Code]int{}
			for _, code := range codes {
				count[code]++
			}
			if diff := gocmp.Diff(map[core.Code]int{"": 30, c.want: 70}, count); diff != "" {
				t.Error(diff)
			}
			b.sound()
		})
	}
}

func TestOppositeTransfersDoNotDeadlock(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane, john := b.party(core.Merchant, core.TierTrade), b.party(core.Merchant, core.TierTrade)
	b.fund(jane.Account, 1000_00)
	b.fund(john.Account, 1000_00)
	together(40, func(i int) {
		from, to := jane.Account, john.Account
		if i%2 == 0 {
			from, to = to, from
		}
		if _, err := b.Post(context.Background(), b.move(core.Send, from, to, 10_00, 0)); err != nil {
			t.Error(err)
		}
	})
	if n := b.count(`SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`); n != 0 {
		t.Errorf("%d deadlocks", n)
	}
	b.sound()
}

// Money that is on its way when a party closes either comes before or is refused.
func TestNobodyPaysTheClosed(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane, john := b.party(core.Subscriber, core.TierFull), b.party(core.Subscriber, core.TierFull)
	b.fund(jane.Account, 1000_00)
	together(10, func(i int) {
		if i == 5 {
			_, _ = b.Store.db.Exec(`UPDATE parties SET status = 'closed', closed_at = now() WHERE id = $1`, john.ID)
			return
		}
		o, err := b.Post(context.Background(), b.move(core.Send, jane.Account, john.Account, 10_00, 0))
		if err != nil || (o.Code != "" && o.Code != core.PayeeClosed) {
			t.Errorf("%q: %v", o.Code, err)
		}
	})
	if n := b.count(`SELECT count(*) FROM parties p JOIN accounts a ON a.party_id = p.id
		WHERE p.status = 'closed' AND (a.balance <> 0 OR a.closed_at IS NULL)`); n != 0 {
		t.Error("a closed party has money")
	}
	b.sound()
}

func TestReceiptTakenIsReplaced(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane, john := b.party(core.Subscriber, core.TierFull), b.party(core.Subscriber, core.TierFull)
	b.fund(jane.Account, 1000_00)
	random := &twice{}
	b.Store.poster.books.random = random
	first := b.done(b.move(core.Send, jane.Account, john.Account, 10_00, 0))
	second := b.done(b.move(core.Send, jane.Account, john.Account, 10_00, 0))
	if first.Receipt == second.Receipt || random.n < 18 {
		t.Errorf("receipts %s and %s", first.Receipt, second.Receipt)
	}
	b.sound()
}

// twice gives the same six bytes twice, then others.
type twice struct{ n int }

func (r *twice) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 1
		if r.n >= 12 {
			p[i] = byte(r.n)
		}
		r.n++
	}
	return len(p), nil
}
