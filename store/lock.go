package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

// lock locks the holds and then the accounts that orders touch, each in the order of their ids, and makes a
// book of them. Nothing else locks several of either: who needs to, does it here.
func (tx *Tx) lock(orders []wallet.Order) (ledger.Book, error) {
	var book ledger.Book
	held, accounts := map[core.HoldID]bool{}, map[core.AccountID]bool{}
	for _, o := range orders {
		if o.Hold != 0 && o.Action != ledger.Place {
			held[o.Hold] = true
		}
		for _, id := range o.Touches() {
			accounts[id] = true
		}
		if o.Earn != nil {
			accounts[core.CommissionExpense], accounts[o.Earn.Account] = true, true
		}
	}
	tx.striped = accounts[core.Fees] || accounts[core.CommissionExpense]
	delete(accounts, core.Fees)
	delete(accounts, core.CommissionExpense)
	var err error
	if book.Holds, err = tx.lockHolds(slices.Sorted(maps.Keys(held))); err != nil {
		return book, err
	}
	for _, h := range book.Holds {
		accounts[h.Account] = true
	}
	if book.Accounts, err = tx.lockAccounts(slices.Sorted(maps.Keys(accounts))); err != nil {
		return book, err
	}
	tx.stripe = stripeOf(book)
	return book, nil
}

func (tx *Tx) lockHolds(ids []core.HoldID) (map[core.HoldID]*ledger.Hold, error) {
	holds := make(map[core.HoldID]*ledger.Hold, len(ids))
	if len(ids) == 0 {
		return holds, nil
	}
	var rows []heldRow
	err := tx.hot(lockHoldsSQL).SelectContext(tx.ctx, &rows, ints(ids, func(id core.HoldID) core.HoldID { return id }))
	for _, r := range rows {
		h := r.hold(tx.store)
		holds[r.ID] = &h
	}
	return holds, err
}

const lockHoldsSQL = `
	SELECT` + heldColumns + `
	FROM holds
	WHERE id = ANY($1::bigint[])
	ORDER BY id
	FOR NO KEY UPDATE`

const lockAccountsSQL = `
	SELECT
		a.id,
		CASE WHEN a.closed_at IS NOT NULL THEN 'closed' ELSE coalesce(p.status, 'active') END,
		a.balance,
		a.held,
		coalesce(a.floor, $2::bigint),
		a.version,
		CASE WHEN a.kind <> 'commission' THEN p.tier END,
		a.spent_day,
		a.spent_today,
		a.spent_month,
		a.reset_until
	FROM unnest($1::bigint[] || ` + freeStripe + `) AS u (id)
	JOIN accounts a ON a.id = ANY (ARRAY[u.id])
	LEFT JOIN LATERAL (SELECT p.status, p.tier FROM parties p WHERE p.id = a.party_id OFFSET 0) p ON true
	ORDER BY u.id
	FOR NO KEY UPDATE OF a`

// lockAccounts reads accounts with the status of their parties, and remembers whose limits they have. Limits are
// for what people spend: a commission account has none, nor have the system's own. A party is not locked:
// who is suspended at this moment may have been paid a moment ago. One that closes marks her accounts, and
// that mark is in the row that is locked here.
func (tx *Tx) lockAccounts(ids []core.AccountID) (_ map[core.AccountID]*ledger.Account, err error) {
	accounts := make(map[core.AccountID]*ledger.Account, len(ids)+2)
	if len(ids) == 0 && !tx.striped {
		return accounts, nil
	}
	rows, err := tx.hot(lockAccountsSQL).QueryxContext(tx.ctx,
		ints(ids, func(id core.AccountID) core.AccountID { return id }), ledger.NoFloor, tx.striped)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	tx.tiers = make(map[core.AccountID]core.Tier, len(ids))
	for rows.Next() {
		var a ledger.Account
		var tier sql.NullString
		var reset sql.NullTime
		if err := rows.Scan(&a.ID, &a.Status, &a.Balance, &a.Held, &a.Floor, &a.Version, &tier,
			&a.Spent.Day, &a.Spent.Today, &a.Spent.Month, &reset); err != nil {
			return nil, err
		}
		accounts[a.ID] = &a
		if tier.Valid {
			tx.tiers[a.ID] = core.Tier(tier.String)
		}
		if reset.Valid {
			if tx.resets == nil {
				tx.resets = map[core.AccountID]time.Time{}
			}
			tx.resets[a.ID] = reset.Time
		}
	}
	return accounts, rows.Err()
}

// limitsSQL is the SQL for the limits of every tier that are in force at clock.now, as tierLimits reads them.
var limitsSQL = `(
			SELECT json_object_agg(t.name, json_build_array(l.one_transaction, l.a_day, l.a_month, l.largest_balance))
			FROM tiers t, LATERAL ` + limitsAt("t.name", "clock.now") + ` l
		)`

// tierLimits are limits by tier: of one transaction, a day, a month, and the largest balance. Zero is none.
type tierLimits map[core.Tier][4]core.Amount

// limitTiers gives the locked accounts the limits of their tiers, of which there are few.
func (tx *Tx) limitTiers(book *ledger.Book, as []byte) error {
	var limits tierLimits
	if err := json.Unmarshal(as, &limits); err != nil {
		return err
	}
	for id, tier := range tx.tiers {
		l, ok := limits[tier]
		if !ok {
			return core.Errorf(core.Internal, "there is no tier %q", tier)
		}
		book.Accounts[id].Limits = ledger.Limits{Transaction: l[0], Day: l[1], Month: l[2], Largest: l[3]}
	}
	return nil
}
