package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/store/local"
)

// TestMain lets the tests' binary be the workers that the rows start of themselves.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == workerName || os.Args[1] == bareName) {
		main()
		return
	}
	os.Exit(local.Main(m))
}

// One short round of each L row comes to figures, and leaves books in which nothing is wrong, and no file.
func TestLedgerRows(t *testing.T) {
	t.Parallel()
	needsPostgreSQL(t)
	o := small(t, "-rows", "L1,L2,L3,L4,L5,L6,L7")
	l, err := openLab(t.Context(), o, testLog{t})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := l.close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(l.dir); !os.IsNotExist(err) {
			t.Errorf("its folder is still there: %v", err)
		}
	}()
	history, err := l.openBooks(t.Context(), &l.history, "large", o.large)
	if err != nil {
		t.Fatal(err)
	}
	checkBooks(t, history) // as they were filled
	r, err := l.report(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range r.Lines {
		if one.Value.Median <= 0 || (one.Ratio == nil && one.Missing == "") {
			t.Errorf("%s has found nothing: %+v", one.Key, one)
		}
	}
	if len(r.Lines) != 8 {
		t.Errorf("there are %d lines, want 8", len(r.Lines))
	}
	for _, b := range []*books{l.books, l.history, l.ceiling} {
		checkBooks(t, b)
	}
	checkWritten(t, r)
}

// checkWritten looks at what is written for programs.
func checkWritten(t *testing.T, r report) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bench.json")
	if err := r.write(path); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var again report
	if err := json.Unmarshal(b, &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, again); diff != "" {
		t.Error(diff)
	}
}

// The numbers that are dialled are ones that can be.
func TestPhones(t *testing.T) {
	t.Parallel()
	for _, i := range []int{0, 49_999, 4_999_999} {
		if got, err := core.ParseMSISDN(person(i).Phone.National()); err != nil || got != person(i).Phone {
			t.Errorf("person %d has %s: %v", i, got, err)
		}
	}
}

func TestOptionsAreRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-rows", "L9"}, {"-rounds", "0"}, {"-seconds", "0"}, {"-people", "100"}, {"-live", "1"}, {"L1"}} {
		if _, err := readOptions(args, testLog{t}); err == nil {
			t.Errorf("%v is not refused", args)
		}
	}
}

// needsPostgreSQL ends the test where other tests end that need one, before a server could be installed.
func needsPostgreSQL(t *testing.T) {
	t.Helper()
	local.Database(t, func(string) error { return nil })
}

// small are options of which a run takes seconds.
func small(t *testing.T, args ...string) options {
	t.Helper()
	o, err := readOptions(append([]string{
		"-rounds", "1", "-seconds", "0.3", "-people", "600", "-accounts", "600", "-entries", "9000",
	}, args...), testLog{t})
	if err != nil {
		t.Fatal(err)
	}
	o.callers = 16
	return o
}

func checkBooks(t *testing.T, b *books) {
	t.Helper()
	if err := b.sound(context.Background()); err != nil {
		t.Error(err)
	}
}

// testLog shows the progress with the test's own words.
type testLog struct{ t *testing.T }

func (l testLog) Write(b []byte) (int, error) {
	l.t.Logf("%s", b)
	return len(b), nil
}
