package wallet

import (
	"context"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/tariff"
)

// Depositor is the party with a phone number, as an agent may see her before she deposits for her. It counts
// as a look-up, and is refused as Payee is.
func (w *Wallet) Depositor(ctx context.Context, agent core.Party, phone core.MSISDN) (core.Party, error) {
	if phone == agent.Phone {
		return core.Party{}, core.Errorf(core.ToOneself, "party %d", agent.ID)
	}
	return w.receiver(ctx, agent, string(phone), func() (core.Party, error) { return w.people.PartyByPhone(ctx, phone) })
}

// FloatPayee is the agent with a number, as an agent or a super agent may see her before she sends her float.
// It counts as a look-up, and is refused as Payee is.
func (w *Wallet) FloatPayee(ctx context.Context, from core.Party, number string) (core.Party, error) {
	if number == from.Number {
		return core.Party{}, core.Errorf(core.ToOneself, "party %d", from.ID)
	}
	return w.receiver(ctx, from, number, func() (core.Party, error) { return w.people.PartyByNumber(ctx, number) })
}

// receiver finds somebody, by a number that counts as looked up, to whom from may hand on float: as a deposit,
// or from one agent to another.
func (w *Wallet) receiver(
	ctx context.Context, from core.Party, number string, find func() (core.Party, error),
) (core.Party, error) {
	if err := w.people.CountLookup(ctx, from.ID, number, mostLookups, lookupWindow); err != nil {
		return core.Party{}, err
	}
	to, err := find()
	if err != nil {
		return core.Party{}, err
	}
	op := core.Deposit
	if from.Kind == core.Agent && to.Kind == core.Agent {
		op = core.Send
	}
	switch {
	case !tariff.Allowed(tariff.Key{Operation: op, From: from.Kind, To: to.Kind}):
		return core.Party{}, core.Errorf(core.NotAllowed, "%s from %s to %s", op, from.Kind, to.Kind)
	case to.Status.Stopped():
		return core.Party{}, core.Errorf(core.PayeeSuspended, "party %d", to.ID)
	}
	to.IDNumber = ""
	return to, nil
}

// LatelyDeposited is Lately for a deposit.
func (w *Wallet) LatelyDeposited(
	ctx context.Context, r core.RequestID, from, to core.Party, amount core.Amount,
) (time.Duration, bool, error) {
	same := ledger.Posting{Request: r, Operation: core.Deposit, From: from.Account, To: to.Account, Amount: amount}
	return w.books.Lately(ctx, same, sameWithin)
}
