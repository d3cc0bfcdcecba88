package core_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/piga-money/piga/core"
)

func TestParseAmount(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]core.Amount{
		"1500": 150000, "1,500": 150000, "1500.50": 150050, "1500.5": 150050, "KES 1500": 150000,
		"KES1500": 150000, "kes 1,500.05": 150005, " 1500 ": 150000, "0.01": 1, "0.50": 50, "01500": 150000,
		"1,234,567.89": 123456789, "150,000": 15000000, "1000000000": 1e11, "1,000,000,000": 1e11,
	} {
		if got, err := core.ParseAmount(typed); err != nil || got != want {
			t.Errorf("ParseAmount(%q) = %d, %v; want %d", typed, got, err, want)
		}
	}
	for _, typed := range []string{
		"", " ", "0", "0.00", "1.500,00", "-5", "+5", "1e3", "0x10", "1_000", "1 500", "1.500", "1.", ".5", "1,50",
		"1500,00", ",500", "1,,500", "1500,000", "0,500", "000,500", "1,500,", "KES", "KES KES 5", "5 KES", "KSh 5",
		"5/=", "1.5.0", "1000000000.01", "1000000001", "999999999999", "99999999999999999999", "NaN", "Inf", "١٥٠٠",
		"１５００", "1500\x00", "1500*1", strings.Repeat("9", 1000), "1" + strings.Repeat(",000", 400),
	} {
		got, err := core.ParseAmount(typed)
		if core.CodeOf(err) != core.BadAmount || got != 0 {
			t.Errorf("ParseAmount(%q) = %d, %v; want bad_amount", typed, got, err)
		}
	}
}

// Whatever is typed at the wrong question may be a PIN, or a name.
func TestErrorsDoNotEchoWhatWasTyped(t *testing.T) {
	t.Parallel()
	const typed = "PIN 493817"
	_, amount := core.ParseAmount(typed)
	_, phone := core.ParseMSISDN(typed)
	_, receipt := core.ParseReceipt(typed)
	_, pin := core.ParsePIN(typed)
	_, id := core.ParseIDNumber(typed + "!")
	_, name := core.ParseName(typed)
	for _, err := range []error{amount, phone, receipt, pin, id, name} {
		if err == nil || strings.Contains(err.Error(), "493817") {
			t.Errorf("error %v", err)
		}
	}
}

func TestAmountShown(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a           core.Amount
		short, long string
	}{
		{0, "0", "0.00"},
		{1, "0.01", "0.01"},
		{1050, "10.50", "10.50"},
		{99900, "999", "999.00"},
		{100000, "1,000", "1,000.00"},
		{15000050, "150,000.50", "150,000.50"},
		{100000000, "1,000,000", "1,000,000.00"},
		{-100001, "-1,000.01", "-1,000.01"},
		{-5, "-0.05", "-0.05"},
		{math.MaxInt64, "92,233,720,368,547,758.07", "92,233,720,368,547,758.07"},
		{math.MinInt64, "-92,233,720,368,547,758.08", "-92,233,720,368,547,758.08"},
	} {
		if tt.a.String() != tt.short || tt.a.Long() != tt.long {
			t.Errorf("%d is shown as %q and %q, want %q and %q", int64(tt.a), tt.a, tt.a.Long(), tt.short, tt.long)
		}
	}
}

func FuzzParseAmount(f *testing.F) {
	for _, s := range []string{"1500", "1,500.50", "KES 1", "1.500,00", "0,500", "999999999999.99"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := core.ParseAmount(s)
		if err != nil {
			if a != 0 || core.CodeOf(err) != core.BadAmount {
				t.Fatalf("ParseAmount(%q) = %d, %v", s, a, err)
			}
			return
		}
		if a <= 0 || a > 1_000_000_000*core.Shilling {
			t.Fatalf("ParseAmount(%q) = %d", s, a)
		}
		for _, shown := range []string{a.String(), a.Long(), "KES " + a.String()} { // what we show can be typed
			if again, err := core.ParseAmount(shown); err != nil || again != a {
				t.Fatalf("ParseAmount(%q) = %d, shown as %q, read back as %d, %v", s, a, shown, again, err)
			}
		}
		typed, _ := strconv.ParseFloat(strings.ReplaceAll(strings.Trim(strings.ToUpper(s), " KES\t\n\v\f\r\u0085\u00a0"), ",", ""), 64)
		if typed != 0 && math.Abs(typed*100-float64(a)) > 0.5 { // a second opinion; the white space may be stranger
			t.Fatalf("ParseAmount(%q) = %d", s, a)
		}
	})
}
