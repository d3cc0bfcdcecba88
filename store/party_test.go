package store

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/tariff"
	"github.com/piga-money/piga/core/wallet"
)

func TestOpenedPartyIsFound(t *testing.T) {
	t.Parallel()
	b := open(t)
	for _, kind := range core.Kinds {
		p := core.Party{
			Kind: kind, Status: core.Active, Tier: core.TierFull, Name: "JANE WANJIKU", IDNumber: "12345678",
			Lang: core.Swahili,
		}
		p.Phone = core.MSISDN("+25471234567" + map[core.Kind]string{core.Subscriber: "1", core.Agent: "2", core.SuperAgent: "3", core.Merchant: "4"}[kind])
		if kind != core.Subscriber {
			p.Tier = core.TierTrade
			p.Number = "1002" + string(p.Phone[len(p.Phone)-1])
		}
		opened, err := b.Open(t.Context(), wallet.Opening{Party: p, Notices: []notice.Notice{{Phone: p.Phone, Lang: p.Lang, Key: "sms.welcome"}}})
		if err != nil {
			t.Fatal(err)
		}
		found, err := b.PartyByPhone(t.Context(), p.Phone)
		if diff := gocmp.Diff(opened, found); diff != "" || err != nil {
			t.Errorf("%v (-opened +found)\n%s", err, diff)
		}
		who, err := b.Greeting(t.Context(), p.Phone, time.Hour)
		if diff := gocmp.Diff(wallet.Greeting{Party: opened}, who); diff != "" || err != nil {
			t.Errorf("%v (-opened +greeted)\n%s", err, diff)
		}
		if found.Account == 0 || (found.Commission != 0) != (kind == core.Agent) {
			t.Errorf("a %s has the accounts %d and %d", kind, found.Account, found.Commission)
		}
		if n := b.count(`SELECT count(*) FROM messages WHERE party_id = $1`, found.ID); n != 1 {
			t.Errorf("%d messages", n)
		}
		if found, err = b.PartyByNumber(t.Context(), p.Number); kind != core.Subscriber && (err != nil || found.ID != opened.ID) {
			t.Errorf("number %s is %d: %v", p.Number, found.ID, err)
		}
		b.ok(b.SetLang(t.Context(), opened.ID, core.English))
		if found, _ = b.PartyByPhone(t.Context(), p.Phone); found.Lang != core.English {
			t.Error("her language is the old one")
		}
	}
	if _, err := b.PartyByNumber(t.Context(), "99999"); core.CodeOf(err) != core.NotRegistered {
		t.Errorf("nobody is %v", err)
	}
	if _, err := b.Greeting(t.Context(), "+254799999999", time.Hour); core.CodeOf(err) != core.NotRegistered {
		t.Errorf("nobody is greeted with %v", err)
	}
}

func TestPhoneHasOneOpenParty(t *testing.T) {
	t.Parallel()
	b := open(t)
	p := core.Party{
		Kind: core.Subscriber, Status: core.Active, Tier: core.TierNew, Name: "JANE",
		Phone: "+254712345678", Lang: core.English,
	}
	var opened, refused atomic.Int64
	openOne := func(int) {
		switch _, err := b.Open(context.Background(), wallet.Opening{Party: p}); core.CodeOf(err) {
		case "":
			opened.Add(1)
		case core.AlreadyRegistered:
			refused.Add(1)
		default:
			t.Error(err)
		}
	}
	together(10, openOne)
	if opened.Load() != 1 || refused.Load() != 9 {
		t.Errorf("%d opened, %d refused", opened.Load(), refused.Load())
	}
	first, err := b.PartyByPhone(t.Context(), p.Phone)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Store.db.Exec(`UPDATE parties SET status = 'closed', closed_at = now() WHERE id = $1`, first.ID); err != nil {
		t.Fatal(err)
	}
	openOne(0)
	if second, err := b.PartyByPhone(t.Context(), p.Phone); err != nil || second.ID == first.ID {
		t.Errorf("the number is party %d's, as before: %v", second.ID, err)
	}
	if n := b.count(`SELECT count(*) FROM accounts WHERE party_id IS NOT NULL`); n != 2 {
		t.Errorf("%d accounts for two parties", n)
	}
}

func TestOpenWithoutASealOpensNothing(t *testing.T) {
	t.Parallel()
	b := open(t)
	failed := errors.New("no entropy")
	_, err := b.Open(t.Context(), wallet.Opening{
		Party: core.Party{Phone: "+254712345678"},
		Seal:  func(core.PartyID) (wallet.Sealed, error) { return wallet.Sealed{}, failed },
	})
	if !errors.Is(err, failed) || b.count(`SELECT count(*) FROM parties`) != 0 {
		t.Error(err)
	}
}

