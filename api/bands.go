package api

import (
	"strconv"
	"strings"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/tariff"
)

// How prices are given: what a transaction moves in shillings, as everywhere, and what it costs in cents.

// cents are what something costs, as programs give it: a whole number of cents, zero included.
type cents core.Amount

// mostCents is more than anything costs, and far from where sums of fees could overflow.
const mostCents = 1_000_000_00

func centsOf(s string) (any, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n > mostCents {
		return nil, core.Errorf(core.BadField, "%d characters that are no cents", len(s))
	}
	return cents(n), nil
}

// pricedOne is an operation that has a price.
type pricedOne core.Operation

var priced = []pricedOne{pricedOne(core.Deposit), pricedOne(core.Withdraw), pricedOne(core.Send), pricedOne(core.Pay)}

// bandsOf reads bands separated by commas, such as "9.99-100:0,100-500:500": over, up to, and the fee.
func bandsOf(s string) (any, error) {
	var bands []tariff.Band
	for one := range strings.SplitSeq(s, ",") {
		amounts, price, priced := strings.Cut(strings.TrimSpace(one), ":")
		over, upTo, two := strings.Cut(amounts, "-")
		if !priced || !two {
			return nil, core.Errorf(core.BadField, "band %d is not over, up to and fee", len(bands)+1)
		}
		b, err := bandOf(over, upTo, price)
		if err != nil {
			return nil, core.Errorf(core.BadField, "band %d: %w", len(bands)+1, err)
		}
		bands = append(bands, b)
	}
	return bands, nil
}

func bandOf(over, upTo, price string) (b tariff.Band, err error) {
	if over != "0" {
		if b.Over, err = core.ParseAmount(over); err != nil {
			return b, err
		}
	}
	if b.UpTo, err = core.ParseAmount(upTo); err != nil {
		return b, err
	}
	fee, err := centsOf(price)
	if err == nil {
		b.Fee = core.Amount(fee.(cents)) //nolint:errcheck // it is what centsOf gives
	}
	return b, err
}
