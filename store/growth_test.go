package store

import (
	"fmt"
	"strings"
	"testing"
)

// Plans that were made while the tables were empty, and are kept, must be good when they are not: whatever is
// looked for is found by its key, so that each search reads a row or two, however many there are by then.
func TestPlansOfEmptyTables(t *testing.T) {
	t.Parallel()
	c := openCounter(t)
	for _, table := range []string{"accounts", "parties", "requests", "transfers", "entries", "holds", "cash_requests", "messages"} {
		c.owner.MustExec(`VACUUM ANALYZE ` + table) // from now on the planner knows that it is empty
	}
	const rounds = 150
	for n := range rounds {
		ask := errand{kind: "withdraw", request: fmt.Sprintf("ask:%d", n), amount: 10_00}
		end := ask
		end.kind, end.request, end.of, end.ofKind = "confirm", fmt.Sprintf("end:%d", n), ask.request, ask.kind
		if n%3 == 0 {
			end.kind = "cancel"
		}
		for _, e := range []errand{ask, end, {kind: "send", request: fmt.Sprintf("send:%d", n), amount: 10_00}} {
			if o, err := c.Post(t.Context(), c.order(e)); err != nil || o.Code != "" {
				t.Fatalf("%+v: %q %v", e, o.Code, err)
			}
		}
	}
	if err := c.Store.Close(); err != nil { // what connections counted is known when they end
		t.Fatal(err)
	}
	c.until("the connections have ended", func() bool {
		return c.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
			AND usesysid <> (SELECT oid FROM pg_roles WHERE rolname = current_user)`) == 0 &&
			c.count(`SELECT coalesce(sum(n_tup_ins), 0)::bigint FROM pg_stat_user_tables WHERE relname = 'holds'`) >= rounds
	})
	var found []struct {
		Table, Index   string
		Searches, Rows int64
	}
	if err := c.owner.Select(&found, `
		SELECT relname AS "table", indexrelname AS index, idx_scan AS searches, idx_tup_read AS rows
		FROM pg_stat_user_indexes
		WHERE idx_scan > 0`); err != nil {
		t.Fatal(err)
	}
	if len(found) < 8 {
		t.Errorf("only %d indexes were used", len(found))
	}
	for _, f := range found {
		t.Logf("%s: %d searches found %d rows", f.Index, f.Searches, f.Rows)
		switch {
		case f.Index == "cash_by_customer": // what she asked for in the last hour is counted
		case strings.HasSuffix(f.Index, "_by_expiry"):
			t.Errorf("%s was searched, and nobody asked what has expired", f.Index)
		case f.Table == "accounts", strings.HasPrefix(f.Index, "one_open_"), strings.HasPrefix(f.Index, "running_"):
			// Earlier versions of rows that change are met for a while.
		case f.Rows > 10*f.Searches:
			t.Errorf("%s of %s: %d searches read %d rows", f.Index, f.Table, f.Searches, f.Rows)
		}
	}
	if n := c.count(`SELECT coalesce(sum(seq_tup_read), 0)::bigint FROM pg_stat_user_tables WHERE relname ~ '^(requests|transfers|entries|holds|messages)'`); n > rounds {
		t.Errorf("whole tables were read: %d rows", n)
	}
}
