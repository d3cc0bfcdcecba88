package soak

import (
	"strconv"
	"strings"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
)

// eachCall compares every page that reached somebody with what is true.
func (c *check) eachCall() {
	for _, call := range c.Memory.Calls {
		for i := range call.Pages {
			c.page(call, &call.Pages[i])
		}
		if call.Agreed != nil {
			c.outcome(call)
		}
	}
	for _, i := range c.Intents {
		if _, ended := c.Outcomes[i.Request]; !ended {
			c.found(Misled, "nothing became of %s, whose PIN was right", i.Request)
		}
		if c.calls[i.Request] == nil {
			c.found(Misled, "%s had a right PIN in no call of anybody", i.Request)
		}
	}
}

// outcome checks what a caller was told at the end of a call in which she typed her PIN for something.
func (c *check) outcome(call *Call) {
	request := call.Request(c.service)
	o, ended := c.Outcomes[request]
	if ended { // whatever the page said: the SMS does not depend on the screen
		c.toldLater(call, o)
	}
	switch {
	case call.After == nil:
	case call.After.Key == "call.received": // it says only what an SMS will mean
	case promises(call.After.Key):
		if !ended {
			c.found(Misled, "%s: an SMS was promised, and there is nothing to tell: %q", of(call), call.After.Text)
		}
	case isDone(call.After.Key):
		if !ended || o.Code != "" {
			c.found(Misled, "%s: it was not done (%s), and the page said %q", of(call), o.Code, call.After.Text)
		}
		c.codeOf(call, request)
	case ended && o.Code == "":
		c.found(Misled, "%s: it was done, and the page said %q", of(call), call.After.Text)
	}
}

// promises is true of the pages that leave it to an SMS.
func promises(k text.Key) bool {
	return k == "call.sms_follows" || k == "error.outcome_unknown"
}

// isDone is true of the pages with which something ends that a PIN paid for.
func isDone(k text.Key) bool { return strings.HasSuffix(string(k), ".done") || k == "commission.taken" }

// codeOf checks that the code on the page is the one that the agent must learn.
func (c *check) codeOf(call *Call, request core.RequestID) {
	if code := call.After.Args["code"]; code != "" && code != c.cash[request].Code {
		c.found(Misled, "%s: the page has another code than the request", of(call))
	}
}

// toldLater checks that a message tells of an outcome. One that the provider refused for good counts if she saw no
// page that told it.
func (c *check) toldLater(call *Call, o Outcome) {
	for _, m := range c.told[c.parties[call.Who]] {
		if !c.tells(m, o) {
			continue
		}
		if m.Dead {
			if call.After == nil || promises(call.After.Key) {
				c.unsent++
			}
		} else if !m.Sent {
			c.found(Misled, "%s: message %d still waits after %d tries", of(call), m.ID, m.Attempts)
		}
		return
	}
	c.found(Misled, "%s: nobody told her what became of it (%q)", of(call), o.Code)
}

// tells is true of a message about an outcome: both are written in one transaction, and so at one moment.
func (c *check) tells(m *Message, o Outcome) bool {
	switch {
	case o.Transfer != 0:
		return m.Transfer == o.Transfer
	case !m.Created.Equal(o.At):
		return false
	case o.Code != "":
		return isRefusal(m.Key)
	default:
		return m.Key == "sms.cash.code" || m.Key == "sms.cash.hand"
	}
}

// page checks one page by itself.
func (c *check) page(call *Call, p *Said) {
	if !p.understood() {
		c.found(Misled, "%s: no catalogue has the page %q", of(call), p.Text)
	}
	party := c.parties[call.Who]
	c.receipt(of(call), party, *p)
	if p.Above != nil {
		c.errand(call, party, *p.Above)
	}
	if p.Key == "errand" {
		line := match(c.reader.lines, p.Args["line"])
		c.errand(call, party, line)
	}
	c.minutes(call, p)
	balance := p.amount("balance")
	switch p.Key {
	case "balance.done", "balance.float":
		c.balance(of(call), c.accounts[party], balance)
	case "balance.held":
		c.balance(of(call), c.accounts[party], balance+p.amount("held"))
	}
}

// minutes checks how long a page says that a request for cash waits: ten of them, when it was just asked.
func (c *check) minutes(call *Call, p *Said) {
	left, err := strconv.Atoi(p.Args["minutes"])
	cash := p.Key == "withdraw.done" || p.Key == "deposit.done"
	if err != nil || !cash && !strings.HasPrefix(string(p.Key), "open.") && !strings.HasPrefix(string(p.Key), "request.") {
		return
	}
	if left > cashLasts || cash && left < cashLasts-1 {
		c.found(Misled, "%s: the request waits for %d minutes, and the page said %q", of(call), cashLasts, p.Text)
	}
}

// cashLasts is how long a request for cash waits, in minutes.
const cashLasts = 10

func (c *check) balance(whose string, account core.AccountID, told core.Amount) {
	if !c.had[account][told] {
		c.found(Misled, "%s: was told a balance of %s, and never had it", whose, told)
	}
}

// receipt checks that a receipt is true: of a transfer of that amount in which she took part.
func (c *check) receipt(whose string, party core.PartyID, said Said) {
	receipt := said.Args["receipt"]
	if receipt == "" || said.Key == "sms.balance" || said.Key == "reply.unknown_receipt" {
		return
	}
	t, ok := c.Transfers[c.receipts[receipt]]
	switch amount := said.Args["amount"]; {
	case !ok:
		c.found(Misled, "%s: there is no transfer %s: %q", whose, receipt, said.Text)
	case party != c.Accounts[t.From].Party && party != c.Accounts[t.To].Party:
		c.found(Misled, "%s: %s is of others: %q", whose, receipt, said.Text)
	case amount != "" && amountOf(amount) != t.Amount:
		c.found(Misled, "%s: %s is of %s: %q", whose, receipt, t.Amount, said.Text)
	case said.Args["fee"] != "" && said.amount("fee") != t.Fee && c.Accounts[t.From].Party == party:
		c.found(Misled, "%s: %s cost %s: %q", whose, receipt, t.Fee, said.Text)
	}
}

// errand checks the line about the last errand on the first page of a call.
func (c *check) errand(call *Call, party core.PartyID, line Said) {
	if !strings.HasPrefix(string(line.Key), "errand.") || strings.HasPrefix(string(line.Key), "errand.maybe_") {
		return
	}
	c.receipt(of(call), party, line)
	for _, i := range c.Intents {
		if i.Party != party || i.Amount != line.amount("amount") {
			continue
		}
		for _, k := range append([]text.Key{line.Key}, line.Alike...) {
			if c.became(i, strings.TrimPrefix(string(k), "errand."), line.Args["receipt"]) {
				return
			}
		}
	}
	c.found(Misled, "%s: no such errand of hers ended so: %q", of(call), line.Text)
}

// became is true when the words tell what an errand came to.
func (c *check) became(i Intent, words, receipt string) bool {
	o, cash := c.Outcomes[i.Request], c.cash[i.Request]
	switch words {
	case "not_" + i.Errand:
		return o.Code != ""
	case "done_" + i.Errand:
		return c.Transfers[cash.Transfer].Receipt == receipt
	case "ended_" + i.Errand:
		return cash.Ended != "" && cash.Transfer == 0
	case i.Errand:
		return o.Code == "" && (receipt == "" && o.Transfer == 0 || c.Transfers[o.Transfer].Receipt == receipt)
	default:
		return false
	}
}
