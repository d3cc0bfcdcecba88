package wallet

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/tariff"
)

// Cash over an agent's counter: a customer asks to withdraw or to deposit, and whoever gives up value holds
// a code that the other one must learn before anything moves.

// CashRequest is what a customer asked of an agent and what waits for the agent's word. No way out of it that
// a log may take shows the code.
type CashRequest struct {
	ID        int64
	Ref       string         // "R17": tells it from the agent's other open ones
	Operation core.Operation // Withdraw or Deposit
	Customer  core.Party
	Agent     core.Party
	Amount    core.Amount
	Fee       core.Amount // of a withdrawal
	Code      string      `json:"-"` // four digits: the customer's at a withdrawal, the agent's at a deposit
	Expires   time.Time
	Left      time.Duration `json:"-"` // until then, by the store's clock, when it was read
}

// LogValue names the request by id alone.
func (c CashRequest) LogValue() slog.Value { return slog.Int64Value(c.ID) }

// Format writes the request without its code, whatever the verb.
func (c CashRequest) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "%s %s of %s, %d at %d", c.Ref, c.Operation, c.Amount, c.Customer.ID, c.Agent.ID)
}

const (
	cashLasts  = 10 * time.Minute
	mostAsked  = 6 // by a customer in an hour
	mostListed = 5 // waiting at an agent
	codeDigits = 4
)

// pays and paid are who gives up e-money and who gets it.
func (c CashRequest) pays() core.Party {
	if c.Operation == core.Deposit {
		return c.Agent
	}
	return c.Customer
}

func (c CashRequest) paid() core.Party {
	if c.Operation == core.Deposit {
		return c.Customer
	}
	return c.Agent
}

// uncoded is the request for somebody who is not to have the code.
func (c CashRequest) uncoded() CashRequest {
	c.Code = ""
	return c
}

// forCustomer has the code if it is hers to tell.
func (c CashRequest) forCustomer() CashRequest {
	if c.Operation == core.Deposit {
		return c.uncoded()
	}
	return c
}

// AgentByNumber is the agent with a five-digit number, as a customer may see her before she asks for cash.
// It counts as a look-up. NotRegistered, NotAllowed (no agent, or a super agent), ToOneself, PayeeSuspended.
func (w *Wallet) AgentByNumber(ctx context.Context, from core.Party, number string) (core.Party, error) {
	if number == from.Number {
		return core.Party{}, core.Errorf(core.ToOneself, "party %d", from.ID)
	}
	if err := w.people.CountLookup(ctx, from.ID, number, mostLookups, lookupWindow); err != nil {
		return core.Party{}, err
	}
	agent, err := w.people.PartyByNumber(ctx, number)
	switch {
	case err != nil:
		return core.Party{}, err
	case agent.ID == from.ID:
		return core.Party{}, core.Errorf(core.ToOneself, "party %d", from.ID)
	case agent.Kind != core.Agent:
		return core.Party{}, core.Errorf(core.NotAllowed, "party %d is no agent", agent.ID)
	case agent.Status.Stopped():
		return core.Party{}, core.Errorf(core.PayeeSuspended, "party %d", agent.ID)
	}
	agent.IDNumber = ""
	return agent, nil
}

// QuoteCash is the fee of a withdrawal or deposit between a customer and an agent, or the refusal that can
// be told before a PIN, as Quote does. The two of a deposit may come as the money goes or as it is asked for,
// the subscriber first.
func (w *Wallet) QuoteCash(ctx context.Context, op core.Operation, from, to core.Party, amount core.Amount) (core.Amount, error) {
	if op == core.Deposit && from.Kind == core.Subscriber && to.Kind == core.Agent {
		from, to = to, from
	}
	c := CashRequest{Operation: op, Customer: from, Agent: to, Amount: amount}
	if op == core.Deposit {
		c.Customer, c.Agent = to, from
	}
	return w.priceOf(ctx, c)
}

// priceOf is what a cash request costs, or why there can be none.
func (w *Wallet) priceOf(ctx context.Context, c CashRequest) (core.Amount, error) {
	key, err := tariff.OfCash(c.Operation, c.pays(), c.paid())
	if err != nil {
		return 0, err
	}
	return w.price(ctx, key, c.pays().Tier, c.Amount)
}

// Waiting are the open requests at an agent, oldest first, at most five. Their codes are blank.
func (w *Wallet) Waiting(ctx context.Context, agent core.Party) ([]CashRequest, error) {
	all, err := w.counter.CashWaiting(ctx, agent.ID, mostListed)
	requests := make([]CashRequest, len(all))
	for i, c := range all {
		requests[i] = c.uncoded()
	}
	return requests, err
}

// Mine is the customer's open request, false when there is none. It has the code of a withdrawal, which is
// hers to tell.
func (w *Wallet) Mine(ctx context.Context, customer core.Party) (CashRequest, bool, error) {
	c, err := w.counter.CashOpen(ctx, customer.ID)
	switch core.CodeOf(err) {
	case "":
		return c.forCustomer(), true, nil
	case core.NoRequest:
		return CashRequest{}, false, nil
	default:
		return CashRequest{}, false, err
	}
}

// Ref is how people call a request by its number at an agent: "R17".
func Ref(n int) string { return "R" + strconv.Itoa(n) }

// parseRef reads "R17", "r 17" or "17", else NoRequest.
func parseRef(s string) (int, error) {
	digits := strings.TrimSpace(strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(s)), "R"))
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || len(digits) > 6 {
		return 0, core.Errorf(core.NoRequest, "no ref: %d characters", len(s))
	}
	return n, nil
}

// draw is a number of so many digits, each equally likely.
func draw(random io.Reader, digits int) (string, error) {
	code := make([]byte, 0, digits)
	var b [1]byte
	for len(code) < digits {
		if _, err := io.ReadFull(random, b[:]); err != nil {
			return "", core.Errorf(core.Internal, "code: %w", err)
		}
		if b[0] < 250 { // no digit likelier than another
			code = append(code, '0'+b[0]%10)
		}
	}
	return string(code), nil
}
