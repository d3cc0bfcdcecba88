package tariff

import (
	"time"

	"github.com/piga-money/piga/core"
)

// Trial is what past transactions would have cost by other bands.
type Trial struct {
	Count     int         // of transactions
	Was       core.Amount // what those cost that the bands cover
	Would     core.Amount // what the same would have cost
	More      int         // would have cost more
	Less      int
	Uncovered int       // have no price by the bands
	Since     time.Time // of the oldest; zero when there is none
}

// Add adds a transaction that cost a fee: newest first.
func (t *Trial) Add(bands []Band, amount, fee core.Amount, at time.Time) {
	t.Count++
	t.Since = at
	would, err := Fee(bands, amount)
	if err != nil {
		t.Uncovered++
		return
	}
	t.cost(fee, would)
}

// Same adds a transaction that the bands do not concern.
func (t *Trial) Same(fee core.Amount, at time.Time) {
	t.Count++
	t.Since = at
	t.cost(fee, fee)
}

func (t *Trial) cost(was, would core.Amount) {
	t.Was, t.Would = t.Was+was, t.Would+would
	switch {
	case would > was:
		t.More++
	case would < was:
		t.Less++
	}
}
