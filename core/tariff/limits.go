package tariff

import (
	"time"

	"github.com/piga-money/piga/core"
)

// Limits are what parties of a tier may move, from a time on. Zero is no limit; only one transaction always has one,
// as there must be a price for each that is allowed.
type Limits struct {
	Tier        core.Tier   `json:"tier"`
	Effective   time.Time   `json:"effective_at"`
	TakenBack   time.Time   `json:"-"` // before they came into force; zero for not
	Transaction core.Amount `json:"one_transaction"`
	Day         core.Amount `json:"a_day,omitempty"`
	Month       core.Amount `json:"a_month,omitempty"`
	Largest     core.Amount `json:"largest_balance,omitempty"`
}

// Check is nil when the limits make sense together, else BadLimits: what a day, a month or a balance allows is no less than
// one transaction, nor a month than a day.
func (l Limits) Check() error {
	less := func(limit, than core.Amount) bool { return limit != 0 && limit < than }
	if l.Transaction <= 0 || less(l.Day, l.Transaction) || less(l.Month, max(l.Day, l.Transaction)) || less(l.Largest, l.Transaction) {
		return core.Errorf(core.BadLimits, "%d, %d, %d, %d", l.Transaction, l.Day, l.Month, l.Largest)
	}
	return nil
}

// Crossed is how many open accounts of a tier are over limits at this moment. Nothing is taken from them: they are paid no
// more, or pay no more, until they are under them again.
type Crossed struct {
	Accounts int `db:"accounts"` // that there are
	Largest  int `db:"largest"`  // have more than the largest balance
	Day      int `db:"day"`      // have spent more today
	Month    int `db:"month"`    // have spent more this month
}
