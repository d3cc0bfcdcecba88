package soak

import (
	"fmt"
	"slices"
	"strings"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
)

// Harm is what must not happen to anybody.
type Harm string

// The harms, each of which must be found never.
const (
	MovedTwice Harm = "money moved twice, or unasked"
	Lost       Harm = "money lost"
	TooLong    Harm = "pages too long, or none"
	Leaked     Harm = "PINs found"
	Misled     Harm = "customers told wrongly"
)

// Harms is every one, in the order in which they are reported.
var Harms = []Harm{MovedTwice, Lost, TooLong, Leaked, Misled}

// Finding is one harm that was done, and to whom. It names people by their phones, which exist in no network.
type Finding struct {
	Harm Harm
	What string
}

// check compares what people remember with what the books hold.
type check struct {
	*Memory
	*Books
	service  string
	reader   *reader
	parties  map[core.MSISDN]core.PartyID
	accounts map[core.PartyID]core.AccountID // the main one of each
	receipts map[string]core.TransferID
	calls    map[core.RequestID]*Call
	cash     map[core.RequestID]Cash
	told     map[core.PartyID][]*Message
	had      map[core.AccountID]map[core.Amount]bool            // balances, at one time or another
	opening  map[core.AccountID]core.Amount                     // what came before the first call
	balances map[core.TransferID]map[core.AccountID]core.Amount // after each transfer

	findings []Finding
	unsent   int // outcomes of which nobody could tell: the provider refused the message for good
}

// Setup begins the request ids of what moved before the first call.
const Setup = "setup:"

// Check finds what harm was done, and counts the outcomes that nobody heard of because the provider refused
// their messages for good.
func (s *Soak) Check(b *Books) (found []Finding, unsent int) {
	c := newCheck(s.Memory, b, s.Service, s.reader)
	c.ledger()
	c.askedFor()
	c.eachCall()
	c.messages()
	c.received()
	c.sums()
	for _, words := range s.Wire.broken {
		c.found(TooLong, "%s", words)
	}
	return c.findings, c.unsent
}

func newCheck(m *Memory, b *Books, service string, r *reader) *check {
	c := &check{
		Memory: m, Books: b, service: service, reader: r, parties: map[core.MSISDN]core.PartyID{},
		accounts: map[core.PartyID]core.AccountID{}, receipts: map[string]core.TransferID{}, calls: map[core.RequestID]*Call{},
		cash: map[core.RequestID]Cash{}, told: map[core.PartyID][]*Message{}, had: map[core.AccountID]map[core.Amount]bool{},
		opening: map[core.AccountID]core.Amount{},
	}
	for id, p := range b.Parties {
		c.parties[p.Phone] = id
	}
	for id, a := range b.Accounts {
		c.had[id] = map[core.Amount]bool{}
		if a.Party != 0 && a.Kind != "commission" {
			c.accounts[a.Party] = id
		}
	}
	for id, t := range b.Transfers {
		c.receipts[t.Receipt] = id
	}
	for _, e := range b.Entries {
		if c.had[e.Account] == nil {
			continue
		}
		c.had[e.Account][e.Balance] = true
		if strings.HasPrefix(string(b.Transfers[e.Transfer].Request), Setup) {
			c.opening[e.Account] += e.Amount
		}
	}
	for id := range b.Accounts {
		if c.opening[id] == 0 { // she came without money
			c.had[id][0] = true
		}
	}
	for _, one := range b.Cash {
		c.cash[one.Request] = one
	}
	for i, m := range b.Messages {
		c.told[m.Party] = append(c.told[m.Party], &b.Messages[i])
	}
	for _, call := range m.Calls {
		if call.Session != "" {
			c.calls[call.Request(service)] = call
		}
	}
	return c
}

func (c *check) found(h Harm, format string, args ...any) {
	c.findings = append(c.findings, Finding{h, fmt.Sprintf(format, args...)})
}

// of names a call, so that it can be looked for in another run of the seed.
func of(call *Call) string {
	return fmt.Sprintf("%s call %d (%s, %s)", call.Who, call.Number, call.Errand, call.Session)
}

// ledger checks the books by themselves.
func (c *check) ledger() {
	var sum core.Amount
	for id, a := range c.Accounts {
		sum += a.Balance
		if a.Held != c.OpenHolds[id] {
			c.found(Lost, "account %d has %s on hold, and its holds come to %s", id, a.Held, c.OpenHolds[id])
		}
		if a.Held != 0 {
			c.found(Lost, "account %d has %s on hold that no request waits for", id, a.Held)
		}
		if a.Party != 0 && a.Balance < 0 {
			c.found(Lost, "account %d is at %s", id, a.Balance)
		}
	}
	if sum != 0 {
		c.found(Lost, "all balances come to %s", sum)
	}
	c.entries()
	c.transfers()
}

