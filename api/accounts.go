package api

import (
	"net/http"
	"strings"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

// What the owner of an account reads.

func (a *API) accountRoutes() []Route {
	return []Route{
		{
			Method: http.MethodGet, Path: "/api/account/balance", Who: parties(core.Kinds...),
			Says: "Tells what the bearer can spend.",
			Do:   do(a.balance),
		},
		{
			Method: http.MethodGet, Path: "/api/account/statement", Who: parties(core.Kinds...),
			Says: "Tells the bearer's last five transactions, newest first.",
			Do:   do(a.statement),
		},
	}
}

type balance struct {
	UserID  string    `json:"userID"`
	Balance Shillings `json:"balance" is:"what can be spent"`
	Held    Shillings `json:"held,omitempty" is:"what is on hold beside it"`
}

func (a *API) balance(v *visit, _ nothing) (Done[balance], error) {
	b, err := a.Wallet.BalanceOf(v.ctx, v.party())
	says := "Your current balance is " + strings.ReplaceAll(b.Available.String(), ",", "")
	if b.Held > 0 {
		says += ", and " + strings.ReplaceAll(b.Held.String(), ",", "") + " is on hold"
	}
	return done(says, balance{userID(v.party().ID), Shillings(b.Available), Shillings(b.Held)}), err
}

const statementLines = 5

type statement struct {
	Transactions []transaction `json:"transactions"`
}

type transaction struct {
	ID        string       `json:"transactionId"`
	Type      string       `json:"transactionType" is:"such as DEPOSIT, WITHDRAW, TRANSFER"`
	At        time.Time    `json:"createdAt"`
	Credited  Shillings    `json:"creditedAmount"`
	Debited   Shillings    `json:"debitedAmount" is:"with the fee"`
	UserID    string       `json:"userId"`
	AccountID string       `json:"accountId"`
	Receipt   core.Receipt `json:"receipt"`
	Fee       Shillings    `json:"fee"`
	Balance   Shillings    `json:"balance" is:"after it"`
	Reversal  string       `json:"reversal,omitempty" is:"of a transaction that is reversed, or being reversed: open, whole, settled or given_back"`
	Undid     core.Receipt `json:"undid,omitempty" is:"of a reversal: the receipt of the transaction that it is of"`
}

func (a *API) statement(v *visit, _ nothing) (Done[statement], error) {
	lines, err := a.Wallet.StatementOf(v.ctx, v.party(), statementLines)
	return done("Your last transactions", statement{transactionsOf(v.party(), lines)}), err
}

func transactionsOf(p core.Party, lines []wallet.Line) []transaction {
	all := make([]transaction, len(lines))
	for i, l := range lines {
		t := transaction{
			ID: userID(l.Transfer), Type: transactionTypes[l.Operation], At: l.At, UserID: userID(p.ID),
			AccountID: userID(p.Account), Receipt: l.Receipt, Fee: Shillings(l.Fee), Balance: Shillings(l.Balance),
			Reversal: string(l.Reversal), Undid: l.Undid,
		}
		if l.In {
			t.Credited = Shillings(l.Amount)
		} else {
			t.Debited = Shillings(l.Amount + l.Fee)
		}
		all[i] = t
	}
	return all
}
