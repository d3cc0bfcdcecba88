package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
	"github.com/piga-money/piga/sandbox"
)

// devPIN is everybody's.
const devPIN = "2580"

// person is somebody who comes with piga dev.
type person struct {
	nick   string // in a dialogue
	kind   core.Kind
	phone  core.MSISDN
	number string
	name   string
	money  core.Amount
	from   core.MSISDN // who handed it to her, in the beginning
}

// devPeople are in the order in which the money reaches them: from the bank to the super agent, on to the
// agents, and over the counter to the subscribers.
func devPeople() []person {
	const bahari, njeri = "+254733000001", "+254722000001"
	return []person{
		{"bahari", core.SuperAgent, bahari, "10001", "BAHARI DISTRIBUTORS", 1_000_000 * core.Shilling, ""},
		{"njeri", core.Agent, njeri, "10021", "MAMA NJERI SHOP", 20_000 * core.Shilling, bahari},
		{"omar", core.Agent, "+254722000002", "10022", "KWA OMAR", 5_000 * core.Shilling, bahari},
		{"jane", core.Subscriber, "+254711000001", "", "JANE WANJIKU", 2_000 * core.Shilling, njeri},
		{"john", core.Subscriber, "+254711000002", "", "JOHN OTIENO", 2_000 * core.Shilling, njeri},
		{"peter", core.Subscriber, "+254711000003", "", "PETER MWANGI", 0, ""},
	}
}

// populate opens the people who are not there yet, with their money. Each movement has a request id of its
// own, so that the next start moves nothing again.
func populate(ctx context.Context, g *gateway) error {
	pin, err := core.ParsePIN(devPIN)
	if err != nil {
		return err
	}
	known := map[core.MSISDN]core.Party{}
	for _, p := range devPeople() {
		party, err := g.wallet.Caller(ctx, p.phone)
		if core.CodeOf(err) == core.NotRegistered {
			party, err = g.wallet.Open(ctx, p.party(), pin, "")
		}
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		known[p.phone] = party
	}
	for _, p := range devPeople() {
		if err := p.fund(ctx, g, known); err != nil {
			return fmt.Errorf("the money of %s: %w", p.name, err)
		}
	}
	return nil
}

func (p person) party() core.Party {
	tier := core.TierTrade
	if p.kind == core.Subscriber {
		tier = core.TierFull
	}
	return core.Party{
		Kind: p.kind, Status: core.Active, Tier: tier, Name: p.name, Phone: p.phone, Number: p.number, Lang: core.English,
		IDNumber: "2" + string(p.phone[len(p.phone)-7:]),
	}
}

// throughHer is what a person hands on to others, besides what she keeps.
func (p person) throughHer() core.Amount {
	var sum core.Amount
	for _, other := range devPeople() {
		if other.from == p.phone {
			sum += other.money + other.throughHer()
		}
	}
	return sum
}

func (p person) fund(ctx context.Context, g *gateway, known map[core.MSISDN]core.Party) error {
	amount := p.money + p.throughHer()
	switch {
	case amount == 0:
		return nil
	case p.from == "":
		_, err := g.wallet.IssueFloat(ctx, wallet.Booking{Reference: "dev", Party: known[p.phone], Amount: amount})
		return err
	}
	o, err := g.store.Post(ctx, deposited(core.RequestID("dev:"+p.phone), known[p.from], known[p.phone], amount))
	if err != nil {
		return err
	}
	return o.Err()
}

// deposited is a deposit that needs nobody at a counter. Both sides are told, as of any other.
func deposited(request core.RequestID, from, to core.Party, amount core.Amount) wallet.Order {
	told := func(p core.Party, key text.Key, args text.Args) notice.Notice {
		args["amount"] = amount.Long()
		return notice.Notice{To: p.ID, Phone: p.Phone, Lang: p.Lang, When: notice.Done, Key: key, Args: args, Balance: p.Account}
	}
	return wallet.Order{
		Posting: ledger.Posting{
			Request: request, Action: ledger.Move, Operation: core.Deposit, From: from.Account, To: to.Account, Amount: amount,
			Entries: []ledger.Entry{{Account: from.Account, Amount: -amount}, {Account: to.Account, Amount: amount}},
		},
		Tell: []notice.Notice{
			told(to, "sms.deposited", text.Args{"number": from.Number, "name": from.Name}),
			told(from, "sms.agent.deposit", text.Args{"name": to.Name, "phone": to.Phone.National()}),
		},
	}
}

// players are the same, as the sandbox shows whose phone can be played.
func players() []sandbox.Person {
	var all []sandbox.Person
	for _, p := range devPeople() {
		all = append(all, sandbox.Person{Name: p.name, Number: string(p.phone), What: p.what(), Hint: "PIN " + devPIN})
	}
	return all
}

// errand is what to try on the page with the handsets, where Jane's and the agent's phones lie to begin with.
func errand(c config) []string {
	return []string{
		"On Jane's phone dial " + c.Services[0] + " and withdraw cash: 2, agent 10021, an amount, PIN " + devPIN + ".",
		"Read the code in her messages.",
		"From the phone of Mama Njeri, the agent, text OK and the code to " + c.ATSender + ". She has counted out the cash.",
	}
}

// what a person is: "agent 10021".
func (p person) what() string {
	return strings.TrimSpace(strings.ReplaceAll(string(p.kind), "_", " ") + " " + p.number)
}

// introduce says who is there and how to reach them.
func introduce(out io.Writer, c config, addr, dir string, fresh bool) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\nPiga answers at http://%s (USSD callback: /at/%s/ussd). Everybody's PIN is %s.\n\n", addr, c.Secrets[0], devPIN)
	for _, p := range devPeople() {
		fmt.Fprintf(w, "  %s\t%s\t%s\tbegan with KES %s\n", p.phone, p.name, p.what(), p.money)
	}
	fmt.Fprintf(w, "\nPhones in a browser:         http://%s/\n", addr)
	fmt.Fprintf(w, "The REST API:                http://%s/api/\n", addr)
	at := ""
	if addr != "127.0.0.1:8080" {
		at = "--gateway http://" + addr + " "
	}
	fmt.Fprintf(w, "Dial from another terminal:  go run ./cmd/piga call %s+254711000001 '%s'\n", at, c.Services[0])
	fmt.Fprintf(w, "Text as the agent:           go run ./cmd/piga text %s+254722000001 'OK 4821'\n", at)
	fmt.Fprintf(w, "Read what was sent to Jane:  curl 'http://%s/sandbox/messages?phone=+254711000001'\n", addr)
	fmt.Fprintf(w, "Check every row:             PIGA_POSTGRES_URL='%s' go run ./cmd/piga audit\n", c.Postgres)
	kept := "kept for the next start; --fresh begins anew"
	if fresh {
		kept = "begun anew"
	}
	fmt.Fprintf(w, "Their money lies in %s (%s). SMS are forgotten when this ends.\n\n", dir, kept)
	return w.Flush()
}
