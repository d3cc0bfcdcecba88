package store

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/office"
	"github.com/piga-money/piga/core/wallet"
)

// mixed is a ledger of three months in which all sorts of things happened.
func mixed(t *testing.T) *counterBench {
	t.Helper()
	c := openCounter(t)
	random := rand.New(rand.NewPCG(1, 2))
	var asked []errand
	for n := range 150 {
		e := anErrand(random, fmt.Sprintf("errand:%d", n), asked, nil, nil)
		if e.kind == "send" && n%5 == 0 {
			e.amount = 1_000_000_00 // refused
		}
		if o, err := c.Post(t.Context(), c.order(e)); err == nil && o.Code == "" && (e.kind == "withdraw" || e.kind == "deposit") {
			asked = append(asked, e)
		}
		if n%10 == 0 {
			c.done(c.move(core.Redeem, c.super.Account, core.Trust, 1_00, 0))
		}
		if n == 50 || n == 100 {
			c.pass(31 * 24 * time.Hour)
		}
		c.pass(time.Minute)
	}
	return c
}

// every page of a filter, one after the other.
func (b bench) pages(f office.Filter, n int) (all []core.RequestID) {
	b.t.Helper()
	var after office.Cursor
	for {
		p, err := b.Records(b.t.Context(), f, after, n)
		if err != nil {
			b.t.Fatal(err)
		}
		if len(p.Records) > n {
			b.t.Fatalf("%d on a page of %d", len(p.Records), n)
		}
		for _, r := range p.Records {
			all = append(all, r.Request)
			if r.Operation == "" || r.At.Location() != b.zone || !f.Admits(r) {
				b.t.Errorf("%+v", r)
			}
		}
		if after = p.Next; after == "" {
			return all
		}
	}
}

// Whatever is looked for, its pages hold what a reader of whole tables finds, newest first, each once.
func TestRecords(t *testing.T) {
	t.Parallel()
	c := mixed(t)
	var from, until time.Time
	if err := c.owner.QueryRow(`SELECT min(at) + (max(at) - min(at)) / 3, max(at) - (max(at) - min(at)) / 20 FROM requests`).Scan(&from, &until); err != nil {
		t.Fatal(err)
	}
	from, until = from.Truncate(time.Millisecond), until.Truncate(time.Millisecond)
	some := 0
	for _, state := range append(slices.Clone(office.States), "") {
		for _, party := range []core.Party{{}, c.jane, c.njeri} {
			for _, op := range []core.Operation{"", core.Withdraw, core.Redeem} {
				for _, ranged := range []bool{false, true} {
					f := office.Filter{State: state, Party: party, Operation: op}
					if ranged {
						f.From, f.Until = from, until
					}
					want := c.expected(f)
					some += len(want)
					for _, n := range []int{3, 1000} {
						if diff := gocmp.Diff(want, c.pages(f, n)); diff != "" {
							t.Errorf("%+v, %d on a page (-want +got)\n%s", f, n, diff)
						}
					}
				}
			}
		}
	}
	if some < 500 {
		t.Errorf("only %d were found", some)
	}
}

// expected is what a filter admits, by reading everything.
func (c *counterBench) expected(f office.Filter) (all []core.RequestID) {
	c.t.Helper()
	source := `SELECT t.request_id, t.at, t.operation, t.id::numeric AS n, t.request_id AS name,
			ARRAY(SELECT a.party_id FROM entries e JOIN accounts a ON a.id = e.account_id AND a.kind <> 'commission' WHERE e.transfer_id = t.id) AS sides
		FROM transfers t WHERE NOT $1`
	switch f.State {
	case office.Reversed:
		source = strings.Replace(source, "NOT $1", "$1", 1)
	case office.Refused:
		source = `SELECT r.id AS request_id, r.at, split_part(r.content, ' ', 1) AS operation, 0 AS n, r.id AS name,
				ARRAY(SELECT a.party_id FROM accounts a WHERE r.content ~ ('\m' || a.id || '\M')) AS sides
			FROM requests r WHERE r.code IS NOT NULL AND NOT $1`
	case office.Open, office.Ended:
		source = `SELECT c.request_id, c.asked_at AS at, c.operation, c.id AS n, '' AS name, ARRAY[c.customer_id, c.agent_id] AS sides
			FROM cash_requests c WHERE coalesce(c.ended, 'open') <> 'confirmed' AND NOT $1 AND (c.ended IS NULL) = ` + strconv.FormatBool(f.State == office.Open)
	default:
	}
	if f.Until.IsZero() {
		f.Until = farAway
	}
	if err := c.owner.Select(&all, `SELECT request_id FROM (`+source+`) s
		WHERE ($2 = '' OR operation = $2) AND ($3 = 0 OR $3 = ANY (sides)) AND at >= $4 AND at < $5
		ORDER BY at DESC, n DESC, name DESC`, false, f.Operation, f.Party.ID, f.From.UTC(), f.Until.UTC()); err != nil {
		c.t.Fatal(err)
	}
	return all
}

