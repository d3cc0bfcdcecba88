package store

import (
	"crypto/rand"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
)

func TestStatement(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane, agent := b.party(core.Subscriber, core.TierFull), b.party(core.Agent, core.TierTrade)
	b.fund(jane.Account, 1000_00)
	withdraw := b.move(core.Withdraw, jane.Account, agent.Account, 500_00, 27_00)
	withdraw.Entries = append(withdraw.Entries,
		ledger.Entry{Account: core.CommissionExpense, Amount: -8_10}, ledger.Entry{Account: agent.Commission, Amount: 8_10})
	receipt := b.done(withdraw).Receipt
	b.done(b.move(core.TakeCommission, agent.Commission, agent.Account, 1_00, 0))

	type seen struct {
		Operation   core.Operation
		In          bool
		Amount, Fee core.Amount
		Other       core.PartyID
		Balance     core.Amount
	}
	for account, want := range map[core.AccountID][]seen{
		jane.Account: {
			{core.Withdraw, false, 500_00, 27_00, agent.ID, 473_00},
			{core.Issue, true, 1000_00, 0, 0, 1000_00},
		},
		agent.Account: {
			{core.TakeCommission, true, 1_00, 0, agent.ID, 501_00},
			{core.Withdraw, true, 500_00, 0, jane.ID, 500_00},
		},
		agent.Commission: {
			{core.TakeCommission, false, 1_00, 0, agent.ID, 7_10},
			{core.Withdraw, true, 8_10, 0, jane.ID, 8_10},
		},
	} {
		lines, err := b.Statement(t.Context(), account, 5)
		if err != nil {
			t.Fatal(err)
		}
		var got []seen
		for _, l := range lines {
			got = append(got, seen{l.Operation, l.In, l.Amount, l.Fee, l.Other.ID, l.Balance})
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("account %d (-want +got)\n%s", account, diff)
		}
	}
	lines, err := b.Statement(t.Context(), jane.Account, 1)
	agent.Commission = 0 // not for strangers
	if err != nil || len(lines) != 1 || lines[0].Receipt != receipt || lines[0].Other != agent || lines[0].At.Location() != b.zone {
		t.Errorf("%+v: %v", lines, err)
	}
}

// A statement costs the same however long the history is, and however many months there are.
func TestStatementGoesByIndex(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.months(24)
	b.pass(20 * 30 * 24 * time.Hour)
	jane, john := b.party(core.Merchant, core.TierTrade), b.party(core.Merchant, core.TierTrade)
	b.fund(jane.Account, 100_000_00)
	for range 200 {
		b.done(b.move(core.Send, jane.Account, john.Account, 1_00, 0))
	}
	if _, err := b.owner.Exec(`ANALYZE`); err != nil {
		t.Fatal(err)
	}
	var plan []string
	if err := b.Store.db.Select(&plan, `EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, BUFFERS) `+statementSQL, b.shift(), jane.Account, 5, false); err != nil {
		t.Fatal(err)
	}
	whole := strings.Join(plan, "\n")
	if !strings.Contains(whole, "Index Scan Backward using one_entry_per_version") || strings.Contains(whole, "Seq Scan on entries") ||
		strings.Contains(whole, "Seq Scan on transfers") || strings.Contains(whole, "Sort (") {
		t.Error(whole)
	}
	looked := regexp.MustCompile(`on entries_\w+ \w+ \(actual`).FindAllString(whole, -1)
	if len(looked) == 0 || len(looked) > 2+4 { // this one, the last one, and those ahead
		t.Errorf("it looks into %d months:\n%s", len(looked), whole)
	}
}

