// Package menus declares every screen that a caller sees, and walks her through them. It calls
// core/wallet for what she came for, and must not know HTTP, Redis, SQL, or how an aggregator speaks.
package menus

import (
	"context"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
)

// A Screen shows one page of words and decides what the answer to it means.
type Screen struct {
	Key   text.Key                          // names the screen and its words
	Back  text.Key                          // where "0" leads; empty: 0 is an answer like any other, or cancels at a PIN
	PIN   bool                              // the answer is a PIN: it is never taken from a deep dial
	Money bool                              // the right PIN moves money
	Enter func(*Call) (Next, error)         // looks up what the page shows, on every way to it; nil if the form has it
	Fill  func(*Call) text.Args             // fills the blanks in the words; nil if there are none
	Take  func(*Call, string) (Next, error) // decides what the answer means; an error asks again or ends the call
	Offer text.Key                          // words to take the errand up here in a later call; empty: it is not offered
	GoOn  func(*Call) (Next, error)         // takes it up; nil: shows this screen
}

// Screens is every screen there is. A call begins at one of the homes, or at registration.
var Screens = []Screen{
	home, agentHome, superHome, merchantHome,
	sendTo, sendAmount, sendAgain, sendPIN,
	withdrawAt, withdrawAmount, withdrawPIN,
	depositAt, depositAmount, depositPIN,
	cashinTo, cashinAmount, cashinAgain, cashinPIN,
	requests, requestWithdraw, requestWithdrawCode, requestWithdrawPIN,
	requestDeposit, requestDepositCode, requestDepositPIN,
	floatTo, floatAmount, floatAgain, floatPIN,
	balancePIN, statementPIN,
	account, agentAccount, agentMore, superAccount,
	newPIN, newPINAgain, oldPIN, language, details, lastPIN, openWithdraw, openDeposit,
	commission, commissionPIN, commissionAmount, commissionTakePIN,
	enrolPhone, enrolName, enrolID, enrolPIN, resetPhone, resetID, resetPIN,
	registerName, registerID, registerPIN, registerAgain,
	startPIN, startAgain, startCode,
	errand, goOn,
}

// Turn names one turn of a call to the wallet.
type Turn struct {
	Request core.RequestID // of whatever money the call moves: a call moves money at most once
	ID      string         // of this very turn: a PIN typed in it counts as one try
	Noted   func()         // called, if not nil, once an SMS is certain to tell what becomes of the money
}

// Page is what a turn shows.
type Page struct {
	Text   string    // without the aggregator's prefix
	End    bool      // the call is over
	Screen text.Key  // that is shown, or that gave the last word
	Code   core.Code // of the trouble that the page tells; empty for none
}

// State is what is remembered of a call between its turns, as JSON. It has no room for a PIN, nor for a code.
type State struct {
	Screen text.Key   `json:"screen"`
	Caller core.Party `json:"caller"`           // ID zero: not registered yet
	IDEnd  string     `json:"id_end,omitempty"` // of the ID number on record
	Lang   core.Lang  `json:"lang"`
	Wrong  int        `json:"wrong,omitempty"` // wrong answers in a row
	Form   Form       `json:"form,omitzero"`
	Left   Left       `json:"left,omitzero"` // while it is offered to go on there
}

// Form holds the answers of the errand in hand.
type Form struct {
	To       core.Party    `json:"to,omitzero"`
	Amount   core.Amount   `json:"amount,omitempty"`
	Fee      core.Amount   `json:"fee,omitempty"` // as it was shown
	Minutes  int           `json:"minutes,omitempty"`
	Name     string        `json:"name,omitempty"`
	Phone    core.MSISDN   `json:"phone,omitempty"` // of a customer at an agent's counter
	IDNumber string        `json:"id_number,omitempty"`
	NewPIN   wallet.Sealed `json:"new_pin,omitzero"`  // a verifier of the PIN typed first, sealed
	Request  Request       `json:"request,omitzero"`  // that is shown
	Waiting  []Request     `json:"waiting,omitempty"` // as they were listed: a choice means what was shown
	Code     wallet.Sealed `json:"code,omitzero"`     // of the request, as an agent typed it, sealed
}

// Request is a wallet.CashRequest as a call remembers it: from one side, and without its code.
type Request struct {
	ID        int64          `json:"id"`
	Ref       string         `json:"ref"`
	Operation core.Operation `json:"operation"`
	With      core.Party     `json:"with"` // the other side
	Amount    core.Amount    `json:"amount"`
	Fee       core.Amount    `json:"fee,omitempty"`
	Minutes   int            `json:"minutes,omitempty"` // left
}

