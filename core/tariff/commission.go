package tariff

import "github.com/piga-money/piga/core"

// MostCommission is what an agent earns at most on one customer's deposits in a day.
const MostCommission = 50 * core.Shilling

// OfWithdrawal is what an agent earns on a withdrawal that cost fee: 30 % of it, rounded down to a cent.
func OfWithdrawal(fee core.Amount) core.Amount {
	return fee/10*3 + fee%10*3/10 // as fee * 3 / 10, without overflow
}

// OfDeposit is what an agent earns on a deposit of amount by a customer on whose deposits she has earned so
// much today already: 0.3 % of it, rounded down to a cent, as far as there is room under MostCommission. So
// taking the same cash in and out again never pays: the fees are more.
func OfDeposit(amount, today core.Amount) core.Amount {
	earned := amount/1000*3 + amount%1000*3/1000
	return max(0, min(earned, MostCommission-today))
}
