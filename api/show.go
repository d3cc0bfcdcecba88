package api

import (
	"strconv"
	"strings"

	"github.com/piga-money/piga/core"
)

// Done is what is answered when something was done. It has data unless that is nothing, however many zeros are in it.
type Done[Data any] struct {
	Status  string `json:"status" is:"always: success"`
	Message string `json:"message" is:"what was done, for people"`
	Data    *Data  `json:"data,omitempty"`
}

func done[Data any](message string, data Data) Done[Data] {
	d := Done[Data]{Status: "success", Message: message, Data: &data}
	if _, none := any(data).(nothing); none {
		d.Data = nil
	}
	return d
}

// Shillings is an amount as programs read it: a JSON number, with two decimals when there are cents. It never was in
// floating point.
type Shillings core.Amount

// MarshalJSON writes 690, or 10.50.
func (s Shillings) MarshalJSON() ([]byte, error) {
	return []byte(strings.ReplaceAll(core.Amount(s).String(), ",", "")), nil
}

// userID is how programs name a party or an administrator.
func userID[T ~int64](id T) string { return strconv.FormatInt(int64(id), 10) }

// transactionTypes is what programs call an operation.
var transactionTypes = map[core.Operation]string{
	core.Issue: "ASSIGN_FLOAT", core.Deposit: "DEPOSIT", core.Withdraw: "WITHDRAW", core.Send: "TRANSFER", core.Pay: "TRANSFER",
	core.TakeCommission: "TAKE_COMMISSION", core.Redeem: "REDEEM", core.Reverse: "REVERSE",
}
