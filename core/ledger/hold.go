package ledger

import (
	"time"

	"github.com/piga-money/piga/core"
)

// place sets Amount + Fee of From aside. It asks what the move would ask that the hold is for, the
// receiver's room excepted: that is asked at the capture, when the money comes.
func (b *Book) place(p *Posting, at time.Time) core.Code {
	total, code := b.placeable(p, at)
	if code != "" {
		return code
	}
	payer := b.Accounts[p.From]
	if code = b.parties(p); code != "" {
		return code
	}
	spent, code := count(payer, p, at)
	if code != "" {
		return code
	}
	held, fits := add(payer.Held, total)
	if !fits {
		return core.Overflow
	}
	if code = aboveFloor(payer, payer.Balance, held); code != "" {
		return code
	}
	payer.Held, payer.Spent = held, spent
	b.hold(p, total, spent.Day)
	return ""
}

// placeable checks the shape of a Place and adds up what is to be held.
func (b *Book) placeable(p *Posting, at time.Time) (core.Amount, core.Code) {
	if p.Hold == 0 || p.From == 0 || p.From == p.To || p.Amount <= 0 || p.Fee < 0 || !at.Before(p.Expires) {
		return 0, core.BadPosting
	}
	total, fits := add(p.Amount, p.Fee)
	switch {
	case !fits:
		return 0, core.Overflow
	case !b.knows(p.From) || !b.knows(p.To):
		return 0, core.UnknownAccount
	case b.Holds[p.Hold] != nil:
		return 0, core.HoldExists
	default:
		return total, ""
	}
}

// parties asks whether From may pay and To may be paid, as far as they are named and known.
func (b *Book) parties(p *Posting) core.Code {
	if from := b.Accounts[p.From]; from != nil {
		if code := mayPay(from.Status, p); code != "" {
			return code
		}
	}
	if to := b.Accounts[p.To]; to != nil {
		return mayBePaid(to.Status, p)
	}
	return ""
}

// hold writes the new hold down. What was not counted has no day, so that it is never given back.
func (b *Book) hold(p *Posting, total core.Amount, day Day) {
	if exempt(p) {
		day = 0
	}
	if b.Holds == nil {
		b.Holds = map[core.HoldID]*Hold{}
	}
	b.Holds[p.Hold] = &Hold{
		ID:      p.Hold,
		Account: p.From,
		To:      p.To,
		Amount:  total,
		Counted: p.Amount,
		Day:     day,
		Expires: p.Expires,
	}
}

// capture moves what was held. The limits counted it when it was placed, so they are not asked again; the
// statuses are, since a party may have been suspended in between.
func (b *Book) capture(p *Posting, at time.Time) ([]Posted, core.Code) {
	var room [usual]line
	lines, code := b.lines(room[:0], p)
	if code != "" {
		return nil, code
	}
	h, code := b.running(p.Hold)
	switch {
	case code != "":
		return nil, code
	case !at.Before(h.Expires):
		return nil, core.HoldExpired
	case !h.matches(p):
		return nil, core.HoldMismatch
	}
	payer := b.Accounts[h.Account]
	if code = statuses(lines, p); code != "" {
		return nil, code
	}
	if code = affordable(lines, payer); code != "" {
		return nil, code
	}
	if code = roomy(lines, p); code != "" {
		return nil, code
	}
	payer.Held -= h.Amount
	h.Ended = Capture
	return write(lines), ""
}

// matches is true of a capture of exactly what was held: the same two parties, the same amount, and one
// entry that takes amount and fee from the payer.
func (h *Hold) matches(p *Posting) bool {
	if p.From != h.Account || p.To != h.To || p.Amount != h.Counted {
		return false
	}
	for _, e := range p.Entries {
		if e.Account == h.Account {
			return e.Amount == -h.Amount
		}
	}
	return false
}

// giveBack ends a hold without moving money, whatever the statuses of its parties: money that is nobody's
// to take must not be stuck because somebody was suspended.
func (b *Book) giveBack(p *Posting, at time.Time) core.Code {
	h, code := b.running(p.Hold)
	if code != "" {
		return code
	}
	if p.Action == Expire && at.Before(h.Expires) {
		return core.HoldRunning
	}
	payer := b.Accounts[h.Account]
	if payer == nil { // the Book was made without it
		return core.UnknownAccount
	}
	payer.Held -= h.Amount
	payer.Spent = payer.Spent.On(DayOf(at)).without(h)
	h.Ended = p.Action
	return ""
}

// running finds a hold that has not ended. It may be past its time.
func (b *Book) running(id core.HoldID) (*Hold, core.Code) {
	h := b.Holds[id]
	switch {
	case h == nil:
		return nil, core.UnknownHold
	case h.Ended != "":
		return nil, core.HoldEnded
	default:
		return h, ""
	}
}
