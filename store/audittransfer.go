package store

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
)

// Transfers against their entries, requests and messages. This file knows no database: it is fed rows in order.

type (
	transferSeen struct {
		id, lines int64
		request   string
		operation core.Operation
		receipt   core.Receipt
		at        time.Time
	}
	lineSeen    struct{ entrySeen } // in the order of transfers and lines
	requestSeen struct {
		transfer, hold int64
		id             string
	} // in the order of one or the other
	toldSum   struct{ transfer, messages int64 }
	earnedSum struct {
		day    int64
		earned core.Amount
	}
)

func (t transferSeen) key() int64 { return t.id }
func (l lineSeen) key() int64     { return l.transfer }
func (m toldSum) key() int64      { return m.transfer }
func (e earnedSum) key() int64    { return e.day }

// byTransfer and byHold are requests by what they name.
type (
	byTransfer struct{ requestSeen }
	byHold     struct{ requestSeen }
)

func (r byTransfer) key() int64 { return r.transfer }
func (r byHold) key() int64     { return r.hold }

// transfers are fed in the order of their numbers, with all that belongs to them.
type transfers struct {
	transfers *feed[transferSeen]
	lines     *feed[lineSeen]
	requests  *feed[byTransfer]
	told      *feed[toldSum]
	earned    *feed[earnedSum]
	steps     *feed[stepSeen]

	kept  int64     // the first number that was not put away with its month
	young time.Time // requests of transfers since then must be there
	zone  *time.Location

	days map[int64]core.Amount // what agents earned by deposits
}

func (in transfers) audit(r *AuditReport) {
	in.days = map[int64]core.Amount{}
	for ; in.transfers.more; in.transfers.next() {
		t := in.transfers.row
		in.strays(r, t.id)
		in.entries(r, t)
		in.asked(r, t)
		in.dated(r, t)
		in.undoes(r, t)
		var told int64
		in.told.of(t.id, func(m toldSum) { told += m.messages })
		r.Messages += told
		if least, most := messagesTell(t.operation); told < least || told > most {
			r.wrong(TransfersAreTold, t.name(), "%d messages tell of it; of this operation it must be %s", told, span(least, most))
		}
		r.Transfers++
	}
	in.strays(r, math.MaxInt64)
	in.commissions(r)
}

func (t transferSeen) name() string {
	return fmt.Sprintf("transfer %d (%s, %s)", t.id, t.receipt, t.operation)
}

// messagesTell is how many messages tell of a transfer: one to each side that is a customer of ours, written down with
// it. What core/wallet orders must agree with it. Finance issues and redeems, reads so on the screen, and tells whom
// it will.
func messagesTell(op core.Operation) (least, most int64) {
	switch op {
	case core.Send, core.Pay, core.Deposit, core.Withdraw, core.Reverse:
		return 2, 2
	case core.TakeCommission:
		return 1, 1
	default:
		return 0, 2
	}
}

func span(least, most int64) string {
	if least == most {
		return fmt.Sprint(least)
	}
	return fmt.Sprintf("%d to %d", least, most)
}

// strays are rows about transfers that there are not, up to the next one that there is.
func (in transfers) strays(r *AuditReport, next int64) {
	in.lostSteps(r, next)
	in.lines.before(next, func(l lineSeen) {
		r.wrong(TransfersHaveEntries, l.name(), "it is of transfer %d, which is not there", l.transfer)
	})
	in.requests.before(next, func(q byTransfer) {
		r.Requests++
		if q.transfer >= in.kept {
			r.wrong(TransfersAreAsked, q.name(), "its outcome is transfer %d, which is not there", q.transfer)
		}
	})
	in.told.before(next, func(m toldSum) {
		r.Messages += m.messages
		if m.transfer >= in.kept {
			r.wrong(TransfersAreTold, fmt.Sprintf("transfer %d", m.transfer), "%d messages tell of it, and it is not there", m.messages)
		}
	})
}

func (q requestSeen) name() string { return fmt.Sprintf("request %q", q.id) }

func (in transfers) entries(r *AuditReport, t transferSeen) {
	var n, odd int64
	var sum, expense core.Amount
	in.lines.of(t.id, func(l lineSeen) {
		if n++; odd == 0 && l.line != n {
			odd = n
		}
		sum += l.amount
		if whole(core.AccountID(l.account)) == core.CommissionExpense {
			expense -= l.amount
		}
	})
	switch {
	case odd != 0:
		r.wrong(TransfersHaveEntries, t.name(), "it has %d entries of %d, and line %d is missing", n, t.lines, odd)
	case n != t.lines:
		r.wrong(TransfersHaveEntries, t.name(), "it has %d entries of %d", n, t.lines)
	case sum != 0:
		r.wrong(TransfersBalance, t.name(), "they sum to %s", kes(sum))
	}
	if t.operation == core.Deposit && expense != 0 {
		in.days[int64(ledger.DayOf(t.at.In(in.zone)))] += expense
	}
}

func (in transfers) asked(r *AuditReport, t transferSeen) {
	named := false
	in.requests.of(t.id, func(q byTransfer) {
		r.Requests++
		if q.id == t.request {
			named = true
		} else {
			r.wrong(TransfersAreAsked, q.name(), "its outcome is %s, which is of request %q", t.name(), t.request)
		}
	})
	if !named && (t.at.After(in.young) || asksOnce(t.operation)) {
		r.wrong(TransfersAreAsked, t.name(), "request %q, of which it is the outcome, does not name it or is not there", t.request)
	}
}

// dated compares the month of the number, by which the transfer is found, with that of the time and of the receipt.
// Those that came before there were months have small numbers, which tell nothing.
func (in transfers) dated(r *AuditReport, t transferSeen) {
	if read, err := core.ParseReceipt(string(t.receipt)); err != nil || read != t.receipt {
		r.wrong(TransfersAreInMonth, t.name(), "the receipt's last character does not check the others")
		return
	}
	const ever = 1 << 40 // its time would be in 1970
	if t.id < ever {
		return
	}
	at, by := t.at.UTC(), transferTime(core.TransferID(t.id))
	switch {
	case at.Year() != by.Year() || at.Month() != by.Month():
		r.wrong(TransfersAreInMonth, t.name(), "it was written at %s, but its number is of %s", at.Format(time.DateTime), by.Format("January 2006"))
	case !t.receipt.OfMonth(by):
		r.wrong(TransfersAreInMonth, t.name(), "its receipt is not of %s", by.Format("January 2006"))
	}
}

// commissions compares, for each day, what agents earned by deposits with what was counted. What lies in a month
// that was put away, or began in one, cannot be compared.
func (in transfers) commissions(r *AuditReport) {
	first := int64(ledger.DayOf(transferTime(core.TransferID(in.kept)).In(in.zone)))
	for ; in.earned.more; in.earned.next() {
		e := in.earned.row
		if posted := in.days[e.day]; e.day > first && posted != e.earned {
			r.wrong(CommissionsAreEarned, fmt.Sprintf("day %d", e.day), "agents earned %s by deposits, and %s is counted in deposit_commissions",
				kes(posted), kes(e.earned))
		}
		delete(in.days, e.day)
	}
	for _, day := range slices.Sorted(maps.Keys(in.days)) {
		if day > first {
			r.wrong(CommissionsAreEarned, fmt.Sprintf("day %d", day), "agents earned %s by deposits, of which nothing is counted in deposit_commissions",
				kes(in.days[day]))
		}
	}
}
