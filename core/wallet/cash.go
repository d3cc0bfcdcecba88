package wallet

import (
	"context"
	"time"

	"github.com/piga-money/piga/core"
)

// Cash over an agent's counter: a customer asks to withdraw or to deposit, and whoever gives up value holds
// a code that the other one must learn before anything moves.

// CashRequest is what a customer asked of an agent and what waits for the agent's word.
type CashRequest struct {
	ID        int64
	Ref       string         // "R17": tells it from the agent's other open ones
	Operation core.Operation // Withdraw or Deposit
	Customer  core.Party
	Agent     core.Party
	Amount    core.Amount
	Fee       core.Amount // of a withdrawal
	Code      string      // four digits: the customer's at a withdrawal, the agent's at a deposit
	Expires   time.Time
}

// LogValue leaves the code out.
// (every way out of the type that a log may take must)

// AgentByNumber is the agent with a five-digit number, as a customer may see her before she asks for cash.
// It counts as a look-up. NotRegistered, NotAllowed (no agent, or a super agent), ToOneself, PayeeSuspended.
func (w *Wallet) AgentByNumber(ctx context.Context, from core.Party, number string) (core.Party, error) {
	return core.Party{}, core.Errorf(core.Internal, "to be written")
}

// QuoteCash is the fee of a withdrawal or deposit between a customer and an agent, or the refusal that can
// be told before a PIN, as Quote does.
func (w *Wallet) QuoteCash(ctx context.Context, op core.Operation, from, to core.Party, amount core.Amount) (core.Amount, error) {
	return 0, core.Errorf(core.Internal, "to be written")
}

// AskWithdraw puts amount and fee on hold and tells both sides: p.Party is the customer, p.To the agent.
// The same request again gives the same CashRequest, code included. RequestOpen, TooManyRequests, FeeChanged
// and every refusal of the ledger.
func (w *Wallet) AskWithdraw(ctx context.Context, p *Payment) (CashRequest, error) {
	return CashRequest{}, core.Errorf(core.Internal, "to be written")
}

// AskDeposit tells the agent that a customer wants to hand her cash. Nothing is held. The CashRequest that
// the customer gets has no code: the agent has it.
func (w *Wallet) AskDeposit(ctx context.Context, p *Payment) (CashRequest, error) {
	return CashRequest{}, core.Errorf(core.Internal, "to be written")
}

// DepositNow moves an agent's float to a subscriber, or a super agent's to an agent, at once: p.Party is who
// took the cash, p.To who gets the money.
func (w *Wallet) DepositNow(ctx context.Context, p *Payment) (core.Receipt, error) {
	return "", core.Errorf(core.Internal, "to be written")
}

// Waiting are the open requests at an agent, oldest first, at most five. Their codes are blank.
func (w *Wallet) Waiting(ctx context.Context, agent core.Party) ([]CashRequest, error) {
	return nil, core.Errorf(core.Internal, "to be written")
}

// Mine is the customer's open request, false when there is none.
func (w *Wallet) Mine(ctx context.Context, customer core.Party) (CashRequest, bool, error) {
	return CashRequest{}, false, core.Errorf(core.Internal, "to be written")
}

// Confirm carries out an open request at an agent who gives its code. by names the confirmation ("sms:" + the
// provider's message id, or the call's request id): the same again gives the first receipt. id zero means
// whichever of the agent's open requests has the code. A wrong code is WrongCode; three for a request, by SMS
// and menu together, end it, and ten in an hour are CodesStopped for an hour. Whoever authorised herself by
// something other than a PIN (her own phone sending an SMS) passes auth with the Party alone.
func (w *Wallet) Confirm(ctx context.Context, auth Authority, by core.RequestID, id int64, code string) (CashRequest, core.Receipt, error) {
	return CashRequest{}, "", core.Errorf(core.Internal, "to be written")
}

// Decline ends an open request at an agent without moving money, by its Ref ("R17"); both are told. NoRequest,
// HoldEnded.
func (w *Wallet) Decline(ctx context.Context, agent core.Party, ref string) (CashRequest, error) {
	return CashRequest{}, core.Errorf(core.Internal, "to be written")
}

// Cancel is the customer's own way to end her open request.
func (w *Wallet) Cancel(ctx context.Context, customer core.Party, id int64) (CashRequest, error) {
	return CashRequest{}, core.Errorf(core.Internal, "to be written")
}

// Expire ends requests whose time is over by the database's clock, tells both sides, and says how many. Any
// number of gateways may call it at once, also for requests of a gateway that is gone.
func (w *Wallet) Expire(ctx context.Context) (int, error) {
	return 0, core.Errorf(core.Internal, "to be written")
}

// Commission is what an agent has earned and not yet taken.
func (w *Wallet) Commission(ctx context.Context, a Authority) (Balance, error) {
	return Balance{}, core.Errorf(core.Internal, "to be written")
}

// TakeCommission moves commission to the agent's own float. p.To is the agent herself.
func (w *Wallet) TakeCommission(ctx context.Context, p *Payment) (core.Receipt, error) {
	return "", core.Errorf(core.Internal, "to be written")
}

// Check is what the ledger holds of a transfer, for somebody who took part in it: UnknownReceipt for
// anybody else. It counts: more than twenty in an hour are TooManyLookups.
func (w *Wallet) Check(ctx context.Context, asker core.Party, r core.Receipt) (Line, error) {
	return Line{}, core.Errorf(core.Internal, "to be written")
}

// ResetPIN begins a reset for a customer whose ID number on record is given: a start code goes to her by SMS
// that works once and only to set a new PIN. For 24 hours after it at most KES 1,000 goes out. a is the
// agent's word.
func (w *Wallet) ResetPIN(ctx context.Context, a Authority, customer core.MSISDN, idNumber string) error {
	return core.Errorf(core.Internal, "to be written")
}

// StartWith sets a new PIN by a start code: to is what NewPIN sealed. WrongCode when it is not hers, used or
// old.
func (w *Wallet) StartWith(ctx context.Context, p core.Party, code string, to Sealed) error {
	return core.Errorf(core.Internal, "to be written")
}

// RegisterBy opens a subscriber at an agent's counter: she sets her PIN with a start code by SMS.
func (w *Wallet) RegisterBy(ctx context.Context, a Authority, r Registration) (core.Party, error) {
	return core.Party{}, core.Errorf(core.Internal, "to be written")
}
