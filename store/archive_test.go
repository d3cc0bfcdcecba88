package store

import (
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

// fifteenth puts the clock to the middle of a month, counted from the one that really runs, and names it.
func (b bench) fifteenth(month int) string {
	now := time.Now().UTC()
	then := time.Date(now.Year(), now.Month()+time.Month(month), 15, 12, 0, 0, 0, time.UTC)
	b.offset.Store(int64(then.Sub(now)))
	return then.Format("2006-01")
}

func (b bench) archive(month string) (Archived, error) {
	b.t.Helper()
	return Archive(b.t.Context(), Options{URL: b.url, ClockOffset: b.offsetNow}, month)
}

func (b bench) offsetNow() time.Duration { return time.Duration(b.offset.Load()) }

// fiveMonths is a ledger of five months: jane and john pay each other in each, idle has been still since the first.
func fiveMonths(t *testing.T) (b bench, jane, john, idle core.Party, months []string) {
	t.Helper()
	b = open(t)
	jane, john, idle = b.party(core.Merchant, core.TierTrade), b.party(core.Merchant, core.TierTrade), b.party(core.Merchant, core.TierTrade)
	for n := range 5 {
		months = append(months, b.fifteenth(n))
		if n == 0 {
			b.fund(jane.Account, 1000_00)
			b.fund(idle.Account, 500_00)
		}
		b.done(b.move(core.Pay, jane.Account, john.Account, 100_00, 5_00))
		b.done(b.move(core.Pay, john.Account, jane.Account, 50_00, 0))
	}
	return b, jane, john, idle, months
}

// forgotten are requests that were pruned.
func (b bench) forgotten() {
	b.t.Helper()
	b.spoil(`DELETE FROM requests WHERE content NOT LIKE 'issue%' AND at < now() + interval 'AGE'`,
		map[string]string{"AGE": (b.offsetNow() - 45*24*time.Hour).String()})
}

func TestArchive(t *testing.T) {
	t.Parallel()
	b, jane, john, idle, months := fiveMonths(t)
	refused := func(month, why string) {
		t.Helper()
		if _, err := b.archive(month); core.CodeOf(err) != core.NotAllowed || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v, want %q", month, err, why)
		}
	}
	put := func(month string, accounts, transfers, entries int64) {
		t.Helper()
		got, err := b.archive(month)
		if err != nil {
			t.Fatalf("%s: %v", month, err)
		}
		if got.Accounts != accounts || got.Transfers != transfers || got.Entries != entries {
			t.Errorf("%s: %+v", month, got)
		}
		if r := b.audit(); len(r.Findings) > 0 {
			t.Errorf("after %s the audit finds %+v", month, r.Findings)
		}
	}
	refused(months[0], "before is older")
	refused(months[4], "before is older")
	refused("August", "no month")
	refused("2026-13", "no month")
	refused("9998-01", "yet to come")
	put("before", 0, 0, 0)
	refused("before", "put away already, or nothing of it was ever here: the oldest month that is here is "+months[0])
	refused(months[0], "2 requests")
	first, err := b.Post(t.Context(), b.again(b.move(core.Issue, core.Trust, jane.Account, 1000_00, 0)))
	if err != nil || first.Receipt == "" || len(first.Entries) != 2 {
		t.Errorf("%+v: %v", first, err)
	}
	b.forgotten()
	refused(months[1], months[0]+" is older")
	put(months[0], 5, 4, 9)
	put(months[1], 3, 2, 5)
	refused(months[2], "the last 2 stay")

	// What has been still since then goes on.
	place := b.place(idle.Account, jane.Account, 100_00, 0)
	place.Expires = time.Now().Add(b.offsetNow() + time.Hour)
	b.done(b.end(b.done(place).Hold))
	b.done(b.move(core.Pay, idle.Account, jane.Account, 100_00, 0))
	b.done(b.move(core.Pay, jane.Account, john.Account, 1_00, 0))
	if r := b.audit(); len(r.Findings) > 0 {
		t.Errorf("the audit finds %+v", r.Findings)
	}
	for account, want := range map[core.AccountID]int{jane.Account: 3*2 + 2, john.Account: 3*2 + 1, idle.Account: 1} {
		if lines, err := b.Statement(t.Context(), account, 20); err != nil || len(lines) != want {
			t.Errorf("account %d: %d lines, want %d: %v", account, len(lines), want, err)
		}
	}
	if _, err := b.owner.Exec(`UPDATE accounts SET balance = balance + 1, version = version + 1 WHERE id = $1`, idle.Account); violated(err) != "balance_is_the_last_entry" {
		t.Error(err)
	}
	// A reference is known for ever; what is not known of it any more is not made up.
	again, err := b.Post(t.Context(), b.again(b.move(core.Issue, core.Trust, jane.Account, 1000_00, 0)))
	if err != nil || again.Code != "" || !again.Again || again.Receipt != "" || again.Entries != nil || !again.At.Equal(first.At) {
		t.Errorf("%+v: %v", again, err)
	}
	suffix := strings.ReplaceAll(months[0], "-", "_")
	if n := b.count(`SELECT count(*) FROM entries_` + suffix); n != 9 {
		t.Errorf("%d entries are kept aside", n)
	}
	if _, err := b.owner.Exec(`DROP TABLE transfers_` + suffix + `, entries_` + suffix); err != nil {
		t.Error(err)
	}
}

