package ledger

import "github.com/piga-money/piga/core"

// statuses tells the first party that may not pay, else the first that may not be paid.
func statuses(lines []line, p *Posting) core.Code {
	for _, l := range lines {
		if l.amount < 0 {
			if code := mayPay(l.account.Status, p); code != "" {
				return code
			}
		}
	}
	for _, l := range lines {
		if l.amount > 0 {
			if code := mayBePaid(l.account.Status, p); code != "" {
				return code
			}
		}
	}
	return ""
}

// mayPay treats a status that it does not know as suspended: no money moves by mistake. A reversal takes from all who
// are not closed.
func mayPay(s core.Status, p *Posting) core.Code {
	switch {
	case s == core.Closed:
		return core.PayerClosed
	case s == core.Active, undoes(p):
		return ""
	case s == core.Dormant:
		return core.PayerDormant
	case s == core.Pending:
		return core.PayerPending
	default:
		return core.PayerSuspended
	}
}

// mayBePaid lets the dormant be paid; who is not known to be well is suspended, as in mayPay.
func mayBePaid(s core.Status, p *Posting) core.Code {
	switch {
	case s == core.Closed:
		return core.PayeeClosed
	case s == core.Active, s == core.Dormant, undoes(p):
		return ""
	default:
		return core.PayeeSuspended
	}
}
