package core

import (
	"io"
	"strings"
	"time"
)

// Receipt names a transfer to people: ten characters such as "QK74J7XW2M". Three tell the date (year,
// month, day, one each), six cannot be guessed, the last checks the others. The alphabet has no 0 or O,
// no 1, I or L.
type Receipt string

const (
	alphabet      = "ABCDEFGHJKMNPQRSTUVWXYZ23456789" // 31, a prime: one wrong or swapped character always shows
	receiptLength = 10
	firstYear     = 2013 // the year A; the letters come round again after 31 years
)

// NewReceipt makes the receipt of something that happens at a time, in the zone whose date people read.
// random is a source of secure random bytes.
func NewReceipt(at time.Time, random io.Reader) (Receipt, error) {
	const n = len(alphabet)
	year, month := letters(at)
	r := append(make([]byte, 0, receiptLength), year, month, alphabet[at.Day()-1])
	var b [1]byte
	for len(r) < receiptLength-1 {
		if _, err := io.ReadFull(random, b[:]); err != nil {
			return "", Errorf(Internal, "receipt: %w", err)
		}
		if c := int(b[0]); c < 256/n*n { // no character likelier than another
			r = append(r, alphabet[c%n])
		}
	}
	return Receipt(append(r, check(r))), nil
}

// letters tell a year and a month.
func letters(at time.Time) (year, month byte) {
	const n = len(alphabet)
	return alphabet[((at.Year()-firstYear)%n+n)%n], // a clock that stands before firstYear must not stop anything
		alphabet[int(at.Month())-1]
}

// OfMonth is whether a receipt that was read, or made, tells the year and the month of a time.
func (r Receipt) OfMonth(at time.Time) bool {
	year, month := letters(at)
	return r[0] == year && r[1] == month
}

// Month is the first moment, in UTC, of the last month by some time that a receipt tells, and false when it tells none.
func (r Receipt) Month(by time.Time) (time.Time, bool) {
	year, month := strings.IndexByte(alphabet, r[0]), strings.IndexByte(alphabet, r[1])
	if month >= 12 {
		return time.Time{}, false
	}
	first := time.Date(firstYear+year, time.Month(month+1), 1, 0, 0, 0, 0, time.UTC)
	for next := first; !next.After(by); next = next.AddDate(len(alphabet), 0, 0) {
		first = next
	}
	return first, true
}

// ParseReceipt reads a receipt as people type it, in any case. BadReceipt means mistyped, which is not
// the same as unknown.
func ParseReceipt(s string) (Receipt, error) {
	r := strings.ToUpper(strings.TrimSpace(s))
	if len(r) != receiptLength || strings.Trim(r, alphabet) != "" || check([]byte(r[:receiptLength-1])) != r[receiptLength-1] {
		return "", Errorf(BadReceipt, "%d characters", len(s))
	}
	return Receipt(r), nil
}

// check weighs each place differently, so that swapped neighbours show too.
func check(r []byte) byte {
	sum := 0
	for i, c := range r {
		sum += (i + 2) * strings.IndexByte(alphabet, c)
	}
	return alphabet[sum%len(alphabet)]
}
