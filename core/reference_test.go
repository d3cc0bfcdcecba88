package core_test

import (
	"strings"
	"testing"

	"github.com/piga-money/piga/core"
)

func TestParseReference(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]core.Reference{
		"BANK-4711": "BANK-4711", " bank-4711 ": "BANK-4711", "FT/26.11_1": "FT/26.11_1", strings.Repeat("a", 40): core.Reference(strings.Repeat("A", 40)),
		"": "", "   ": "", "BANK 4711": "", "BANK#2": "", "BÄNK": "", "A\x00": "", "a'b": "", strings.Repeat("a", 41): "",
	} {
		got, err := core.ParseReference(typed)
		if got != want || (want == "") != (core.CodeOf(err) == core.BadReference) {
			t.Errorf("%q: %q, %v", typed, got, err)
		}
	}
}