// A cursor that no page gave is refused, whatever is in it, and none of another list does harm.
func TestStrangeCursors(t *testing.T) {
	t.Parallel()
	b := open(t)
	for _, state := range office.States {
		for _, c := range []office.Cursor{
			"x", "!", "MQ", place{-1, "x"}.cursor(), place{1 << 62, "1"}.cursor(), place{5, "1\x00"}.cursor(), place{5, "\xff"}.cursor(),
			place{5, "ussd:1"}.cursor(), place{5, "7"}.cursor(), place{5, ""}.cursor(),
		} {
			if _, err := b.Records(t.Context(), office.Filter{State: state}, c, 5); err != nil && core.CodeOf(err) != core.BadField {
				t.Errorf("%s after %q: %v", state, c, err)
			}
		}
	}
	if _, err := b.Records(t.Context(), office.Filter{}, "!", 5); core.CodeOf(err) != core.BadField {
		t.Error(err)
	}
}

// filled is a ledger of three months of so many transfers, among a few accounts, one of them in all.
func filled(t testing.TB, transfers int) (b bench, busy core.Party, months []time.Time) {
	t.Helper()
	const size = 250
	b = open(t)
	b.noon()
	parties := make([]core.Party, 50)
	for i := range parties {
		parties[i] = b.party(core.Merchant, core.TierTrade)
		b.fund(parties[i].Account, 1_000_000_00)
	}
	for n := 0; n < transfers; n += size {
		if n%(transfers/3/size*size) == 0 {
			b.pass(31 * 24 * time.Hour)
			months = append(months, time.Now().Add(b.offsetNow()))
		}
		b.pass(time.Minute)
		orders := make([]wallet.Order, min(size, transfers-n))
		for i := range orders {
			from, to := parties[0], parties[1+(n+i)%49]
			if i%2 == 0 {
				from, to = to, from
			}
			orders[i] = b.move(core.Send, from.Account, to.Account, 1_00, 5)
			orders[i].Tell = orders[i].Tell[:2]
		}
		if err := b.Tx(t.Context(), func(tx *Tx) error {
			_, err := b.post(tx, orders)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	b.spoil(`
		INSERT INTO requests (id, content, code, at)
		SELECT 'refused:' || n, 'send ' || (1001 + n % 50) || '>' || (1001 + (n * 7 + 1) % 50) || ' 100 hold 0', 'insufficient_funds',
			now() + interval '92 days' * n / ROWS
		FROM generate_series(1, ROWS) AS n;
		INSERT INTO cash_requests (request_id, operation, customer_id, agent_id, amount, fee, ref, code, asked_at, expires_at, ended, ended_at, ended_by, transfer_id)
		SELECT 'cash:' || n, 'deposit', 2001 + n, 1001 + n % 50, 100, 0, n, '0000',
			now() + interval '92 days' * n / ROWS, now() + interval '92 days' * n / ROWS + interval '10 minutes',
			CASE WHEN n <= ROWS - 50 THEN CASE n % 21 WHEN 1 THEN 'expired' ELSE 'confirmed' END END,
			CASE WHEN n <= ROWS - 50 THEN now() END, CASE WHEN n <= ROWS - 50 THEN 'end:' || n END,
			CASE WHEN n <= ROWS - 50 AND n % 21 <> 1 THEN n END
		FROM generate_series(1, ROWS) AS n`, map[string]string{"ROWS": strconv.Itoa(transfers)})
	b.owner.MustExec(`VACUUM ANALYZE`)
	return b, parties[0], months
}

var rowsRead = regexp.MustCompile(`Scan.*\(actual rows=(\d+) loops=(\d+)\)|Rows Removed by \w+(?: \w+)*: (\d+)`)

// reads is how many rows a statement reads, with those that it throws away.
func (b bench) reads(query string, args ...any) (n int, plan string) {
	b.t.Helper()
	var lines []string
	if err := b.records.db.Select(&lines, `EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) `+query, args...); err != nil {
		b.t.Fatal(err)
	}
	plan = strings.Join(lines, "\n")
	for _, m := range rowsRead.FindAllStringSubmatch(plan, -1) {
		rows, _ := strconv.Atoi(m[1] + m[3])
		loops := 1
		if m[2] != "" {
			loops, _ = strconv.Atoi(m[2])
		}
		n += rows * loops
	}
	return n, plan
}

// No page reads much more than it shows, whatever came before and whatever comes after what it shows.
func TestPagesReadWhatTheyShow(t *testing.T) {
	t.Parallel()
	b, busy, months := filled(t, 4500)
	b.pagesReadWhatTheyShow(busy, months)
}

func (b bench) pagesReadWhatTheyShow(busy core.Party, months []time.Time) {
	const n = 20
	middle, end := months[1], months[1].Add(time.Hour)
	first, err := b.entriesBefore(b.t.Context(), busy.Account, middle)
	if err != nil {
		b.t.Fatal(err)
	}
	receipt, id := core.Receipt(""), core.TransferID(0)
	if err := b.owner.QueryRow(`SELECT receipt, id FROM transfers WHERE id >= $1 ORDER BY id LIMIT 1`, idOf(middle)).Scan(&receipt, &id); err != nil {
		b.t.Fatal(err)
	}
	at, account := middle.UTC(), strconv.FormatInt(int64(busy.Account), 10)
	for name, c := range map[string]struct {
		most  int
		query string
		args  []any
	}{
		"the newest":           {3 * n, allTransfersSQL, []any{idOf(farAway), 0, n}},
		"of a time":            {3 * n, allTransfersSQL, []any{idOf(end), idOf(middle), n}},
		"of one account":       {6 * n, transfersOfSQL, []any{busy.Account, int64(1) << 60, 0, 0, idOf(farAway), n}},
		"of it, of a time":     {6 * n, transfersOfSQL, []any{busy.Account, first + 200, first, idOf(middle), idOf(end), n}},
		"where a time begins":  {150, entriesBeforeSQL, []any{busy.Account, idOf(middle)}},
		"one":                  {10, transferSQL + `t.receipt = $1`, []any{receipt}},
		"one by its id":        {10, transferSQL + `t.id = $1`, []any{id}},
		"refused":              {3 * n, refusedSQL.anybodys, []any{at, "", time.Time{}, n}},
		"refused to one":       {3 * n, refusedSQL.hers, []any{at, "", time.Time{}, n, account}},
		"open":                 {3 * n, openSQL.anybodys, []any{at, "0", time.Time{}, n}},
		"open of one":          {3 * n, openSQL.hers, []any{at, "0", time.Time{}, n, busy.ID}},
		"ended without any":    {3 * n, endedSQL.anybodys, []any{at, "0", time.Time{}, n}},
		"ended without of one": {3 * n, endedSQL.hers, []any{at, "0", time.Time{}, n, busy.ID}},
	} {
		if read, plan := b.reads(c.query, c.args...); read > c.most || strings.Contains(plan, "Seq Scan on transfers") || strings.Contains(plan, "Seq Scan on entries") {
			b.t.Errorf("%s: %d rows, want %d at most:\n%s", name, read, c.most, plan)
		} else {
			b.t.Logf("%s: %d rows", name, read)
		}
	}
	// What is hardly ever there is looked for a piece at a time.
	pages, found := 0, 0
	for after := office.Cursor(""); pages == 0 || after != ""; pages++ {
		p, err := b.Records(b.t.Context(), office.Filter{Operation: core.TakeCommission}, after, n)
		if err != nil {
			b.t.Fatal(err)
		}
		found, after = found+len(p.Records), p.Next
	}
	if want := int(b.count(`SELECT count(*) FROM transfers`))/mostRead + 1; pages != want || found != 0 {
		b.t.Errorf("%d pages with %d on them, want %d", pages, found, want)
	}
	if p, err := b.Records(b.t.Context(), office.Filter{Operation: core.Issue}, "", n); err != nil || len(p.Records) != n {
		b.t.Errorf("%d issues on the first page: %v", len(p.Records), err)
	}
}

// BenchmarkRecords asks the same of as many transfers as it is told to, -benchtime 1000000x, takes them all out, and
// makes the reports of their last day and of the moment when they began.
func BenchmarkRecords(b *testing.B) {
	s, busy, months := filled(b, max(b.N, 4500))
	b.ResetTimer()
	s.pagesReadWhatTheyShow(busy, months)
	timed := func(what string, do func()) {
		began := time.Now()
		do()
		b.ReportMetric(time.Since(began).Seconds(), what+"-s")
	}
	all, most := 0, uint64(0)
	timed("export", func() {
		records, err := office.New(s.Store, nil, nil).Export(b.Context(), office.CommandLine(), office.Filter{Until: farAway})
		if err != nil {
			b.Fatal(err)
		}
		for _, err := range records {
			if err != nil {
				b.Fatal(err)
			}
			if all++; all%50_000 == 0 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
	})
	b.ReportMetric(float64(all), "records")
	b.ReportMetric(float64(most)/(1<<20), "MB-heap")
	timed("summary", func() {
		if _, err := s.Summary(b.Context(), months[2], months[2].Add(24*time.Hour)); err != nil {
			b.Fatal(err)
		}
	})
	timed("safeguarding", func() {
		if r, err := s.safeguarding(months[0]); err != nil || !r.Holds() {
			b.Fatalf("%+v, %v", r, err)
		}
	})
}
