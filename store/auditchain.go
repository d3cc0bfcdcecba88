package store

import (
	"database/sql"
	"fmt"
	"math"

	"github.com/piga-money/piga/core"
)

// The accounts against their entries. This file knows no database: it is fed rows in order.

type (
	accountSeen struct {
		id, version, versionBefore   int64
		balance, balanceBefore, held core.Amount
		last                         sql.NullInt64
		people                       bool
	}
	entrySeen struct {
		account, version, transfer, line int64
		amount, balance                  core.Amount
	}
	closingSeen struct {
		account, version, transfer int64
		balance                    core.Amount
	}
	heldSum struct {
		account int64
		amount  core.Amount
	}
)

func (a accountSeen) key() int64 { return a.id }
func (e entrySeen) key() int64   { return e.account }
func (c closingSeen) key() int64 { return c.account }
func (h heldSum) key() int64     { return h.account }

// chains are accounts with all that belongs to them, each in the order of the account, entries then of the version.
type chains struct {
	accounts *feed[accountSeen]
	closings *feed[closingSeen]
	entries  *feed[entrySeen]
	held     *feed[heldSum]
}

func (in chains) audit(r *AuditReport) {
	for ; in.accounts.more; in.accounts.next() {
		a := in.accounts.row
		in.strays(r, a.id)
		c := chain{r: r, account: a}
		c.pass()
		in.closings.of(a.id, c.open)
		in.entries.of(a.id, c.add)
		c.end()
		var held core.Amount
		in.held.of(a.id, func(h heldSum) { held += h.amount })
		if held != a.held {
			r.wrong(HeldIsOnHold, c.name(), "it holds %s, but its running holds come to %s", kes(a.held), kes(held))
		}
		r.Accounts++
		if a.people {
			r.People += a.balance
		} else {
			r.System += a.balance
		}
	}
	in.strays(r, math.MaxInt64)
	if sum := r.People + r.System; sum != 0 {
		r.wrong(BalancesAreZero, "all accounts", "people have %s and the system's own accounts %s: that is %s, not zero",
			kes(r.People), kes(r.System), kes(sum))
	}
}

// strays are rows of accounts that there are not, up to the next one that there is.
func (in chains) strays(r *AuditReport, next int64) {
	in.closings.before(next, func(c closingSeen) {
		r.wrong(EntriesHaveAccounts, fmt.Sprintf("closing of account %d", c.account), "there is no such account")
	})
	in.entries.before(next, func(e entrySeen) {
		r.Entries++
		r.wrong(EntriesHaveAccounts, e.name(), "there is no such account (it is of transfer %d)", e.transfer)
	})
	in.held.before(next, func(h heldSum) {
		r.wrong(HeldIsOnHold, fmt.Sprintf("account %d", h.account), "%s is on hold on it, and there is no such account", kes(h.amount))
	})
}

// chain goes along the entries of one account, from nothing or from how it stood when a month was put away.
type chain struct {
	r       *AuditReport
	account accountSeen

	opening, version, transfer int64 // transfer is of the last entry
	balance                    core.Amount

	// After an entry that does not add up the next one tells which of its numbers is right: it goes on from balance
	// or from other. So one wrong number is one finding.
	other core.Amount

	passed              bool // the account's version_before was, and these are the balance and the other one there
	before, beforeOther core.Amount
}

func (c *chain) name() string    { return fmt.Sprintf("account %d", c.account.id) }
func (e entrySeen) name() string { return fmt.Sprintf("account %d, entry %d", e.account, e.version) }

func (c *chain) open(at closingSeen) {
	c.opening, c.version, c.transfer, c.balance, c.other = at.version, at.version, at.transfer, at.balance, at.balance
	c.pass()
}

// pass remembers the balance that the account should remember.
func (c *chain) pass() {
	if c.version == c.account.versionBefore {
		c.passed, c.before, c.beforeOther = true, c.balance, c.other
	}
}

func (c *chain) add(e entrySeen) {
	c.r.Entries++
	switch {
	case e.version <= c.opening:
		c.r.wrong(EntriesFollow, e.name(), "entries up to %d were put away with their month", c.opening)
		return
	case e.version == c.version:
		c.r.wrong(EntriesFollow, e.name(), "it is there twice: of transfer %d and of transfer %d", c.transfer, e.transfer)
		return
	case e.version > c.account.version:
		c.r.wrong(EntriesFollow, e.name(), "the account knows %d entries; this one, of transfer %d, is beyond them", c.account.version, e.transfer)
		return
	case e.version != c.version+1:
		c.r.wrong(EntriesFollow, e.name(), "the entry before it, %d, is missing; the last one that is there is %d", e.version-1, c.version)
		c.other = e.balance
	default:
		c.adds(e)
	}
	c.version, c.transfer, c.balance = e.version, e.transfer, e.balance
	c.pass()
}

func (c *chain) adds(e entrySeen) {
	should := c.balance + e.amount
	if e.balance == should || e.balance == c.other+e.amount {
		c.other = e.balance
		return
	}
	c.r.wrong(EntriesFollow, e.name(), "%s and %s make %s, but its balance is %s (transfer %d, line %d)",
		kes(c.balance), kes(e.amount), kes(should), kes(e.balance), e.transfer, e.line)
	c.other = should
}

// end compares the account with where its entries led.
func (c *chain) end() {
	a := c.account
	switch {
	case c.version != a.version:
		c.r.wrong(AccountsAreAtLast, c.name(), "it counts %d entries, but the last one that is there is %d", a.version, c.version)
		return
	case a.balance != c.balance && a.balance != c.other:
		c.r.wrong(AccountsAreAtLast, c.name(), "its balance is %s, but its last entry, %d, says %s", kes(a.balance), c.version, kes(c.balance))
	case a.last.Valid && a.last.Int64 != c.transfer: // unknown where a copy of Piga wrote that knew no months
		c.r.wrong(AccountsAreAtLast, c.name(), "its last transfer is %d, but its last entry, %d, is of %d", a.last.Int64, c.version, c.transfer)
	}
	c.remembers()
}

// remembers compares what the account says of the time before its last statement. Once that is put away there is
// nothing to compare it with.
func (c *chain) remembers() {
	a := c.account
	switch {
	case a.version == 0 && (a.versionBefore != 0 || a.balanceBefore != 0):
		c.r.wrong(AccountsAreAtLast, c.name(), "it has no entries, but remembers %d and %s", a.versionBefore, kes(a.balanceBefore))
	case a.version == c.opening:
	case a.versionBefore < c.opening || a.versionBefore >= a.version:
		c.r.wrong(AccountsAreAtLast, c.name(), "it counted %d entries before its last statement: that cannot be, of %d", a.versionBefore, a.version)
	case c.passed && a.balanceBefore != c.before && a.balanceBefore != c.beforeOther:
		c.r.wrong(AccountsAreAtLast, c.name(), "its balance before its last statement was %s, but entry %d says %s",
			kes(a.balanceBefore), a.versionBefore, kes(c.before))
	}
}

// kes is an amount for operators.
func kes(a core.Amount) string { return "KES " + a.Long() }