// Whether the same was paid a moment ago costs the same however much an account moved this month.
func TestLatelyStopsInTime(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.noon()
	jane, john := b.party(core.Merchant, core.TierTrade), b.party(core.Merchant, core.TierTrade)
	b.fund(jane.Account, 1000_00)
	together(4*latelyAmong, func(int) { b.done(b.move(core.Send, jane.Account, john.Account, 1_00, 0)) })
	b.pass(time.Hour)
	var plan []string
	if err := b.Store.db.Select(&plan, `EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) `+latelySQL, b.shift(), jane.Account, latelyAmong,
		core.Send, john.Account, 1_00, time.Minute.Microseconds(), "x"); err != nil {
		t.Fatal(err)
	}
	whole := strings.Join(plan, "\n")
	for _, rows := range regexp.MustCompile(`(?:actual rows=|Removed by Filter: )(\d+)`).FindAllStringSubmatch(whole, -1) {
		if n, _ := strconv.Atoi(rows[1]); n > latelyAmong {
			t.Fatalf("it reads %d rows:\n%s", n, whole)
		}
	}
}

// What happened longer ago than the last months is told too, when they have too little.
func TestStatementOfOlderMonths(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane := b.party(core.Merchant, core.TierTrade)
	var funded int64
	told := func(want int) {
		t.Helper()
		lines, err := b.Statement(t.Context(), jane.Account, 5)
		if err != nil || len(lines) != want {
			t.Errorf("%d lines, want %d: %v", len(lines), want, err)
		}
		for i, l := range lines {
			if want := core.Amount(funded-int64(i)) * 100; l.Amount != want {
				t.Errorf("line %d is of %s, want %s", i, l.Amount, want)
			}
		}
	}
	told(0)
	for funded < 6 {
		funded++
		b.fund(jane.Account, core.Amount(funded)*100)
		told(min(int(funded), 5))
		if funded%2 == 0 {
			b.pass(70 * 24 * time.Hour)
		}
	}
	told(5)
	b.pass(70 * 24 * time.Hour)
	told(5)
	b.sound()
}

// While copies of Piga are replaced, some know no months: what they write belongs to the statement, in its place, and
// is looked at by Lately.
func TestStatementBesideOldCopies(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane, john := b.party(core.Merchant, core.TierTrade), b.party(core.Merchant, core.TierTrade)
	b.fund(jane.Account, 1000_00)
	b.oldCopySends(7, jane.Account, john.Account, 1_00)
	same := b.move(core.Send, jane.Account, john.Account, 1_00, 0).Posting
	if _, ok, err := b.Lately(t.Context(), same, time.Minute); !ok || err != nil {
		t.Errorf("what an old copy sent is not found: %v", err)
	}
	b.done(b.move(core.Send, jane.Account, john.Account, 2_00, 0))
	b.oldCopySends(8, jane.Account, john.Account, 3_00)
	b.done(b.move(core.Send, jane.Account, john.Account, 4_00, 0))
	for n := 1; n <= 4; n++ {
		lines, err := b.Statement(t.Context(), jane.Account, n)
		var got []core.Amount
		for _, l := range lines {
			got = append(got, l.Amount)
		}
		if diff := gocmp.Diff([]core.Amount{4_00, 3_00, 2_00, 1_00}[:n], got); diff != "" || err != nil {
			t.Errorf("%v (-want +got)\n%s", err, diff)
		}
	}
	b.sound()
}

// oldCopySends is a send by a copy of Piga that knows no months: the transfer has a small number, and nobody tells
// the accounts what they should remember.
func (b bench) oldCopySends(transfer int, from, to core.AccountID, amount core.Amount) {
	b.t.Helper()
	receipt, err := core.NewReceipt(time.Now(), rand.Reader)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.Store.db.Exec(`
		WITH moved AS (
			SELECT id, version + 1 AS version, CASE id WHEN $2 THEN 1 ELSE 2 END AS line,
				$4::bigint * CASE id WHEN $2 THEN -1 ELSE 1 END AS amount, balance
			FROM accounts
			WHERE id IN ($2, $3)
		), asked AS (
			INSERT INTO requests (id, content, transfer_id, at) VALUES ($5, 'send', $1, now())
		), sent AS (
			INSERT INTO transfers (id, request_id, operation, from_account, to_account, amount, fee, receipt, lines, at)
			VALUES ($1, $5, 'send', $2, $3, $4, 0, $6, 2, now())
		), written AS (
			INSERT INTO entries (account_id, version, transfer_id, line, amount, balance)
			SELECT id, version, $1, line, amount, balance + amount FROM moved
		), told AS (
			INSERT INTO messages (phone, lang, key, args, transfer_id, created_at, due_at)
			SELECT '+254700000001', 'en', 'sms.sent', '{}', $1, now(), now() FROM moved
		)
		UPDATE accounts a SET version = m.version, balance = a.balance + m.amount FROM moved m WHERE a.id = m.id`,
		transfer, from, to, amount, b.request(), receipt); err != nil {
		b.t.Fatal(err)
	}
}

