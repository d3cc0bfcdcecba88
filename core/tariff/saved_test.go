package tariff_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/tariff"
)

var sending = tariff.Key{Operation: core.Send, From: core.Subscriber, To: core.Subscriber}

func TestSorted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		key    tariff.Key
		bands  []tariff.Band
		code   core.Code
		amount string
	}{
		"whole":             {sending, bands, "", ""},
		"in any order":      {sending, []tariff.Band{bands[1], bands[2], bands[0]}, "", ""},
		"none":              {sending, nil, core.BadBands, "10"},
		"from above":        {sending, bands[1:], core.BadBands, "10"},
		"from below":        {sending, []tariff.Band{{Over: 0, UpTo: 100_00}}, core.BadBands, "10"},
		"of a withdrawal":   {tariff.Key{Operation: core.Withdraw, From: core.Agent, To: core.Agent}, []tariff.Band{{Over: 99, UpTo: 100_00}}, "", ""},
		"a gap":             {sending, []tariff.Band{bands[0], bands[2]}, core.BadBands, "100"},
		"an overlap":        {sending, []tariff.Band{bands[0], {Over: 99_99, UpTo: 500_00}}, core.BadBands, "99.99"},
		"an empty band":     {sending, []tariff.Band{{Over: 999, UpTo: 999}}, core.BadBands, "9.99"},
		"less than nothing": {sending, []tariff.Band{{Over: 999, UpTo: 100_00, Fee: -1}}, core.BadBands, "100"},
		"not allowed":       {tariff.Key{Operation: core.Send, From: core.Subscriber, To: core.Agent}, bands, core.NotAllowed, ""},
	} {
		got, err := tariff.Tariff{Key: c.key, Bands: c.bands}.Sorted()
		if core.CodeOf(err) != c.code || core.ArgsOf(err)["amount"] != c.amount {
			t.Errorf("%s: %v at %q", name, err, core.ArgsOf(err)["amount"])
		}
		if len(c.bands) == len(bands) && err == nil && !cmp.Equal(got.Bands, bands) {
			t.Errorf("%s: %v", name, got.Bands)
		}
	}
}

func TestWithFee(t *testing.T) {
	t.Parallel()
	old := tariff.Tariff{Key: sending, Bands: bands}
	changed, was, err := old.WithFee(100_00, 10_50)
	if err != nil || was != 5_00 || changed.Bands[1] != (tariff.Band{Over: 100_00, UpTo: 500_00, Fee: 10_50}) {
		t.Errorf("%v, was %s, %v", changed.Bands, was, err)
	}
	if changed.Bands[1] = bands[1]; !cmp.Equal(changed.Bands, bands) || old.Bands[1].Fee != 5_00 {
		t.Errorf("more was changed: %v of %v", changed.Bands, old.Bands)
	}
	if _, _, err := old.WithFee(100_01, 0); core.CodeOf(err) != core.UnknownCharge {
		t.Errorf("in no band: %v", err)
	}
}

func TestCharge(t *testing.T) {
	t.Parallel()
	want := tariff.Charge{Key: tariff.Key{Operation: core.Deposit, From: core.SuperAgent, To: core.Agent}, Over: 999}
	if got, err := tariff.ParseCharge(want.String()); got != want || err != nil || want.String() != "deposit-super_agent-agent-999" {
		t.Errorf("%s: %v, %v", want, got, err)
	}
	for _, s := range []string{
		"", "7", "deposit-super_agent-agent", "deposit-super_agent-agent-0999", "deposit-super_agent-agent--1", "deposit-super_agent-agent-999-",
		"deposit-agent-agent-999", "DEPOSIT-super_agent-agent-999", "deposit-super_agent-agent-99999999999999999999",
	} {
		if c, err := tariff.ParseCharge(s); core.CodeOf(err) != core.UnknownCharge {
			t.Errorf("%q: %v, %v", s, c, err)
		}
	}
}

func TestLimitsMakeSense(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		limits tariff.Limits
		ok     bool
	}{
		{tariff.Limits{Transaction: 1}, true},
		{tariff.Limits{Transaction: 5, Day: 5, Month: 5, Largest: 5}, true},
		{tariff.Limits{}, false},
		{tariff.Limits{Transaction: -1}, false},
		{tariff.Limits{Transaction: 5, Day: 4}, false},
		{tariff.Limits{Transaction: 5, Day: -5}, false},
		{tariff.Limits{Transaction: 5, Day: 7, Month: 6}, false},
		{tariff.Limits{Transaction: 5, Month: 4}, false},
		{tariff.Limits{Transaction: 5, Largest: 4}, false},
	} {
		if err := c.limits.Check(); (err == nil) != c.ok || err != nil && core.CodeOf(err) != core.BadLimits {
			t.Errorf("%+v: %v", c.limits, err)
		}
	}
}

func TestTrial(t *testing.T) {
	t.Parallel()
	var got tariff.Trial
	at := time.Unix(1_000, 0)
	got.Add(bands, 100_00, 2_00, at)    // now free
	got.Add(bands, 200_00, 5_00, at)    // as it was
	got.Add(bands, 600_00, 5_00, at)    // 10
	got.Add(bands, 2_000_00, 15_00, at) // no band
	got.Same(7_00, at.Add(-time.Hour))  // of another key
	want := tariff.Trial{Count: 5, Was: 19_00, Would: 22_00, More: 1, Less: 1, Uncovered: 1, Since: at.Add(-time.Hour)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
