package store

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/office"
)

// safeguarding is how accounts stood at a moment, as the office asks.
func (b bench) safeguarding(at time.Time) (office.Safeguarding, error) {
	b.t.Helper()
	at, err := b.Settled(b.t.Context(), at)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.Safeguarding(b.t.Context(), at)
}

// stood is the balance and what is on hold, by kind of account.
type stood map[office.AccountKind][2]core.Amount

func stoodOf(r office.Safeguarding) stood {
	all := stood{}
	for _, k := range r.Kinds {
		all[k.Kind] = [2]core.Amount{k.Balance(), k.Held}
	}
	return all
}

// standsNow is the same, of this moment, from the accounts alone.
func (b bench) standsNow() stood {
	b.t.Helper()
	var rows []struct {
		Kind          office.AccountKind
		Balance, Held core.Amount
	}
	if err := b.owner.Select(&rows, `SELECT kind, sum(balance)::bigint AS balance, sum(held)::bigint AS held FROM accounts GROUP BY kind`); err != nil {
		b.t.Fatal(err)
	}
	all := stood{}
	for _, r := range rows {
		all[r.Kind] = [2]core.Amount{r.Balance, r.Held}
	}
	return all
}

// moment is the database's time.
func (b bench) moment() time.Time {
	b.t.Helper()
	at, err := b.Settled(b.t.Context(), farAway)
	if err != nil {
		b.t.Fatal(err)
	}
	return at
}

// Each moment of a history is told later as it was, also when months before it were put away; what those had is not made up.
func TestSafeguardingAtAnyMoment(t *testing.T) {
	t.Parallel()
	c := openCounter(t)
	this := time.Now().UTC().Format("2006-01")
	random := rand.New(rand.NewPCG(3, 4))
	var asked []errand
	var moments []time.Time
	var were []stood
	var months []string
	for month := range 5 {
		months = append(months, c.fifteenth(1+month))
		for range 12 {
			e := anErrand(random, string(c.request()), asked, nil, nil)
			o, err := c.Post(t.Context(), c.order(e))
			if err != nil {
				t.Fatal(err)
			}
			if o.Code == "" && (e.kind == "withdraw" || e.kind == "deposit") {
				asked = append(asked, e)
			}
			c.pass(2 * time.Millisecond)
			moments, were = append(moments, c.moment()), append(were, c.standsNow())
			c.pass(time.Second)
		}
	}
	check := func(from int) {
		t.Helper()
		for i := from; i < len(moments); i++ {
			r, err := c.safeguarding(moments[i])
			if err != nil || !r.Holds() || r.Difference() != 0 || r.Owed() != r.Backing() {
				t.Fatalf("%s: %+v, %v", moments[i], r, err)
			}
			if diff := gocmp.Diff(were[i], stoodOf(r)); diff != "" {
				t.Errorf("at %s (-was +told)\n%s", moments[i], diff)
			}
		}
	}
	check(0)
	c.forgotten()
	for _, month := range []string{BeforeMonths, this, months[0], months[1]} {
		if _, err := c.archive(month); err != nil {
			t.Fatal(err)
		}
	}
	check(2 * 12)
	if _, err := c.safeguarding(moments[2*12-1]); core.CodeOf(err) != core.PutAway {
		t.Errorf("of a month that was put away: %v", err)
	}
	if _, err := c.Summary(t.Context(), moments[0], moments[1]); core.CodeOf(err) != core.PutAway {
		t.Errorf("its summary: %v", err)
	}
}

