package wallet

import (
	"context"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/tariff"
)

// People finds and opens parties.
type People interface {
	// PartyByPhone, PartyByNumber and PartyByEmail find who is not closed, else NotRegistered. number is an
	// agent's or till's five digits.
	PartyByPhone(ctx context.Context, phone core.MSISDN) (core.Party, error)
	PartyByNumber(ctx context.Context, number string) (core.Party, error)
	PartyByEmail(ctx context.Context, email core.Email) (core.Party, error)
	// Greeting is PartyByPhone with what else a call begins with, in one question. An errand counts that began
	// within a time and that she is not known to have read of.
	Greeting(ctx context.Context, phone core.MSISDN, within time.Duration) (Greeting, error)
	// Open makes a party and her accounts in one transaction, else AlreadyRegistered when the phone
	// number belongs to a party that is not closed, or EmailTaken. Who trades and has no number is given one.
	Open(ctx context.Context, o Opening) (core.Party, error)
	SetLang(ctx context.Context, id core.PartyID, lang core.Lang) error
	// CountLookup counts that the name to a number was looked up, else TooManyLookups: at most most
	// different numbers in any time as long as the window. The same number again counts as one.
	CountLookup(ctx context.Context, by core.PartyID, number string, most int, window time.Duration) error
}

// Opening is a party to be opened. Her ID and accounts are the store's to give.
type Opening struct {
	Party    core.Party
	Seal     func(core.PartyID) (Sealed, error) // seals the PIN for the id just given; nil for none yet
	Start    *Start                             // the code by which she sets one; nil for none
	Password string                             // the hash of the one for the API; empty for none
	Notices  []notice.Notice
}

// PINs keeps sealed PINs and counts the tries. A turn names one try: it is counted once, however often it
// comes.
type PINs interface {
	// Try counts a try, in one statement, and gives what to check it against. Else PINLocked, or Busy
	// while as many tries as are allowed are being checked at this moment. The intent, if not nil, is
	// written down by the same statement if there is something to check, once per request.
	Try(ctx context.Context, id core.PartyID, turn string, i *Intent) (Sealed, error)
	// Right forgets the wrong tries, and wakes a dormant party.
	Right(ctx context.Context, id core.PartyID) error
	// Unchecked gives a counted try back that could not be checked, and takes its intent away.
	Unchecked(ctx context.Context, id core.PartyID, turn string) error
	// Wrong notes a counted try as wrong, takes the turn's intent away, and says how many are left.
	Wrong(ctx context.Context, id core.PartyID, turn string) (left int, err error)
	// SetPIN replaces the PIN, forgets the wrong tries and writes the notices, in one transaction.
	SetPIN(ctx context.Context, id core.PartyID, s Sealed, tell []notice.Notice) error

	// BeginStart keeps a start code in the place of an earlier one and writes the notices, in one
	// transaction.
	BeginStart(ctx context.Context, id core.PartyID, s Start, tell []notice.Notice) error
	// TryStart counts a try, in one statement, and gives what to check it against, else WrongCode. It is
	// neither when the code has done its work already and set this very PIN.
	TryStart(ctx context.Context, id core.PartyID, to Sealed) (Sealed, error)
	// EndStart uses up the code that was checked, sets the PIN, begins the time in which little may go out
	// if it was a reset, and writes the notices, in one transaction; WrongCode when it is used already.
	EndStart(ctx context.Context, id core.PartyID, checked, to Sealed, tell []notice.Notice) error
}

// Books is the ledger with its surroundings.
type Books interface {
	// Post is the one door through which money moves. A refusal is an outcome, not an error; an error
	// is OutcomeUnknown when it may have happened all the same, and Unavailable or Busy when it did not.
	// An order that was lost on its way is Voided. The functions of an order are called by another
	// goroutine.
	Post(ctx context.Context, o Order) (ledger.Outcome, error)
	// Outcome is what became of a request, and known = false when it has none.
	Outcome(ctx context.Context, r core.RequestID) (o ledger.Outcome, known bool, err error)
	Balance(ctx context.Context, id core.AccountID) (Balance, error)
	// Statement is the last n transfers of an account, newest first.
	Statement(ctx context.Context, id core.AccountID, n int) ([]Line, error)
	// Lately is how long ago the same was last paid under another request id, and ok = false when it was
	// not within a time.
	Lately(ctx context.Context, same ledger.Posting, within time.Duration) (ago time.Duration, ok bool, err error)
	// Price is what the tariff and the limits in force say.
	Price(ctx context.Context, key tariff.Key, tier core.Tier) ([]tariff.Band, ledger.Limits, error)
	// Tell writes notices that go with no posting.
	Tell(ctx context.Context, tell []notice.Notice) error
}

// Order is a posting with what is written down along with it: those who must be told, and what it does over an
// agent's counter. The store gives the posting its transfer id, its receipt and its hold.
type Order struct {
	ledger.Posting
	Tell []notice.Notice
	Ask  *Asking  // the cash request that begins with it; nil, as most often, for none
	End  *Ending  // the cash request that ends with it
	Earn *Earning // what an agent earns by it

	Undo *Undoing // the reversal of which it is a step

	// Deed is what is written in the audit log if it is done. Of a transfer the store gives the id; nil, as most often,
	// for nobody's deed.
	Deed *core.Deed
}

// Balance is what an owner reads.
type Balance struct {
	Available core.Amount
	Held      core.Amount
	At        time.Time // in the zone in which people read dates
}

// Line is one line of a statement, seen from its account.
type Line struct {
	At        time.Time // in the zone in which people read dates
	Transfer  core.TransferID
	Receipt   core.Receipt
	Operation core.Operation
	In        bool        // money came in
	Amount    core.Amount // without the fee
	Fee       core.Amount // what this account paid for it
	Other     core.Party  // who was on the other side; zero for the bank
	Balance   core.Amount // after it

	Reversal ReversalState // of a transfer that is being undone, or was; else empty
	Undid    core.Receipt  // of a step in a reversal: the transfer that it undid, or gave back
}
