package store

import (
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/tariff"
)

var sending = tariff.Key{Operation: core.Send, From: core.Subscriber, To: core.Subscriber}

// flat is a tariff that costs the same up to an amount.
func flat(k tariff.Key, upTo, fee core.Amount, at time.Time) tariff.Tariff {
	return tariff.Tariff{Key: k, Effective: at, Bands: []tariff.Band{{Over: tariff.Smallest(k.Operation) - 1, UpTo: upTo, Fee: fee}}}
}

func (b bench) now() time.Time {
	b.t.Helper()
	var at time.Time
	if err := b.owner.Get(&at, `SELECT clock_timestamp()`); err != nil {
		b.t.Fatal(err)
	}
	return at.Add(time.Duration(b.offset.Load()))
}

// costs is the fee of an amount, NoTariff and the like as a code.
func (b bench) costs(k tariff.Key, amount core.Amount) core.Amount {
	b.t.Helper()
	bands, _, err := b.Price(b.t.Context(), k, core.TierFull)
	if err != nil {
		b.t.Fatal(err)
	}
	fee, err := tariff.Fee(bands, amount)
	if err != nil {
		b.t.Fatal(err)
	}
	return fee
}

func (b bench) wantsCode(what string, err error, want core.Code) {
	b.t.Helper()
	if core.CodeOf(err) != want {
		b.t.Errorf("%s: %v, want %q", what, err, want)
	}
}

func tariffDeed() core.Deed {
	return core.Deed{By: 7, Action: "tariff.save", Subject: core.OfTariff, Address: "127.0.0.1"}
}

// Two who change two bands of a tariff at once both have what they wanted, and many who want the same do it once; whichever
// way the store's clock was moved.
func TestSetFeeTogether(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.pass(-50 * time.Hour)
	overs := []core.Amount{999, 100_00, 500_00, 1_000_00}
	var changed atomic.Int64
	together(12, func(i int) {
		over := overs[i%len(overs)]
		did, err := b.SetFee(t.Context(), tariff.Charge{Key: sending, Over: over}, over+7, tariffDeed())
		if err != nil {
			t.Error(err)
		}
		if did {
			changed.Add(1)
		}
	})
	for _, over := range overs {
		if got := b.costs(sending, over+1); got != over+7 {
			t.Errorf("over %s it costs %s", over, got)
		}
	}
	if b.costs(sending, 3_000_00) != 25_00 || b.costs(tariff.Key{Operation: core.Send, From: core.Agent, To: core.Agent}, 300_00) != 5_00 {
		t.Error("another charge was changed")
	}
	if n := b.count(`SELECT count(*) FROM audit_log`); changed.Load() != 4 || n != 4 {
		t.Errorf("%d changes, %d deeds", changed.Load(), n)
	}
	_, err := b.SetFee(t.Context(), tariff.Charge{Key: sending, Over: 1_00}, 0, tariffDeed())
	b.wantsCode("no such band", err, core.UnknownCharge)
}

// A tariff is in force from its time on and not before; one that is to come can be taken back, once, and what was in force
// goes on; the time of one is nobody else's.
func TestSaveTariff(t *testing.T) {
	t.Parallel()
	b := open(t)
	at := b.now().Add(24 * time.Hour).Truncate(time.Microsecond)
	save := func(n int, fee core.Amount) error {
		_, err := b.SaveTariff(t.Context(), flat(sending, 150_000_00, fee, at.Add(time.Duration(n)*time.Hour)), tariffDeed())
		return err
	}
	for n, fee := range []core.Amount{11, 22} {
		b.wantsCode("save", save(n, fee), "")
	}
	b.wantsCode("the same again", save(1, 22), "")
	b.wantsCode("the same time", save(1, 33), core.TimeTaken)
	b.wantsCode("past", save(-25, 33), core.TooLate)
	takeBack := func(n int) (bool, error) {
		return b.TakeBackTariff(t.Context(), sending, at.Add(time.Duration(n)*time.Hour), tariffDeed())
	}
	var changed atomic.Int64
	together(4, func(int) {
		did, err := takeBack(1)
		b.wantsCode("take back", err, "")
		if did {
			changed.Add(1)
		}
	})
	if changed.Load() != 1 {
		t.Errorf("taken back %d times", changed.Load())
	}
	_, err := takeBack(2)
	b.wantsCode("take back nothing", err, core.NothingToCome)
	b.wantsCode("the time of one that was taken back", save(1, 33), core.TimeTaken)
	b.wantsCode("the tariff that ships", errOf(b.TakeBackTariff(t.Context(), sending, time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), tariffDeed())), core.TooLate)

	inForce, toCome, err := b.Tariffs(t.Context(), time.Time{})
	if err != nil || len(inForce) != 10 || len(toCome) != 1 || !toCome[0].Effective.Equal(at) {
		t.Errorf("%d in force, to come: %v, %v", len(inForce), toCome, err)
	}
	b.pass(24*time.Hour - 30*time.Second)
	_, err = takeBack(0)
	b.wantsCode("half a minute before", err, core.TooLate)
	if got := b.costs(sending, 300_00); got != 5_00 {
		t.Errorf("before its time it costs %s", got)
	}
	b.pass(time.Minute)
	if got := b.costs(sending, 300_00); got != 11 {
		t.Errorf("at its time it costs %s", got)
	}
	b.pass(2 * time.Hour)
	if got := b.costs(sending, 300_00); got != 11 {
		t.Errorf("after what was taken back it costs %s", got)
	}
	then, _, err := b.Tariffs(t.Context(), at.Add(-time.Second))
	if err != nil || !slices.ContainsFunc(then, func(t tariff.Tariff) bool { return t.Key == sending && len(t.Bands) == 8 }) {
		t.Errorf("a second before: %v, %v", then, err)
	}
	history, err := b.TariffsBefore(t.Context(), sending, time.Time{}, 2)
	if err != nil || len(history) != 2 || history[0].TakenBack.IsZero() || !history[1].TakenBack.IsZero() {
		t.Errorf("%v, %v", history, err)
	}
	history, err = b.TariffsBefore(t.Context(), sending, history[1].Effective, 2)
	if err != nil || len(history) != 1 || len(history[0].Bands) != 8 {
		t.Errorf("%v, %v", history, err)
	}
	if n := b.count(`SELECT count(*) FROM audit_log`); n != 3 {
		t.Errorf("%d deeds", n)
	}
}

