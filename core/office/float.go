package office

import (
	"context"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

// Floats books what comes to the bank and is paid out there, as a wallet does.
type Floats interface {
	IssueFloat(ctx context.Context, b wallet.Booking) (ledger.Outcome, error)
	RedeemFloat(ctx context.Context, b wallet.Booking) (ledger.Outcome, error)
}

// IssueFloat books a super agent's deposit at the bank as her float. The bank's reference is used once: the same again
// gives the first outcome. NotAllowed of anybody else, RequestReused with another amount, and what the ledger refuses.
func (o *Office) IssueFloat(
	ctx context.Context, by By, to core.Party, amount core.Amount, reference core.Reference,
) (ledger.Outcome, error) {
	d := by.Deed("float.issue", core.OfTransfer, 0)
	d.After = map[string]any{"to": to.ID, "amount": amount, "reference": reference}
	return o.floats.IssueFloat(ctx, wallet.Booking{Reference: reference, Party: to, Amount: amount, Deed: &d})
}

// RedeemFloat books what was paid out at the bank, out of an agent's float or a merchant's till, likewise.
func (o *Office) RedeemFloat(
	ctx context.Context, by By, from core.Party, amount core.Amount, reference core.Reference,
) (ledger.Outcome, error) {
	d := by.Deed("float.redeem", core.OfTransfer, 0)
	d.After = map[string]any{"from": from.ID, "amount": amount, "reference": reference}
	return o.floats.RedeemFloat(ctx, wallet.Booking{Reference: reference, Party: from, Amount: amount, Deed: &d})
}
