package notice

import (
	"testing"

	"github.com/piga-money/piga/core/text"
)

func TestMaskedShowsNoCode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ code, text, want string }{
		{"4821", "Say 4821 to 10021 once KES 500 is counted out.", "Say **** to 10021 once KES 500 is counted out."},
		{"*384*96#", "Dial *384*96# to send money.", "Dial *384*96# to send money."},
		{"", "QK74J7XW2M Confirmed.", "QK74J7XW2M Confirmed."},
		{"4821", "", ""},
	} {
		if got := (Message{Args: text.Args{"code": c.code}, Text: c.text}).Masked(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
