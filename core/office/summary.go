package office

import (
	"time"

	"github.com/piga-money/piga/core"
)

// Summary is what happened in a time, for each operation that there is.
type Summary struct {
	From, Until time.Time // Until is the first moment after
	Operations  []Sum
	Forgotten   bool // so long ago that not all refusals are known any more
}

// Sum is what transfers of one operation come to.
type Sum struct {
	Operation   core.Operation
	Count       int64
	Volume      core.Amount // without fees
	Fees        core.Amount
	Commissions core.Amount
	Failures    map[core.Code]int64 // how many were refused, by why
}
