// Package ussd takes calls in: it tells one turn of a call from another, has the menus carry it out once,
// remembers the call until the next turn, and answers in the aggregator's dialect, in time and whatever
// happens. It must not know SQL, what a screen asks, or how money moves.
package ussd

import (
	"context"
	"log/slog"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/menus"
)

// Callback is one turn as any aggregator delivers it.
type Callback struct {
	Session string      // names the call: 1 to 128 printable ASCII characters
	Phone   core.MSISDN // who calls
	Service string      // the code that was dialled: "*384*96#"
	Text    string      // every answer so far joined by "*", so that it may hold a PIN
}

// Request is the id of whatever money the call moves, which is at most one transfer.
func (c Callback) Request() core.RequestID {
	return core.RequestID("ussd:" + c.Service + ":" + c.Session)
}

// LogValue leaves the answers out.
func (c Callback) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("call", c.Session), slog.Any("phone", c.Phone), slog.String("request", string(c.Request())))
}

// Reply is what the caller's phone is to show. It is stored as it stands, so that a turn that comes again
// gets the same bytes.
type Reply struct {
	Text   string // without the aggregator's prefix
	End    bool
	Screen text.Key // the screen's, or the key of the last word
}

// Menus walks a caller through the screens. A page is always good to show, also beside an error.
type Menus interface {
	// Begin starts a call with the answers of a deep dial. left is how the phone's last call broke off.
	Begin(ctx context.Context, phone core.MSISDN, t menus.Turn, answers []string, left menus.State) (menus.State, menus.Page, error)
	// Answer takes the answer to the screen at which a call stands.
	Answer(ctx context.Context, s menus.State, t menus.Turn, answer string) (menus.State, menus.Page, error)
}

// Errands are told of a call whose last page was shown.
type Errands interface {
	Seen(ctx context.Context, r core.RequestID) error
}

// Calls keeps calls between turns, and gives one worker at a time the right to carry a turn out.
type Calls interface {
	// Claim reads a call, nil if there is none, and claims it for the token's owner until the lease ends.
	Claim(ctx context.Context, id, token string, lease time.Duration) (call []byte, mine bool, err error)
	// Keep stores a call and frees it, unless the claim is lost.
	Keep(ctx context.Context, id, token string, call []byte, ttl time.Duration) (kept bool, err error)
	// Release frees a call that was only read.
	Release(ctx context.Context, id, token string) error
	// Swap remembers for a time that a caller's last call is this one, and gives the one until now, "" if none.
	Swap(ctx context.Context, caller, id string, ttl time.Duration) (before string, err error)
	// Read is a call without a claim, nil if there is none.
	Read(ctx context.Context, id string) (call []byte, err error)
}

// A kind is what a turn is, or what became of it: the outcome in the metrics.
type kind string

// What a turn is, by the stored call and the new text.
const (
	first    kind = "first"    // nothing is stored: a call begins
	next     kind = "next"     // the last text and one answer more
	replay   kind = "replay"   // the last text again
	stale    kind = "stale"    // an earlier text, arriving late
	diverged kind = "diverged" // a text that does not follow from the last
	foreign  kind = "foreign"  // another's call
)

// What may become of it instead.
const (
	unserved    kind = "unknown_service"
	busy        kind = "busy"        // another worker did not finish it in time
	turnedAway  kind = "turned_away" // it would have begun a call for which there is no room
	unavailable kind = "unavailable" // the store is out of reach: nothing was carried out
	late        kind = "late"        // the menus did not finish in time
	unkept      kind = "unkept"      // carried out, but what follows could not be understood
	panicked    kind = "panic"
)
