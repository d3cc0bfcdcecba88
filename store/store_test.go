package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
	"github.com/piga-money/piga/store/local"
)

// The store implements what the wallet needs.
var _ wallet.Store = (*Store)(nil)

func TestMain(m *testing.M) {
	if url := os.Getenv(victimURL); url != "" {
		os.Exit(victim(url, os.Getenv(victimFrom)))
	}
	os.Exit(local.Main(m))
}

// bench is a store on a database of its own, with everything that a test wants to turn.
type bench struct {
	*Store
	t      testing.TB
	url    string
	owner  *sqlx.DB // the tables' owner: past the grants, not past the guards
	offset *atomic.Int64
	serial *atomic.Int64
}

func open(t testing.TB) bench {
	t.Helper()
	url := local.Database(t, func(url string) error {
		return Migrate(context.Background(), url, slog.New(slog.DiscardHandler))
	})
	b := bench{t: t, url: url, offset: new(atomic.Int64), serial: new(atomic.Int64)}
	s, err := Open(Options{
		URL: url, Zone: nairobi(t), Random: rand.Reader,
		ClockOffset: func() time.Duration { return time.Duration(b.offset.Load()) },
	})
	if err != nil {
		t.Fatal(err)
	}
	b.Store = s
	b.owner = sqlx.MustConnect("postgres", url)
	t.Cleanup(func() {
		_ = b.owner.Close()
		_ = s.Close()
	})
	return b
}