// What was put away and dropped cannot be written again: not under its numbers, as its month is not made again, nor
// under others, for accounts that do not know their last transfer since an old copy of Piga moved them.
func TestPutAwayStaysAway(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane, john, old := b.party(core.Merchant, core.TierTrade), b.party(core.Merchant, core.TierTrade), b.party(core.Merchant, core.TierTrade)
	b.fund(jane.Account, 1000_00)
	first := b.done(b.move(core.Pay, jane.Account, john.Account, 100_00, 0))
	const suspense = 4
	b.oldCopySends(7, suspense, old.Account, 1_00)
	month := b.fifteenth(0)
	b.fifteenth(4)
	if err := b.MakeMonths(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.spoil(`DELETE FROM requests`, nil)
	for _, m := range []string{BeforeMonths, month} {
		done, err := b.archive(m)
		if err != nil {
			t.Fatal(err)
		}
		b.owner.MustExec(`DROP TABLE ` + strings.Join(done.Tables, ", "))
	}
	if _, err := b.Store.db.Exec(`SELECT make_month($1::date)`, month+"-01"); err == nil || !strings.Contains(err.Error(), "put away") {
		t.Errorf("the month is made again: %v", err)
	}
	for transfer, lines := range map[core.TransferID]string{
		first.Transfer: `(JANE, 2, NEW, 1, -10000, 90000), (JOHN, 1, NEW, 2, 10000, 10000)`,
		transferID(time.Now().Add(b.offsetNow()), 1): `(4, 1, NEW, 1, -100, -100), (OLD, 1, NEW, 2, 100, 100)`,
	} {
		receipt, err := core.NewReceipt(transferTime(transfer), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		_, err = b.Store.db.Exec(strings.NewReplacer("JANE", fmt.Sprint(jane.Account), "JOHN", fmt.Sprint(john.Account),
			"OLD", fmt.Sprint(old.Account), "NEW", fmt.Sprint(transfer), "RECEIPT", string(receipt)).Replace(`
			WITH asked AS (
				INSERT INTO requests (id, content, transfer_id, at) VALUES ('again:NEW', '', NEW, now())
			), moved AS (
				INSERT INTO transfers (id, request_id, operation, amount, fee, receipt, lines, at)
				VALUES (NEW, 'again:NEW', 'send', 1, 0, 'RECEIPT', 2, now())
			)
			INSERT INTO entries (account_id, version, transfer_id, line, amount, balance) VALUES ` + lines))
		if !noMonth(err) && violated(err) != "entries_follow_each_other" {
			t.Errorf("%d is written again: %v", transfer, err)
		}
	}
}

// again is an order under the request id of the first one that there was.
func (b bench) again(o wallet.Order) wallet.Order {
	b.t.Helper()
	if err := b.owner.Get(&o.Request, `SELECT id FROM requests WHERE content = $1 ORDER BY at LIMIT 1`, o.Content()); err != nil {
		b.t.Fatal(err)
	}
	return o
}

// A month that cannot be proven stays, with all that belongs to it.
func TestArchiveProves(t *testing.T) {
	t.Parallel()
	for name, query := range map[string]string{
		"a balance-after":     `UPDATE entries SET balance = balance + 1 WHERE account_id = JANE AND version = 2`,
		"an amount":           `UPDATE entries SET amount = amount + 1 WHERE account_id = JANE AND version = 2`,
		"an entry gone":       `DELETE FROM entries WHERE account_id = JANE AND version = 2`,
		"the last entry gone": `DELETE FROM entries WHERE account_id = JANE AND version = 3`,
		"the next entry gone": `DELETE FROM entries WHERE account_id = JANE AND version = 4`,
		"a transfer gone":     `DELETE FROM transfers WHERE id = (SELECT transfer_id FROM entries WHERE account_id = JANE AND version = 2)`,
		"an account":          `UPDATE accounts SET balance = balance + 1 WHERE id = IDLE`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, jane, _, idle, months := fiveMonths(t)
			b.forgotten()
			if _, err := b.archive("before"); err != nil {
				t.Fatal(err)
			}
			b.spoil(query, map[string]string{"JANE": fmt.Sprint(jane.Account), "IDLE": fmt.Sprint(idle.Account)})
			if _, err := b.archive(months[0]); core.CodeOf(err) != core.Internal || !strings.Contains(err.Error(), "piga audit") {
				t.Errorf("%v", err)
			}
			if n := b.count(`SELECT count(*) FROM closings`); n != 0 {
				t.Errorf("%d accounts were closed", n)
			}
			if n := b.count(`SELECT count(*) FROM pg_inherits WHERE inhparent = 'entries'::regclass AND inhrelid::regclass::text LIKE '%' || $1`,
				strings.ReplaceAll(months[0], "-", "_")); n != 1 {
				t.Error("the month is gone")
			}
		})
	}
}

// Whoever reads the ledger for long is waited for, and postings are not held up by that.
func TestArchiveWaitsForReaders(t *testing.T) {
	t.Parallel()
	b, jane, john, _, _ := fiveMonths(t)
	reader := b.owner.MustBegin()
	if _, err := reader.Exec(`SELECT FROM entries LIMIT 1`); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := b.archive("before")
		done <- err
	}()
	for b.count(`SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'transfers'::regclass`)+
		b.count(`SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'entries'::regclass`) == 0 {
		select {
		case err := <-done:
			t.Fatalf("it did not wait: %v", err)
		default:
		}
	}
	for range 3 {
		b.done(b.move(core.Pay, jane.Account, john.Account, 1_00, 0))
	}
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	b.sound()
}

// A month may be put away between two rows of an audit's: it sees all of that or nothing.
func TestAuditBesideArchive(t *testing.T) {
	t.Parallel()
	b, _, _, _, months := fiveMonths(t)
	b.forgotten()
	done := make(chan error, 1)
	go func() {
		for _, month := range []string{BeforeMonths, months[0], months[1]} {
			if _, err := b.archive(month); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for range 6 { // and no more, lest it never be alone
		if r := b.audit(); len(r.Findings) > 0 {
			t.Fatalf("%+v", r.Findings)
		}
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}
