package ussd

import "testing"

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