func TestLately(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane, john := b.party(core.Subscriber, core.TierFull), b.party(core.Subscriber, core.TierFull)
	b.fund(jane.Account, 1000_00)
	same := b.move(core.Send, jane.Account, john.Account, 500_00, 5_00).Posting
	lately := func(p ledger.Posting) (time.Duration, bool) {
		t.Helper()
		ago, ok, err := b.Lately(t.Context(), p, 2*time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		return ago, ok
	}
	if _, ok := lately(same); ok {
		t.Error("it was paid before it was")
	}
	b.done(b.move(core.Send, jane.Account, john.Account, 500_00, 5_00))
	b.pass(time.Minute)
	if ago, ok := lately(same); !ok || ago < time.Minute || ago > 2*time.Minute {
		t.Errorf("%v, %s ago", ok, ago)
	}
	for name, change := range map[string]func(*ledger.Posting){
		"amount":    func(p *ledger.Posting) { p.Amount++ },
		"payee":     func(p *ledger.Posting) { p.To++ },
		"payer":     func(p *ledger.Posting) { p.From, p.To = p.To, p.From },
		"operation": func(p *ledger.Posting) { p.Operation = core.Pay },
	} {
		other := same
		change(&other)
		if _, ok := lately(other); ok {
			t.Errorf("another %s is the same", name)
		}
	}
	b.pass(2 * time.Minute)
	if _, ok := lately(same); ok {
		t.Error("it is too long ago")
	}
}

func TestBalanceShowsWhatIsHeld(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane, agent := b.party(core.Subscriber, core.TierFull), b.party(core.Agent, core.TierTrade)
	b.fund(jane.Account, 1000_00)
	b.done(b.place(jane.Account, agent.Account, 500_00, 27_00))
	got, err := b.Balance(t.Context(), jane.Account)
	if err != nil || got.Available != 473_00 || got.Held != 527_00 || got.At.Location() != b.zone {
		t.Errorf("%+v: %v", got, err)
	}
	if _, err := b.Balance(t.Context(), 99); core.CodeOf(err) != core.UnknownAccount {
		t.Error(err)
	}
}

func TestExpiredHolds(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane, agent := b.party(core.Subscriber, core.TierFull), b.party(core.Agent, core.TierTrade)
	b.fund(jane.Account, 1000_00)
	hold := b.done(b.place(jane.Account, agent.Account, 500_00, 27_00)).Hold
	expired := func() int {
		t.Helper()
		holds, err := b.ExpiredHolds(t.Context(), 10)
		if err != nil || (len(holds) > 0 && (holds[0].ID != hold || holds[0].Amount != 527_00)) {
			t.Errorf("%+v: %v", holds, err)
		}
		return len(holds)
	}
	if n := expired(); n != 0 {
		t.Errorf("%d have expired before their time", n)
	}
	b.pass(25 * time.Hour)
	if n := expired(); n != 1 {
		t.Errorf("%d have expired", n)
	}
	expire := b.end(hold)
	expire.Action = ledger.Expire
	b.done(expire)
	if n := expired(); n != 0 || b.balance(jane.Account) != 1000_00 {
		t.Errorf("%d are left, she has %s", n, b.balance(jane.Account))
	}
	b.sound()
}
