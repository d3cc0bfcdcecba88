package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

// busyDay is a shop in which every operation that the wallet knows has been carried out, one withdrawal waits, and
// names are what stands for their ids: of accounts, transfers, holds and cash requests.
func busyDay(t testing.TB) (s *shop, names map[string]string) {
	t.Helper()
	s = openShop(t)
	receipts := map[string]core.Receipt{}
	carry := func(name string, receipt core.Receipt, err error) {
		t.Helper()
		s.wants(name, err, "")
		receipts[name] = receipt
	}
	_, err := s.IssueFloat(t.Context(), wallet.Booking{Reference: "BANK1", Party: s.super, Amount: 1_000_00})
	s.wants("issue", err, "")
	receipt, err := s.Send(t.Context(), &wallet.Payment{
		Authority: s.word(s.jane), Request: "first", To: s.john, Amount: 500_00, Fee: 5_00,
	})
	carry("SEND", receipt, err)
	receipt, err = s.Send(t.Context(), &wallet.Payment{Authority: s.word(s.jane), Request: s.request(), To: s.merchant, Amount: 500_00})
	carry("PAY", receipt, err)
	receipt, err = s.DepositNow(t.Context(), s.pay(core.Deposit, s.njeri, s.john, 1_000_00))
	carry("DEPOSIT", receipt, err)
	receipt, err = s.bySMS(s.njeri, s.withdraw(s.jane, s.njeri, 500_00).Code)
	carry("WITHDRAW", receipt, err)
	receipt, err = s.bySMS(s.njeri, s.deposit(s.jane, s.njeri, 500_00).Code)
	carry("COUNTER", receipt, err)
	receipt, err = s.TakeCommission(t.Context(), &wallet.Payment{Authority: s.word(s.njeri), Request: s.request(), To: s.njeri, Amount: 1_00})
	carry("TAKE", receipt, err)
	last := s.pay(core.Withdraw, s.john, s.njeri, 300_00)
	last.Request = "waiting"
	_, err = s.AskWithdraw(t.Context(), last)
	s.wants("ask", err, "")

	names = map[string]string{"JANE": fmt.Sprint(s.jane.Account), "JOHN": fmt.Sprint(s.john.Account)}
	for name, receipt := range receipts {
		names[name] = fmt.Sprint(s.count(`SELECT id FROM transfers WHERE receipt = $1`, receipt))
	}
	names["MONTH"] = time.UnixMilli(s.count(`SELECT max(id) >> 20 FROM transfers`)).UTC().Format("2006_01")
	for name, query := range map[string]string{
		"CAPTURED": `SELECT id FROM holds WHERE ended = 'capture'`,
		"RUNNING":  `SELECT id FROM holds WHERE ended IS NULL`,
		"CASHOUT":  `SELECT id FROM cash_requests WHERE ended IS NOT NULL AND operation = 'withdraw'`,
		"CASHIN":   `SELECT id FROM cash_requests WHERE operation = 'deposit'`,
		"WAITING":  `SELECT id FROM cash_requests WHERE ended IS NULL`,
		"TODAY":    `SELECT day FROM deposit_commissions LIMIT 1`,
		"NEXT":     `SELECT day + 1 FROM deposit_commissions LIMIT 1`,
		"LATER":    `SELECT max(id) + (40::bigint * 86400000 << 20) FROM transfers`,
	} {
		names[name] = fmt.Sprint(s.count(query))
	}
	return s, names
}

