package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/piga-money/piga/store"
)

// The audit's words are for operators: which row, what is wrong with it, and a status that a script understands.
func TestAudit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.counter()
	out := piga(t, "", w.env(), "audit")
	for _, want := range []string{"looking at accounts and entries", "2 entries, 1 transfers", "people have KES 10,000,000.00", "nothing is wrong"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in:\n%s", want, out)
		}
	}
	if _, err := w.db.Exec(`SET session_replication_role = replica; UPDATE entries SET balance = 100 WHERE account_id = 1;
		RESET session_replication_role`); err != nil {
		t.Fatal(err)
	}
	var wrong bytes.Buffer
	err := run(t.Context(), []string{"audit"}, w.env(), nil, &wrong)
	if err == nil || !strings.Contains(err.Error(), "rows that are wrong: 1") {
		t.Errorf("it ends with %v", err)
	}
	for _, want := range []string{
		"WRONG, 1 times: it is not so that each entry follows the one before it\n",
		"  account 1, entry 1: KES 0.00 and KES -10,000,000.00 make KES -10,000,000.00, but its balance is KES 1.00 (transfer ",
	} {
		if !strings.Contains(wrong.String(), want) {
			t.Errorf("no %q in:\n%s", want, wrong.String())
		}
	}
	if strings.Contains(wrong.String(), "nothing is wrong") {
		t.Error(wrong.String())
	}
}

// Of very many rows that are wrong, some are shown.
func TestFindingsAreFew(t *testing.T) {
	t.Parallel()
	r := store.AuditReport{
		Findings: []store.Finding{{Rule: store.HoldsEndInTime, Row: "hold 7", Says: "late"}},
		Found:    map[store.Rule]int{store.HoldsEndInTime: 1000},
	}
	var out bytes.Buffer
	printFindings(&out, r)
	if want := "warning, 1000 times: it is not so that a hold ends when its time is over\n  hold 7: late\n  and 999 more\n"; out.String() != want {
		t.Errorf("%q", out.String())
	}
	if r.Wrong() != 0 {
		t.Error("a warning is wrong")
	}
}

// On a terminal one line is written over and over, and taken away at the end; elsewhere there are few lines.
func TestProgress(t *testing.T) {
	t.Parallel()
	for terminal, want := range map[bool]string{
		true:  "\rlooking at holds: 1 rows of about 9\rlooking at cash: 9 rows            \r                                   \r",
		false: "looking at holds: 1 rows of about 9\nlooking at cash: 9 rows\n",
	} {
		var out bytes.Buffer
		p := newProgress(&out)
		p.terminal = terminal
		p.show(store.Progress{Doing: "holds", Rows: 1, Of: 9})
		p.show(store.Progress{Doing: "holds", Rows: 2, Of: 9}) // too soon
		p.show(store.Progress{Doing: "cash", Rows: 9, Of: 9})
		p.end()
		if got := out.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestArchiveCommand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for want, args := range map[string][]string{
		"needs a month":   {"archive"},
		"does not know":   {"archive", "2026-08", "2026-09"},
		"was put away":    {"archive", "2001-08"},
		"the last 2 stay": {"archive", "before"},
		"must be set":     {"archive", "before", "nowhere"},
	} {
		env := w.env()
		if len(args) == 3 && args[2] == "nowhere" {
			args, env = args[:2], nil
		}
		if err := run(context.Background(), args, env, nil, io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", args, err)
		}
	}
}
