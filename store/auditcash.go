package store

import (
	"fmt"
	"math"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

// Holds and cash requests against the transfers in which they end. This file knows no database: it is fed rows in
// order.

type (
	// movedBy is the transfer that a hold or a cash request names; operation is empty when there is none.
	movedBy struct {
		transfer, from, to int64
		operation          core.Operation
		amount, fee        core.Amount
	}
	heldSeen struct {
		id, account, to int64
		amount          core.Amount
		ended           ledger.Action
		expires         time.Time
		movedBy         movedBy
	}
	cashSeen struct {
		id, hold    int64
		operation   core.Operation
		amount, fee core.Amount
		ended       wallet.CashEnd
		movedBy     movedBy

		held         core.Amount // the hold's amount, zero when there is no hold
		holdEnded    bool
		holdTransfer int64
	}
)

func (h heldSeen) key() int64 { return h.id }
func (c cashSeen) key() int64 { return c.id }

// late is how long past its time a hold may run: it is released within a minute, and a gateway that was away comes back.
const late = 5 * time.Minute

// holds are fed in the order of their numbers, with the requests that name them.
type holds struct {
	holds    *feed[heldSeen]
	requests *feed[byHold]

	kept int64 // the first transfer that was not put away with its month
	now  time.Time
}

func (in holds) audit(r *AuditReport) {
	known := func(q byHold) {
		if q.transfer == 0 { // else it was looked at with its transfer
			r.Requests++
		}
	}
	for ; in.holds.more; in.holds.next() {
		h := in.holds.row
		in.strays(r, h.id)
		in.requests.of(h.id, known)
		in.ends(r, h)
		r.Holds++
	}
	in.strays(r, math.MaxInt64)
}

func (in holds) strays(r *AuditReport, next int64) {
	in.requests.before(next, func(q byHold) {
		r.wrong(HoldsAreAsTheyEnd, q.name(), "its outcome is hold %d, which is not there", q.hold)
	})
}

func (in holds) ends(r *AuditReport, h heldSeen) {
	name, t := fmt.Sprintf("hold %d of account %d", h.id, h.account), h.movedBy
	switch {
	case h.ended == "" && in.now.Sub(h.expires) > late:
		r.wrong(HoldsEndInTime, name, "%s should have been given back at %s: does any piga serve run?", kes(h.amount), h.expires.Format(time.DateTime))
	case t.transfer < in.kept || h.ended != ledger.Capture:
	case t.operation == "":
		r.wrong(HoldsAreAsTheyEnd, name, "it was captured by transfer %d, which is not there", t.transfer)
	case t.from != h.account || t.to != h.to || t.amount+t.fee != h.amount:
		r.wrong(HoldsAreAsTheyEnd, name, "it holds %s for account %d, but transfer %d, which captured it, is of %s and a fee of %s from account %d to %d",
			kes(h.amount), h.to, t.transfer, kes(t.amount), kes(t.fee), t.from, t.to)
	}
}

func auditCash(in *feed[cashSeen], kept int64, r *AuditReport) {
	for ; in.more; in.next() {
		c := in.row
		r.Cash++
		if says := c.wrong(kept); says != "" {
			r.wrong(CashIsAsItsMoney, fmt.Sprintf("cash request %d (%s)", c.id, c.operation), "%s", says)
		}
	}
}

// wrong says what is wrong with a cash request, "" when nothing is.
func (c cashSeen) wrong(kept int64) string {
	t := c.movedBy
	switch {
	case c.hold != 0 && c.held == 0:
		return fmt.Sprintf("its hold %d is not there", c.hold)
	case c.hold != 0 && c.held != c.amount+c.fee:
		return fmt.Sprintf("it is of %s and a fee of %s, but its hold %d is of %s", kes(c.amount), kes(c.fee), c.hold, kes(c.held))
	case c.hold != 0 && c.holdEnded != (c.ended != ""):
		return fmt.Sprintf("of it and its hold %d one has ended and the other has not", c.hold)
	case c.hold != 0 && c.holdTransfer != t.transfer:
		return fmt.Sprintf("it ended in transfer %d, its hold %d in transfer %d (0 is none)", t.transfer, c.hold, c.holdTransfer)
	case t.transfer == 0 || t.transfer < kept:
		return ""
	case t.operation == "":
		return fmt.Sprintf("its transfer %d is not there", t.transfer)
	case t.operation != c.operation || t.amount != c.amount:
		return fmt.Sprintf("it is of %s, but its transfer %d is a %s of %s", kes(c.amount), t.transfer, t.operation, kes(t.amount))
	default:
		return ""
	}
}
