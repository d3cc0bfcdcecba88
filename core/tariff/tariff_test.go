package tariff_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/tariff"
)

var bands = []tariff.Band{
	{Over: 999, UpTo: 100_00, Fee: 0},
	{Over: 100_00, UpTo: 500_00, Fee: 5_00},
	{Over: 500_00, UpTo: 1_000_00, Fee: 10_00},
}

func TestFee(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		amount, fee core.Amount
		code        core.Code
	}{
		{amount: 9_99, code: core.BelowSmallest},
		{amount: 10_00},
		{amount: 100_00},
		{amount: 100_01, fee: 5_00},
		{amount: 500_00, fee: 5_00},
		{amount: 1_000_00, fee: 10_00},
		{amount: 1_000_01, code: core.NoTariff},
	} {
		fee, err := tariff.Fee(bands, c.amount)
		if fee != c.fee || core.CodeOf(err) != c.code {
			t.Errorf("%s: %s, %v; want %s, %q", c.amount, fee, err, c.fee, c.code)
		}
	}
	if _, err := tariff.Fee(nil, 1); core.CodeOf(err) != core.NoTariff {
		t.Errorf("no bands: %v", err)
	}
	if _, err := tariff.Fee(bands, 1); core.ArgsOf(err)["smallest"] != "10" {
		t.Errorf("the smallest is said to be %q", core.ArgsOf(err)["smallest"])
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		bands []tariff.Band
		ok    bool
	}{
		"whole":     {bands, true},
		"any order": {[]tariff.Band{bands[2], bands[0], bands[1]}, true},
		"gap":       {[]tariff.Band{bands[0], bands[2]}, false},
		"overlap":   {append([]tariff.Band{{Over: 50_00, UpTo: 200_00}}, bands...), false},
		"empty":     {[]tariff.Band{{Over: 5, UpTo: 5}}, false},
		"backwards": {[]tariff.Band{{Over: 5, UpTo: 4}}, false},
		"gives":     {[]tariff.Band{{Over: 5, UpTo: 9, Fee: -1}}, false},
	} {
		if err := tariff.Check(c.bands); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A tariff that passes the check has exactly one price for every amount from its smallest to its largest,
// and one that has not, does not pass.
func TestCheckedTariffHasOnePrice(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		bands := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) tariff.Band {
			over := core.Amount(rapid.IntRange(0, 12).Draw(t, "over"))
			return tariff.Band{Over: over, UpTo: over + core.Amount(rapid.IntRange(1, 6).Draw(t, "width"))}
		}), 1, 4).Draw(t, "bands")
		smallest, largest := bands[0].Over+1, bands[0].UpTo
		for _, b := range bands {
			smallest, largest = min(smallest, b.Over+1), max(largest, b.UpTo)
		}
		whole := true
		for a := smallest; a <= largest; a++ {
			prices := 0
			for _, b := range bands {
				if a > b.Over && a <= b.UpTo {
					prices++
				}
			}
			whole = whole && prices == 1
		}
		if err := tariff.Check(bands); (err == nil) != whole {
			t.Fatalf("%v: whole is %v, the check says %v", bands, whole, err)
		}
	})
}

// Every pair of kinds has an answer for every operation between two parties, and it is money.md's.
func TestAllowed(t *testing.T) {
	t.Parallel()
	allowed := map[tariff.Key]bool{
		{core.Deposit, core.Agent, core.Subscriber}:   true,
		{core.Deposit, core.SuperAgent, core.Agent}:   true,
		{core.Withdraw, core.Subscriber, core.Agent}:  true,
		{core.Withdraw, core.Merchant, core.Agent}:    true,
		{core.Withdraw, core.Agent, core.Agent}:       true,
		{core.Send, core.Subscriber, core.Subscriber}: true,
		{core.Send, core.Agent, core.Agent}:           true,
		{core.Send, core.Merchant, core.Subscriber}:   true,
		{core.Pay, core.Subscriber, core.Merchant}:    true,
		{core.Pay, core.Agent, core.Merchant}:         true,
	}
	for _, op := range core.Operations {
		for _, from := range core.Kinds {
			for _, to := range core.Kinds {
				if k := (tariff.Key{Operation: op, From: from, To: to}); tariff.Allowed(k) != allowed[k] {
					t.Errorf("%v: %v", k, tariff.Allowed(k))
				}
			}
		}
	}
}

func TestOfTransfer(t *testing.T) {
	t.Parallel()
	jane := core.Party{ID: 1, Kind: core.Subscriber, Phone: "+254711000001"}
	john := core.Party{ID: 2, Kind: core.Subscriber, Phone: "+254711000002"}
	shop := core.Party{ID: 3, Kind: core.Merchant, Phone: "+254711000003"}
	agent := core.Party{ID: 4, Kind: core.Agent, Phone: "+254711000004"}
	for _, c := range []struct {
		from, to core.Party
		op       core.Operation
		code     core.Code
	}{
		{from: jane, to: john, op: core.Send},
		{from: jane, to: shop, op: core.Pay},
		{from: jane, to: jane, op: core.Send, code: core.ToOneself},
		{from: jane, to: agent, op: core.Send, code: core.NotAllowed},
		{from: shop, to: jane, op: core.Send},
		{from: shop, to: shop, op: core.Pay, code: core.ToOneself},
	} {
		k, err := tariff.OfTransfer(c.from, c.to)
		if k.Operation != c.op || core.CodeOf(err) != c.code {
			t.Errorf("%d to %d: %s, %v; want %s, %q", c.from.ID, c.to.ID, k.Operation, err, c.op, c.code)
		}
	}
}
