package store

import (
	"fmt"
	"time"

	"github.com/piga-money/piga/core"
)

// Rule is a sentence that is true of a sound ledger.
type Rule string

// The rules, in the order in which they are looked at.
const (
	BalancesAreZero      Rule = "all balances sum to zero"
	EntriesHaveAccounts  Rule = "an entry belongs to an account"
	EntriesFollow        Rule = "each entry follows the one before it"
	AccountsAreAtLast    Rule = "an account stands where its last entry left it"
	HeldIsOnHold         Rule = "held is the sum of the running holds"
	TransfersHaveEntries Rule = "a transfer has its entries, and entries their transfer"
	TransfersBalance     Rule = "a transfer's entries sum to zero"
	TransfersAreAsked    Rule = "a transfer is the outcome of its request"
	TransfersAreInMonth  Rule = "a transfer's number and receipt tell its month"
	TransfersAreTold     Rule = "messages tell of a transfer, and of no other"
	CommissionsAreEarned Rule = "commissions of deposits are counted on their day"
	HoldsAreAsTheyEnd    Rule = "a hold is there for who names it, and ends as it says"
	CashIsAsItsMoney     Rule = "a cash request is as its hold and its transfer"
	ReversalsUndo        Rule = "a reversal undoes its transfer, and no more"
	HoldsEndInTime       Rule = "a hold ends when its time is over"
)

// Rules lists every rule.
func Rules() []Rule {
	return []Rule{
		BalancesAreZero, EntriesHaveAccounts, EntriesFollow, AccountsAreAtLast, HeldIsOnHold,
		TransfersHaveEntries, TransfersBalance, TransfersAreAsked, TransfersAreInMonth, TransfersAreTold,
		CommissionsAreEarned, HoldsAreAsTheyEnd, CashIsAsItsMoney, ReversalsUndo, HoldsEndInTime,
	}
}

// Warns is true of a rule that is about service, not about money: somebody should look, but the books are right.
func (r Rule) Warns() bool { return r == HoldsEndInTime }

// Finding is a row that is not as it must be.
type Finding struct {
	Rule Rule
	Row  string // such as "account 1001, entry 7"
	Says string // what is wrong with it
}

// AuditReport is what an audit looked at and what it found.
type AuditReport struct {
	At time.Time // as of when; in the store's zone

	Accounts, Entries, Transfers, Requests, Messages, Holds, Cash, Reversals int64

	People core.Amount // what is owed to people
	System core.Amount // the balances of the system's own accounts: the same, negative

	Findings []Finding    // at most mostOfARule of each rule
	Found    map[Rule]int // how many there are of each
}

// mostOfARule keeps an audit of a ruined ledger from becoming as large as that.
const mostOfARule = 20

// Wrong is how many rows are wrong. Warnings do not count.
func (r *AuditReport) Wrong() (n int) {
	for rule, found := range r.Found {
		if !rule.Warns() {
			n += found
		}
	}
	return n
}

// wrong takes down a finding.
func (r *AuditReport) wrong(rule Rule, row, says string, args ...any) {
	if r.Found == nil {
		r.Found = map[Rule]int{}
	}
	if r.Found[rule]++; r.Found[rule] <= mostOfARule {
		r.Findings = append(r.Findings, Finding{Rule: rule, Row: row, Says: fmt.Sprintf(says, args...)})
	}
}

// feed gives rows in the order of their keys, one at a time: from the database, or from a table in a test. So
// several can be gone through side by side, however many rows there are.
type feed[R keyed] struct {
	row  R    // the one in hand
	more bool // whether there is one in hand
	pull func() (R, bool)
}

type keyed interface{ key() int64 }

func feeding[R keyed](pull func() (R, bool)) *feed[R] {
	f := &feed[R]{pull: pull}
	f.next()
	return f
}

func (f *feed[R]) next() { f.row, f.more = f.pull() }

// before hands over the rows whose keys come before one.
func (f *feed[R]) before(key int64, do func(R)) {
	for f.more && f.row.key() < key {
		do(f.row)
		f.next()
	}
}

// of hands over the rows with that key, which are next. The loop is the audit's hot path.
func (f *feed[R]) of(key int64, do func(R)) {
	for f.more && f.row.key() == key {
		do(f.row)
		f.next()
	}
}
