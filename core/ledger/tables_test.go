package ledger_test

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
)

const tables = "../../testdata/ledger"

// The tables say what each command of theirs means in testdata/ledger/README.md. After every command the
// desk looks by itself that the books sum to zero and that a refusal changed nothing.
func TestTables(t *testing.T) {
	t.Parallel()
	datadriven.Walk(t, tables, func(t *testing.T, path string) {
		if !strings.HasSuffix(path, ".txt") {
			return
		}
		d := &desk{}
		datadriven.RunTest(t, path, func(t *testing.T, td *datadriven.TestData) string {
			said := d.obey(t, td)
			if sum := d.sum(); sum != 0 {
				td.Fatalf(t, "the balances sum to %v", sum)
			}
			return said
		})
	})
}

func (d *desk) obey(t *testing.T, td *datadriven.TestData) string {
	switch td.Cmd {
	case "accounts":
		d.open(t, td)
		return ""
	case "clock":
		d.now = d.clock(t, td)
		return d.now.Format("Mon 2006-01-02 15:04") + "\n"
	case "status":
		d.account(td.CmdArgs[0].Key).Status = core.Status(td.CmdArgs[1].Key)
		return ""
	case "floor":
		d.account(td.CmdArgs[0].Key).Floor = amount(t, td.CmdArgs[1].Key)
		return ""
	case "balances":
		return d.balances()
	case "holds":
		return d.holds()
	case "collect", "settle", "give_back":
		return d.undo(t, td)
	case "move", "place", "capture", "release", "expire", "note", "refuse", "burn": // the last is no action
		return d.post(t, d.posting(t, td))
	default:
		td.Fatalf(t, "unknown command")
		return ""
	}
}

// open begins a new book. What the accounts begin with, trust owes.
func (d *desk) open(t *testing.T, td *datadriven.TestData) {
	d.book = ledger.Book{Accounts: map[core.AccountID]*ledger.Account{}}
	d.names = nil
	d.now = time.Date(2026, 11, 21, 10, 0, 0, 0, time.FixedZone("EAT", 3*60*60))
	for _, name := range []string{"trust", "fees", "expense", "suspense"} {
		d.add(name).Floor = ledger.NoFloor
	}
	for line := range strings.Lines(td.Input) {
		name, args, err := datadriven.ParseLine(line)
		if err != nil {
			t.Fatal(err)
		}
		account := d.add(name)
		for _, arg := range args {
			set(t, account, arg.Key, arg.FirstVal(t))
		}
		d.account("trust").Balance -= account.Balance
	}
}

func set(t *testing.T, a *ledger.Account, key, value string) {
	amounts := map[string]*core.Amount{
		"balance":     &a.Balance,
		"floor":       &a.Floor,
		"transaction": &a.Limits.Transaction,
		"day":         &a.Limits.Day,
		"month":       &a.Limits.Month,
		"largest":     &a.Limits.Largest,
		"reset":       &a.Limits.AfterReset,
	}
	if amounts[key] == nil {
		t.Fatalf("account: unknown property %q", key)
	}
	*amounts[key] = amount(t, value)
}

// clock reads "+10m" and "2026-11-21 10:00".
func (d *desk) clock(t *testing.T, td *datadriven.TestData) time.Time {
	if step, later := strings.CutPrefix(td.CmdArgs[0].Key, "+"); later {
		by, err := time.ParseDuration(step)
		if err != nil {
			t.Fatal(err)
		}
		return d.now.Add(by)
	}
	to := td.CmdArgs[0].Key + " " + td.CmdArgs[1].Key
	at, err := time.ParseInLocation("2006-01-02 15:04", to, d.now.Location())
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// posting reads "move send jane juma 500 fee=5", with the entries below it when they are not the usual.
func (d *desk) posting(t *testing.T, td *datadriven.TestData) ledger.Posting {
	d.requests++
	p := ledger.Posting{
		Request: core.RequestID("command " + strconv.Itoa(d.requests)),
		Action:  ledger.Action(td.Cmd),
	}
	var words []string
	for _, arg := range td.CmdArgs {
		if len(arg.Vals) == 0 {
			words = append(words, arg.Key)
			continue
		}
		d.option(t, &p, arg.Key, arg.FirstVal(t))
	}
	switch len(words) {
	case 0: // only a hold or a code is named
	case 4:
		p.Operation, p.From, p.To, p.Amount = core.Operation(words[0]), d.id(words[1]), d.id(words[2]), amount(t, words[3])
	default:
		td.Fatalf(t, "want an operation, who pays, who is paid and the amount")
	}
	if p.Action == ledger.Move || p.Action == ledger.Capture {
		p.Entries = d.entries(t, p, td.Input)
	}
	return p
}

func (d *desk) option(t *testing.T, p *ledger.Posting, key, value string) {
	switch key {
	case "request":
		p.Request = core.RequestID(value)
	case "fee":
		p.Fee = amount(t, value)
	case "hold":
		n, err := strconv.Atoi(value)
		if err != nil {
			t.Fatal(err)
		}
		p.Hold = core.HoldID(n)
	case "for":
		by, err := time.ParseDuration(value)
		if err != nil {
			t.Fatal(err)
		}
		p.Expires = d.now.Add(by)
	case "code":
		p.Code = core.Code(value)
	default:
		t.Fatalf("unknown option %q", key)
	}
}

// entries are those that are written out, else: who pays pays amount and fee, who is paid gets the amount.
func (d *desk) entries(t *testing.T, p ledger.Posting, written string) []ledger.Entry {
	var entries []ledger.Entry
	for line := range strings.Lines(written) {
		words := strings.Fields(line)
		entries = append(entries, ledger.Entry{Account: d.id(words[0]), Amount: amount(t, words[1])})
	}
	if entries != nil {
		return entries
	}
	entries = []ledger.Entry{{Account: p.From, Amount: -p.Amount - p.Fee}, {Account: p.To, Amount: p.Amount}}
	if p.Fee != 0 {
		entries = append(entries, ledger.Entry{Account: d.id("fees"), Amount: p.Fee})
	}
	return entries
}

// amount reads shillings with a sign, and "most", which is as much as an Amount can be.
func amount(t *testing.T, s string) core.Amount {
	digits, negative := strings.CutPrefix(s, "-")
	n := core.Amount(math.MaxInt64)
	if digits == "0" {
		n = 0
	} else if digits != "most" {
		var err error
		if n, err = core.ParseAmount(strings.TrimPrefix(digits, "+")); err != nil {
			t.Fatal(err)
		}
	}
	if negative {
		return -n
	}
	return n
}
