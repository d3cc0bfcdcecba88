package api

import "testing"

// What no route takes is written down as any visit is.
func TestNoRouteTakesNothing(t *testing.T) {
	t.Parallel()
	if takes := (Route{}).fields(); len(takes) != 0 {
		t.Errorf("%v", takes)
	}
}
