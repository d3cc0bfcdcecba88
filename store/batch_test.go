package store

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
)

// batch posts orders as one batch and gives the answers.
func (s *Store) batch(orders ...wallet.Order) []answer {
	batch := make([]*caller, len(orders))
	for i, o := range orders {
		batch[i] = newCaller(context.Background(), o)
	}
	s.poster.carryOut(batch)
	answers := make([]answer, len(batch))
	for i, c := range batch {
		answers[i] = <-c.answer
	}
	return answers
}

func codesOf(answers []answer) []core.Code {
	all := make([]core.Code, len(answers))
	for i, a := range answers {
		all[i] = max(core.CodeOf(a.err), a.outcome.Code)
	}
	return all
}

// asks makes an order one that asks for cash.
func asks(o wallet.Order, customer, agent core.Party, draw func() (string, error)) wallet.Order {
	o.Ask = &wallet.Asking{
		CashRequest: wallet.CashRequest{Operation: o.Operation, Customer: customer, Agent: agent, Amount: o.Amount, Fee: o.Fee},
		Lasts:       10 * time.Minute, Most: 6, Draw: draw,
		Tell: func(wallet.Cash) []notice.Notice { return nil },
	}
	return o
}

// Who spoils a batch stands alone in the end; those beside her do not notice.
func TestCulpritStandsAlone(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(r road, o *wallet.Order){
		"no code": func(r road, o *wallet.Order) {
			*o = asks(r.place(r.mary.Account, r.john.Account, 1_00, 0), r.mary, r.john, func() (string, error) { return "", errors.New("no chance") })
		},
		"a panic": func(r road, o *wallet.Order) {
			*o = asks(r.place(r.mary.Account, r.john.Account, 1_00, 0), r.mary, r.john, func() (string, error) { panic("no chance") })
		},
		"another panic": func(r road, o *wallet.Order) {
			o.Earn = &wallet.Earning{Of: func(core.Amount) core.Amount { panic("no chance") }}
		},
		"a bad row": func(_ road, o *wallet.Order) {
			o.Tell = []notice.Notice{{Key: "sms.sent", Lang: core.English, When: notice.Done}} // without a phone
		},
		"what is no text": func(_ road, o *wallet.Order) {
			o.Tell[0].Args = text.Args{"name": "\x00"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, at := range []int{0, 4, 8} {
				r := openRoad(t)
				orders, want := make([]wallet.Order, 9), make([]core.Code, 9)
				for i := range orders {
					orders[i] = r.free()
				}
				spoil(r, &orders[at])
				want[at] = core.Internal
				answers := r.batch(orders...)
				if diff := gocmp.Diff(want, codesOf(answers)); diff != "" {
					t.Errorf("(-want +got)\n%s%v", diff, answers[at].err)
				}
				if r.recorded(orders[at]) || !r.recorded(orders[(at+1)%9]) {
					t.Error("the culprit is recorded, or her neighbour is not")
				}
				// The halves are in the order of arrival.
				var last int64
				for i, a := range answers {
					if i == at {
						continue
					}
					if v := a.outcome.Entries[0].Version; v <= last {
						t.Errorf("order %d has version %d after %d", i, v, last)
					} else {
						last = v
					}
				}
			}
		})
	}
}

// Two culprits in one batch.
func TestCulpritsStandAlone(t *testing.T) {
	t.Parallel()
	r := openRoad(t)
	var orders []wallet.Order
	var want []core.Code
	for i := range 20 {
		o, code := r.free(), core.Code("")
		if i%7 == 3 {
			o.Tell, code = []notice.Notice{{Key: "sms.sent", Lang: core.English, When: notice.Done}}, core.Internal
		}
		orders, want = append(orders, o), append(want, code)
	}
	if diff := gocmp.Diff(want, codesOf(r.batch(orders...))); diff != "" {
		t.Error(diff)
	}
	r.sound()
}

