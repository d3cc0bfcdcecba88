package office

import (
	"time"

	"github.com/piga-money/piga/core"
)

// AccountKind is what an account is for.
type AccountKind string

// The kinds of accounts: people's, then the system's own.
const (
	KindWallet            AccountKind = "wallet"
	KindFloat             AccountKind = "float"
	KindTill              AccountKind = "till"
	KindCommission        AccountKind = "commission"
	KindTrust             AccountKind = "trust"
	KindFees              AccountKind = "fees"
	KindCommissionExpense AccountKind = "commission_expense"
	KindSuspense          AccountKind = "suspense"
)

// AccountKinds lists every kind.
var AccountKinds = []AccountKind{
	KindWallet, KindFloat, KindTill, KindCommission, KindTrust, KindFees, KindCommissionExpense, KindSuspense,
}

// Peoples is whether somebody has accounts of the kind, and may ask for what is on them.
func (k AccountKind) Peoples() bool {
	return k == KindWallet || k == KindFloat || k == KindTill || k == KindCommission
}

// Safeguarding is how accounts of each kind stood at a moment. It is worked out from how they stand now and all that
// moved since, so that a sum which is off can be told: that of the balances, or that of the movements.
type Safeguarding struct {
	At    time.Time // to a millisecond: of all transfers before it, and none of the others
	Kinds []Stood   // one of each kind
}

// Stood is how all accounts of a kind stood together.
type Stood struct {
	Kind  AccountKind
	Now   core.Amount // their balances
	Since core.Amount // what entries moved from the moment on
	Held  core.Amount // of the balance at the moment, what was on hold
}

// Balance is what they had at the moment. What the system owes is above zero, so the trust account's is below.
func (s Stood) Balance() core.Amount { return s.Now - s.Since }

// Owed is what the system owed people.
func (s Safeguarding) Owed() core.Amount {
	return s.sum(func(k Stood) core.Amount {
		if !k.Kind.Peoples() {
			return 0
		}
		return k.Balance()
	})
}

// Backing is what stood against it: the money in the bank, without what the system itself earned and spent.
func (s Safeguarding) Backing() core.Amount { return s.Owed() - s.Difference() }

// Difference is by how much more was owed than was backed, zero in a sound ledger.
func (s Safeguarding) Difference() core.Amount { return s.sum(Stood.Balance) }

// BalancesOff and MovesOff are by how much the sums of today's balances, and of all that moved since, are not zero.
func (s Safeguarding) BalancesOff() core.Amount {
	return s.sum(func(k Stood) core.Amount { return k.Now })
}

// MovesOff is described with BalancesOff.
func (s Safeguarding) MovesOff() core.Amount {
	return s.sum(func(k Stood) core.Amount { return k.Since })
}

// Holds is whether the equation does: both sums are zero, not only their difference.
func (s Safeguarding) Holds() bool { return s.BalancesOff() == 0 && s.MovesOff() == 0 }

func (s Safeguarding) sum(of func(Stood) core.Amount) (total core.Amount) {
	for _, k := range s.Kinds {
		total += of(k)
	}
	return total
}
