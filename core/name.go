package core

import (
	"strings"
	"unicode"
)

const longestName = 40

// ParseName reads a person's or a shop's name as typed: letters of any script, with spaces, apostrophes,
// hyphens and full stops between them, 2 to 40 characters. It comes back in capitals, with single spaces.
func ParseName(s string) (string, error) {
	name := strings.ToUpper(strings.Join(strings.Fields(s), " "))
	letters, length := 0, 0
	for _, r := range name {
		length++
		switch {
		case unicode.IsLetter(r):
			letters++
		case unicode.IsMark(r), strings.ContainsRune(" '-.’", r):
		default:
			return "", Errorf(BadName, "%U in a name", r)
		}
	}
	if letters < 2 || length > longestName {
		return "", Errorf(BadName, "%d letters in %d characters", letters, length)
	}
	return name, nil
}

// ParseIDNumber reads the number of an identity card or passport: 5 to 12 letters and digits.
func ParseIDNumber(s string) (string, error) {
	id := strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(s))
	for _, r := range id {
		if (r < '0' || r > '9') && (r < 'A' || r > 'Z') {
			return "", Errorf(BadIDNumber, "%U in an ID number", r)
		}
	}
	if len(id) < 5 || len(id) > 12 {
		return "", Errorf(BadIDNumber, "%d characters", len(id))
	}
	return id, nil
}
