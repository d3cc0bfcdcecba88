package ussd

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/menus"
)

// longCall is one of a dozen turns, with long pages and a full form.
func longCall() *call {
	jane := core.Party{
		ID: 1234567, Kind: core.Subscriber, Status: core.Active, Tier: core.TierFull, Phone: "+254712345678",
		Name: "JANE WANJIKU", Lang: core.Swahili, Account: 7654321,
	}
	state := menus.State{
		Screen: "send.pin", Caller: jane, Lang: core.Swahili, Wrong: 2,
		Form: menus.Form{To: jane, Amount: 123456700, Fee: 10500},
	}
	var c *call
	cb := testCall
	for i := range 12 {
		if i > 0 {
			cb.Text = strings.TrimPrefix(cb.Text+fmt.Sprintf("*07%08d", i), "*")
		}
		// The usual page has 80 to 100 characters, the longest 156.
		c = c.after(cb, testMarker, state, Reply{Text: strings.Repeat("1 Tuma pesa\n", 10), Screen: "send.pin"}, time.Unix(1_800_000_000, 0))
	}
	return c
}

func TestBytesPerCall(t *testing.T) {
	t.Parallel()
	b, err := longCall().encode()
	if err != nil {
		t.Fatal(err)
	}
	if len(b) > 1500 {
		t.Errorf("%d bytes:\n%s", len(b), b)
	}
	t.Logf("%d bytes", len(b))
}

func TestCallComesBack(t *testing.T) {
	t.Parallel()
	want := longCall()
	want.Pages[3] = Reply{Text: "<&>\u2028\u20ac\n", End: true, Screen: "send.done"}
	b, err := want.encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(mark{})); diff != "" {
		t.Error(diff)
	}
	if bytes.Contains(b, []byte("0700000011")) {
		t.Error("what was typed is stored")
	}
}

func TestNoCall(t *testing.T) {
	t.Parallel()
	if c, err := decode(nil); c != nil || err != nil {
		t.Errorf("of nothing: %v, %v", c, err)
	}
	turn, part, page := mark{turn: true}, mark{}, Reply{Text: "a"}
	broken := map[string][]byte{
		"another form":             append([]byte{packing + 1}, packed(t, walk(""))[1:]...),
		"a number that never ends": append([]byte{packing}, bytes.Repeat([]byte{0xff}, 20)...),
		"a state of another kind":  append(bytes.Split(packed(t, walk("")), []byte("{"))[0], `{"screen":1}`...),
		"no turn":                  packed(t, &call{Pages: []Reply{page}}),
		"a turn without its page":  packed(t, &call{Marks: marks{turn}}),
		"a page without its turn":  packed(t, &call{Marks: marks{turn}, Pages: []Reply{page, page}}),
		"a part without its turn":  packed(t, &call{Marks: marks{part}, Pages: []Reply{page}}),
		"the same text twice":      packed(t, &call{Marks: marks{turn, turn}, Pages: []Reply{page}}),
		"too long a text":          packed(t, &call{Marks: marks{{length: longestText + 1, turn: true}}, Pages: []Reply{page}}),
		"a text without end":       packed(t, &call{Marks: marks{{length: math.MaxInt, turn: true}}, Pages: []Reply{page}}),
		"more than all pages":      packed(t, &call{Marks: marks{turn, {1, sum{}, true}, {2, sum{}, true}, {3, sum{}, true}, {4, sum{}, true}}, Pages: slices.Repeat([]Reply{page}, 5)}),
	}
	whole := packed(t, longCall())
	for n := range whole {
		broken[fmt.Sprintf("the first %d bytes", n)] = whole[:n]
	}
	for name, b := range broken {
		if c, err := decode(b); c != nil || err == nil {
			t.Errorf("%s: %v, %v", name, c, err)
		}
	}
}

func packed(t *testing.T, c *call) []byte {
	t.Helper()
	b, err := c.encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// What cannot be read is lost, and does no more harm than that.
func FuzzDecode(f *testing.F) {
	whole, err := longCall().encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole[1:])
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := decode(append([]byte{packing}, b...))
		if (c == nil) != (err != nil) {
			t.Fatalf("%v, %v", c, err)
		}
		if c == nil {
			return
		}
		once := packed(t, c)
		again, err := decode(once)
		if err != nil || !bytes.Equal(packed(t, again), once) {
			t.Errorf("%q comes back as %v: %v", once, again, err)
		}
	})
}

func BenchmarkCall(b *testing.B) {
	whole, err := longCall().encode()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		c, err := decode(whole)
		if err == nil {
			_, err = c.encode()
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