// entries checks that each account is the sum of its entries, one after the other.
func (c *check) entries() {
	last, of := map[core.AccountID]Entry{}, map[core.TransferID]core.Amount{}
	for _, e := range c.Entries {
		before := last[e.Account]
		if e.Version != before.Version+1 || e.Balance != before.Balance+e.Amount {
			c.found(Lost, "entry %d of account %d does not follow the one before it", e.Version, e.Account)
		}
		last[e.Account] = e
		of[e.Transfer] += e.Amount
	}
	for id, a := range c.Accounts {
		if e := last[id]; e.Balance != a.Balance || e.Version != a.Version {
			c.found(Lost, "account %d has %s, and its entries come to %s", id, a.Balance, e.Balance)
		}
	}
	for id := range c.Transfers {
		if sum, some := of[id]; sum != 0 || !some {
			c.found(Lost, "the entries of transfer %d come to %s", id, sum)
		}
	}
}

// transfers checks that each request moved money once at the most, and knows of it.
func (c *check) transfers() {
	seen := map[core.RequestID]bool{}
	for id, t := range c.Transfers {
		if seen[t.Request] {
			c.found(MovedTwice, "request %s has two transfers", t.Request)
		}
		seen[t.Request] = true
		if c.Outcomes[t.Request].Transfer != id {
			c.found(MovedTwice, "transfer %d is not what became of request %s", id, t.Request)
		}
	}
}

// askedFor checks that somebody asked for each transfer, and for this one: by a call in which the payer, or the
// agent, typed her PIN at a page that told its price, or by an agent's text with the code of a request.
func (c *check) askedFor() {
	for id, t := range c.Transfers {
		request := string(t.Request)
		switch {
		case strings.HasPrefix(request, Setup):
		case strings.HasPrefix(request, "sms:"):
			words := c.Texts[strings.TrimPrefix(request, "sms:")]
			code, ok := strings.CutPrefix(strings.ToUpper(words), "OK")
			if !ok || !slices.ContainsFunc(c.Cash, func(one Cash) bool {
				return one.Transfer == id && one.Code == strings.TrimSpace(code) && one.Amount == t.Amount
			}) {
				c.found(MovedTwice, "%s moved by a text that confirms nothing: %q", t.Receipt, words)
			}
		default:
			c.askedByCall(t)
		}
	}
}

func (c *check) askedByCall(t Transfer) {
	call := c.calls[t.Request]
	if call == nil || call.Agreed == nil {
		c.found(MovedTwice, "%s moved, and nobody typed a PIN for it: %s", t.Receipt, t.Request)
		return
	}
	agreed := call.Agreed
	if agreed.amount("amount") != t.Amount || agreed.Args["fee"] != "" && agreed.amount("fee") != t.Fee {
		c.found(Misled, "%s: %s moved %s for %s, and the page said %q", of(call), t.Receipt, t.Amount, t.Fee, agreed.Text)
	}
	mine, other := c.Accounts[t.From].Party, c.Accounts[t.To].Party
	if getsMoney(agreed.Key) {
		mine, other = other, mine
	}
	if c.parties[call.Who] != mine {
		c.found(MovedTwice, "%s: %s moved the money of others", of(call), t.Receipt)
	}
	if name := c.Parties[other].masked(); !strings.HasPrefix(name, agreed.Args["name"]) { // a page may cut it
		c.found(Misled, "%s: %s is with %s, and the page said %q", of(call), t.Receipt, name, agreed.Text)
	}
}

// getsMoney is true of the pages at which a PIN brings money to its owner; at any other it takes it away.
func getsMoney(k text.Key) bool { return k == "request.withdraw.pin" || k == "commission.take.pin" }

// sums checks that what each person was told to have paid and got comes to what her balance changed by.
func (c *check) sums() {
	changes := map[core.PartyID]core.Amount{}
	seen := map[string]bool{}
	add := func(phone, words string) {
		said := c.reader.message(words)
		if once, change := phone+said.Args["receipt"], changeOf(said); change != 0 && !seen[once] {
			seen[once] = true
			changes[c.parties[core.MSISDN(phone)]] += change
		}
	}
	for _, m := range c.Inbox {
		add(m.To, m.Text)
	}
	for _, m := range c.Messages {
		if m.Dead {
			add(string(m.Phone), m.Text)
		}
	}
	for party, account := range c.accounts {
		if now, then := c.Accounts[account].Balance, c.opening[account]; now-then != changes[party] {
			c.found(Misled, "%s was told of %s more or less, and has %s; nobody told of %v",
				c.Parties[party].Phone, changes[party], now-then, c.untold(account, seen))
		}
	}
}

// untold are the receipts of an account that came to its owner in no message.
func (c *check) untold(account core.AccountID, told map[string]bool) (receipts []string) {
	phone := string(c.Parties[c.Accounts[account].Party].Phone)
	for _, t := range c.Transfers {
		if (t.From == account || t.To == account) && !told[phone+t.Receipt] && !strings.HasPrefix(string(t.Request), Setup) {
			receipts = append(receipts, string(t.Operation)+" "+t.Receipt)
		}
	}
	return receipts
}

// changeOf is what a message says has come to its reader's money, or gone.
func changeOf(m Said) core.Amount {
	switch m.Key {
	case "sms.sent", "sms.withdrew":
		return -m.amount("amount") - m.amount("fee")
	case "sms.agent.deposit":
		return -m.amount("amount")
	case "sms.received", "sms.deposited", "sms.agent.withdrawal", "sms.took_commission":
		return m.amount("amount")
	default:
		return 0
	}
}
