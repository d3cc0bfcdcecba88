package ussd

import (
	"bytes"
	"fmt"
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
	for _, broken := range []string{
		"", "{", "{}", `{"m":""}`, `{"m":"AAAA"}`, `{"m":"!"}`,
		`{"m":"AQAAAAAAAAAA","g":[]}`,                           // a turn without its page
		`{"m":"AQAAAAAAAAAA","g":[{"t":"a"},{"t":"b"}]}`,        // a page without its turn
		`{"m":"AAAAAAAAAAAA","g":[{"t":"a"}]}`,                  // a part without its turn
		`{"m":"AQAAAAAAAAAAAQAAAAAAAAAA","g":[{"t":"a"}]}`,      // the same text twice
		`{"m":"/////////////////////w","g":[{"t":"a"}]}`,        // a length that never ends
		`{"m":"AQAAAAAAAAAA","g":[{"t":"a"}],"s":{"screen":1}}`, // a state of another kind
	} {
		if c, err := decode([]byte(broken)); c != nil || err == nil {
			t.Errorf("%s: %v, %v", broken, c, err)
		}
	}
}

func TestPageOfALateTurn(t *testing.T) {
	t.Parallel()
	c := walk("", "1", "1*2", "1*2*3", "1*2*3*4", "1*2*3*4*5")
	for number, want := range map[int]string{0: "page 5", 1: "page 5", 2: "page 2", 4: "page 4", 5: "page 5", 6: "page 5"} {
		if got := c.page(number).Text; got != want {
			t.Errorf("turn %d: %s, want %s", number, got, want)
		}
	}
}

func TestMarksTellNothingAcrossCalls(t *testing.T) {
	t.Parallel()
	another := testMarker
	another.session = "ATUid_2"
	if testMarker.sum("1234") == another.sum("1234") || testMarker.turnID("1234") == another.turnID("1234") {
		t.Error("the same PIN in two calls shows")
	}
}
