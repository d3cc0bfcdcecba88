package store

import (
	"slices"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

// The fees and the commission expense are moved by nearly every order, so each is many rows: stripes. A
// transaction takes one stripe of both to itself, and waits for nobody. That is the store's own affair: in
// orders and outcomes there is one account of each, core.Fees and core.CommissionExpense. The trust account
// and the suspense have none: few orders touch them, and those wait for each other.
//
// Stripe n of account a is account 10n + a. Other accounts begin above them all. They are in an order's entries only:
// nobody pays From or To them yet, and who does is told UnknownAccount.
const (
	stripeStep = 10
	mostStripe = 31
)

// freeStripe is the SQL for both accounts of the first stripe that nobody has, as an array, if $3 asks for one.
// The stripe is kept until the transaction ends. Were all taken, the accounts themselves would do: their rows
// are waited for.
const freeStripe = `(
		SELECT CASE WHEN $3::boolean THEN coalesce((
			SELECT ARRAY[10 * n + 2, 10 * n + 3]::bigint[]
			FROM generate_series(1, 31) AS n
			WHERE pg_try_advisory_xact_lock(hashtext('stripe'), n)
			LIMIT 1
		), ARRAY[2, 3]::bigint[]) END
	)`

// stripe is added to the ids of the accounts that have stripes.
type stripe core.AccountID

// stripeOf is the one that was locked.
func stripeOf(b ledger.Book) stripe {
	for id := range b.Accounts {
		if id < firstOfPeople && whole(id) == core.Fees {
			return stripe(id - core.Fees)
		}
	}
	return 0
}

// firstOfPeople is the first id that a party's account can have.
const firstOfPeople core.AccountID = 1001

// of is the account that is moved in the place of one.
func (s stripe) of(id core.AccountID) core.AccountID {
	if id == core.Fees || id == core.CommissionExpense {
		return id + core.AccountID(s)
	}
	return id
}

// order has its entries on the stripe. Other orders may share them, so they are copied.
func (s stripe) order(o *wallet.Order) {
	o.Entries = slices.Clone(o.Entries)
	for i := range o.Entries {
		o.Entries[i].Account = s.of(o.Entries[i].Account)
	}
}

// whole is the account of which one is a stripe, or itself.
func whole(id core.AccountID) core.AccountID {
	if part := id % stripeStep; id < firstOfPeople && (part == core.Fees || part == core.CommissionExpense) {
		return part
	}
	return id
}

// stripes are the accounts that are one.
func stripes(id core.AccountID) intColumn {
	all := intColumn{int64(id)}
	if id == core.Fees || id == core.CommissionExpense {
		for n := int64(1); n <= mostStripe; n++ {
			all = append(all, n*stripeStep+int64(id))
		}
	}
	return all
}

// unstriped are outcomes as the rest of Piga knows them.
func unstriped(outcomes []ledger.Outcome) []ledger.Outcome {
	for _, o := range outcomes {
		for i := range o.Entries {
			o.Entries[i].Account = whole(o.Entries[i].Account)
		}
	}
	return outcomes
}
