package text_test

import (
	"strings"
	"testing"
	"time"

	"github.com/piga-money/piga/core/text"
)

func TestTimes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		at                time.Time
		date, short, time string
	}{
		{time.Date(2026, 11, 21, 16, 15, 0, 0, time.UTC), "21/11/26", "21/11", "4:15 PM"},
		{time.Date(2025, 1, 13, 0, 5, 0, 0, time.UTC), "13/1/25", "13/1", "12:05 AM"},
		{time.Date(2030, 2, 3, 12, 0, 59, 0, time.UTC), "3/2/30", "3/2", "12:00 PM"},
	} {
		if got := [3]string{text.Date(tt.at), text.ShortDate(tt.at), text.Time(tt.at)}; got != [3]string{tt.date, tt.short, tt.time} {
			t.Errorf("%s is shown as %q", tt.at, got)
		}
	}
}

func TestMaskID(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"":             "",
		"12345678":     "****5678",
		"1234567":      "****567",
		"12345":        "****345",
		"A1234567890B": "****890B",
		"5678":         "****5678", // only the end was kept
	} {
		if got := text.MaskID(id); got != want {
			t.Errorf("MaskID(%q) = %q, want %q", id, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		s    string
		n    int
		want string
	}{
		{"JANE W.", 20, "JANE W."},
		{"JANE W.", 7, "JANE W."},
		{"JANE W.", 5, "JANE"}, // no blank left at the end
		{"10021 MAMA NJERI GENERAL STORES", 22, "10021 MAMA NJERI GENER"},
		{"[[[[", 5, "[["}, // two septets each
		{"‘Ọlá…", 5, "'Ola."},
		{"JANE", 0, ""},
		{"JANE", -1, ""},
		{"", 3, ""},
	} {
		if got := text.Cut(tt.s, tt.n); got != tt.want {
			t.Errorf("Cut(%q, %d) = %q, want %q", tt.s, tt.n, got, tt.want)
		}
	}
}

func TestFits(t *testing.T) {
	t.Parallel()
	for page, want := range map[string]bool{
		"":                                      true,
		"CON " + strings.Repeat("x", 156):       true,
		"CON " + strings.Repeat("x", 157):       false,
		"CON " + strings.Repeat("x", 154) + "[": true,
		"CON " + strings.Repeat("x", 155) + "[": false,
		"CON ç":                                 false,
	} {
		if got := text.Fits(page); got != want {
			t.Errorf("Fits of %d bytes ending in %q = %t", len(page), page[max(0, len(page)-3):], got)
		}
	}
}
