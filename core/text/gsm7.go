package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The characters of GSM 03.38's default alphabet, a septet each, and of its extension table, two each. One
// character outside them turns a whole message or page into UCS-2, which holds less than half as much.
const (
	basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	extension = "\f^{}\\[~]|€"
)

// Septets counts what s takes on the air. ok is false, and n zero, when a character has no place in GSM-7.
func Septets(s string) (n int, ok bool) {
	for _, r := range s {
		w := width(r)
		if w == 0 {
			return 0, false
		}
		n += w
	}
	return n, true
}

// width is the septets of one character, zero outside GSM-7.
func width(r rune) int {
	switch {
	case strings.ContainsRune(basic, r):
		return 1
	case strings.ContainsRune(extension, r):
		return 2
	}
	return 0
}

// Fold writes anything, a customer's name above all, in GSM-7 and on one line: "Renée ‘Ọla’ Naŋa" becomes
// "Renée 'Ola' Nanga". White space becomes plain blanks, so that a name cannot pretend to be a line of the
// page; other control characters vanish; what looks like nothing in GSM-7 becomes "?". Folding twice
// changes nothing more.
func Fold(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFC.String(s) {
		b.WriteString(fold(r))
	}
	return b.String()
}

// plain is true of what Fold would leave alone without a look at a table: most names there are.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' || s[i] == '`' {
			return false
		}
	}
	return true
}

func fold(r rune) string {
	switch {
	case unicode.IsSpace(r):
		return " "
	case unicode.IsControl(r), unicode.Is(unicode.Cf, r): // Cf: joiners, direction marks, a soft hyphen
		return ""
	case width(r) > 0:
		return string(r)
	}
	if s, ok := likeness[r]; ok {
		return s
	}
	return decompose(r)
}

// decompose takes a character apart and keeps what GSM-7 has: "ế" is an e, "ﬁ" an f and an i.
func decompose(r rune) string {
	parts := norm.NFKD.String(string(r))
	if parts == string(r) {
		if unicode.Is(unicode.M, r) {
			return ""
		}
		return "?"
	}
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(fold(p))
	}
	return b.String()
}

// likeness holds the characters that Unicode does not take apart.
var likeness = map[rune]string{
	'`': "'", '´': "'", '‘': "'", '’': "'", '‚': "'", '‛': "'", '′': "'", 'ʼ': "'", 'ʻ': "'", 'ʹ': "'",
	'“': `"`, '”': `"`, '„': `"`, '‟': `"`, '″': `"`, '«': `"`, '»': `"`, '‹': "'", '›': "'",
	'‐': "-", '‑': "-", '‒': "-", '–': "-", '—': "-", '―': "-", '−': "-", '⁃': "-",
	'…': "...", '•': "*", '·': ".", '⁄': "/", '×': "x", '÷': "/", '©': "(c)", '®': "(r)",
	'ł': "l", 'Ł': "L", 'đ': "d", 'Đ': "D", 'ð': "d", 'Ð': "D", 'ħ': "h", 'Ħ': "H", 'ŧ': "t", 'Ŧ': "T",
	'ŋ': "ng", 'Ŋ': "NG", 'ı': "i", 'ȷ': "j", 'ĸ': "k", 'ə': "e", 'Ə': "E", 'ɛ': "e", 'Ɛ': "E", 'ɔ': "o",
	'Ɔ': "O", 'ɓ': "b", 'Ɓ': "B", 'ɗ': "d", 'Ɗ': "D", 'ƙ': "k", 'Ƙ': "K", 'ƴ': "y", 'Ƴ': "Y", 'ɨ': "i",
	'ʉ': "u", 'œ': "oe", 'Œ': "OE", 'þ': "th", 'Þ': "TH", 'ẞ': "ß", '₦': "N",
}
