package soak

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/sandbox"
)

// afternoon is what is remembered, and what is in the books, of a few calls: Jane sends 500 to John and reads it;
// sends what she has not and sees nothing; asks Njeri for 100 in cash, which expires; and looks at her balance.
type afternoon struct {
	t     *testing.T
	words text.Catalog
	m     *Memory
	b     *Books
	s     *Soak
}

const (
	jane, john, njeri = "+254711000001", "+254711000002", "+254722000001"
	sent              = "ussd:*384*96#:ATUid_1"
	refused           = "ussd:*384*96#:ATUid_2"
	asked             = "ussd:*384*96#:ATUid_3"
)

var three = time.Date(2026, 11, 21, 15, 0, 0, 0, time.UTC)

func newAfternoon(t *testing.T, r *reader, words text.Catalogs) *afternoon {
	t.Helper()
	a := &afternoon{t: t, words: words[core.English], m: newMemory()}
	a.s = &Soak{Config: Config{Service: "*384*96#", Wire: &Wire{}}, Memory: a.m, reader: r}
	a.b = &Books{
		Parties: map[core.PartyID]Party{
			1: {jane, core.Subscriber, "JANE WANJIKU", ""}, 2: {john, core.Subscriber, "JOHN OTIENO", ""}, 3: {njeri, core.Agent, "MAMA NJERI SHOP", "10021"},
		},
		Accounts: map[core.AccountID]Account{
			1: {0, "trust", -100_000, 0, 1}, 2: {0, "fees", 500, 0, 1},
			1001: {1, "wallet", 49_500, 0, 2}, 1002: {2, "wallet", 50_000, 0, 1}, 1003: {3, "float", 0, 0, 0},
		},
		Transfers: map[core.TransferID]Transfer{
			8: {Setup + "jane", core.Issue, 1, 1001, 100_000, 0, "QMXAAAAAAA"},
			9: {sent, core.Send, 1001, 1002, 50_000, 500, "QMXAA6A2ER"},
		},
		Entries: []Entry{
			{1, 1, 8, -100_000, -100_000},
			{2, 1, 9, 500, 500},
			{1001, 1, 8, 100_000, 100_000},
			{1001, 2, 9, -50_500, 49_500},
			{1002, 1, 9, 50_000, 50_000},
		},
		Outcomes: map[core.RequestID]Outcome{
			Setup + "jane": {Transfer: 8}, sent: {Transfer: 9, At: three},
			refused: {Code: core.InsufficientFunds, At: three.Add(time.Minute)},
			asked:   {Hold: 7, At: three.Add(2 * time.Minute)},
		},
		Intents: []Intent{
			{sent, 1, "sent", 50_000}, {refused, 1, "sent", 900_000}, {asked, 1, "asked_out", 10_000},
		},
		Cash:      []Cash{{asked, core.Withdraw, 1, 3, 10_000, 1000, "4821", "expired", 0}},
		OpenHolds: map[core.AccountID]core.Amount{},
	}
	a.messages()
	a.calls()
	return a
}

func (a *afternoon) messages() {
	at := text.Args{"receipt": "QMXAA6A2ER", "date": "21/11/26", "time": "3:00 PM", "amount": "500.00"}
	with := func(more text.Args) text.Args {
		args := maps.Clone(at)
		maps.Copy(args, more)
		return args
	}
	a.tell(1, "sms.sent", 9, 0, with(text.Args{"name": "JOHN OTIENO", "phone": "0711000002", "balance": "495.00", "fee": "5.00"}))
	a.tell(2, "sms.received", 9, 0, with(text.Args{"name": "JANE WANJIKU", "phone": "0711000001", "balance": "500.00"}))
	a.tell(1, "error.insufficient_funds", 0, time.Minute, text.Args{"amount": "9,000.00", "operation": "send"})
	cash := text.Args{"amount": "100", "number": "10021", "name": "MAMA NJERI SHOP", "code": "4821", "ref": "R1"}
	a.tell(1, "sms.cash.code", 0, 2*time.Minute, cash)
	a.tell(3, "sms.cash.asked", 0, 2*time.Minute, cash)
	a.tell(1, "sms.cash.expired", 0, time.Hour, cash)
	a.tell(3, "sms.cash.agent.expired", 0, time.Hour, cash)
}

