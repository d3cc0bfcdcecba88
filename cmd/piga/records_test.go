package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/wallet"
	"github.com/piga-money/piga/store"
)

// traded is a world in which Jane sent John money twice, was refused once, and gave some to a shop.
func traded(t *testing.T) (w *world, receipts []core.Receipt) {
	t.Helper()
	w = newWorld(t)
	jane := w.open("jane", core.Party{
		Kind: core.Subscriber, Status: core.Active, Tier: core.TierFull, Name: "JANE WANJIKU", Phone: "+254711000001", Lang: core.English,
	}, "258025", 2000_00)
	john := w.open("john", core.Party{
		Kind: core.Subscriber, Status: core.Active, Tier: core.TierFull, Name: "JOHN OTIENO", Phone: "+254711000002", Lang: core.English,
	}, "258025", 0)
	shop := w.open("shop", core.Party{
		Kind: core.Merchant, Status: core.Active, Tier: core.TierTrade, Name: "=DUKA LA JANE", Phone: "+254733000001", Number: "30001", Lang: core.English,
	}, "258025", 0)
	for i, p := range []struct {
		op     core.Operation
		to     core.Party
		amount core.Amount
		fee    core.Amount
	}{{core.Send, john, 500_00, 5_00}, {core.Send, john, 100_50, 0}, {core.Send, john, 9000_00, 40_00}, {core.Pay, shop, 300_00, 0}} {
		entries := []ledger.Entry{{Account: jane.Account, Amount: -p.amount - p.fee}, {Account: p.to.Account, Amount: p.amount}}
		if p.fee > 0 {
			entries = append(entries, ledger.Entry{Account: core.Fees, Amount: p.fee})
		}
		o, err := w.g.store.Post(t.Context(), wallet.Order{
			Posting: ledger.Posting{
				Request: core.RequestID(fmt.Sprintf("test:errand:%d", i)), Action: ledger.Move, Operation: p.op,
				From: jane.Account, To: p.to.Account, Amount: p.amount, Fee: p.fee, Entries: entries,
			},
			Tell: []notice.Notice{{
				To: jane.ID, Phone: jane.Phone, Lang: core.English, When: notice.Done, Key: "sms.sent", Balance: jane.Account,
				Args: map[string]string{"amount": p.amount.Long(), "name": p.to.Name, "phone": "0711000002", "fee": p.fee.Long()},
			}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if o.Receipt != "" {
			receipts = append(receipts, o.Receipt)
		}
	}
	return w, receipts
}

// records are the transactions of an answer, shown by what says which they are.
func (r reply) records() (all []string) {
	r.t.Helper()
	var answer struct {
		Data struct {
			Transactions []struct {
				Status, Operation, Receipt, Code string
				Amount                           json.Number
				From, To                         struct{ Name string }
			}
		}
	}
	if err := json.Unmarshal(r.body, &answer); err != nil || r.status != http.StatusOK {
		r.t.Fatalf("%d %s: %v", r.status, r.body, err)
	}
	for _, t := range answer.Data.Transactions {
		all = append(all, strings.Join([]string{t.Status, t.Operation, t.From.Name, t.To.Name, t.Amount.String() + t.Code}, " "))
	}
	return all
}

func TestFindTransactions(t *testing.T) {
	t.Parallel()
	w, receipts := traded(t)
	care := w.admin(core.Care)
	const (
		paid    = "done pay JANE WANJIKU =DUKA LA JANE 300"
		small   = "done send JANE WANJIKU JOHN OTIENO 100.50"
		large   = "done send JANE WANJIKU JOHN OTIENO 500"
		brought = "done deposit MAMA NJERI SHOP JANE WANJIKU 2000"
		refused = "refused send JANE WANJIKU JOHN OTIENO 9000insufficient_funds"
	)
	for query, want := range map[string][]string{
		"":                     {paid, small, large, brought},
		"accountNo=0711000002": {small, large},
		"accountNo=30001":      {paid},
		"accountNo=0711000001&operation=send&status=done": {small, large},
		"operation=deposit":                                {brought},
		"status=refused":                                   {refused},
		"status=refused&accountNo=0711000002":              {refused},
		"status=refused&operation=pay":                     nil,
		"status=reversed":                                  nil,
		"status=open":                                      nil,
		"status=ended&accountNo=10021":                     nil,
		"receipt=" + strings.ToLower(string(receipts[0])):  {large},
		"receipt=QK74J7XW2M":                               nil,
		"from=2026-11-21&until=2026-11-21&operation=pay":   {paid},
		"from=2026-11-22":                                  nil,
		"until=2026-11-20":                                 nil,
		"from=0001-01-01&until=9999-12-31&operation=pay":   {paid},
		"from=0001-01-01&until=9999-12-31&accountNo=30001": {paid},
		"from=0001-01-01&until=9999-12-31&status=refused":  {refused},
	} {
		if query == "receipt=QK74J7XW2M" {
			unknown, err := core.NewReceipt(noon, w.g.random)
			if err != nil {
				t.Fatal(err)
			}
			query = "receipt=" + string(unknown)
		}
		got := care.get("/api/admin/transactions?" + query).records()
		if query == "" || strings.HasPrefix(query, "operation=deposit") { // the agent's own float is older
			got = slices.DeleteFunc(got, func(s string) bool { return strings.HasPrefix(s, "done issue") })
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got)\n%s", query, diff)
		}
	}
	// A page at a time, each once.
	var all []string
	path := "/api/admin/transactions?accountNo=0711000001&limit=1"
	for next := ""; ; {
		r := care.get(path + next)
		all = append(all, r.records()...)
		cursor, more := r.done()["next"].(string)
		if !more {
			break
		}
		next = "&cursor=" + cursor
	}
	if diff := cmp.Diff([]string{paid, small, large, brought}, all); diff != "" {
		t.Errorf("page by page (-want +got)\n%s", diff)
	}
}

func TestFindTransactionsRefuses(t *testing.T) {
	t.Parallel()
	w, _ := traded(t)
	finance := w.admin(core.Finance)
	for path, want := range map[string]core.Code{
		"/api/admin/transactions?limit=101":                                                 core.BadField,
		"/api/admin/transactions?limit=-1":                                                  core.BadField,
		"/api/admin/transactions?cursor=%21":                                                core.BadField,
		"/api/admin/transactions?status=lost":                                               core.BadField,
		"/api/admin/transactions?operation=steal":                                           core.BadField,
		"/api/admin/transactions?from=21/11/26":                                             core.BadField,
		"/api/admin/transactions?from=2026-11-21&until=2026-11-20":                          core.BadField,
		"/api/admin/transactions?receipt=QK74J7XW2X":                                        core.BadReceipt,
		"/api/admin/transactions?accountNo=0799999999":                                      core.NotRegistered,
		"/api/admin/transactions?accountNo=1":                                               core.PhoneTooShort,
		"/api/admin/transactions?phone=0711000001":                                          core.UnknownField,
		"/api/admin/transactions/5":                                                         core.UnknownReceipt,
		"/api/admin/transactions/99999999999999999999":                                      core.BadReceipt,
		"/api/admin/transactions/x":                                                         core.BadReceipt,
		"/api/admin/transactions.csv":                                                       core.MissingField,
		"/api/admin/transactions.csv?from=2026-11-21":                                       core.MissingField,
		"/api/admin/transactions.csv?from=2026-11-21&until=2026-11-20":                      core.BadField,
		"/api/admin/transactions.csv?from=2026-11-21&until=x":                               core.BadField,
		"/api/admin/transactions.csv?from=2026-11-21&until=2026-11-21&accountNo=0799999999": core.NotRegistered,
		"/api/admin/daily-summary":                                                          core.MissingField,
		"/api/admin/daily-summary?day=2026-11-31":                                           core.BadField,
		"/api/admin/daily-summary?day=2026-11-22":                                           core.BadField,
		"/api/admin/safeguarding?at=2026-11-21":                                             core.BadField,
		"/api/admin/safeguarding?at=0001-01-01T00:00:00Z":                                   core.BadField,
		"/api/admin/safeguarding?at=2126-11-21T15:00:00Z":                                   core.BadField,
	} {
		r := finance.get(path)
		if r.refused(want); r.status >= http.StatusInternalServerError {
			t.Errorf("%s: %d", path, r.status)
		}
	}
	for _, state := range []string{"refused", "open", "ended"} {
		finance.get("/api/admin/transactions?until=1969-12-31&status=" + state).done() // of so long ago there is nothing
	}
	if deeds := w.deeds(); deeds != "" {
		t.Errorf("deeds of what was refused:\n%s", deeds)
	}
}

func TestViewTransaction(t *testing.T) {
	t.Parallel()
	w, receipts := traded(t)
	care := w.admin(core.Care)
	got := care.get("/api/admin/transactions/" + string(receipts[0])).done()
	transaction, _ := got["transaction"].(map[string]any)
	byID := care.get(fmt.Sprintf("/api/admin/transactions/%v", transaction["transactionId"])).done()
	if diff := cmp.Diff(got["transaction"], byID["transaction"]); diff != "" {
		t.Errorf("by its id:\n%s", diff)
	}
	entries := fmt.Sprint(got["entries"])
	for _, want := range []string{"accountType:wallet", "accountType:fees", "amount:-505", "amount:500", "amount:5", "balance:1495"} {
		if !strings.Contains(entries, want) {
			t.Errorf("no %s in %s", want, entries)
		}
	}
	messages, _ := got["messages"].([]any)
	if len(messages) != 1 || got["requestedAt"] == nil || got["reversedBy"] != nil || got["cashRequest"] != nil {
		t.Errorf("%v", got)
	}
}

// What is taken out is all that there is of those days, with cells that no spreadsheet works out, and it is known who did.
func TestExport(t *testing.T) {
	t.Parallel()
	w, receipts := traded(t)
	finance := w.admin(core.Finance)
	r := finance.get("/api/admin/transactions.csv?from=2026-11-21&until=2026-11-21&accountNo=0711000001")
	if r.status != http.StatusOK || !strings.HasPrefix(r.header.Get("Content-Type"), "text/csv") || r.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", r.status, r.header)
	}
	lines, err := csv.NewReader(strings.NewReader(string(r.body))).ReadAll()
	if err != nil || len(lines) != 1+4 {
		t.Fatalf("%d lines, %v: %s", len(lines), err, r.body)
	}
	if at, err := time.Parse(time.RFC3339, lines[1][0]); err != nil || at.Day() != 21 {
		t.Errorf("%s, %v", lines[1][0], err)
	}
	want := [][]string{
		{"done", "pay", string(receipts[2]), "300.00", "0.00", "254711000001", "", "JANE WANJIKU", "254733000001", "30001", "'=DUKA LA JANE", "", "", "test:errand:3"},
		{"done", "send", string(receipts[1]), "100.50", "0.00", "254711000001", "", "JANE WANJIKU", "254711000002", "", "JOHN OTIENO", "", "", "test:errand:1"},
		{"done", "send", string(receipts[0]), "500.00", "5.00", "254711000001", "", "JANE WANJIKU", "254711000002", "", "JOHN OTIENO", "", "", "test:errand:0"},
	}
	for i, l := range lines[1:4] {
		got := slices.Concat(l[1:3], l[4:7], l[8:11], l[12:])
		if diff := cmp.Diff(want[i], got); diff != "" {
			t.Errorf("line %d (-want +got)\n%s", i, diff)
		}
	}
	r = finance.get("/api/admin/transactions.csv?from=2026-11-20&until=2026-11-22&status=refused")
	if lines, err := csv.NewReader(strings.NewReader(string(r.body))).ReadAll(); err != nil || len(lines) != 2 || lines[1][15] != "insufficient_funds" {
		t.Errorf("%v, %v", lines, err)
	}
	deeds := strings.Split(w.deeds(), "\n")
	if len(deeds) != 2 || !strings.HasPrefix(deeds[0], "records.export party -> ") || !strings.Contains(deeds[0], `"from": "2026-11-21T00:00:00+03:00"`) {
		t.Errorf("%q", deeds)
	}
}

func TestDailySummary(t *testing.T) {
	t.Parallel()
	w, _ := traded(t)
	all := w.admin(core.Finance).get("/api/admin/daily-summary?day=2026-11-21").done()
	var got []string
	operations, _ := all["operations"].([]any)
	for _, o := range operations {
		o, _ := o.(map[string]any)
		got = append(got, fmt.Sprint(o["operation"], " ", o["count"], " ", o["volume"], " ", o["fees"], " ", o["commissions"], " ", o["failures"]))
	}
	want := []string{
		"issue 1 10000000 0 0 map[]", "deposit 1 2000 0 0 map[]", "withdraw 0 0 0 0 map[]", "send 2 600.50 5 0 map[insufficient_funds:1]",
		"pay 1 300 0 0 map[]", "take_commission 0 0 0 0 map[]", "redeem 0 0 0 0 map[]", "reverse 0 0 0 0 map[]",
	}
	if diff := cmp.Diff(want, got); diff != "" || all["failuresForgotten"] != false {
		t.Errorf("(-want +got)\n%s", diff)
	}
	w.admin(core.Finance).get("/api/admin/daily-summary?day=0001-01-01").done()
}

func TestSafeguarding(t *testing.T) {
	t.Parallel()
	w, _ := traded(t)
	finance := w.admin(core.Finance)
	at := w.clock.read().UTC().Truncate(time.Millisecond)
	ask := func() map[string]any {
		return finance.get("/api/admin/safeguarding?at=" + at.Format(time.RFC3339Nano)).done()
	}
	then := ask()
	if then["holds"] != true || fmt.Sprint(then["owed"], " ", then["backing"], " ", then["difference"]) != "9999995 9999995 0" {
		t.Errorf("%v", then)
	}
	w.clock.move(time.Minute)
	w.move(core.Issue, core.Trust, w.people["njeri"].Commission, 7_00)
	if diff := cmp.Diff(then, ask()); diff != "" {
		t.Errorf("a minute later that moment was another (-then +later)\n%s", diff)
	}
	now := finance.get("/api/admin/safeguarding").done()
	if fmt.Sprint(now["owed"]) != "10000002" {
		t.Errorf("%v", now)
	}
	before := finance.get("/api/admin/safeguarding?at=1970-01-01T03:00:00%2B03:00").done()
	if fmt.Sprint(before["owed"], before["holds"]) != "0true" {
		t.Errorf("%v", before)
	}
}

// What reaches into a time that was put away is refused, and the time after it is told as before.
func TestReportsOfWhatWasPutAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.clock.move(time.Until(time.Now().AddDate(0, 3, 0)) - w.clock.offset())
	if _, err := store.Archive(t.Context(), store.Options{URL: w.dbURL, ClockOffset: w.clock.offset}, store.BeforeMonths); err != nil {
		t.Fatal(err)
	}
	finance := w.admin(core.Finance)
	for _, path := range []string{"/api/admin/safeguarding?at=2000-01-01T00:00:00Z", "/api/admin/daily-summary?day=2000-01-01"} {
		r := finance.get(path)
		if r.refused(core.PutAway); r.status != http.StatusGone {
			t.Errorf("%s: %d", path, r.status)
		}
	}
	finance.get("/api/admin/safeguarding").done()
}