// One request ends and the same customer asks again: in one statement the new row would meet the old one.
func TestEndAndAskTogether(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	open := s.withdraw(s.jane, s.njeri, 500_00)
	end := s.end(open.Hold)
	end.End = &wallet.Ending{ID: open.ID, How: wallet.Cancelled}
	again := asks(s.place(s.jane.Account, s.njeri.Account, 300_00, 0), s.jane, s.njeri, func() (string, error) { return "7531", nil })
	if diff := gocmp.Diff([]core.Code{"", ""}, codesOf(s.batch(end, again))); diff != "" {
		t.Error(diff)
	}
	if c, err := s.CashOpen(t.Context(), s.jane.ID); err != nil || c.Amount != 300_00 {
		t.Errorf("%v: %v", c.Amount, err)
	}
}

// Equal request ids in one batch are decided one after the other, as anywhere, and written once.
func TestSameRequestInABatch(t *testing.T) {
	t.Parallel()
	r := openRoad(t)
	first, poor := r.free(), r.move(core.Send, r.john.Account, r.mary.Account, 10_000_00, 0)
	other := r.free()
	other.Request = first.Request
	other.Amount++
	other.Entries[0].Amount--
	other.Entries[1].Amount++
	hold := r.place(r.mary.Account, r.john.Account, 5_00, 0)
	messages := r.count(`SELECT count(*) FROM messages`)
	answers := r.batch(first, poor, first, other, hold, first, poor, hold)
	want := []core.Code{"", core.InsufficientFunds, "", core.RequestReused, "", "", core.InsufficientFunds, ""}
	if diff := gocmp.Diff(want, codesOf(answers)); diff != "" {
		t.Error(diff)
	}
	for again, of := range map[int]int{2: 0, 5: 0, 6: 1, 7: 4} {
		want := answers[of].outcome
		want.Again = true
		if diff := gocmp.Diff(want, answers[again].outcome); diff != "" {
			t.Errorf("%d (-first +again)\n%s", again, diff)
		}
	}
	if n := r.count(`SELECT count(*) FROM messages`) - messages; n != 3 {
		t.Errorf("%d messages", n)
	}
	if n := r.count(`SELECT count(*) FROM holds`); n != 1 || first.Transfer != 0 || first.Receipt != "" {
		t.Errorf("%d holds, and the order is %+v", n, first)
	}
	r.sound()
}

// The commit of a whole batch is lost: it is settled at once for all, each has her own outcome, and it is the
// one that the ledger holds.
func TestLostBatchIsSettled(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wire *wire
		want core.Code
	}{
		"carried out":     {&wire{pass: true}, ""},
		"still in flight": {&wire{pass: true, late: 300 * time.Millisecond}, ""},
		"never came":      {&wire{}, core.Voided},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := openRoad(t)
			s := r.through(c.wire)
			var orders []wallet.Order
			for range 20 {
				orders = append(orders, r.free())
			}
			reused := r.free()
			reused.Request = orders[3].Request
			reused.Amount++
			hold := r.done(r.place(r.jane.Account, r.john.Account, 100_00, 0)).Hold
			orders = append(orders, r.move(core.Send, r.john.Account, r.jane.Account, 9999_00, 0), orders[5], reused, r.end(hold))
			c.wire.losses.Store(1)
			answers := s.batch(orders...)
			want := slices.Repeat([]core.Code{c.want}, 24)
			if want[23] = ""; c.want == "" { // a hold that is given back is, in any case
				want[20], want[22] = core.InsufficientFunds, core.RequestReused
			}
			if diff := gocmp.Diff(want, codesOf(answers)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			for i, o := range orders {
				again, err := r.Post(t.Context(), o)
				if err != nil || again.Code != answers[i].outcome.Code || again.Receipt != answers[i].outcome.Receipt {
					t.Errorf("%d: told %q, and again %q: %v", i, answers[i].outcome.Code, again.Code, err)
				}
			}
			r.sound()
		})
	}
}