// tell writes a message and has it arrive.
func (a *afternoon) tell(to core.PartyID, k text.Key, about core.TransferID, after time.Duration, args text.Args) {
	said := k
	if strings.HasPrefix(string(k), "error.") {
		said = "sms.failed." + text.Key(strings.TrimPrefix(string(k), "error."))
	}
	m := Message{
		ID: int64(len(a.b.Messages) + 1), Party: to, Phone: a.b.Parties[to].Phone, Key: k, Args: args, Transfer: about,
		Text: a.words.Say(said, args), Created: three.Add(after), Sent: true, Attempts: 1,
	}
	a.b.Messages = append(a.b.Messages, m)
	a.m.Inbox[m.Text] = sandbox.Message{To: string(m.Phone), Text: m.Text}
}

func (a *afternoon) calls() {
	price := a.words.Say("send.pin", text.Args{"amount": "500", "name": "JOHN O.", "fee": "5"})
	a.call("ATUid_1", price, a.words.Say("send.done", text.Args{
		"receipt": "QMXAA6A2ER", "amount": "500", "name": "JOHN O.", "phone": "0711...002", "fee": "5",
	}))
	a.call("ATUid_2", a.words.Say("send.pin", text.Args{"amount": "9,000", "name": "JOHN O.", "fee": "30"}), "")
	a.call("ATUid_3", a.words.Say("withdraw.pin", text.Args{"amount": "100", "name": "10021 MAMA NJERI SHOP", "fee": "10"}),
		a.words.Say("withdraw.done", text.Args{"code": "4821", "amount": "100", "minutes": "10", "name": "10021 MAMA NJERI SHOP"}))
	line := a.words.Say("errand.not_sent", text.Args{"amount": "9,000", "name": "JOHN O."})
	a.call("ATUid_4", "", line+"\n"+a.words.Say("home", nil))
	a.call("ATUid_5", "", a.words.Say("balance.held", text.Args{"balance": "385", "held": "110"}))
}

// call is one of Jane's, in which she agreed to a page, if any, and then saw another, if any.
func (a *afternoon) call(session, agreed, after string) {
	c := &Call{Who: jane, Number: len(a.m.Calls) + 1, Session: session}
	for _, page := range []string{agreed, after} {
		if page == "" {
			continue
		}
		said := a.s.reader.page(page)
		c.Pages = append(c.Pages, said)
		if page == agreed {
			c.Agreed = &said
		} else if c.Agreed != nil {
			c.After = &said
		}
	}
	a.m.Calls = append(a.m.Calls, c)
}

// see has the n-th call, from 0, end with another page.
func (a *afternoon) see(n int, k text.Key, args text.Args) {
	said := a.s.reader.page(a.words.Say(k, args))
	c := a.m.Calls[n]
	c.Pages[len(c.Pages)-1] = said
	if c.Agreed != nil {
		c.After = &said
	}
}

func (a *afternoon) transfer(id core.TransferID, change func(*Transfer)) {
	t := a.b.Transfers[id]
	change(&t)
	a.b.Transfers[id] = t
}

func (a *afternoon) account(id core.AccountID, change func(*Account)) {
	one := a.b.Accounts[id]
	change(&one)
	a.b.Accounts[id] = one
}

// drop loses a message, by its number in the order in which they were written.
func (a *afternoon) drop(n int) {
	delete(a.m.Inbox, a.b.Messages[n].Text)
	a.b.Messages = slices.Delete(a.b.Messages, n, n+1)
}

