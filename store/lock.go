package store

import (
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
	err := tx.SelectContext(tx.ctx, &rows, `
		SELECT`+heldColumns+`
		FROM holds
		WHERE id = ANY($1::bigint[])
		ORDER BY id
		FOR NO KEY UPDATE`, ints(ids, func(id core.HoldID) core.HoldID { return id }))
	for _, r := range rows {
		h := r.hold(tx.store)
		holds[r.ID] = &h
	}
	return holds, err
}

const lockAccountsSQL = `
	SELECT
		a.id,
		CASE WHEN a.closed_at IS NOT NULL THEN 'closed' ELSE coalesce(p.status, 'active') END AS status,
		a.balance,
		a.held,
		coalesce(a.floor, $2::bigint) AS floor,
		a.version,
		coalesce(t.one_transaction, 0) AS one_transaction,
		coalesce(t.a_day, 0) AS a_day,
		coalesce(t.a_month, 0) AS a_month,
		coalesce(t.largest_balance, 0) AS largest_balance,
		a.spent_day,
		a.spent_today,
		a.spent_month,
		a.reset_until
	FROM unnest($1::bigint[] || ` + freeStripe + `) AS u (id)
	JOIN accounts a ON a.id = ANY (ARRAY[u.id])
	LEFT JOIN LATERAL (SELECT p.status, p.tier FROM parties p WHERE p.id = a.party_id OFFSET 0) p ON true
	LEFT JOIN tiers t ON t.name = p.tier AND a.kind <> 'commission'
	ORDER BY u.id
	FOR NO KEY UPDATE OF a`

// lockAccounts reads accounts with the status of their parties and the limits of their tiers. Limits are
// for what people spend: a commission account has none, nor have the system's own. A party is not locked:
// who is suspended at this moment may have been paid a moment ago. One that closes marks her accounts, and
// that mark is in the row that is locked here.
func (tx *Tx) lockAccounts(ids []core.AccountID) (map[core.AccountID]*ledger.Account, error) {
	accounts := make(map[core.AccountID]*ledger.Account, len(ids)+2)
	if len(ids) == 0 && !tx.striped {
		return accounts, nil
	}
	var rows []accountRow
	err := tx.hot(lockAccountsSQL).SelectContext(tx.ctx, &rows,
		ints(ids, func(id core.AccountID) core.AccountID { return id }), ledger.NoFloor, tx.striped)
	for _, r := range rows {
		accounts[r.ID] = r.account()
		if r.ResetUntil != nil {
			if tx.resets == nil {
				tx.resets = map[core.AccountID]time.Time{}
			}
			tx.resets[r.ID] = *r.ResetUntil
		}
	}
	return accounts, err
}

type accountRow struct {
	ID         core.AccountID
	Status     core.Status
	Balance    core.Amount
	Held       core.Amount
	Floor      core.Amount
	Version    int64
	AtOnce     core.Amount `db:"one_transaction"`
	ADay       core.Amount `db:"a_day"`
	AMonth     core.Amount `db:"a_month"`
	Largest    core.Amount `db:"largest_balance"`
	SpentDay   ledger.Day  `db:"spent_day"`
	SpentToday core.Amount `db:"spent_today"`
	SpentMonth core.Amount `db:"spent_month"`
	ResetUntil *time.Time  `db:"reset_until"`
}

func (r accountRow) account() *ledger.Account {
	return &ledger.Account{
		ID: r.ID, Status: r.Status, Balance: r.Balance, Held: r.Held, Floor: r.Floor, Version: r.Version,
		Limits: ledger.Limits{Transaction: r.AtOnce, Day: r.ADay, Month: r.AMonth, Largest: r.Largest},
		Spent:  ledger.Spent{Day: r.SpentDay, Today: r.SpentToday, Month: r.SpentMonth},
	}
}
