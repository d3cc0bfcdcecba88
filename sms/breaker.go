package sms

import (
	"context"
	"errors"
	"fmt"

	"github.com/sony/gobreaker/v2"
)

// tripAfter failures in a row, each of the provider as a whole, it counts as down.
const tripAfter = 5

// newBreaker counts failures of the provider as a whole. A number that cannot be reached says nothing
// about the next one.
func (d *Dispatcher) newBreaker() *gobreaker.CircuitBreaker[string] {
	name := d.Sender.Name()
	d.Metrics.state(name, gobreaker.StateClosed)
	return gobreaker.NewCircuitBreaker[string](gobreaker.Settings{
		Name:         name,
		Timeout:      d.Pause,
		ReadyToTrip:  func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= tripAfter },
		IsSuccessful: func(err error) bool { return err == nil || !failure(err).Reason.Down() },
		OnStateChange: func(_ string, from, to gobreaker.State) {
			d.Metrics.state(name, to)
			d.Log.Warn("breaker", "provider", name, "from", from.String(), "to", to.String())
		},
	})
}

// room is how many messages to claim: none while the provider is down, so that they wait where every
// copy can have them, and one to find out whether it is up again.
func (d *Dispatcher) room() int {
	switch d.breaker.State() {
	case gobreaker.StateOpen:
		return 0
	case gobreaker.StateHalfOpen:
		return 1
	default:
		return d.Batch
	}
}

// failure is what an error of a Sender means. An error of another kind is not quoted: it may hold what
// no log should.
func failure(err error) *SendError {
	if e, ok := errors.AsType[*SendError](err); ok {
		return e
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &SendError{Reason: Timeout, Retry: true}
	}
	return &SendError{Reason: Unexpected, Retry: true, Detail: fmt.Sprintf("%T", err)}
}
