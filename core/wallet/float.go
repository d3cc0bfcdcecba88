package wallet

import (
	"context"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
)

// IssueFloat books a super agent's deposit at the bank as her float. The bank's reference is used once: the
// same again gives the first outcome, another amount or agent with it is RequestReused. d is whose deed it is, which
// is written once too; nil for nobody's.
func (w *Wallet) IssueFloat(
	ctx context.Context, reference string, to core.Party, amount core.Amount, d *core.Deed,
) (ledger.Outcome, error) {
	request := core.RequestID("issue:" + reference)
	if to.Kind != core.SuperAgent {
		return ledger.Outcome{}, core.Errorf(core.NotAllowed, "party %d is no super agent", to.ID)
	}
	if amount < core.Shilling {
		return ledger.Outcome{}, core.Errorf(core.BelowSmallest, "%s", amount).With("smallest", core.Shilling.String())
	}
	o, err := w.books.Post(ctx, Order{Posting: ledger.Posting{
		Request: request, Action: ledger.Move, Operation: core.Issue, From: core.Trust, To: to.Account, Amount: amount,
		Entries: []ledger.Entry{{Account: core.Trust, Amount: -amount}, {Account: to.Account, Amount: amount}},
	}, Deed: d})
	if err != nil {
		return ledger.Outcome{}, err
	}
	return o, o.Err()
}
