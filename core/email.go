package core

import (
	"log/slog"
	"net/mail"
	"strings"
)

// Email is an e-mail address in the one form used inside: in small letters, without a name beside it. Whoever
// reads her mail knows it as the same address in any spelling.
type Email string

const longestEmail = 120

// ParseEmail reads an address, else BadEmail. The error never holds what was typed.
func ParseEmail(s string) (Email, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > longestEmail || strings.ContainsAny(s, "\" \\") {
		return "", Errorf(BadEmail, "%d characters", len(s))
	}
	for i := range len(s) {
		if s[i] < '!' || s[i] > '~' {
			return "", Errorf(BadEmail, "a character that is not ASCII")
		}
	}
	return Email(s), nil
}

// LogValue shows enough to recognise: "j...@example.com".
func (e Email) LogValue() slog.Value {
	name, domain, ok := strings.Cut(string(e), "@")
	if !ok || name == "" {
		return slog.StringValue("...")
	}
	return slog.StringValue(name[:1] + "...@" + domain)
}
