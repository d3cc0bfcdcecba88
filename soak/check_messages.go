package soak

import (
	"strings"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
)

// messages compares every message that was written down with what it is about.
func (c *check) messages() {
	sides := map[core.TransferID]map[core.PartyID]int{}
	for i := range c.Messages {
		m := &c.Messages[i]
		if m.Transfer == 0 {
			continue
		}
		if sides[m.Transfer] == nil {
			sides[m.Transfer] = map[core.PartyID]int{}
		}
		sides[m.Transfer][m.Party]++
		c.aboutTransfer(m)
	}
	for id, t := range c.Transfers {
		if strings.HasPrefix(string(t.Request), Setup) {
			continue
		}
		for _, account := range []core.AccountID{t.From, t.To} {
			party := c.Accounts[account].Party
			if n := sides[id][party]; n != 1 {
				c.found(Misled, "%s has %d messages for %s", t.Receipt, n, c.Parties[party].Phone)
			}
		}
	}
	c.refusals()
	c.cashEnds()
}

// refusals checks that whoever is told that something was not done had something refused: both are written at one moment.
// Who sent the text of a request nobody remembers.
func (c *check) refusals() {
	type refusal struct {
		party core.PartyID
		at    int64
	}
	refused, unknown := map[refusal]bool{}, core.PartyID(0)
	for id, o := range c.Outcomes {
		switch call := c.calls[id]; {
		case o.Code == "":
		case call == nil:
			refused[refusal{unknown, o.At.UnixMicro()}] = true
		default:
			refused[refusal{c.parties[call.Who], o.At.UnixMicro()}] = true
		}
	}
	for _, m := range c.Messages {
		at := m.Created.UnixMicro()
		if isRefusal(m.Key) && !refused[refusal{m.Party, at}] && !refused[refusal{unknown, at}] {
			c.found(Misled, "message %d (%s) tells %s of what was not done, and nothing of hers failed then", m.ID, m.Key, m.Phone)
		}
	}
}

// isRefusal is true of messages that say that something was not done.
func isRefusal(k text.Key) bool {
	return strings.HasPrefix(string(k), "error.") || strings.HasPrefix(string(k), "sms.not_")
}

// aboutTransfer checks the blanks of a message against the transfer, and who it is for.
func (c *check) aboutTransfer(m *Message) {
	t := c.Transfers[m.Transfer]
	in, about := incoming(m.Key)
	mine, other := c.Accounts[t.From].Party, c.Accounts[t.To].Party
	if in {
		mine, other = other, mine
	}
	balance, fee := m.Args["balance"], m.Args["fee"]
	switch {
	case !about:
		c.found(Misled, "message %d is about %s in words that are not: %s", m.ID, t.Receipt, m.Key)
	case m.Party != mine || m.Phone != c.Parties[mine].Phone:
		c.found(Misled, "message %d (%s) about %s is for another", m.ID, m.Key, t.Receipt)
	case m.Args["receipt"] != t.Receipt || amountOf(m.Args["amount"]) != t.Amount || fee != "" && amountOf(fee) != t.Fee:
		c.found(Misled, "message %d tells %v of %s", m.ID, m.Args, t.Receipt)
	case m.Args["name"] != "" && m.Args["name"] != c.Parties[other].Name:
		c.found(Misled, "message %d names %s in %s, not %s", m.ID, m.Args["name"], t.Receipt, c.Parties[other].Name)
	case balance != "" && amountOf(balance) != c.after(m.Transfer, c.accounts[mine]):
		c.found(Misled, "message %d tells of a balance of %s after %s, which was %s", m.ID, balance, t.Receipt, c.after(m.Transfer, c.accounts[mine]))
	}
}

// incoming is true of the messages to whom money came; about is false of those that are about no transfer.
func incoming(k text.Key) (in, about bool) {
	switch k {
	case "sms.received", "sms.deposited", "sms.agent.withdrawal", "sms.took_commission":
		return true, true
	case "sms.sent", "sms.withdrew", "sms.agent.deposit":
		return false, true
	default:
		return false, false
	}
}

// after is an account's balance after a transfer.
func (c *check) after(id core.TransferID, account core.AccountID) core.Amount {
	if c.balances == nil {
		c.balances = map[core.TransferID]map[core.AccountID]core.Amount{}
		for _, e := range c.Entries {
			if c.balances[e.Transfer] == nil {
				c.balances[e.Transfer] = map[core.AccountID]core.Amount{}
			}
			c.balances[e.Transfer][e.Account] = e.Balance
		}
	}
	return c.balances[id][account]
}

// cashEnds checks that both sides of every cash request that ended without money are told so, once.
func (c *check) cashEnds() {
	type told struct {
		party core.PartyID
		key   text.Key
	}
	count := map[told]int{}
	for _, one := range c.Cash {
		switch {
		case one.Ended == "":
			c.found(Lost, "the cash request of %s still waits", one.Request)
		case one.Transfer == 0:
			count[told{one.Customer, text.Key("sms.cash." + one.Ended)}]++
			count[told{one.Agent, text.Key("sms.cash.agent." + one.Ended)}]++
		}
	}
	for _, m := range c.Messages {
		for _, end := range []string{"refused", "cancelled", "expired", "codes"} {
			if strings.HasPrefix(string(m.Key), "sms.cash.") && strings.HasSuffix(string(m.Key), "."+end) {
				count[told{m.Party, m.Key}]--
			}
		}
	}
	for who, n := range count {
		if n != 0 {
			c.found(Misled, "%s has %d ends of cash requests more or less than messages %s", c.Parties[who.party].Phone, n, who.key)
		}
	}
}

// received checks that everything that came to a phone was written down, in words that somebody understands,
// and that what it says of a receipt is true.
func (c *check) received() {
	type came struct{ phone, text string }
	written := map[came]bool{}
	for _, m := range c.Messages {
		written[came{string(m.Phone), m.Text}] = true
	}
	for _, m := range c.Inbox {
		said := c.reader.message(m.Text)
		if !written[came{m.To, m.Text}] || !said.understood() {
			c.found(Misled, "%s got a message that nobody wrote, or understands: %q", m.To, m.Text)
		}
		party := c.parties[core.MSISDN(m.To)]
		c.receipt(m.To, party, said)
		if said.Key == "sms.balance" {
			c.balanceOrHeld(m.To, party, said.amount("balance"))
		}
	}
}

// balanceOrHeld checks a balance that may lack what was on hold for a withdrawal.
func (c *check) balanceOrHeld(whose string, party core.PartyID, told core.Amount) {
	account := c.accounts[party]
	if c.had[account][told] {
		return
	}
	for _, one := range c.Cash {
		if one.Customer == party && c.had[account][told+one.Amount+one.Fee] {
			return
		}
	}
	c.found(Misled, "%s: was told a balance of %s, and never had it", whose, told)
}