// Twenty different numbers in any hour: in no hour more, and the same number again costs nothing.
func TestLookupsAreCounted(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane := b.party(core.Subscriber, core.TierNew).ID
	look := func(n int, want core.Code) {
		t.Helper()
		phone := fmt.Sprintf("+2547330000%02d", n)
		if got := core.CodeOf(b.CountLookup(t.Context(), jane, phone, 3, time.Hour)); got != want {
			t.Errorf("number %d is %q, not %q", n, got, want)
		}
	}
	look(1, "")
	b.pass(50 * time.Minute)
	look(2, "")
	look(3, "")
	for range 30 {
		look(2, "")
	}
	look(4, core.TooManyLookups)
	look(4, core.TooManyLookups)
	look(1, "")                  // whom she knows she may ask for, and it is 50 minutes later
	b.pass(15 * time.Minute)     // 65 minutes after her first
	look(4, core.TooManyLookups) // the edge of an hour is nothing special
	b.pass(46 * time.Minute)
	for n := 4; n < 7; n++ {
		look(n, "")
	}
	look(1, core.TooManyLookups)
	if n := b.count(`SELECT cardinality(numbers) + cardinality(times) FROM lookups`); n != 6 {
		t.Errorf("%d numbers and times are kept", n)
	}
}

func TestLookupsAreCountedTogether(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane := b.party(core.Subscriber, core.TierNew).ID
	var seen, refused atomic.Int64
	together(40, func(i int) {
		phone := fmt.Sprintf("+2547330000%02d", i/2) // each number twice
		switch err := b.CountLookup(context.Background(), jane, phone, 7, time.Hour); core.CodeOf(err) {
		case "":
			seen.Add(1)
		case core.TooManyLookups:
			refused.Add(1)
		default:
			t.Error(err)
		}
	})
	if n := b.count(`SELECT cardinality(numbers) FROM lookups`); n != 7 || seen.Load() != 14 || refused.Load() != 26 {
		t.Errorf("%d kept, %d seen, %d refused", n, seen.Load(), refused.Load())
	}
}

func TestPrices(t *testing.T) {
	t.Parallel()
	b := open(t)
	for _, op := range core.Operations {
		for _, from := range core.Kinds {
			for _, to := range core.Kinds {
				key := tariff.Key{Operation: op, From: from, To: to}
				bands, _, err := b.Price(t.Context(), key, core.TierNew)
				if err != nil || (len(bands) > 0) != tariff.Allowed(key) {
					t.Errorf("%v has %d bands: %v", key, len(bands), err)
				}
				if err := tariff.Check(bands); err != nil {
					t.Errorf("%v: %v", key, err)
				}
			}
		}
	}
	send := tariff.Key{Operation: core.Send, From: core.Subscriber, To: core.Subscriber}
	fee := func(amount core.Amount) core.Amount {
		t.Helper()
		bands, _, err := b.Price(t.Context(), send, core.TierNew)
		if err != nil {
			t.Fatal(err)
		}
		fee, err := tariff.Fee(bands, amount)
		if err != nil {
			t.Error(err)
		}
		return fee
	}
	if fee(10_00) != 0 || fee(100_00) != 0 || fee(100_01) != 5_00 || fee(150_000_00) != 50_00 {
		t.Error("the tariff that ships is another")
	}
	if _, err := b.Store.db.Exec(`INSERT INTO bands (operation, from_kind, to_kind, effective_at, over, up_to, fee)
		VALUES ('send', 'subscriber', 'subscriber', now() + interval '1 day', 999, 15000000, 700)`); err != nil {
		t.Fatal(err)
	}
	if fee(500_00) != 5_00 {
		t.Error("a tariff is in force before its time")
	}
	b.pass(25 * time.Hour)
	if fee(500_00) != 7_00 {
		t.Error("a tariff is not in force at its time")
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	b := open(t)
	key := tariff.Key{Operation: core.Send, From: core.Agent, To: core.Agent}
	for tier, want := range map[core.Tier]ledger.Limits{
		core.TierNew:   {Transaction: 20_000_00, Day: 50_000_00, Month: 150_000_00, Largest: 50_000_00},
		core.TierFull:  {Transaction: 150_000_00, Day: 150_000_00, Month: 500_000_00, Largest: 500_000_00},
		core.TierTrade: {Transaction: 150_000_00},
	} {
		if _, got, err := b.Price(t.Context(), key, tier); got != want || err != nil {
			t.Errorf("%s: %+v, %v", tier, got, err)
		}
	}
	if _, _, err := b.Price(t.Context(), key, "gold"); core.CodeOf(err) != core.Internal {
		t.Errorf("a tier that does not exist: %v", err)
	}
}
