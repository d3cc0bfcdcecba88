package core_test

import (
	"bytes"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/piga-money/piga/core"
)

func TestParseMSISDN(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]core.MSISDN{
		"0712345678": "+254712345678", "712345678": "+254712345678", "254712345678": "+254712345678",
		"+254712345678": "+254712345678", "+254 712-345 678": "+254712345678", "0712 345 678": "+254712345678",
		"07 12-34-56-78": "+254712345678", " 0712345678 ": "+254712345678", "+2540712345678": "+254712345678",
		"0112345678": "+254112345678", "112345678": "+254112345678", "254112345678": "+254112345678",
		"0100000000": "+254100000000", "0199999999": "+254199999999", // prefixes of later years
		"0700000000": "+254700000000", "0799999999": "+254799999999",
	} {
		got, err := core.ParseMSISDN(typed)
		if err != nil || got != want {
			t.Errorf("ParseMSISDN(%q) = %q, %v; want %q", typed, got, err, want)
		}
	}
}

func TestParseMSISDNSaysWhy(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]core.Code{
		"":                     core.BadPhone,
		" ":                    core.BadPhone,
		"+":                    core.BadPhone,
		"JANE":                 core.BadPhone,
		"0712+345678":          core.BadPhone,
		"++254712345678":       core.BadPhone,
		"+0712345678":          core.BadPhone,
		"0712345678#":          core.BadPhone,
		"0712345678*1":         core.BadPhone,
		"٠٧١٢٣٤٥٦٧٨":           core.BadPhone,
		"0812345678":           core.BadPhone,
		"0300000000":           core.BadPhone,
		"0":                    core.PhoneTooShort,
		"999":                  core.PhoneTooShort,
		"254":                  core.PhoneTooShort,
		"+254":                 core.PhoneTooShort,
		"07123":                core.PhoneTooShort,
		"071234567":            core.PhoneTooShort,
		"01234567":             core.PhoneTooShort,
		"25471234567":          core.PhoneTooShort,
		"+25471234567":         core.PhoneTooShort,
		"07123456789":          core.PhoneTooLong,
		"7123456789":           core.PhoneTooLong,
		"2547123456789":        core.PhoneTooLong,
		"00254712345678":       core.PhoneTooLong,
		"00712345678":          core.PhoneTooLong,
		"0000000001":           core.PhoneTooShort,
		"00100000000":          core.PhoneTooLong,
		"123456789012345678":   core.PhoneTooLong,
		"12345678901234567890": core.PhoneTooLong,
		"+256712345678":        core.PhoneForeign,
		"+14155552671":         core.PhoneForeign,
		"0202345678":           core.PhoneNotMobile,
		"0900223456":           core.PhoneNotMobile,
	} {
		got, err := core.ParseMSISDN(typed)
		if core.CodeOf(err) != want || got != "" {
			t.Errorf("ParseMSISDN(%q) = %q, %v; want %s", typed, got, err, want)
		}
	}
}

func TestMSISDNShown(t *testing.T) {
	t.Parallel()
	const m core.MSISDN = "+254712345678"
	if m.National() != "0712345678" || m.Masked() != "0712...678" {
		t.Errorf("shown as %q and %q", m.National(), m.Masked())
	}
	for _, odd := range []core.MSISDN{"", "+254", "+2547123"} {
		if got := odd.Masked(); got != "..." && len(got) > 10 {
			t.Errorf("%q masked is %q", string(odd), got)
		}
	}
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("call", "phone", m)
	if strings.Contains(out.String(), "345") || !strings.Contains(out.String(), "0712...678") {
		t.Errorf("logged: %s", out.String())
	}
}

var kenyanMobile = regexp.MustCompile(`^\+254[17][0-9]{8}$`)

func FuzzParseMSISDN(f *testing.F) {
	for _, s := range []string{"0712345678", "+254 112-345 678", "712345678", "+256712345678", "0", "20234567"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := core.ParseMSISDN(s)
		if err != nil {
			if m != "" || core.CodeOf(err) == core.Internal {
				t.Fatalf("ParseMSISDN(%q) = %q, %v", s, m, err)
			}
			return
		}
		if !kenyanMobile.MatchString(string(m)) {
			t.Fatalf("ParseMSISDN(%q) = %q", s, m)
		}
		for _, spelling := range []string{string(m), m.National(), m.National()[1:], string(m[1:])} {
			if again, err := core.ParseMSISDN(spelling); again != m {
				t.Fatalf("%q came of %q, but its spelling %q is %q, %v", m, s, spelling, again, err)
			}
		}
	})
}
