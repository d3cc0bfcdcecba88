package store

import (
	"database/sql"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
)

// table feeds what stands in a table.
func table[R keyed](rows ...R) *feed[R] {
	return feeding(func() (row R, more bool) {
		if len(rows) == 0 {
			return row, false
		}
		row, rows = rows[0], rows[1:]
		return row, true
	})
}

// One wrong number is one finding, wherever it stands, and a month that was put away is where the next begins.
func TestChain(t *testing.T) {
	t.Parallel()
	account := accountSeen{
		id: 7, version: 5, versionBefore: 3, balance: 15, balanceBefore: 6,
		last: sql.NullInt64{Int64: 105, Valid: true}, people: true,
	}
	trust, opening := accountSeen{id: 1, version: 1, balance: -15}, closingSeen{1, 1, 101, -15}
	entry := func(version int64, balance core.Amount) entrySeen {
		return entrySeen{account: 7, version: version, transfer: 100 + version, line: 1, amount: core.Amount(version), balance: balance}
	}
	whole := []entrySeen{entry(1, 1), entry(2, 3), entry(3, 6), entry(4, 10), entry(5, 15)}
	for name, c := range map[string]struct {
		closings []closingSeen
		entries  []entrySeen
		want     []string
	}{
		"whole":                {nil, whole, nil},
		"after a closing":      {[]closingSeen{{7, 2, 102, 3}}, whole[2:], nil},
		"all put away":         {[]closingSeen{{7, 5, 105, 15}}, nil, nil},
		"put away elsewhere":   {[]closingSeen{{7, 2, 102, 4}}, whole[2:], []string{"account 7, entry 3"}},
		"not where it ended":   {[]closingSeen{{7, 5, 105, 14}}, nil, []string{"account 7"}},
		"put away too far":     {[]closingSeen{{7, 4, 104, 10}}, whole[4:], []string{"account 7"}}, // it remembers what was put away in the middle of a statement
		"a wrong balance":      {nil, []entrySeen{whole[0], entry(2, 9), whole[2], whole[3], whole[4]}, []string{"account 7, entry 2"}},
		"a wrong first":        {nil, []entrySeen{entry(1, 9), whole[1], whole[2], whole[3], whole[4]}, []string{"account 7, entry 1"}},
		"a wrong last":         {nil, []entrySeen{whole[0], whole[1], whole[2], whole[3], entry(5, 9)}, []string{"account 7, entry 5"}},
		"wrong where it began": {nil, []entrySeen{whole[0], whole[1], entry(3, 9), whole[3], whole[4]}, []string{"account 7, entry 3"}},
		"two wrong":            {nil, []entrySeen{whole[0], entry(2, 9), whole[2], entry(4, 9), whole[4]}, []string{"account 7, entry 2", "account 7, entry 4"}},
		"two missing":          {nil, []entrySeen{whole[0], whole[3], whole[4]}, []string{"account 7, entry 4"}},
		"all missing":          {nil, nil, []string{"account 7"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var r AuditReport
			chains{
				accounts: table(trust, account), closings: table(append([]closingSeen{opening}, c.closings...)...), entries: table(c.entries...), held: table[heldSum](),
			}.audit(&r)
			if diff := gocmp.Diff(c.want, whose(r)); diff != "" {
				t.Errorf("(-want +found)\n%s\n%+v", diff, r.Findings)
			}
			if r.Entries != int64(len(c.entries)) || r.People != 15 || r.System != -15 || r.Accounts != 2 {
				t.Errorf("%+v", r)
			}
		})
	}
}

func whose(r AuditReport) (rows []string) {
	for _, f := range r.Findings {
		rows = append(rows, f.Row)
	}
	return rows
}

// A request is forgotten when it is old, unless it stands for something at the bank; what a transfer that was put away
// left behind is no mistake.
func TestRequestsMayBeOld(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		op    core.Operation
		age   time.Duration
		wrong int
	}{
		"young":             {core.Send, time.Hour, 1},
		"old":               {core.Send, 40 * 24 * time.Hour, 0},
		"an old issue":      {core.Issue, 40 * 24 * time.Hour, 1},
		"an old reversal":   {core.Reverse, 40 * 24 * time.Hour, 1},
		"an old redemption": {core.Redeem, 40 * 24 * time.Hour, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := now.Add(-c.age)
			receipt, err := core.NewReceipt(at, zeros{})
			if err != nil {
				t.Fatal(err)
			}
			id := int64(transferID(at, 1))
			steps := table[stepSeen]()
			if c.op == core.Reverse {
				steps = table(stepSeen{transfer: id})
			}
			var r AuditReport
			transfers{
				transfers: table(transferSeen{id: id, lines: 2, request: "r", operation: c.op, receipt: receipt, at: at}),
				lines: table(
					lineSeen{entrySeen{account: 1, version: 1, transfer: id, line: 1, amount: -1}},
					lineSeen{entrySeen{account: 7, version: 1, transfer: id, line: 2, amount: 1}}),
				requests: table(byTransfer{requestSeen{transfer: 5, id: "of long ago"}}),
				told:     table(toldSum{5, 2}, toldSum{id, 2}),
				earned:   table[earnedSum](),
				steps:    steps,
				kept:     6, young: now.Add(-askedFor), zone: time.UTC,
			}.audit(&r)
			if r.Found[TransfersAreAsked] != c.wrong || r.Wrong() != c.wrong || r.Messages != 4 || r.Requests != 1 {
				t.Errorf("%+v", r)
			}
		})
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// However much is wrong, the report stays small.
func TestFindingsAreFew(t *testing.T) {
	t.Parallel()
	var r AuditReport
	for range 10 * mostOfARule {
		r.wrong(EntriesFollow, "a row", "it is wrong")
	}
	if len(r.Findings) != mostOfARule || r.Found[EntriesFollow] != 10*mostOfARule || r.Wrong() != 10*mostOfARule {
		t.Errorf("%d of %d", len(r.Findings), r.Found[EntriesFollow])
	}
}