// AsksPIN is true when the next answer is a PIN that moves money.
func (s State) AsksPIN() bool { return find(s.Screen).Money }

// Language is the caller's own.
func (s State) Language() core.Lang { return s.Lang }

// Call is one caller's conversation during one turn.
type Call struct {
	State
	ctx    context.Context //nolint:containedctx // of this turn only; every screen needs it and none keeps it
	wallet *wallet.Wallet
	turn   Turn
	words  text.Catalogs
	told   string // what became of the last errand, on its page
}

// Next is where a call goes after an answer.
type Next struct {
	screen text.Key
	end    bool
	args   text.Args
}

// GoTo continues at another screen.
func GoTo(k text.Key) (Next, error) { return Next{screen: k}, nil }

// End says a last thing and hangs up.
func End(k text.Key, args text.Args) (Next, error) {
	return Next{screen: k, end: true, args: args}, nil
}

// Menus walks calls through the screens. It may be used by many calls at once.
type Menus struct {
	wallet *wallet.Wallet
	words  text.Catalogs
}

// New makes the menus over a wallet, with the words of every language.
func New(w *wallet.Wallet, words text.Catalogs) *Menus { return &Menus{wallet: w, words: words} }

// Begin starts a call. answers are those of a deep dial, or of a call that was forgotten in its middle:
// they are taken one by one, up to the first screen that wants a PIN, which asks for it itself, or that looked
// something up: what it shows must be read before it is answered. left is how the phone's call before this one
// broke off, zero if it came to its end. The page is always good to show; the error, if any, is for the log.
func (m *Menus) Begin(ctx context.Context, phone core.MSISDN, t Turn, answers []string, left State) (State, Page, error) {
	c := &Call{ctx: ctx, wallet: m.wallet, turn: t, words: m.words, State: State{Lang: core.English}}
	who, err := m.wallet.Greet(ctx, phone)
	switch {
	case core.CodeOf(err) == core.NotRegistered: // who may become a customer now
		c.Caller, err = core.Party{Phone: phone}, nil
	case err != nil:
		return c.State, c.over("call.unavailable", core.CodeOf(err), nil), err
	default:
		c.Caller, c.Lang = who.Party, who.Lang
		c.IDEnd = text.MaskID(who.IDNumber)
	}
	switch c.Caller.Status {
	case core.Suspended:
		return c.State, c.over("call.suspended", core.PayerSuspended, nil), nil
	case core.Pending:
		return c.State, c.over("call.pending", core.PayerPending, nil), nil
	default:
	}
	c.Screen = start(c.Caller)
	switch {
	case who.Starts: // she was sent a code by which she sets her PIN
		c.Screen = startPIN.Key
	case c.Caller.ID != 0 && len(answers) == 0:
		page, err := c.again(who, left)
		return c.State, page, err
	}
	page := c.page("")
	if (c.Screen == registerName.Key) != startsWithName(answers) {
		answers = nil // a deep dial by somebody who must register first, or a registration that is done already
	}
	for _, answer := range answers {
		if s := find(c.Screen); s.PIN || s.Enter != nil || page.End {
			break
		}
		if page, err = c.take(answer); err != nil {
			break
		}
	}
	return c.State, page, err
}

// Answer takes the answer to the screen at which a call stands and gives what comes next. The page is
// always good to show; the error, if any, is for the log.
func (m *Menus) Answer(ctx context.Context, s State, t Turn, answer string) (State, Page, error) {
	c := &Call{ctx: ctx, wallet: m.wallet, turn: t, words: m.words, State: s}
	page, err := c.take(answer)
	return c.State, page, err
}

func find(k text.Key) Screen {
	for _, s := range Screens {
		if s.Key == k {
			return s
		}
	}
	return Screen{}
}

// Keys names every screen, and every text with which a call may end besides them.
func Keys() []text.Key {
	var keys []text.Key
	for _, s := range Screens {
		keys = append(keys, s.Key)
	}
	return append(keys, lastWords...)
}

// lastWords are the texts with which the menus end calls, besides those on errors.
var lastWords = []text.Key{
	"send.done", "withdraw.done", "deposit.done", "cashin.done", "requests.none", "request.withdraw.done",
	"request.deposit.done", "request.refused", "float.done", "open.none", "open.cancelled", "commission.done",
	"commission.taken", "enrol.done", "reset.done", "start.done", "cancelled", "balance.done", "balance.float", "balance.held", "statement.done", "statement.none", "last.done", "last.in",
	"last.none", "pin.done", "language.done", "register.done", "call.three_wrong", "call.suspended", "call.pending",
}