// One row is spoiled, past all guards, and the audit names it, and what can be seen of it elsewhere; nothing else.
func TestAuditNamesTheRow(t *testing.T) {
	t.Parallel()
	const (
		receipt  = `UPDATE transfers SET receipt = `
		jane     = ` WHERE id = JANE`
		second   = ` WHERE account_id = JANE AND version = 2`
		last     = ` WHERE account_id = JANE AND version = (SELECT version FROM accounts WHERE id = JANE)`
		send     = ` WHERE id = SEND`
		ofSend   = ` WHERE transfer_id = SEND`
		running  = ` WHERE id = RUNNING`
		captured = ` WHERE id = CAPTURED`
	)
	var broken []Rule
	for name, c := range map[string]struct {
		query string
		want  []row
	}{
		"nothing": {`SELECT`, nil},
		"an entry's amount": {`UPDATE entries SET amount = amount + 1` + ofSend + ` AND line = 1`, []row{
			{EntriesFollow, `account JANE, entry 2`}, {TransfersBalance, `transfer SEND`},
		}},
		"an entry's balance":       {`UPDATE entries SET balance = balance + 1` + second, []row{{EntriesFollow, `account JANE, entry 2`}}},
		"the last entry's balance": {`UPDATE entries SET balance = balance + 1` + last, []row{{EntriesFollow, `account JANE, entry 5`}}},
		"an entry gone": {`DELETE FROM entries` + ofSend + ` AND line = 1`, []row{
			{EntriesFollow, `account JANE, entry 3`}, {TransfersHaveEntries, `transfer SEND`},
		}},
		"the last entry gone": {`DELETE FROM entries` + last, []row{
			{AccountsAreAtLast, `account JANE`}, {TransfersHaveEntries, `transfer COUNTER`},
		}},
		"an entry twice, in two months": {`INSERT INTO entries SELECT account_id, version, LATER, line, amount, balance FROM entries` + second, []row{
			{EntriesFollow, `account JANE, entry 2`}, {TransfersHaveEntries, `account JANE, entry 2`},
		}},
		"an entry beyond the account": {`INSERT INTO entries SELECT account_id, version + 1, SEND, 4, 1, balance + 1 FROM entries` + last, []row{
			{EntriesFollow, `account JANE, entry 6`}, {TransfersHaveEntries, `transfer SEND`},
		}},
		"an entry of nobody": {`UPDATE entries SET account_id = 99999` + last, []row{
			{AccountsAreAtLast, `account JANE`}, {EntriesHaveAccounts, `account 99999, entry 5`},
		}},
		"an entry's line": {`UPDATE entries SET line = 9` + ofSend + ` AND line = 3`, []row{{TransfersHaveEntries, `transfer SEND`}}},
		"entries twice put away": {`INSERT INTO closings VALUES (JANE, 1, 1000000, 1, now())`, []row{
			{EntriesFollow, `account JANE, entry 1`},
		}},
		"a wrong closing": {`INSERT INTO closings VALUES (4, 1, 100, 1, now())`, []row{{AccountsAreAtLast, `account 4`}}},
		"a closing of nobody": {`INSERT INTO closings VALUES (99999, 1, 100, 1, now())`, []row{
			{EntriesHaveAccounts, `closing of account 99999`},
		}},
		"a balance":         {`UPDATE accounts SET balance = balance + 1` + jane, []row{{BalancesAreZero, `all accounts`}, {AccountsAreAtLast, `account JANE`}}},
		"a count":           {`UPDATE accounts SET version = version + 1` + jane, []row{{AccountsAreAtLast, `account JANE`}}},
		"a last transfer":   {`UPDATE accounts SET last_transfer = SEND` + jane, []row{{AccountsAreAtLast, `account JANE`}}},
		"a past count":      {`UPDATE accounts SET version_before = version` + jane, []row{{AccountsAreAtLast, `account JANE`}}},
		"a past balance":    {`UPDATE accounts SET balance_before = 7` + jane, []row{{AccountsAreAtLast, `account JANE`}}},
		"a past of nothing": {`UPDATE accounts SET balance_before = 7 WHERE id = 4`, []row{{AccountsAreAtLast, `account 4`}}},
		"an account gone": {`DELETE FROM accounts WHERE id = 1`, []row{
			{BalancesAreZero, `all accounts`},
			{EntriesHaveAccounts, `account 1, entry 1`},
			{EntriesHaveAccounts, `account 1, entry 2`},
			{EntriesHaveAccounts, `account 1, entry 3`},
			{EntriesHaveAccounts, `account 1, entry 4`},
			{EntriesHaveAccounts, `account 1, entry 5`},
			{EntriesHaveAccounts, `account 1, entry 6`},
			{EntriesHaveAccounts, `account 1, entry 7`},
		}},
		"a transfer gone": {`DELETE FROM transfers` + send, []row{
			{TransfersHaveEntries, `account 12, entry 1`},
			{TransfersHaveEntries, `account JANE, entry 2`},
			{TransfersHaveEntries, `account JOHN, entry 2`},
			{TransfersAreAsked, `request "first"`},
			{TransfersAreTold, `transfer SEND`},
		}},
		"a transfer's lines": {`UPDATE transfers SET lines = 2` + send, []row{{TransfersHaveEntries, `transfer SEND`}}},
		"a transfer's time":  {`UPDATE transfers SET at = at - interval '40 days'` + send, []row{{TransfersAreInMonth, `transfer SEND`}}},
		"a mistyped receipt": {
			receipt + `left(receipt, 9) || CASE right(receipt, 1) WHEN 'A' THEN 'B' ELSE 'A' END` + send,
			[]row{{TransfersAreInMonth, `transfer SEND`}},
		},
		"a receipt of another month": {
			`ALTER TABLE transfers_MONTH DROP CONSTRAINT receipt_tells_the_month; ` + receipt + `'QK74J7XW2M'` + send,
			[]row{{TransfersAreInMonth, `transfer SEND`}},
		},
		"a request gone": {`DELETE FROM requests` + ofSend, []row{{TransfersAreAsked, `transfer SEND`}}},
		"a request of another's": {`UPDATE requests SET transfer_id = PAY` + ofSend, []row{
			{TransfersAreAsked, `request "first"`}, {TransfersAreAsked, `transfer SEND`},
		}},
		"a request of nothing": {`UPDATE requests SET transfer_id = LATER` + ofSend, []row{
			{TransfersAreAsked, `request "first"`}, {TransfersAreAsked, `transfer SEND`},
		}},
		"a request of no hold": {`UPDATE requests SET hold_id = 99999 WHERE hold_id = RUNNING`, []row{{HoldsAreAsTheyEnd, `request "waiting"`}}},
		"what is held":         {`UPDATE accounts SET held = held + 1 WHERE id = JOHN`, []row{{HeldIsOnHold, `account JOHN`}}},
		"a hold's amount": {`UPDATE holds SET amount = amount + 1` + running, []row{
			{CashIsAsItsMoney, `cash request WAITING`}, {HeldIsOnHold, `account JOHN`},
		}},
		"a hold of nobody": {`UPDATE holds SET account_id = 99999` + running, []row{{HeldIsOnHold, `account 99999`}, {HeldIsOnHold, `account JOHN`}}},
		"a hold's transfer": {`UPDATE holds SET transfer_id = LATER` + captured, []row{
			{CashIsAsItsMoney, `cash request CASHOUT`}, {HoldsAreAsTheyEnd, `hold CAPTURED of account JANE`},
		}},
		"a hold's receiver": {`UPDATE holds SET to_account = 1` + captured, []row{{HoldsAreAsTheyEnd, `hold CAPTURED of account JANE`}}},
		"a hold gone": {`DELETE FROM holds` + running, []row{
			{HeldIsOnHold, `account JOHN`}, {HoldsAreAsTheyEnd, `request "waiting"`}, {CashIsAsItsMoney, `cash request WAITING`},
		}},
		"a late hold": {`UPDATE holds SET expires_at = expires_at - interval '1 hour'` + running, []row{{HoldsEndInTime, `hold RUNNING of account JOHN`}}},
		"cash that ended alone": {`UPDATE cash_requests SET ended = 'expired', ended_at = now(), ended_by = 'x' WHERE id = WAITING`, []row{
			{CashIsAsItsMoney, `cash request WAITING`},
		}},
		"cash of another amount": {`UPDATE cash_requests SET amount = amount + 1 WHERE id = WAITING`, []row{{CashIsAsItsMoney, `cash request WAITING`}}},
		"a deposit's amount":     {`UPDATE cash_requests SET amount = amount + 1 WHERE id = CASHIN`, []row{{CashIsAsItsMoney, `cash request CASHIN`}}},
		"a deposit's transfer":   {`UPDATE cash_requests SET transfer_id = LATER WHERE id = CASHIN`, []row{{CashIsAsItsMoney, `cash request CASHIN`}}},
		"a message gone":         {`DELETE FROM messages WHERE id = (SELECT min(id) FROM messages` + ofSend + `)`, []row{{TransfersAreTold, `transfer SEND`}}},
		"a message of nothing": {`UPDATE messages SET transfer_id = LATER WHERE id = (SELECT min(id) FROM messages` + ofSend + `)`, []row{
			{TransfersAreTold, `transfer LATER`}, {TransfersAreTold, `transfer SEND`},
		}},
		"a reversal of nothing": {`INSERT INTO reversals (transfer_id, operation, receipt, from_account, to_account, amount, fee, earned, reason,
			opened_at, taken, returned, state, ended_at)
			SELECT id, operation, receipt, from_account, to_account, amount, fee, 0, 'x', now(), 0, 0, 'whole', now() FROM transfers` + send, []row{
			{ReversalsUndo, `reversal 1`}, {ReversalsUndo, `reversal 1`}, {ReversalsUndo, `reversal 1`}, // jane's, john's and ours
		}},
		"a commission":      {`UPDATE deposit_commissions SET earned = earned + 1 WHERE earned = 300`, []row{{CommissionsAreEarned, `day TODAY`}}},
		"commissions gone":  {`DELETE FROM deposit_commissions`, []row{{CommissionsAreEarned, `day TODAY`}}},
		"commissions never": {`INSERT INTO deposit_commissions VALUES (1, 1, NEXT, 100)`, []row{{CommissionsAreEarned, `day NEXT`}}},
	} {
		for _, r := range c.want {
			broken = append(broken, r.Rule)
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, names := busyDay(t)
			s.months(3)
			s.spoil(c.query, names)
			if diff := gocmp.Diff(named(c.want, names), s.found()); diff != "" {
				t.Errorf("(-want +found)\n%s", diff)
			}
		})
	}
	for _, rule := range Rules() {
		if !slices.Contains(broken, rule) {
			t.Errorf("nothing shows that the audit asks whether %s", rule)
		}
	}
}

