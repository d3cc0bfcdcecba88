package ledger

import (
	"time"

	"github.com/piga-money/piga/core"
)

// exempt is true of a reversal: it puts right what was counted before, so no limit may stand in its way,
// the largest balance included, and it counts nothing. Likewise of what was paid out at the bank: limits are for what
// people do by themselves. Floors hold for both as for all.
func exempt(p *Posting) bool { return undoes(p) || p.Operation == core.Redeem }

// undoes is true of a reversal. Nor may it stand in its way that somebody is suspended, or asleep: that is when there are
// reversals. Who is closed has no account any more.
func undoes(p *Posting) bool { return p.Operation == core.Reverse }

// count is what the payer will have spent, the amount of the posting included and its fee not, if the
// limits allow it. Nobody, and what is exempt, count nothing.
func count(payer *Account, p *Posting, at time.Time) (Spent, core.Code) {
	if payer == nil {
		return Spent{}, ""
	}
	if exempt(p) {
		return payer.Spent, ""
	}
	limits, spent := payer.Limits, payer.Spent.On(DayOf(at))
	switch {
	case over(limits.Transaction, 0, p.Amount):
		return Spent{}, core.OverTransactionLimit
	case over(limits.Day, spent.Today, p.Amount):
		return Spent{}, core.OverDayLimit
	case over(limits.Month, spent.Month, p.Amount):
		return Spent{}, core.OverMonthLimit
	case over(limits.AfterReset, spent.AfterReset, p.Amount):
		return Spent{}, core.AfterReset
	}
	today, fits := add(spent.Today, p.Amount)
	month, fit := add(spent.Month, p.Amount)
	if !fits || !fit {
		return Spent{}, core.Overflow
	}
	spent.Today, spent.Month = today, month
	if limits.AfterReset > 0 {
		spent.AfterReset += p.Amount // no more than the limit
	}
	return spent, ""
}

// over is true when amount lifts spent past the limit. Zero is no limit.
func over(limit, spent, amount core.Amount) bool {
	return limit > 0 && amount > limit-spent
}

// On is what counts on a day: a new day begins at zero, and a new month too. A day that is past counts on
// the latest day instead; else two gateways whose clocks differ could empty the counters at midnight.
func (s Spent) On(day Day) Spent {
	if day <= s.Day {
		return s
	}
	if day.month() != s.Day.month() {
		s.Month = 0
	}
	s.Day, s.Today = day, 0
	return s
}

// without gives back what a hold counted, as far as its day and its month still run.
func (s Spent) without(h *Hold) Spent {
	if s.Day == h.Day {
		s.Today = max(0, s.Today-h.Counted)
	}
	if s.Day.month() == h.Day.month() {
		s.Month = max(0, s.Month-h.Counted)
	}
	if h.Day != 0 {
		s.AfterReset = max(0, s.AfterReset-h.Counted)
	}
	return s
}

// roomy is OverLargestBalance when a credit lifts a balance over the largest that its account may have.
func roomy(lines []line, p *Posting) core.Code {
	for _, l := range lines {
		largest := l.account.Limits.Largest
		if l.amount > 0 && largest > 0 && l.after > largest && !exempt(p) {
			return core.OverLargestBalance
		}
	}
	return ""
}
