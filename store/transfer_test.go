package store

import (
	"strconv"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/office"
)

// All that is known of a transfer is there: lines, messages, the cash request that it confirmed; and of one that was
// undone, and of what undid it, the other.
func TestTransfer(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	cash := s.withdraw(s.jane, s.njeri, 500_00)
	receipt, err := s.bySMS(s.njeri, cash.Code)
	if err != nil {
		t.Fatal(err)
	}
	sent := s.texts(s.jane)
	for _, m := range s.claimedOf(receipt) {
		if err := s.MessageSent(t.Context(), m, sent[0], "noop", ""); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.TransferByReceipt(t.Context(), receipt)
	if err != nil {
		t.Fatal(err)
	}
	byID, err := s.TransferByID(t.Context(), got.Transfer)
	if diff := gocmp.Diff(got, byID); diff != "" || err != nil {
		t.Errorf("by its id: %v\n%s", err, diff)
	}
	if got.State != office.Done || got.From.ID != s.jane.ID || got.To.ID != s.njeri.ID || got.Amount != 500_00 || got.Fee == 0 ||
		got.Asked.IsZero() || got.Cash == nil || got.Cash.Ended.IsZero() || got.Reversal != "" || got.Of != "" {
		t.Errorf("%+v", got)
	}
	kinds := map[office.AccountKind]core.PartyID{}
	var sum core.Amount
	for _, e := range got.Entries {
		kinds[e.Kind] = e.Owner.ID
		sum += e.Amount
	}
	want := map[office.AccountKind]core.PartyID{
		office.KindWallet: s.jane.ID, office.KindFloat: s.njeri.ID, office.KindCommission: s.njeri.ID, office.KindFees: 0, office.KindCommissionExpense: 0,
	}
	if diff := gocmp.Diff(want, kinds); diff != "" || sum != 0 {
		t.Errorf("the lines sum to %s:\n%s", sum, diff)
	}
	if len(got.Messages) != 2 || got.Messages[0].Text == "" || got.Messages[0].SentAt.IsZero() || got.Messages[0].To == 0 {
		t.Errorf("%+v", got.Messages)
	}

	back := s.move(core.Reverse, s.njeri.Account, s.jane.Account, 500_00, 0)
	back.Request = core.RequestID("reverse:" + strconv.FormatInt(int64(got.Transfer), 10))
	back.Entries = []ledger.Entry{{Account: s.njeri.Account, Amount: -500_00}, {Account: s.jane.Account, Amount: 500_00}}
	undone := s.done(back)
	if got, err = s.TransferByReceipt(t.Context(), receipt); err != nil || got.State != office.Reversed || got.Reversal != undone.Receipt {
		t.Errorf("%s by %s, %v", got.State, got.Reversal, err)
	}
	if got, err = s.TransferByReceipt(t.Context(), undone.Receipt); err != nil || got.State != office.Done || got.Of != receipt {
		t.Errorf("%s of %s, %v", got.State, got.Of, err)
	}
	p, err := s.Records(t.Context(), office.Filter{State: office.Reversed}, "", 5)
	if err != nil || len(p.Records) != 1 || p.Records[0].Receipt != receipt {
		t.Errorf("reversed: %+v, %v", p, err)
	}

	unknown, err := core.NewReceipt(time.Now(), s.random)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.TransferByReceipt(t.Context(), unknown); core.CodeOf(err) != core.UnknownReceipt {
		t.Error(err)
	}
	if _, err := s.TransferByID(t.Context(), 5); core.CodeOf(err) != core.UnknownReceipt {
		t.Error(err)
	}
}

// claimedOf are the messages about a transfer.
func (s *shop) claimedOf(r core.Receipt) (ids []int64) {
	s.t.Helper()
	if err := s.owner.Select(&ids, `SELECT m.id FROM messages m JOIN transfers t ON t.id = m.transfer_id WHERE t.receipt = $1`, r); err != nil {
		s.t.Fatal(err)
	}
	return ids
}