type row struct {
	Rule Rule
	Row  string
}

// named are rows with ids instead of names, in the order of found.
func named(rows []row, names map[string]string) (all []row) {
	replace := strings.NewReplacer(pairs(names)...)
	for _, r := range rows {
		all = append(all, row{r.Rule, replace.Replace(r.Row)})
	}
	return sorted(all)
}

// spoil changes something that no guard would let pass.
func (b bench) spoil(query string, names map[string]string) {
	b.t.Helper()
	query = strings.NewReplacer(pairs(names)...).Replace(query)
	if _, err := b.owner.Exec(`SET session_replication_role = replica; ` + query + `; RESET session_replication_role`); err != nil {
		b.t.Fatal(err)
	}
}

func pairs(names map[string]string) (all []string) {
	for name, id := range names {
		all = append(all, name, id)
	}
	return all
}

// found is what an audit finds, in an order of its own.
func (b bench) found() (rows []row) {
	b.t.Helper()
	for _, f := range b.audit().Findings {
		name, _, _ := strings.Cut(f.Row, " (")
		rows = append(rows, row{f.Rule, name})
	}
	return sorted(rows)
}

func sorted(rows []row) []row {
	slices.SortFunc(rows, func(a, b row) int { return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Row, b.Row)) })
	return rows
}

