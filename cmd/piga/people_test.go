package main

import "testing"

// Whoever tries piga audit first does so on the people of piga dev: their money has come as money does.
func TestDevPeopleAreAudited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 2 { // the next start moves nothing again
		if err := populate(t.Context(), w.g); err != nil {
			t.Fatal(err)
		}
	}
	r, err := w.g.store.Audit(t.Context(), nil)
	if err != nil || len(r.Findings) > 0 || r.Transfers != 5 {
		t.Errorf("%+v: %v", r, err)
	}
}
