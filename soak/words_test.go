package soak

import (
	"testing"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
)

func newTestReader(t *testing.T) (*reader, text.Catalogs) {
	t.Helper()
	words, err := text.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	return newReader(words), words
}

// Whatever a catalogue says, it is understood as what was meant, with what stood in the blanks; texts that say
// the same in the same words may stand for each other.
func TestReaderUnderstands(t *testing.T) {
	t.Parallel()
	r, words := newTestReader(t)
	for _, lang := range core.Langs {
		for _, k := range words[lang].Keys() {
			into, _ := r.place(k)
			if into == nil {
				continue
			}
			args := text.Args{}
			for _, b := range words[lang].Blanks(k) {
				args[b] = map[string]string{
					"amount": "1,500.50", "fee": "5", "balance": "20,495.00", "held": "527", "receipt": "QK74J7XW2M", "minutes": "9",
					"ref": "R17", "phone": "0712...678", "code": "4821", "number": "10021", "date": "21/11/26", "time": "4:15 PM",
					"lines": "21/11 Sent 500 JANE W.\n21/11 Cash in 1,500 KWA", "name": "10021 MAMA NJERI SHOP", "id": "****4567",
				}[b]
				if args[b] == "" {
					args[b] = "something"
				}
			}
			said := words[lang].Say(k, args)
			got := match(*into, said)
			if words[lang].Say(got.Key, got.Args) != said && words[lang].Say(got.Key+".short", got.Args) != said {
				t.Errorf("%s: %q is understood as %s with %v", k, said, got.Key, got.Args)
			}
		}
	}
}
