package tariff_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/tariff"
)

func TestCommission(t *testing.T) {
	t.Parallel()
	for fee, want := range map[core.Amount]core.Amount{
		0: 0, 3: 0, 4: 1, 10_00: 3_00, 27_00: 8_10, 50_00: 15_00, 99: 29, math.MaxInt64: math.MaxInt64/10*3 + 2,
	} {
		if got := tariff.OfWithdrawal(fee); got != want {
			t.Errorf("of a fee of %s: %s, not %s", fee, got, want)
		}
	}
	for _, c := range []struct{ amount, today, want core.Amount }{
		{amount: 500_00, want: 1_50},
		{amount: 10_00, want: 3},
		{amount: 10_99, want: 3},
		{amount: 3_33, want: 0},
		{amount: 16_666_67, want: 50_00},
		{amount: 150_000_00, want: 50_00},
		{amount: 500_00, today: 49_00, want: 1_00},
		{amount: 500_00, today: 50_00, want: 0},
		{amount: math.MaxInt64, want: 50_00},
	} {
		if got := tariff.OfDeposit(c.amount, c.today); got != c.want {
			t.Errorf("of a deposit of %s after %s: %s, not %s", c.amount, c.today, got, c.want)
		}
	}
}

// What withdrawing costs in the tariff that ships.
var withdrawal = []tariff.Band{
	{Over: 99, UpTo: 100_00, Fee: 10_00},
	{Over: 100_00, UpTo: 2_500_00, Fee: 27_00},
	{Over: 2_500_00, UpTo: 5_000_00, Fee: 50_00},
	{Over: 5_000_00, UpTo: 20_000_00, Fee: 75_00},
	{Over: 20_000_00, UpTo: 150_000_00, Fee: 100_00},
}

// No series of deposits and withdrawals between one agent and one customer on a day that ends with the
// customer's money back in cash earns more in commission than it cost in fees. The customer may have had
// money in her wallet before: then she puts in cash and takes as much out again, and pays the fees of that.
func TestRoundTripsDoNotPay(t *testing.T) {
	t.Parallel()
	amounts := rapid.OneOf(
		rapid.IntRange(10_00, 300_00), rapid.IntRange(10_00, 3_000_00), rapid.IntRange(4_000_00, 21_000_00),
		rapid.IntRange(10_00, 150_000_00), rapid.SampledFrom([]int{100_00, 2_500_00, 5_000_00, 16_666_67, 20_000_00, 150_000_00}),
	)
	rapid.Check(t, func(t *rapid.T) {
		var inside, fees, earned, today core.Amount // inside is what she put in and has not taken out again
		withdraw := func(amount core.Amount) {
			fee, err := tariff.Fee(withdrawal, amount)
			if err != nil {
				t.Fatal(err)
			}
			inside, fees = inside-amount, fees+fee
			earned += tariff.OfWithdrawal(fee)
		}
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			amount := core.Amount(amounts.Draw(t, "amount"))
			if rapid.Bool().Draw(t, "in") {
				c := tariff.OfDeposit(amount, today)
				inside, earned, today = inside+amount, earned+c, today+c
			} else if amount <= inside {
				withdraw(amount)
			}
		}
		for inside >= core.Shilling { // in as few pieces as can be, which is the cheapest
			withdraw(min(inside, 150_000_00))
		}
		if today > tariff.MostCommission || earned > fees {
			t.Fatalf("earned %s, of it %s on deposits, for fees of %s", earned, today, fees)
		}
	})
}