// What a tier allows has a price at any time, whichever of the two is changed, and in whatever order things are to come.
func TestAllIsPriced(t *testing.T) {
	t.Parallel()
	b := open(t)
	begin := b.now()
	day := func(n int) time.Time {
		if n == 0 {
			return time.Time{}
		}
		return begin.Add(time.Duration(n) * 24 * time.Hour).Truncate(time.Microsecond)
	}
	tariffTo := func(upTo core.Amount, n int) error {
		_, err := b.SaveTariff(t.Context(), flat(sending, upTo, 0, day(n)), tariffDeed())
		return err
	}
	allow := func(tier core.Tier, most core.Amount, n int) error {
		_, err := b.SaveLimits(t.Context(), tariff.Limits{Tier: tier, Transaction: most, Effective: day(n)}, tariffDeed())
		return err
	}
	b.wantsCode("less than full allows", tariffTo(149_999_99, 0), core.Unpriced)
	b.wantsCode("the same, tomorrow", tariffTo(149_999_99, 1), core.Unpriced)
	b.wantsCode("more than there is a price for", allow(core.TierNew, 150_000_01, 1), core.Unpriced)
	b.wantsCode("more for traders", allow(core.TierTrade, 200_000_00, 0), core.Unpriced)
	b.wantsCode("a tier of more", b.MakeTier(t.Context(), tariff.Limits{Tier: "gold", Transaction: 200_000_00}, []core.Kind{core.Subscriber}, tariffDeed()), core.Unpriced)
	b.wantsCode("less from day 2", allow(core.TierFull, 100_000_00, 2), "")
	b.wantsCode("a tariff of less on day 1", tariffTo(100_000_00, 1), core.Unpriced)
	b.wantsCode("a tariff of less on day 2", tariffTo(100_000_00, 2), "")
	_, err := b.TakeBackLimits(t.Context(), core.TierFull, day(2), tariffDeed())
	b.wantsCode("take back what the tariff needs", err, core.Unpriced)
	b.wantsCode("more again on day 3", allow(core.TierFull, 150_000_00, 3), core.Unpriced)
	b.wantsCode("a tariff of more on day 3", tariffTo(150_000_00, 3), "")
	b.wantsCode("more again, with its price", allow(core.TierFull, 150_000_00, 3), "")
	_, err = b.TakeBackTariff(t.Context(), sending, day(3), tariffDeed())
	b.wantsCode("take back its price", err, core.Unpriced)
	if n := b.count(`SELECT count(*) FROM audit_log`) - b.count(`SELECT count(DISTINCT effective_at) FROM bands WHERE effective_at > '2001-01-01'`) -
		b.count(`SELECT count(*) FROM limits WHERE effective_at > '2001-01-01'`); n != 0 {
		t.Errorf("%d deeds of nothing", n)
	}
}