// A ledger that moves has nothing to report, and what moves waits for no audit.
func TestAuditOfALiveLedger(t *testing.T) {
	t.Parallel()
	s, _ := busyDay(t)
	ctx, stop := context.WithCancel(t.Context())
	var posted atomic.Int64
	done := make(chan struct{})
	go func() {
		defer close(done)
		together(3, func(i int) {
			for ctx.Err() == nil {
				from, to := s.jane.Account, s.merchant.Account
				if posted.Add(1)%2 == 0 {
					from, to = to, from
				}
				_, _ = s.Post(ctx, s.move(core.Pay, from, to, 1_00, 5))
			}
		})
	}()
	for seen := int64(0); seen < 100; {
		r := s.audit()
		if len(r.Findings) > 0 {
			t.Fatalf("%+v", r.Findings)
		}
		if r.People != -r.System || r.People == 0 || r.Entries < 2*r.Transfers || r.Messages == 0 || r.Holds != 2 || r.Cash != 3 || r.Requests < r.Transfers {
			t.Errorf("%+v", r)
		}
		seen = r.Transfers
	}
	stop()
	<-done
	if r := s.audit(); len(r.Findings) > 0 {
		t.Errorf("%+v", r.Findings)
	}
}

// An audit that is broken off has found nothing, least of all what it did not come to.
func TestAuditBrokenOff(t *testing.T) {
	t.Parallel()
	s, _ := busyDay(t)
	var parts []string
	if _, err := s.Audit(t.Context(), func(p Progress) { parts = append(parts, p.Doing) }); err != nil || len(parts) != 6 {
		t.Fatalf("%q: %v", parts, err)
	}
	for _, part := range parts {
		ctx, stop := context.WithCancel(t.Context())
		r, err := s.Audit(ctx, func(p Progress) {
			if p.Doing == part {
				stop()
			}
		})
		if err == nil || len(r.Found) > 0 {
			t.Errorf("at %s it found %v: %v", part, r.Found, err)
		}
		stop()
	}
}

