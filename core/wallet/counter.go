package wallet

import (
	"context"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/notice"
)

// Counter keeps what is asked for over agents' counters, and counts the codes that are tried there.
type Counter interface {
	// CashOf is what a request id asked for, else NoRequest. CashByID and CashByRef find it by its names;
	// of several that had one ref at an agent it is the last.
	CashOf(ctx context.Context, r core.RequestID) (Cash, error)
	CashByID(ctx context.Context, id int64) (Cash, error)
	CashByRef(ctx context.Context, agent core.PartyID, ref int) (Cash, error)
	// CashWaiting are at most n open requests at an agent, oldest first; CashOpen is the customer's open
	// one, else NoRequest. What is past its time or out of tries is not open any more.
	CashWaiting(ctx context.Context, agent core.PartyID, n int) ([]Cash, error)
	CashOpen(ctx context.Context, customer core.PartyID) (Cash, error)
	// CashDue are at most n requests that have not ended and ought to have: of one customer, or of any.
	CashDue(ctx context.Context, customer core.PartyID, n int) ([]Cash, error)
	// Answered is what became of a request id that confirmed, if it has come before. The Cash is zero when
	// it was refused.
	Answered(ctx context.Context, by core.RequestID) (Cash, ledger.Outcome, bool, error)
	// TryCode finds the agent's open request to which a code belongs, of all when the try names none. Else
	// WrongCode, which counts: once per turn, against the agent and each request that was meant. out are
	// those that have no tries left by it. CodesStopped, NoRequest, HoldEnded, HoldExpired count nothing.
	TryCode(ctx context.Context, t CodeTry, code string) (right Cash, out []Cash, err error)
	// LineOf is what the ledger holds of a transfer, for one who took part in it, else UnknownReceipt.
	// CountCheck counts that she asked, else TooManyLookups.
	LineOf(ctx context.Context, r core.Receipt, party core.PartyID) (Line, error)
	CountCheck(ctx context.Context, by core.PartyID, most int, window time.Duration) error
}

// Cash is a cash request as it is kept.
type Cash struct {
	CashRequest
	Hold  core.HoldID    // of a withdrawal
	Ended CashEnd        // empty while it has not
	By    core.RequestID // which ended it
	Wrong int            // codes tried on it
}

// CashEnd is how a cash request ended.
type CashEnd string

// The ends.
const (
	Confirmed CashEnd = "confirmed" // by the agent, with the code
	Declined  CashEnd = "refused"   // by the agent
	Cancelled CashEnd = "cancelled" // by the customer
	Expired   CashEnd = "expired"
	WornOut   CashEnd = "codes" // by wrong codes
)

// MostCodes is how many wrong codes end a request.
const MostCodes = 3

// CodeTry is an agent's try at a code.
type CodeTry struct {
	Agent core.PartyID
	Turn  string // counts once, however often it comes
	ID    int64  // of the request that she means, zero for any of hers
}

// Asking is a cash request that is written down with the posting that begins it, if that is done. Customers
// who have an open one are refused with RequestOpen, those who ask too often with TooManyRequests.
type Asking struct {
	CashRequest                            // what is asked; ID, Ref, Code and Expires are the store's to give
	Lasts       time.Duration              // until it expires, by the store's clock; a hold with it
	Most        int                        // requests of a customer in an hour
	Draw        func() (string, error)     // draws a code; again, when that is another open one's
	Tell        func(Cash) []notice.Notice // who is told of it, now that all is known
}

// Ending is the end of a cash request that comes with the posting that carries it, if that is done.
// Confirming one that has ended is HoldEnded, one that is past its time HoldExpired. Whose request it was is said for
// orders that name no account: what else these two do waits for it.
type Ending struct {
	ID              int64
	How             CashEnd
	Customer, Agent core.AccountID
}

// Earning is the commission of a deposit, which depends on what the agent earned on this customer's deposits
// today: the store adds the entries, under the lock of both accounts.
type Earning struct {
	Agent, Customer core.PartyID
	Account         core.AccountID // the agent's commission account
	Of              func(today core.Amount) core.Amount
}