func nairobi(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Africa/Nairobi")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// pass moves the clock.
func (b bench) pass(d time.Duration) { b.offset.Add(int64(d)) }

// noon puts the clock to the noon of a day that is not the month's first or last, so that no test meets
// midnight.
func (b bench) noon() {
	now := time.Now().In(b.zone)
	b.offset.Store(int64(time.Date(now.Year(), now.Month()+1, 15, 12, 0, 0, 0, b.zone).Sub(now)))
}

// party opens a party of a kind and a tier, with a PIN.
func (b bench) party(kind core.Kind, tier core.Tier) core.Party {
	b.t.Helper()
	n := b.serial.Add(1)
	p := core.Party{
		Kind: kind, Status: core.Active, Tier: tier, Lang: core.English,
		Name: fmt.Sprintf("PARTY %d", n), Phone: core.MSISDN(fmt.Sprintf("+2547%08d", n)),
	}
	if kind != core.Subscriber {
		p.Number = fmt.Sprintf("%05d", 10000+n)
	}
	p, err := b.Open(b.t.Context(), wallet.Opening{Party: p, Seal: func(core.PartyID) (wallet.Sealed, error) {
		return wallet.Sealed{KeyID: "k1", Box: []byte("sealed")}, nil
	}})
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

func (b bench) request() core.RequestID {
	return core.RequestID(fmt.Sprintf("test:%d", b.serial.Add(1)))
}

// fund puts money on an account, from the trust account.
func (b bench) fund(to core.AccountID, amount core.Amount) {
	b.t.Helper()
	b.done(b.move(core.Issue, core.Trust, to, amount, 0))
}

// move is an order with the usual entries and a notice to each side.
func (b bench) move(op core.Operation, from, to core.AccountID, amount, fee core.Amount) wallet.Order {
	entries := []ledger.Entry{{Account: from, Amount: -amount - fee}, {Account: to, Amount: amount}}
	if fee > 0 {
		entries = append(entries, ledger.Entry{Account: core.Fees, Amount: fee})
	}
	return wallet.Order{
		Posting: ledger.Posting{
			Request: b.request(), Action: ledger.Move, Operation: op,
			From: from, To: to, Amount: amount, Fee: fee, Entries: entries,
		},
		Tell: []notice.Notice{
			{To: 1, Phone: "+254700000001", Lang: core.English, When: notice.Done, Key: "sms.sent", Balance: from},
			{To: 2, Phone: "+254700000002", Lang: core.Swahili, When: notice.Done, Key: "sms.received", Balance: to, Args: text.Args{"name": "JANE"}},
			{To: 1, Phone: "+254700000001", Lang: core.English, When: notice.Refused},
		},
	}
}

// done posts an order that must be carried out.
func (b bench) done(o wallet.Order) ledger.Outcome {
	b.t.Helper()
	outcome, err := b.Post(b.t.Context(), o)
	if err := cmp.Or(err, outcome.Err()); err != nil {
		b.t.Fatalf("%s of %s: %v (%v)", o.Action, o.Amount, err, errors.Unwrap(err))
	}
	return outcome
}

func (b bench) balance(id core.AccountID) core.Amount {
	b.t.Helper()
	balance, err := b.Balance(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	return balance.Available
}

// count asks the database for one number.
func (b bench) count(query string, args ...any) (n int64) {
	b.t.Helper()
	if err := b.owner.GetContext(b.t.Context(), &n, query, args...); err != nil {
		b.t.Fatal(err)
	}
	return n
}

// months makes the tables of so many months ahead.
func (b bench) months(n int) {
	b.t.Helper()
	b.count(`SELECT count(make_month((date_trunc('month', now()) + n * interval '1 month')::date)) FROM generate_series(1, $1) AS n`, n)
}

// sound is what must be true of any ledger at any time.
func (b bench) sound() {
	b.t.Helper()
	for rule, query := range map[string]string{
		"the sum of all balances is zero": `SELECT sum(balance) FROM accounts`,
		"a balance is the sum of its entries": `SELECT count(*) FROM accounts a WHERE NOT (balance, version) =
			(SELECT coalesce(sum(amount), 0)::bigint, count(*) FROM entries WHERE account_id = a.id)`,
		"held is the sum of running holds": `SELECT count(*) FROM accounts a WHERE held <>
			(SELECT coalesce(sum(amount), 0) FROM holds WHERE account_id = a.id AND ended IS NULL)`,
		"a transfer sums to zero":    `SELECT count(*) FROM (SELECT FROM entries GROUP BY transfer_id HAVING sum(amount) <> 0) x`,
		"a transfer has its entries": `SELECT count(*) FROM transfers t WHERE lines <> (SELECT count(*) FROM entries WHERE transfer_id = t.id)`,
		"a message for each side of a transfer": `SELECT count(*) FROM transfers t WHERE
			CASE WHEN operation IN ('take_commission', 'redeem') OR operation = 'issue' AND request_id LIKE 'issue:%' THEN 1 ELSE 2 END
			<> (SELECT count(*) FROM messages WHERE transfer_id = t.id)`,
	} {
		if n := b.count(query); n != 0 {
			b.t.Errorf("not so: %s (%d)", rule, n)
		}
	}
	for _, f := range b.audit().Findings {
		if !f.Rule.Warns() {
			b.t.Errorf("the audit finds: %s: %s (%s)", f.Row, f.Says, f.Rule)
		}
	}
}

func (b bench) audit() AuditReport {
	b.t.Helper()
	r, err := b.Audit(b.t.Context(), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return r
}

// together runs something n times at once and waits.
func together(n int, do func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { do(i) })
	}
	all.Wait()
}

// place is an order that holds money for a withdrawal.
func (b bench) place(from, to core.AccountID, amount, fee core.Amount) wallet.Order {
	return wallet.Order{Posting: ledger.Posting{
		Request: b.request(), Action: ledger.Place, Operation: core.Withdraw,
		From: from, To: to, Amount: amount, Fee: fee, Expires: time.Now().Add(24 * time.Hour),
	}}
}

// end is an order that gives a hold back.
func (b bench) end(hold core.HoldID) wallet.Order {
	return wallet.Order{Posting: ledger.Posting{
		Request: b.request(), Action: ledger.Release, Operation: core.Withdraw, Hold: hold,
	}}
}

// spoil replaces one thing in a statement, which must have it.
func spoil(query, old, with string) string {
	if !strings.Contains(query, old) {
		panic("nothing to spoil: " + old)
	}
	return strings.Replace(query, old, with, 1)
}