// However many entries there are, none is sorted: the months' indexes are merged.
func TestAuditGoesByIndex(t *testing.T) {
	t.Parallel()
	b := open(t)
	for query, want := range map[string]string{entriesByAccount: "Merge Append", entriesByTransfer: "Append"} {
		var plan []string
		if err := b.Store.db.Select(&plan, `EXPLAIN (COSTS OFF) `+query); err != nil {
			t.Fatal(err)
		}
		if whole := strings.Join(plan, "\n"); !strings.HasPrefix(whole, want) || strings.Contains(whole, "Sort\n") || strings.Contains(whole, "Seq Scan") {
			t.Error(whole)
		}
	}
}

// The wallet's operations tell as many messages as the audit asks for. One that is new must be carried out here.
func TestMessagesTell(t *testing.T) {
	t.Parallel()
	s, _ := busyDay(t)
	_, err := s.reverse(s.sent())
	s.wants("reverse", err, "")
	for _, op := range core.Operations {
		least, most := messagesTell(op)
		var told []int64
		if err := s.owner.Select(&told, `
			SELECT (SELECT count(*) FROM messages WHERE transfer_id = t.id) FROM transfers t WHERE operation = $1`, op); err != nil {
			t.Fatal(err)
		}
		switch {
		case op == core.Redeem: // nobody can, as yet
			if len(told) > 0 {
				t.Errorf("%s is done now: ask for as many messages as it tells", op)
			}
		case len(told) == 0 || slices.Min(told) < least || slices.Max(told) > most:
			t.Errorf("%d messages tell of each %s, and it must be %s", told, op, span(least, most))
		}
	}
}