// Postings follow the limits in force at their time.
func TestLimitsOfPostings(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.noon()
	jane, john := b.party(core.Subscriber, core.TierNew), b.party(core.Subscriber, core.TierFull)
	b.fund(jane.Account, 40_000_00)
	sends := func(amount core.Amount, want core.Code) {
		t.Helper()
		o, err := b.Post(t.Context(), b.move(core.Send, jane.Account, john.Account, amount, 0))
		if err != nil || o.Code != want {
			t.Errorf("%s: %q, %v; want %q", amount, o.Code, err, want)
		}
	}
	soon := b.now().Add(time.Hour)
	less := tariff.Limits{Tier: core.TierNew, Transaction: 1_000_00, Day: 2_000_00, Month: 3_000_00, Largest: 50_000_00, Effective: soon}
	if _, err := b.SaveLimits(t.Context(), less, tariffDeed()); err != nil {
		t.Fatal(err)
	}
	sends(1_500_00, "")
	if c, err := b.TryLimits(t.Context(), tariff.Limits{Tier: core.TierNew, Transaction: 1_00, Day: 1_499_99, Month: 1_500_00, Largest: 30_000_00}); err != nil || c != (tariff.Crossed{Accounts: 1, Largest: 1, Day: 1}) {
		t.Errorf("%+v, %v", c, err)
	}
	b.pass(time.Hour)
	sends(1_000_01, core.OverTransactionLimit)
	sends(500_01, core.OverDayLimit)
	sends(500_00, "")
	if _, limits, err := b.Price(t.Context(), sending, core.TierNew); err != nil || limits.Transaction != 1_000_00 {
		t.Errorf("%+v, %v", limits, err)
	}
	less.Effective, less.Day = time.Time{}, 0 // at once
	if _, err := b.SaveLimits(t.Context(), less, tariffDeed()); err != nil {
		t.Fatal(err)
	}
	sends(1_000_00, "")
	sends(1_00, core.OverMonthLimit)
	for range 2 { // the same again
		if since, err := b.SaveLimits(t.Context(), less, tariffDeed()); err != nil || !since.Before(b.now()) {
			t.Errorf("since %s, %v", since, err)
		}
	}
	if n := b.count(`SELECT count(*) FROM audit_log`); n != 2 {
		t.Errorf("%d deeds", n)
	}

	_, err := b.TryLimits(t.Context(), tariff.Limits{Tier: "gold", Transaction: 1})
	b.wantsCode("try no tier", err, core.UnknownTier)
	less.Tier = "gold"
	_, err = b.SaveLimits(t.Context(), less, tariffDeed())
	b.wantsCode("limits of no tier", err, core.UnknownTier)
	b.sound()
}

// A new tier is for its kinds; of many who make it at once one does.
func TestMakeTier(t *testing.T) {
	t.Parallel()
	b := open(t)
	gold := tariff.Limits{Tier: "gold", Transaction: 100_00, Largest: 1_000_00}
	var made atomic.Int64
	together(4, func(int) {
		if err := b.MakeTier(t.Context(), gold, []core.Kind{core.Agent, core.SuperAgent}, tariffDeed()); err == nil {
			made.Add(1)
		} else {
			b.wantsCode("made already", err, core.TierTaken)
		}
	})
	if n := b.count(`SELECT count(*) FROM audit_log`); made.Load() != 1 || n != 1 {
		t.Errorf("made %d times, %d deeds", made.Load(), n)
	}
	agent := b.party(core.Agent, "gold")
	if o, err := b.Post(t.Context(), b.move(core.Issue, core.Trust, agent.Account, 1_000_01, 0)); err != nil || o.Code != core.OverLargestBalance {
		t.Errorf("%q, %v", o.Code, err)
	}
	if _, err := b.SetSuper(t.Context(), agent.ID, true, tariffDeed()); err != nil {
		t.Errorf("as a super agent she has no tier: %v", err)
	}
	if _, err := b.owner.Exec(`INSERT INTO parties (kind, status, tier, name, phone, lang, opened_at) VALUES ('subscriber', 'active', 'gold', 'J', '+254799999999', 'en', now())`); violated(err) != "tier_fits_the_kind" {
		t.Errorf("a subscriber in it: %v", err)
	}
}

// A trial costs by the very arithmetic that charges; it counts so many of the last as it is told, over more pages than one.
func TestTryTariff(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane, john, agent := b.party(core.Subscriber, core.TierFull), b.party(core.Subscriber, core.TierFull), b.party(core.Agent, core.TierTrade)
	b.fund(jane.Account, 100_000_00)
	b.fund(agent.Account, 100_000_00)
	for _, c := range []struct {
		to          core.Party
		amount, fee core.Amount
	}{{john, 100_00, 0}, {agent, 100_00, 10_00}, {john, 200_00, 5_00}, {john, 20_000_00, 40_00}, {john, 200_00, 3_00}} {
		op := core.Send
		if c.to.ID == agent.ID {
			op = core.Withdraw
		}
		b.done(b.move(op, jane.Account, c.to.Account, c.amount, c.fee))
	}
	proposed := flat(sending, 10_000_00, 5_00, time.Time{})
	for _, c := range []struct {
		last int
		all  bool
		want tariff.Trial
	}{
		{100, false, tariff.Trial{Count: 4, Was: 8_00, Would: 15_00, More: 2, Uncovered: 1}},
		{100, true, tariff.Trial{Count: 7, Was: 18_00, Would: 25_00, More: 2, Uncovered: 1}},
		{1, false, tariff.Trial{Count: 1, Was: 3_00, Would: 5_00, More: 1}},
		{4, true, tariff.Trial{Count: 4, Was: 18_00, Would: 20_00, More: 1, Uncovered: 1}},
	} {
		got, err := b.TryTariff(t.Context(), proposed, c.last, c.all)
		got.Since = time.Time{}
		if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
			t.Errorf("the last %d, all is %v: %v\n%s", c.last, c.all, err, diff)
		}
	}
	if n := b.count(`SELECT count(*) FROM audit_log`); n != 0 {
		t.Error("a trial left a deed")
	}
}
