package sms

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/piga-money/piga/core"
)

// kind is what a text asks for: a label of metrics.
type kind string

const (
	kindOK    kind = "ok"    // confirm a request by its code
	kindNo    kind = "no"    // refuse one
	kindCheck kind = "check" // is a receipt true?
	kindPIN   kind = "pin"   // it asks for nothing, and looks like a secret
	kindOther kind = "other"
)

// command is a text taken apart. It may hold a code, so it is never logged or kept.
type command struct {
	kind kind
	word string // the code, the request's ref ("R17") or the receipt as typed; "" for a code that is none
}

// The words, after plain. People and phones put spaces, dots and capitals as they like, and the space
// between word and number is often missing.
var (
	saysOK    = regexp.MustCompile(`^(?:O ?K|YES|NDIYO|NDIO) ?([0-9]+(?: [0-9]+)*)$`)
	saysNo    = regexp.MustCompile(`^(?:NO|HAPANA) ?R? ?0*([1-9][0-9]{0,8})$`)
	saysCheck = regexp.MustCompile(`^(?:CHECK|ANGALIA) ?([A-Z0-9]+(?: [A-Z0-9]+)*)$`)
	aCode     = regexp.MustCompile(`^[0-9]{4}$`)
	aSecret   = regexp.MustCompile(`^[0-9]{4,6}$`)
	saysPIN   = regexp.MustCompile(`\b(?:PIN|SIRI)(?:\b|[0-9])`)
	hasSecret = regexp.MustCompile(`(?:^|[^0-9 ]) ?[0-9](?: ?[0-9]){3,5}(?:$| ?[^0-9 ])`)
)

// receiptLength is how many characters a receipt in pieces has.
const receiptLength = 10

// readCommand says what a text asks for.
func readCommand(text string) command {
	s := plain(text)
	if m := saysOK.FindStringSubmatch(s); m != nil {
		code := together(m[1])
		if !aCode.MatchString(code) {
			code = ""
		}
		return command{kindOK, code}
	}
	if m := saysNo.FindStringSubmatch(s); m != nil {
		return command{kindNo, "R" + m[1]}
	}
	if m := saysCheck.FindStringSubmatch(s); m != nil {
		// Several words are a receipt in pieces, or a question that is not for us.
		if r := together(m[1]); r == m[1] || len(r) == receiptLength {
			return command{kindCheck, r}
		}
	}
	if aSecret.MatchString(together(s)) || (saysPIN.MatchString(s) && hasSecret.MatchString(s)) {
		return command{kind: kindPIN}
	}
	return command{kind: kindOther}
}

// plain is a text in capitals, with one space for whatever is neither a letter nor a digit, and none at the
// ends.
func plain(text string) string {
	words := strings.FieldsFunc(strings.ToUpper(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return strings.Join(words, " ")
}

func together(s string) string { return strings.ReplaceAll(s, " ", "") }

// leastSecret is how many digits may be a PIN or a code. Longer ones hold one, or are a phone number or an
// ID, which nobody needs to read later either.
const leastSecret = 4

// mask puts stars for digits that may be a PIN or a code: four or more with no letter between them. Receipts
// stay.
func mask(text string) string {
	runes := []rune(text)
	keep := receiptsIn(runes)
	for from := 0; from < len(runes); from++ {
		if keep[from] || !unicode.IsDigit(runes[from]) {
			continue
		}
		to, count := digitsFrom(runes, keep, from)
		for i := from; i < to && count >= leastSecret; i++ {
			if unicode.IsDigit(runes[i]) {
				runes[i] = '*'
			}
		}
		from = to - 1
	}
	return string(runes)
}

// digitsFrom is where a row of digits ends that begins somewhere, and how many they are.
func digitsFrom(runes []rune, keep []bool, from int) (to, count int) {
	for i := from; i < len(runes) && !keep[i] && !unicode.IsLetter(runes[i]); i++ {
		if unicode.IsDigit(runes[i]) {
			to = i + 1
			count++
		}
	}
	return to, count
}

// receiptsIn marks the characters of receipts.
func receiptsIn(runes []rune) []bool {
	keep := make([]bool, len(runes))
	for from := 0; from < len(runes); from++ {
		to := from
		for to < len(runes) && (unicode.IsLetter(runes[to]) || unicode.IsDigit(runes[to])) {
			to++
		}
		if _, err := core.ParseReceipt(string(runes[from:to])); err == nil {
			for i := from; i < to; i++ {
				keep[i] = true
			}
		}
		from = to
	}
	return keep
}
