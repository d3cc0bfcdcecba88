package ledger_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
)

// undo reads "collect jane juma 500 fee=5 taken=100", works the step out and posts it.
func (d *desk) undo(t *testing.T, td *datadriven.TestData) string {
	var words []string
	options := map[string]string{}
	for _, arg := range td.CmdArgs {
		if len(arg.Vals) == 0 {
			words = append(words, arg.Key)
			continue
		}
		options[arg.Key] = arg.FirstVal(t)
	}
	if len(words) != 3 {
		td.Fatalf(t, "want who paid, who was paid and the amount")
	}
	m := ledger.Mirror{Transfer: 1, From: d.id(words[0]), To: d.id(words[1]), Amount: amount(t, words[2])}
	for key, value := range options {
		switch key {
		case "fee":
			m.Fee = amount(t, value)
		case "taken":
			m.Taken = amount(t, value)
		case "earned":
			m.Earned, m.Commission = amount(t, value), d.id("earned")
		case "agent":
			m.Agent = d.id(value)
		default:
			td.Fatalf(t, "unknown option %q", key)
		}
	}
	step := ledger.Step(td.Cmd)
	u := d.book.Undo(m, step)
	d.requests++
	p := ledger.Posting{
		Request: core.RequestID("command " + strconv.Itoa(d.requests)), Action: ledger.Move, Operation: core.Reverse,
		From: m.To, To: m.From, Amount: u.Amount, Entries: u.Entries, Undoes: m.Transfer, Step: step,
	}
	if len(u.Entries) == 0 {
		p.Action, p.Amount = ledger.Note, m.Amount
	}
	state := "open"
	if u.Ended {
		state = "over"
	}
	return d.post(t, p) + fmt.Sprintf("%s, %v in suspense, %v came back\n", state, u.Taken, u.Returned)
}

// What is asked under one request id is one step of one transfer, however much that moves.
func TestContentOfAStep(t *testing.T) {
	t.Parallel()
	p := ledger.Posting{Operation: core.Reverse, From: 1, To: 2, Amount: 100, Undoes: 7, Step: ledger.Collect}
	more, other, later := p, p, p
	more.Amount, more.Entries = 50, []ledger.Entry{{Account: 1, Amount: -50}}
	other.Undoes, later.Step = 8, ledger.Settle
	if p.Content() != "reverse of 7 collect" || more.Content() != p.Content() {
		t.Errorf("%q and %q", p.Content(), more.Content())
	}
	if other.Content() == p.Content() || later.Content() == p.Content() {
		t.Errorf("%q and %q are %q", other.Content(), later.Content(), p.Content())
	}
}
