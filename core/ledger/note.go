package ledger

import "github.com/piga-money/piga/core"

// note takes down what moves nothing, so that it has its request id and its outcome like everything else: a
// customer is going to hand over cash, or has thought better of it. It asks no more than whether From may pay
// and To be paid at this moment. Money and limits are asked when it moves.
func (b *Book) note(p *Posting) core.Code {
	if p.Amount <= 0 || p.Fee < 0 || p.Hold != 0 || len(p.Entries) != 0 || (p.From != 0 && p.From == p.To) {
		return core.BadPosting
	}
	if !b.knows(p.From) || !b.knows(p.To) {
		return core.UnknownAccount
	}
	return b.parties(p)
}
