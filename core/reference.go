package core

import "strings"

// Reference is a bank's name for money that came in or was paid out. The bank's own is in capitals; whoever copies it by
// hand writes it anyhow, so it is folded: the same reference is the same in any spelling.
type Reference string

const longestReference = 40

// ParseReference reads a reference, else BadReference: letters, digits and - / . _ with at most 40 characters.
func ParseReference(s string) (Reference, error) {
	s = strings.ToUpper(strings.TrimSpace(s))
	if s == "" || len(s) > longestReference || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-/._") != "" {
		return "", Errorf(BadReference, "%d characters", len(s))
	}
	return Reference(s), nil
}
