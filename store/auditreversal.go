package store

import (
	"fmt"
	"maps"
	"slices"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

// Reversals against the transfers that they undo. This file knows no database: it is fed rows in order.

type (
	reversalSeen struct {
		id              int64
		first           int64 // of its transfers, that which is undone among them
		from            int64
		state           wallet.ReversalState
		taken, returned core.Amount
	}
	undoneSeen struct { // an entry of a transfer that is undone, or of a step
		reversal, account, party int64
		step                     bool
		amount                   core.Amount
	}
	stepSeen struct{ transfer, reversal int64 }
)

func (v reversalSeen) key() int64 { return v.id }
func (u undoneSeen) key() int64   { return u.reversal }
func (s stepSeen) key() int64     { return s.transfer }

// owner is whose money an entry moves: a party's, whichever of her accounts it lies in, as what an agent earned may come
// from her float; or one of the system's own accounts, which are negative.
func (u undoneSeen) owner() int64 {
	if u.party != 0 {
		return u.party
	}
	return -int64(whole(core.AccountID(u.account)))
}

const inSuspense = -int64(core.Suspense)

// ownerName is how a finding calls an owner.
func ownerName(owner int64) string {
	if owner < 0 {
		return fmt.Sprintf("account %d", -owner)
	}
	return fmt.Sprintf("party %d", owner)
}

// reversals are fed in the order of their ids, with the entries of all that belongs to them.
type reversals struct {
	reversals *feed[reversalSeen]
	entries   *feed[undoneSeen]

	kept int64 // the first number of a transfer that was not put away with its month
}

func (in reversals) audit(r *AuditReport) {
	for ; in.reversals.more; in.reversals.next() {
		v := in.reversals.row
		moved, undone, back := map[int64]core.Amount{}, map[int64]core.Amount{}, core.Amount(0)
		in.entries.of(v.id, func(u undoneSeen) {
			if !u.step {
				moved[u.owner()] += u.amount
				return
			}
			undone[u.owner()] += u.amount
			if u.account == v.from {
				back += u.amount
			}
		})
		r.Reversals++
		if v.first < in.kept { // part of it was put away
			continue
		}
		v.compare(r, moved, undone, back)
	}
}

func (v reversalSeen) compare(r *AuditReport, moved, undone map[int64]core.Amount, back core.Amount) {
	wrong := func(says string, args ...any) {
		r.wrong(ReversalsUndo, fmt.Sprintf("reversal %d", v.id), says, args...)
	}
	if undone[inSuspense] != v.taken {
		wrong("it has taken %s, and its steps left %s in suspense", kes(v.taken), kes(undone[inSuspense]))
	}
	if back != v.returned {
		wrong("it returned %s, and its steps gave the payer %s", kes(v.returned), kes(back))
	}
	owners := maps.Clone(moved)
	maps.Copy(owners, undone)
	for _, owner := range slices.Sorted(maps.Keys(owners)) {
		switch was, is := moved[owner], undone[owner]; {
		case owner == inSuspense:
		case v.state == wallet.Whole && is != -was:
			wrong("%s of %s is undone by %s", kes(was), ownerName(owner), kes(is))
		case v.state == wallet.Given && is != 0:
			wrong("it was given back, and %s of %s stays moved", kes(is), ownerName(owner))
		case is < min(0, -was) || is > max(0, -was):
			wrong("%s of %s is undone by %s, which is too much", kes(was), ownerName(owner), kes(is))
		}
	}
}

// undoes asks whether a transfer that says that it undoes another is a step of a reversal, and no other is.
func (in transfers) undoes(r *AuditReport, t transferSeen) {
	var n int64
	in.steps.of(t.id, func(stepSeen) { n++ })
	if reverses := t.operation == core.Reverse; reverses != (n == 1) {
		r.wrong(ReversalsUndo, t.name(), "it is a step of %d reversals", n)
	}
}

// lostSteps are steps whose transfers are not there, up to the next one that is.
func (in transfers) lostSteps(r *AuditReport, next int64) {
	in.steps.before(next, func(s stepSeen) {
		if s.transfer >= in.kept {
			r.wrong(ReversalsUndo, fmt.Sprintf("reversal %d", s.reversal), "its step by transfer %d is not there", s.transfer)
		}
	})
}