// While money moves, a moment that has come is told the same then and ever after.
func TestSafeguardingWhileMoneyMoves(t *testing.T) {
	t.Parallel()
	b := open(t)
	people := make([]core.Party, 8)
	for i := range people {
		people[i] = b.party(core.Merchant, core.TierTrade)
		b.fund(people[i].Account, 10_000_00)
	}
	ctx, stop := context.WithCancel(t.Context())
	var moving sync.WaitGroup
	for i := range people {
		moving.Go(func() {
			for ctx.Err() == nil {
				if _, err := b.Post(t.Context(), b.move(core.Pay, people[i].Account, people[(i+1)%8].Account, 1_00, 50)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	var told []office.Safeguarding
	for range 30 {
		r, err := b.safeguarding(farAway)
		if err != nil || !r.Holds() {
			t.Errorf("%+v, %v", r, err)
		}
		told = append(told, r)
	}
	stop()
	moving.Wait()
	for _, first := range told {
		again, err := b.safeguarding(first.At)
		if diff := gocmp.Diff(stoodOf(first), stoodOf(again)); diff != "" || err != nil {
			t.Errorf("%s (-then +later) %v\n%s", first.At, err, diff)
		}
	}
}

// Which sum is off is told: that of the balances, or that of what moved.
func TestSafeguardingTellsWhichSumIsOff(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane := b.party(core.Merchant, core.TierTrade)
	b.fund(jane.Account, 1000_00)
	b.pass(time.Minute)
	at := b.moment()
	b.pass(time.Minute)
	b.fund(jane.Account, 500_00)
	b.spoil(`UPDATE accounts SET balance = balance + 7 WHERE kind = 'till'`, nil)
	r, err := b.safeguarding(at)
	if err != nil || r.Holds() || r.BalancesOff() != 7 || r.MovesOff() != 0 || r.Difference() != 7 || r.Owed() != 1000_07 || r.Backing() != 1000_00 {
		t.Errorf("%+v, %v", r, err)
	}
	b.spoil(`UPDATE entries SET amount = amount + 7 WHERE amount = 50000`, nil)
	r, err = b.safeguarding(at)
	if err != nil || r.Holds() || r.BalancesOff() != 7 || r.MovesOff() != 7 || r.Difference() != 0 {
		t.Errorf("two that are off by the same: %+v, %v", r, err)
	}
}

// One report at a time: another is told so, and neither keeps a connection from a call.
func TestOneReportAtATime(t *testing.T) {
	t.Parallel()
	b := open(t)
	lock := b.owner.MustBegin()
	lock.MustExec(`LOCK TABLE accounts`)
	first := make(chan error, 1)
	go func() {
		_, err := b.Safeguarding(t.Context(), time.Now())
		first <- err
	}()
	b.until("the first has begun", func() bool { return len(b.reporting) == 1 })
	if _, err := b.Safeguarding(t.Context(), time.Now()); core.CodeOf(err) != core.Busy {
		t.Error(err)
	}
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-first; err != nil {
		t.Error(err)
	}
	if _, err := b.Safeguarding(t.Context(), time.Now()); err != nil {
		t.Error(err)
	}
}

// What has its accounts locked, and so may have its time, is waited for; what comes later is not.
func TestSettledWaitsForThoseOnTheirWay(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane, john := b.party(core.Merchant, core.TierTrade), b.party(core.Merchant, core.TierTrade)
	b.fund(jane.Account, 1000_00)
	locks := func(id core.AccountID) *Tx {
		tx := &Tx{Tx: b.owner.MustBegin(), ctx: t.Context()}
		tx.MustExec(`SELECT FROM accounts WHERE id = $1 FOR NO KEY UPDATE`, id)
		return tx
	}
	first := locks(jane.Account)
	before := time.Now()
	done := make(chan error, 1)
	go func() {
		_, err := b.Settled(t.Context(), before)
		done <- err
	}()
	b.until("it has asked", func() bool {
		return b.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%virtualtransaction = ANY%' AND pid <> pg_backend_pid()`) > 0
	})
	second := locks(john.Account)
	select {
	case err := <-done:
		t.Fatalf("it did not wait: %v", err)
	default:
	}
	if err := first.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, err := b.Settled(ctx, before)
		done <- err
	}()
	cancel()
	if err := <-done; core.CodeOf(err) != core.Unavailable {
		t.Error(err)
	}
	if err := second.Rollback(); err != nil {
		t.Fatal(err)
	}
}
