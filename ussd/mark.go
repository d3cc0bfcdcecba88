package ussd

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/piga-money/piga/core"
)

// A mark is all that is remembered of a text, which may hold a PIN: how long it was, and a hash under a
// key that is not where the marks are kept. It is enough to know the text again, alone or as a beginning.
type mark struct {
	length int
	sum    sum
	turn   bool // the text was a turn; else it is part of a turn's that ends before a "*"
}

// 64 bits: nobody gains by a collision, which would take a text for a repetition of the caller's own.
type sum [8]byte

// marks are those of one call, shortest first; the last is the last turn's.
type marks []mark

// Bounds of one call. A phone's idle limit lets nobody near them.
const (
	longestText = 2000 // bytes
	mostParts   = 100  // between "*"
)

// marker makes the marks of one call. Since the session goes in, equal texts of two calls do not show.
type marker struct {
	key     []byte
	session string
}

func (m marker) hash(purpose, text string) []byte {
	h := hmac.New(sha256.New, m.key)
	h.Write([]byte(purpose + "\x00" + m.session + "\x00" + text))
	return h.Sum(nil)
}

func (m marker) sum(text string) sum { return sum(m.hash("text", text)[:len(sum{})]) }

// turnID names the turn that has this whole text, without telling the text.
func (m marker) turnID(text string) string {
	return m.session + ":" + hex.EncodeToString(m.hash("turn", text)[:16])
}

// caller names a phone without telling its number.
func (m marker) caller(phone core.MSISDN) string {
	m.session = ""
	return hex.EncodeToString(m.hash("caller", string(phone))[:16])
}

// add marks a turn's text, and each part of it beyond what is marked already that ends before a "*": that
// is how an earlier turn is known that the store forgot, and with it every text that the last begins with.
func (m marker) add(ms marks, text string) marks {
	known := 0
	if len(ms) > 0 {
		known = ms[len(ms)-1].length
	}
	for i := known + 1; i < len(text); i++ {
		if text[i] == '*' {
			ms = append(ms, mark{length: i, sum: m.sum(text[:i])})
		}
	}
	return append(ms, mark{length: len(text), sum: m.sum(text), turn: true})
}

// fits is whether a text is within bounds.
func fits(text string) bool {
	return len(text) <= longestText && strings.Count(text, "*") < mostParts
}
