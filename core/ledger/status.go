package ledger

import "github.com/piga-money/piga/core"

// statuses tells the first party that may not pay, else the first that may not be paid.
func statuses(lines []line) core.Code {
	for _, l := range lines {
		if l.amount < 0 {
			if code := mayPay(l.account.Status); code != "" {
				return code
			}
		}
	}
	for _, l := range lines {
		if l.amount > 0 {
			if code := mayBePaid(l.account.Status); code != "" {
				return code
			}
		}
	}
	return ""
}

// mayPay treats a status that it does not know as suspended: no money moves by mistake.
func mayPay(s core.Status) core.Code {
	switch s {
	case core.Active:
		return ""
	case core.Dormant:
		return core.PayerDormant
	case core.Closed:
		return core.PayerClosed
	case core.Pending:
		return core.PayerPending
	default:
		return core.PayerSuspended
	}
}

// mayBePaid lets the dormant be paid; who is not known to be well is suspended, as in mayPay.
func mayBePaid(s core.Status) core.Code {
	switch s {
	case core.Active, core.Dormant:
		return ""
	case core.Closed:
		return core.PayeeClosed
	default:
		return core.PayeeSuspended
	}
}
