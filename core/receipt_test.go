package core_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/piga-money/piga/core"
)

const alphabet = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"

func TestNewReceipt(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 21, 16, 15, 0, 0, time.UTC)
	r, err := core.NewReceipt(at, rand.Reader)
	if err != nil || len(r) != 10 || strings.Trim(string(r), alphabet) != "" {
		t.Fatalf("%q, %v", r, err)
	}
	if want := string([]byte{alphabet[2026-2013], alphabet[11-1], alphabet[21-1]}); string(r[:3]) != want {
		t.Errorf("%q does not begin with the date, %q", r, want)
	}
	if again, _ := core.NewReceipt(at, rand.Reader); again == r {
		t.Errorf("%q twice", r)
	}
	for day := range 366 * 40 { // each day has its letters, on a clock of any year
		at := time.Date(2000, 1, 1+day, 0, 0, 0, 0, time.UTC)
		r, err := core.NewReceipt(at, bytes.NewReader(make([]byte, 6)))
		if err != nil {
			t.Fatalf("%s: %v", at, err)
		}
		if !r.OfMonth(at) || r.OfMonth(at.AddDate(0, 0, 31)) || r.OfMonth(at.AddDate(1, 0, 0)) {
			t.Fatalf("%s: %s is of another month", at, r)
		}
	}
	broken := errors.New("no more randomness")
	if _, err := core.NewReceipt(at, iotest.ErrReader(broken)); !errors.Is(err, broken) || core.CodeOf(err) != core.Internal {
		t.Errorf("without randomness: %v", err)
	}
}

// A byte that would make some characters likelier is thrown away.
func TestReceiptsAreFair(t *testing.T) {
	t.Parallel()
	every := make([]byte, 0, 256*6)
	for b := range 256 {
		every = append(every, bytes.Repeat([]byte{byte(b)}, 6)...)
	}
	source, seen := bytes.NewReader(every), map[byte]int{}
	for {
		r, err := core.NewReceipt(time.Time{}, source)
		if err != nil {
			break
		}
		for i := 3; i < 9; i++ {
			seen[r[i]]++
		}
	}
	for i := range len(alphabet) {
		if n := seen[alphabet[i]]; n != 48 { // 248 of 256 bytes count, 8 for each of the 31, 6 times
			t.Errorf("%c came %d times", alphabet[i], n)
		}
	}
}

func TestParseReceipt(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{"QK74J7XW2M", "qk74j7xw2m", " Qk74J7xW2m\n"} {
		if r, err := core.ParseReceipt(typed); r != "QK74J7XW2M" || err != nil {
			t.Errorf("ParseReceipt(%q) = %q, %v", typed, r, err)
		}
	}
	for _, typed := range []string{
		"", "QK74J7XW2", "QK74J7XW2MM", "QK74J7XW2N", "QK74-J7XW2M", "QK7 4J7XW2M", "0K74J7XW2M", "QK74J7XWOM",
		"QK74J7XW2\x00", "ＱK74J7XW2M", strings.Repeat("A", 10_000),
	} {
		if r, err := core.ParseReceipt(typed); r != "" || core.CodeOf(err) != core.BadReceipt {
			t.Errorf("ParseReceipt(%q) = %q, %v", typed, r, err)
		}
	}
}

// The check character finds every single mistake, and every two neighbours that changed places.
func TestMistypedReceiptsAreFound(t *testing.T) {
	t.Parallel()
	receipts := []core.Receipt{"QK74J7XW2M"}
	for range 200 {
		r, err := core.NewReceipt(time.Date(2026, 2, 28, 0, 0, 0, 0, time.UTC), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		receipts = append(receipts, r)
	}
	for _, r := range receipts {
		if _, err := core.ParseReceipt(string(r)); err != nil {
			t.Fatalf("%s: %v", r, err)
		}
		for _, wrong := range mistyped(string(r)) {
			if _, err := core.ParseReceipt(wrong); core.CodeOf(err) != core.BadReceipt {
				t.Fatalf("%s, typed for %s, was taken", wrong, r)
			}
		}
	}
}

// A receipt's letters come round again: the last month that they can mean is meant.
func TestMonthOfReceipt(t *testing.T) {
	t.Parallel()
	by := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	for r, want := range map[core.Receipt]string{
		"QMXAAAAAAA": "2026-11", "QAXAAAAAAA": "2026-01", "AAXAAAAAAA": "2013-01", "QNXAAAAAAA": "2026-12", "Q9XAAAAAAA": "none",
	} {
		got := "none"
		if month, ok := r.Month(by); ok {
			got = month.Format("2006-01")
		}
		if got != want {
			t.Errorf("%s is of %s, want %s", r, got, want)
		}
	}
	if month, _ := core.Receipt("AAXAAAAAAA").Month(by.AddDate(30, 0, 0)); month.Year() != 2044 {
		t.Errorf("after they came round it is of %s", month)
	}
}

func mistyped(r string) (all []string) {
	for i := range len(r) {
		for j := range len(alphabet) {
			if r[i] != alphabet[j] {
				all = append(all, r[:i]+alphabet[j:j+1]+r[i+1:])
			}
		}
		if i > 0 && r[i-1] != r[i] {
			all = append(all, r[:i-1]+r[i:i+1]+r[i-1:i]+r[i+1:])
		}
	}
	return all
}

func FuzzParseReceipt(f *testing.F) {
	for _, s := range []string{"QK74J7XW2M", "qk74j7xw2m ", "", "QK74J7XW2ſ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := core.ParseReceipt(s)
		if err != nil {
			if r != "" || core.CodeOf(err) != core.BadReceipt {
				t.Fatalf("ParseReceipt(%q) = %q, %v", s, r, err)
			}
			return
		}
		if again, err := core.ParseReceipt(string(r)); again != r || len(r) != 10 {
			t.Fatalf("ParseReceipt(%q) = %q, and that again is %q, %v", s, r, again, err)
		}
	})
}
