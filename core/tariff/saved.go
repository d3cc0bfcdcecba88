package tariff

import (
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/piga-money/piga/core"
)

// Tariff is the bands of a key, smallest first, from a time on.
type Tariff struct {
	Key
	Effective time.Time `json:"effective_at"`
	TakenBack time.Time `json:"-"` // before it came into force; zero for not
	Bands     []Band    `json:"bands"`
}

// Smallest is the least amount of an operation that has a price. The schema says the same.
func Smallest(op core.Operation) core.Amount {
	if op == core.Withdraw {
		return core.Shilling
	}
	return 10 * core.Shilling
}

// Sorted is the tariff with its bands in order, if they are whole and begin at the smallest amount, else
// BadBands with {amount}; NotAllowed of a key that is not allowed. How far up they must go is told by limits.
func (t Tariff) Sorted() (Tariff, error) {
	if !Allowed(t.Key) {
		return t, core.Errorf(core.NotAllowed, "%s from %s to %s", t.Operation, t.From, t.To)
	}
	t.Bands = append([]Band(nil), t.Bands...)
	sort.Slice(t.Bands, func(i, j int) bool { return t.Bands[i].Over < t.Bands[j].Over })
	if err := Check(t.Bands); err != nil {
		return t, err
	}
	if smallest := Smallest(t.Operation); len(t.Bands) == 0 || t.Bands[0].Over != smallest-1 {
		return t, badBand(smallest, "they do not begin there")
	}
	return t, nil
}

// WithFee is the tariff with another fee in the band over an amount, and what it was there; UnknownCharge when there
// is no such band.
func (t Tariff) WithFee(over, fee core.Amount) (changed Tariff, was core.Amount, err error) {
	changed = t
	changed.Bands = append([]Band(nil), t.Bands...)
	for i, b := range t.Bands {
		if b.Over == over {
			changed.Bands[i].Fee = fee
			return changed, b.Fee, nil
		}
	}
	return t, 0, core.Errorf(core.UnknownCharge, "no band over %s", over)
}

// Charge names a band for as long as tariffs of its key have one that begins there, whatever it costs.
type Charge struct {
	Key
	Over core.Amount
}

// String is the name as programs have it, with the amount in cents: "withdraw-subscriber-agent-10000".
func (c Charge) String() string {
	return strings.Join([]string{string(c.Operation), string(c.From), string(c.To), strconv.FormatInt(int64(c.Over), 10)}, "-")
}

// ParseCharge reads what String writes, else UnknownCharge.
func ParseCharge(s string) (Charge, error) {
	parts := strings.Split(s, "-")
	if len(parts) != 4 {
		return Charge{}, core.Errorf(core.UnknownCharge, "%d parts", len(parts))
	}
	over, err := strconv.ParseInt(parts[3], 10, 64)
	c := Charge{Key{core.Operation(parts[0]), core.Kind(parts[1]), core.Kind(parts[2])}, core.Amount(over)}
	if err != nil || c.String() != s || !Allowed(c.Key) {
		return Charge{}, core.Errorf(core.UnknownCharge, "no key, or no amount")
	}
	return c, nil
}
