package ledger

import "github.com/piga-money/piga/core"

// Mirror is a transfer that is being undone: what it moved, and how far that has come. What is taken from those who
// were paid is kept in suspense until all of it is there, or a person decides.
type Mirror struct {
	Transfer   core.TransferID // that is undone
	From, To   core.AccountID  // who paid whom
	Amount     core.Amount
	Fee        core.Amount    // that From paid on top
	Agent      core.AccountID // who earned by it, From or To; zero for nobody
	Commission core.AccountID // where she earned it
	Earned     core.Amount
	Taken      core.Amount // of what is owed, so much is in suspense
}

// Step is one thing that is done in undoing a transfer.
type Step string

// The steps.
const (
	Collect  Step = "collect"   // take what can be had, and pay it out once it is all that is owed
	Settle   Step = "settle"    // pay out what was taken: no more will be
	GiveBack Step = "give_back" // give what was taken back: the transfer stands
)

// Undone is what a step comes to.
type Undone struct {
	Entries  []Entry     // none when there was nothing to move
	Amount   core.Amount // that moved: what was taken, or what came back to somebody
	Taken    core.Amount // is in suspense after it
	Returned core.Amount // that From got by it
	Ended    bool        // the transfer is undone, or stands, for ever
}

// Owed is what those who were paid give back: of a withdrawal the agent has earned on top of what she was paid.
func (m Mirror) Owed() core.Amount {
	if m.Agent == m.To {
		return m.Amount + m.Earned
	}
	return m.Amount
}

// Undo works a step out, as things stand. It changes nothing: the entries are posted as any others are.
func (b *Book) Undo(m Mirror, step Step) Undone {
	switch step {
	case Settle:
		return b.payOut(m, nil)
	case GiveBack:
		return Undone{Entries: moves(Entry{core.Suspense, -m.Taken}, Entry{m.To, m.Taken}), Amount: m.Taken, Ended: true}
	default:
		return b.collect(m)
	}
}

// collect takes from who was paid. Of an agent it takes what she earned first, where that lies, and what is not there
// any more, since she has taken it to her float, from her float. Nobody goes below her floor.
func (b *Book) collect(m Mirror) Undone {
	left := m.Owed() - m.Taken
	var earned core.Amount
	if m.Agent == m.To && m.Taken == 0 {
		earned = min(b.spare(m.Commission), m.Earned)
	}
	paid := min(b.spare(m.To), left-earned)
	took := moves(Entry{m.To, -paid}, Entry{m.Commission, -earned})
	if paid+earned == left {
		return b.payOut(m, took)
	}
	u := Undone{Amount: paid + earned, Taken: m.Taken + paid + earned}
	if u.Amount > 0 {
		u.Entries = append(took, Entry{core.Suspense, u.Amount})
	}
	return u
}

// payOut gives From what is in suspense and what was taken just now, with the fee; commission that came back goes where
// it was paid from. An agent who paid gives up what she earned, as far as she gets anything: from where it lies, else from that.
func (b *Book) payOut(m Mirror, took []Entry) Undone {
	recovered := m.Taken
	for _, e := range took {
		recovered -= e.Amount
	}
	back, expense := min(recovered, m.Amount), max(0, recovered-m.Amount)
	var earned core.Amount
	if m.Agent == m.From {
		due := min(m.Earned, back)
		earned = min(b.spare(m.Commission), due)
		back, expense = back-due+earned, due
	}
	back += m.Fee
	entries := append(took, moves(
		Entry{core.Suspense, -m.Taken}, Entry{m.From, back}, Entry{core.Fees, -m.Fee},
		Entry{core.CommissionExpense, expense}, Entry{m.Commission, -earned})...)
	u := Undone{Entries: entries, Amount: back, Returned: back, Ended: true}
	if back == 0 {
		u.Amount = expense
	}
	return u
}

// spare is what can be taken from an account.
func (b *Book) spare(id core.AccountID) core.Amount {
	a := b.Accounts[id]
	if a == nil || a.Status == core.Closed {
		return 0
	}
	return max(0, a.Available()-a.Floor)
}

// moves are those of some entries that move anything.
func moves(entries ...Entry) []Entry {
	some := make([]Entry, 0, usual)
	for _, e := range entries {
		if e.Amount != 0 {
			some = append(some, e)
		}
	}
	return some
}

// Moved is how much went to an account, or came from it.
func (u Undone) Moved(id core.AccountID) (amount core.Amount) {
	for _, e := range u.Entries {
		if e.Account == id {
			amount += max(e.Amount, -e.Amount)
		}
	}
	return amount
}
