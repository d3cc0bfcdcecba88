package wallet

import (
	"context"

	"github.com/piga-money/piga/core"
)

// What a party may do who has shown a token: her word was taken when she got it, so no PIN is asked and no SMS is
// sent.

// Identify is nil when the PIN is the party's, as for any errand: a wrong one counts.
func (w *Wallet) Identify(ctx context.Context, a Authority) error { return w.authorize(ctx, a) }

// BalanceOf is what a party can spend.
func (w *Wallet) BalanceOf(ctx context.Context, p core.Party) (Balance, error) {
	return w.books.Balance(ctx, p.Account)
}

// StatementOf is a party's last n transfers, newest first.
func (w *Wallet) StatementOf(ctx context.Context, p core.Party, n int) ([]Line, error) {
	return w.books.Statement(ctx, p.Account, n)
}
