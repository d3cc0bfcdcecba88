package core_test

import (
	"strings"
	"testing"

	"github.com/piga-money/piga/core"
)

func TestParseEmail(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]core.Email{
		"jane@example.com":              "jane@example.com",
		" Jane.W+piga@Example.COM ":     "jane.w+piga@example.com",
		"jane@localhost":                "jane@localhost",
		"":                              "",
		"jane":                          "",
		"@example.com":                  "",
		"jane@":                         "",
		"jane@a@b":                      "",
		"Jane <jane@example.com>":       "",
		"jane wanjiku@example.com":      "",
		`"jane wanjiku"@example.com`:    "",
		"jané@example.com":              "",
		"jane@example.com\x00":          "",
		"jane@example.com, j@e.com":     "",
		strings.Repeat("j", 120) + "@e": "",
	} {
		got, err := core.ParseEmail(typed)
		if got != want || (want == "") != (core.CodeOf(err) == core.BadEmail) {
			t.Errorf("%q is read as %q, %v", typed, got, err)
		}
		if err != nil && typed != "" && strings.Contains(err.Error(), typed) {
			t.Errorf("the error tells what was typed: %v", err)
		}
	}
}

func TestEmailInALog(t *testing.T) {
	t.Parallel()
	for email, want := range map[core.Email]string{"jane@example.com": "j...@example.com", "": "...", "jane": "..."} {
		if got := email.LogValue().String(); got != want {
			t.Errorf("%s is logged as %s", string(email), got)
		}
	}
}
