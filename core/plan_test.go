package core

import (
	"fmt"
	"testing"
)

// What is taken without asking the numbering plan is what the plan would say.
func TestWholeMSISDN(t *testing.T) {
	t.Parallel()
	for n := range 2000 {
		whole := fmt.Sprintf("+254%d%03d%05d", []int{1, 7}[n%2], n/2, n*7919%100000)
		fast, err := ParseMSISDN(whole)
		slow, slower := parseMSISDN(whole)
		if fast != slow || err != nil || slower != nil {
			t.Errorf("%s: %q (%v), by the plan %q (%v)", whole, fast, err, slow, slower)
		}
	}
}
