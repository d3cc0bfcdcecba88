package ussd

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
)

// A stored call is fields that are packed, and behind them the menus' state as JSON. The fields are the same in
// every call and most of its bytes: as JSON, they took longer to read than all else that a turn does here.

const (
	packing = 1       // the form of the fields; a call in another form, of another build, is lost
	usual   = 1 << 10 // bytes in which most calls have room
)

func (c *call) encode() ([]byte, error) {
	b := append(make([]byte, 0, usual), packing)
	b = binary.AppendUvarint(b, uint64(c.At))
	b = packText(b, c.Phone)
	b = packText(b, c.Service)
	b = binary.AppendUvarint(b, uint64(len(c.Marks)))
	length := 0
	for _, k := range c.Marks { // of each what the length grew by
		b = append(packFlagged(b, k.length-length, k.turn), k.sum[:]...)
		length = k.length
	}
	b = binary.AppendUvarint(b, uint64(len(c.Pages)))
	for _, p := range c.Pages {
		b = packFlagged(b, len(p.Text), p.End)
		b = append(b, p.Text...)
		b = packText(b, p.Screen)
	}
	state, err := json.Marshal(c.State)
	if err != nil {
		return nil, fmt.Errorf("ussd: store a call: %w", err)
	}
	return append(b, state...), nil
}

func packText[T ~string](b []byte, s T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// packFlagged packs a number and a flag in one.
func packFlagged(b []byte, n int, flag bool) []byte {
	packed := uint64(n) << 1
	if flag {
		packed |= 1
	}
	return binary.AppendUvarint(b, packed)
}

// decode is nil without an error for no bytes. A call that cannot be read is nil too: it is then as lost
// as one that Redis forgot, and what comes next is taken as a deep dial.
func decode(b []byte) (*call, error) {
	if b == nil {
		return nil, nil //nolint:nilnil // no call is not an error
	}
	u := unpacker{rest: b}
	c := u.call()
	var err error
	switch {
	case u.broken:
		err = errors.New("its fields are broken")
	case len(c.Marks) == 0 || !c.Marks[len(c.Marks)-1].turn:
		err = errors.New("its marks do not end with a turn")
	case len(c.Pages) == 0 || len(c.Pages) > min(pagesKept, c.turns()):
		err = fmt.Errorf("it has %d turns and %d pages", c.turns(), len(c.Pages))
	default:
		err = json.Unmarshal(u.rest, &c.State)
	}
	if err != nil {
		return nil, fmt.Errorf("ussd: the stored call cannot be read: %w", err)
	}
	return c, nil
}

// unpacker reads what is packed, one after the other. Once something is broken, whatever follows is empty.
type unpacker struct {
	rest   []byte
	broken bool
}

// call reads all but the state.
func (u *unpacker) call() *call {
	if form := u.take(1); len(form) == 0 || form[0] != packing {
		u.fail()
	}
	c := &call{At: int64(u.number()), Phone: core.MSISDN(u.text()), Service: u.text()}
	for n := u.number(); n > 0 && !u.broken; n-- {
		c.Marks = append(c.Marks, u.mark(c.Marks))
	}
	for n := u.number(); n > 0 && !u.broken; n-- {
		size, end := u.flagged()
		c.Pages = append(c.Pages, Reply{Text: string(u.take(size)), End: end, Screen: text.Key(u.text())})
	}
	return c
}

// mark reads one that is longer than those before it.
func (u *unpacker) mark(before marks) mark {
	grown, turn := u.flagged()
	last := 0
	if len(before) > 0 {
		last = before[len(before)-1].length
	}
	if grown > longestText-last || (grown == 0 && len(before) > 0) {
		u.fail()
	}
	k := mark{length: last + grown, turn: turn}
	copy(k.sum[:], u.take(len(k.sum)))
	return k
}

func (u *unpacker) text() string { return string(u.take(int(u.number()))) }

func (u *unpacker) flagged() (n int, flag bool) {
	packed := u.number()
	return int(packed >> 1), packed&1 == 1
}

func (u *unpacker) number() uint64 {
	n, size := binary.Uvarint(u.rest)
	if size <= 0 {
		u.fail()
		return 0
	}
	u.rest = u.rest[size:]
	return n
}

func (u *unpacker) take(n int) []byte {
	if n < 0 || n > len(u.rest) {
		u.fail()
		return nil
	}
	taken := u.rest[:n]
	u.rest = u.rest[n:]
	return taken
}

func (u *unpacker) fail() { u.rest, u.broken = nil, true }