// The check is silent when all is well, and finds each harm that is done.
func TestCheckFinds(t *testing.T) {
	t.Parallel()
	const nothing Harm = ""
	r, words := newTestReader(t)
	for name, test := range map[string]struct {
		spoil func(*afternoon)
		harm  Harm
		says  string
	}{
		"nothing": {func(*afternoon) {}, nothing, ""},
		"an entry too much": {
			func(a *afternoon) { a.b.Entries = append(a.b.Entries, Entry{1002, 2, 9, 100, 50_100}) }, Lost, "its entries come to",
		},
		"a balance changed": {func(a *afternoon) { a.account(1002, func(o *Account) { o.Balance-- }) }, Lost, "all balances come to"},
		"a hold without an end": {
			func(a *afternoon) {
				a.account(1001, func(o *Account) { o.Held = 11_000 })
				a.b.OpenHolds[1001] = 11_000
			}, Lost, "that no request waits for",
		},
		"a hold that is not held":       {func(a *afternoon) { a.b.OpenHolds[1001] = 5 }, Lost, "its holds come to"},
		"below zero":                    {func(a *afternoon) { a.account(1003, func(o *Account) { o.Balance = -1 }) }, Lost, "is at"},
		"a cash request without an end": {func(a *afternoon) { a.b.Cash[0].Ended = "" }, Lost, "still waits"},
		"two transfers of one request": {
			func(a *afternoon) { a.transfer(8, func(o *Transfer) { o.Request = sent }) }, MovedTwice, "has two transfers",
		},
		"nobody called":    {func(a *afternoon) { a.m.Calls[0].Session = "ATUid_9" }, MovedTwice, "nobody typed a PIN for it"},
		"no PIN was typed": {func(a *afternoon) { a.m.Calls[0].Agreed = nil }, MovedTwice, "nobody typed a PIN for it"},
		"others called":    {func(a *afternoon) { a.m.Calls[0].Who = njeri }, MovedTwice, "moved the money of others"},
		"a text that is no OK": {
			func(a *afternoon) {
				a.m.Texts["x"] = "NO R1"
				a.transfer(9, func(o *Transfer) { o.Request = "sms:x" })
				a.b.Outcomes["sms:x"] = Outcome{Transfer: 9}
			}, MovedTwice, "by a text that confirms nothing",
		},
		"a text with another code": {
			func(a *afternoon) {
				a.m.Texts["x"] = "OK 1111"
				a.transfer(9, func(o *Transfer) { o.Request = "sms:x" })
				a.b.Outcomes["sms:x"] = Outcome{Transfer: 9}
				a.b.Cash[0].Transfer, a.b.Cash[0].Amount = 9, 50_000
			}, MovedTwice, "by a text that confirms nothing",
		},
		"paid by whom it should have gone to": {
			func(a *afternoon) { a.transfer(9, func(o *Transfer) { o.From, o.To = o.To, o.From }) }, MovedTwice, "moved the money of others",
		},
		"another payee than agreed": {
			func(a *afternoon) {
				agreed := a.s.reader.page(a.words.Say("send.pin", text.Args{"amount": "500", "name": "JANE W.", "fee": "5"}))
				a.m.Calls[0].Agreed = &agreed
			}, Misled, "is with JOHN O., and the page said",
		},
		"another amount than agreed": {func(a *afternoon) { a.transfer(9, func(o *Transfer) { o.Amount++ }) }, Misled, "and the page said"},
		"another fee than agreed":    {func(a *afternoon) { a.transfer(9, func(o *Transfer) { o.Fee++ }) }, Misled, "and the page said"},
		"done, and told otherwise":   {func(a *afternoon) { a.see(0, "cancelled", nil) }, Misled, "it was done, and the page said"},
		"done, and to dial again":    {func(a *afternoon) { a.see(0, "call.again", nil) }, Misled, "it was done, and the page said"},
		"refused, and told done": {
			func(a *afternoon) { a.b.Outcomes[sent] = Outcome{Code: core.Voided} }, Misled, "it was not done (voided)",
		},
		"never came, and told done": {func(a *afternoon) { delete(a.b.Outcomes, sent) }, Misled, "it was not done"},
		"a false receipt": {
			func(a *afternoon) { a.transfer(9, func(o *Transfer) { o.Receipt = "QMXBBBBBBB" }) }, Misled, "there is no transfer QMXAA6A2ER",
		},
		"another code": {func(a *afternoon) { a.b.Cash[0].Code = "1111" }, Misled, "another code"},
		"told nothing": {func(a *afternoon) { a.drop(2) }, Misled, "nobody told her what became of it"},
		"a promise without an SMS": {
			func(a *afternoon) {
				a.see(2, "call.received", nil)
				a.drop(3)
			}, Misled, "nobody told her what became of it",
		},
		"a promise of nothing": {
			func(a *afternoon) {
				a.see(0, "call.sms_follows", nil)
				delete(a.b.Outcomes, sent)
			}, Misled, "there is nothing to tell",
		},
		"a message that waits": {func(a *afternoon) { a.b.Messages[2].Sent = false }, Misled, "still waits"},
		"an errand told wrongly": {
			func(a *afternoon) { a.b.Outcomes[refused] = Outcome{Transfer: 8} }, Misled, "no such errand of hers",
		},
		"an errand without an end": {func(a *afternoon) { delete(a.b.Outcomes, refused) }, Misled, "nothing became of"},
		"a balance never had": {
			func(a *afternoon) { a.see(4, "balance.done", text.Args{"balance": "386"}) }, Misled, "and never had it",
		},
		"a balance of nothing": {
			func(a *afternoon) { a.see(4, "balance.done", text.Args{"balance": "0"}) }, Misled, "and never had it",
		},
		"words of no catalogue": {
			func(a *afternoon) { a.m.Calls[4].Pages = []Said{a.s.reader.page("Internal Server Error")} }, Misled, "no catalogue has",
		},
		"only one side told": {func(a *afternoon) { a.drop(1) }, Misled, "has 0 messages for " + john},
		"told twice":         {func(a *afternoon) { a.b.Messages = append(a.b.Messages, a.b.Messages[1]) }, Misled, "has 2 messages for"},
		"another told":       {func(a *afternoon) { a.b.Messages[1].Phone = njeri }, Misled, "is for another"},
		"another name":       {func(a *afternoon) { a.b.Messages[1].Args["name"] = "PETER" }, Misled, "names PETER"},
		"another balance":    {func(a *afternoon) { a.b.Messages[1].Args["balance"] = "5.00" }, Misled, "tells of a balance of 5.00"},
		"another fee":        {func(a *afternoon) { a.b.Messages[0].Args["fee"] = "6.00" }, Misled, "message 1 tells"},
		"an SMS that nobody wrote": {
			func(a *afternoon) { a.m.Inbox["x"] = sandbox.Message{To: jane, Text: "You have won"} }, Misled, "that nobody wrote",
		},
		"an SMS with other words than written": {
			func(a *afternoon) { a.b.Messages[0].Text += "." }, Misled, "that nobody wrote",
		},
		"a NOT sent of what was sent": {
			func(a *afternoon) { a.tell(1, "sms.not_sent", 0, 0, text.Args{"amount": "500", "name": "JOHN O."}) }, Misled, "and nothing of hers failed",
		},
		"a NOT sent of what another did not send": {
			func(a *afternoon) {
				a.tell(2, "sms.not_sent", 0, time.Minute, text.Args{"amount": "9,000", "name": "JOHN O."})
			}, Misled, "and nothing of hers failed",
		},
		"an end that nobody told": {func(a *afternoon) { a.drop(5) }, Misled, "ends of cash requests"},
		"more came than was told": {
			func(a *afternoon) { delete(a.m.Inbox, a.b.Messages[1].Text) }, Misled, john + " was told of 0 more or less, and has 500",
		},
		"a page too long": {
			func(a *afternoon) {
				a.s.Wire.Watch(sandbox.Line{What: "callback", Status: 200, Got: "END " + strings.Repeat("x", 157)})
			}, TooLong, "too long",
		},
		"no page": {func(a *afternoon) { a.s.Wire.Watch(sandbox.Line{What: "callback", Status: 500}) }, TooLong, "status 500"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAfternoon(t, r, words)
			test.spoil(a)
			found, _ := a.s.Check(a.b)
			if test.harm == nothing && len(found) > 0 {
				t.Errorf("finds %v", found)
			}
			if test.harm != nothing && !slices.ContainsFunc(found, func(f Finding) bool {
				return f.Harm == test.harm && strings.Contains(f.What, test.says)
			}) {
				t.Errorf("does not find it: %v", found)
			}
		})
	}
}

// A message that the provider refuses for good is nobody's lie, and is counted.
func TestCheckCountsTheUntold(t *testing.T) {
	t.Parallel()
	r, words := newTestReader(t)
	a := newAfternoon(t, r, words)
	a.b.Messages[2].Sent, a.b.Messages[2].Dead = false, true
	delete(a.m.Inbox, a.b.Messages[2].Text)
	if found, untold := a.s.Check(a.b); len(found) > 0 || untold != 1 {
		t.Errorf("%d untold, %v", untold, found)
	}
}