// While it is found out what became of a batch, the next is posted.
func TestNextGoesOnWhileSettling(t *testing.T) {
	t.Parallel()
	r := openRoad(t)
	w := &wire{pass: true, late: 1500 * time.Millisecond}
	s := r.through(w)
	jim := r.party(core.Merchant, core.TierTrade)
	r.fund(jim.Account, 10_00)
	w.losses.Store(1)
	lost := r.enter(t.Context(), s, r.free())
	r.until("the commit is lost", func() bool { return w.losses.Load() <= 0 })
	if _, err := s.Post(t.Context(), r.move(core.Send, jim.Account, r.jane.Account, 1_00, 0)); err != nil {
		t.Error(err)
	}
	select {
	case a := <-lost.answer:
		t.Errorf("the lost was settled before the next was posted: %+v", a)
	default:
	}
	r.hears(t.Context(), s, "the lost", lost, "")
}

// A connection that is lost before the commit is no matter: nothing happened, and the batch is posted on
// another.
func TestBatchOutlivesItsConnection(t *testing.T) {
	t.Parallel()
	r := openRoad(t)
	open := r.block()
	c := r.blocked(t.Context(), r.Store)
	if n := r.count(`SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = current_database() AND wait_event_type = 'Lock'`); n != 1 {
		t.Errorf("%d waited", n)
	}
	open()
	r.hears(t.Context(), r.Store, "the caller", c, "")
	r.sound()
}

// Without a database everybody is told so soon, and when it is there posting goes on by itself.
func TestDatabaseGoesAndComesBack(t *testing.T) {
	t.Parallel()
	r := openRoad(t)
	w := &wire{}
	w.gone.Store(true)
	s := r.through(w)
	away := func(what string, within time.Duration) {
		t.Helper()
		began := time.Now()
		together(10, func(int) {
			o := r.free()
			if _, err := s.Post(context.Background(), o); core.CodeOf(err) != core.Unavailable || r.recorded(o) {
				t.Errorf("%s: %v", what, err)
			}
		})
		if took := time.Since(began); took > within {
			t.Errorf("%s: told after %s", what, took)
		}
	}
	back := func(what string) {
		t.Helper()
		w.gone.Store(false)
		w.mute.Store(false)
		if o, err := s.Post(t.Context(), r.free()); err != nil || o.Code != "" {
			t.Errorf("%s: %q %v", what, o.Code, err)
		}
	}
	away("at the start", 2*time.Second)
	back("after the start")
	w.gone.Store(true)
	if _, err := r.owner.Exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'piga'`); err != nil {
		t.Fatal(err)
	}
	away("while it is gone", 2*time.Second)
	back("when it is back")
	// A machine that was switched off says nothing at all.
	w.mute.Store(true)
	away("while it is silent", 3*silentFor)
	back("when it speaks")
	r.sound()
}

// A batch beyond the limit waits for the next.
func TestBatchHasALimit(t *testing.T) {
	t.Parallel()
	r := openRoad(t)
	r.poster.batches(4)
	open := r.block()
	callers := []*caller{r.blocked(t.Context(), r.Store)}
	for range 10 {
		callers = append(callers, r.enter(t.Context(), r.Store, r.free()))
	}
	open()
	sizes := map[time.Time]int{}
	var last ledger.Outcome
	for _, c := range callers {
		o := r.hears(t.Context(), r.Store, "a caller", c, "")
		if o.At.Before(last.At) {
			t.Error("not in the order of arrival")
		}
		last = o
		sizes[o.At]++
	}
	got := []int{}
	for _, n := range sizes {
		got = append(got, n)
	}
	slices.Sort(got)
	if diff := gocmp.Diff([]int{1, 2, 4, 4}, got); diff != "" {
		t.Error(diff)
	}
}
