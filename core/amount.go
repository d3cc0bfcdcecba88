package core

import (
	"strconv"
	"strings"
)

// Amount is money in minor units, cents. Nothing in Piga holds money in floating point.
type Amount int64

// Shilling is one shilling in cents.
const Shilling Amount = 100

// largestTyped keeps what people type far from where sums could overflow.
const largestTyped = 1_000_000_000 * Shilling

// ParseAmount reads an amount above zero as people type it: "1500", "1,500", "1500.50", "KES 1500".
// Anything else is BadAmount: signs, exponents, commas that are not between groups of three, more than
// two decimals. The error never holds what was typed: it may have been a PIN, on the wrong screen.
func ParseAmount(s string) (Amount, error) {
	typed := len(s)
	s = strings.TrimSpace(s)
	if len(s) >= 3 && strings.EqualFold(s[:3], "KES") {
		s = strings.TrimSpace(s[3:])
	}
	whole, cents, point := strings.Cut(s, ".")
	if !grouped(whole) || (point && !digits(cents, 1, 2)) {
		return 0, Errorf(BadAmount, "%d characters that are not an amount", typed)
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(whole, ",", ""), 10, 64)
	if err != nil || n > int64(largestTyped/Shilling) {
		return 0, Errorf(BadAmount, "%d characters: too large", typed)
	}
	a := Amount(n) * Shilling
	if point {
		c, _ := strconv.ParseInt((cents + "0")[:2], 10, 64)
		a += Amount(c)
	}
	if a <= 0 || a > largestTyped {
		return 0, Errorf(BadAmount, "zero, or too large")
	}
	return a, nil
}

// grouped is true of digits with no commas, or with one before each group of three. "0,500" is neither: who
// writes it may mean a half.
func grouped(s string) bool {
	groups := strings.Split(s, ",")
	if len(groups) == 1 {
		return digits(s, 1, 12)
	}
	if strings.HasPrefix(s, "0") {
		return false
	}
	for i, g := range groups {
		if (i == 0 && !digits(g, 1, 3)) || (i > 0 && !digits(g, 3, 3)) {
			return false
		}
	}
	return len(groups) <= 4
}

func digits(s string, least, most int) bool {
	if len(s) < least || len(s) > most {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// String is the amount as screens show it: "1,500", and "10.50" when there are cents.
func (a Amount) String() string {
	s := a.Long()
	return strings.TrimSuffix(s, ".00")
}

// Long is the amount as messages show it, always with cents: "1,500.00".
func (a Amount) Long() string {
	sign, n := "", uint64(a)
	if a < 0 {
		sign, n = "-", -n // well defined for the smallest too
	}
	whole := strconv.FormatUint(n/100, 10)
	var b strings.Builder
	b.WriteString(sign)
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(whole[i])
	}
	b.WriteByte('.')
	b.WriteByte(byte('0' + n%100/10))
	b.WriteByte(byte('0' + n%10))
	return b.String()
}
