package text

import (
	"strings"
	"time"
)

// How values are shown, in every language alike. Times are those of the zone that they come in, which is
// the customers' own. Amounts show themselves; the currency is part of the words.

// Date is the day as messages say it: "21/11/26".
func Date(t time.Time) string { return t.Format("2/1/06") }

// ShortDate is the day as the lines of a statement say it: "21/11".
func ShortDate(t time.Time) string { return t.Format("2/1") }

// Time is the time of day as people say it: "4:15 PM".
func Time(t time.Time) string { return t.Format("3:04 PM") }

// MaskID shows the end of an ID number, enough for its owner to know it by: four characters, three of one
// shorter than eight. Where only the end is kept, that is shown.
func MaskID(id string) string {
	r := []rune(strings.TrimSpace(id))
	show := 4
	switch {
	case len(r) == 0:
		return ""
	case len(r) > 4 && len(r) < 8:
		show = 3
	}
	return "****" + string(r[max(0, len(r)-show):])
}

// Cut folds a text and keeps as much of its beginning as fits n septets.
func Cut(s string, n int) string {
	s = Fold(s)
	for i, r := range s {
		if n -= width(r); n < 0 {
			return strings.TrimRight(s[:i], " ")
		}
	}
	return s
}
