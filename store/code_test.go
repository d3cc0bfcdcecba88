package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

// Three wrong codes end a request, by SMS and by menu together. By SMS nobody knows which was meant, so all of
// the agent's open ones count it.
func TestThreeWrongCodes(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	c, d := s.withdraw(s.jane, s.njeri, 500_00), s.deposit(s.john, s.njeri, 300_00)
	_, err := s.bySMS(s.njeri, "x")
	s.wants("by SMS", err, core.WrongCode)
	_, err = s.byMenu(s.njeri, c.ID, other(c.Code))
	s.wants("by menu", err, core.WrongCode)
	_, err = s.byMenu(s.njeri, c.ID, d.Code)
	s.wants("another's code", err, core.WrongCode)
	_, err = s.byMenu(s.njeri, c.ID, c.Code)
	s.wants("the right one, too late", err, core.HoldEnded)
	_, err = s.bySMS(s.njeri, c.Code)
	s.wants("the same by SMS", err, core.HoldEnded)
	if got := s.kept(c.ID); got.Ended != wallet.WornOut || got.Wrong != 3 {
		t.Errorf("ended by %q after %d", got.Ended, got.Wrong)
	}
	if got := s.kept(d.ID); got.Ended != "" || got.Wrong != 1 {
		t.Errorf("the other one ended by %q after %d", got.Ended, got.Wrong)
	}
	s.has("jane", s.jane.Account, 10_000_00)
	if diff := gocmp.Diff([]string{"sms.cash.code", "sms.cash.codes"}, s.told(s.jane)); diff != "" {
		t.Error(diff)
	}
	if told := s.told(s.njeri); !slices.Contains(told, "sms.cash.agent.codes") {
		t.Errorf("the agent is told %v", told)
	}
	_, err = s.bySMS(s.njeri, d.Code)
	s.wants("the other one", err, "")
	s.sound()
}

// A code is good at its agent and at nobody else's counter.
func TestAnotherAgentsCode(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	c := s.withdraw(s.jane, s.njeri, 500_00)
	_, err := s.bySMS(s.otieno, c.Code)
	s.wants("nothing open", err, core.NoRequest)
	_, err = s.byMenu(s.otieno, c.ID, c.Code)
	s.wants("by its id", err, core.NoRequest)
	s.deposit(s.john, s.otieno, 100_00)
	if s.kept(c.ID+1).Code != c.Code {
		_, err = s.bySMS(s.otieno, c.Code)
		s.wants("with one of her own open", err, core.WrongCode)
	}
	if got := s.kept(c.ID); got.Ended != "" || got.Wrong != 0 {
		t.Errorf("ended by %q after %d", got.Ended, got.Wrong)
	}
	s.sound()
}

// A turn is one try, and no free guess when it comes again with other digits.
func TestCodeTurnCountsOnce(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	c := s.withdraw(s.jane, s.njeri, 500_00)
	for _, code := range []string{other(c.Code), other(c.Code), c.Code} {
		_, _, err := s.Confirm(t.Context(), wallet.Authority{Party: s.njeri}, "sms:1", c.ID, code)
		s.wants("the same message", err, core.WrongCode)
	}
	if got := s.kept(c.ID).Wrong; got != 1 {
		t.Errorf("counted %d", got)
	}
	_, err := s.bySMS(s.njeri, c.Code)
	s.wants("another message", err, "")
}

func TestTenWrongCodesStopAnAgent(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	for i := range 10 {
		customer := s.known(core.Subscriber, 1_000_00)
		c := s.withdraw(customer, s.njeri, 100_00)
		_, err := s.byMenu(s.njeri, c.ID, other(c.Code))
		s.wants(fmt.Sprint("wrong ", i), err, core.WrongCode)
		s.wants("cancel", errOf(s.Cancel(t.Context(), customer, c.ID)), "")
		s.pass(5 * time.Minute)
	}
	for range 5 {
		c := s.withdraw(s.jane, s.njeri, 500_00)
		_, err := s.bySMS(s.njeri, c.Code)
		s.wants("stopped", err, core.CodesStopped)
		_, err = s.byMenu(s.njeri, c.ID, c.Code)
		s.wants("stopped in the menu", err, core.CodesStopped)
		s.wants("she may still refuse", errOf(s.Decline(t.Context(), s.njeri, c.Ref)), "")
		s.pass(10 * time.Minute) // the first wrong ones are over an hour old now
	}
	s.pass(10 * time.Minute)
	_, err := s.bySMS(s.njeri, s.withdraw(s.jane, s.njeri, 500_00).Code)
	s.wants("an hour later", err, "")
	s.sound()
}

// However many guess at once, three are looked at.
func TestParallelGuessesAreThree(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	c := s.withdraw(s.jane, s.njeri, 500_00)
	var wrong atomic.Int64
	together(30, func(i int) {
		_, err := s.bySMS(s.njeri, fmt.Sprintf("x%03d", i))
		switch core.CodeOf(err) {
		case core.WrongCode:
			wrong.Add(1)
		case core.NoRequest, core.HoldEnded:
		default:
			t.Error(err)
		}
	})
	if wrong.Load() != 3 || s.kept(c.ID).Ended != wallet.WornOut {
		t.Errorf("%d were looked at", wrong.Load())
	}
	s.sound()
}

// A gateway that died after the third wrong code leaves the end to the sweeper.
func TestWornOutIsSwept(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	c := s.withdraw(s.jane, s.njeri, 500_00)
	for i := range 3 {
		_, out, err := s.TryCode(t.Context(), wallet.CodeTry{Agent: s.njeri.ID, Turn: fmt.Sprint(i)}, other(c.Code))
		s.wants("wrong", err, core.WrongCode)
		if (len(out) == 1) != (i == 2) {
			t.Errorf("%d are worn out after %d", len(out), i+1)
		}
	}
	if n, err := s.Expire(t.Context()); n != 1 || err != nil || s.kept(c.ID).Ended != wallet.WornOut {
		t.Errorf("%d, %q: %v", n, s.kept(c.ID).Ended, err)
	}
	s.has("jane", s.jane.Account, 10_000_00)
	s.sound()
}

// Codes differ among an agent's open requests, whatever is drawn, and are what is drawn.
func TestCodesDiffer(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.Wallet = wallet.New(s.Store, s.vault, nil, time.Now, &stutter{}, "")
	for i := range 3 {
		c := s.deposit(s.known(core.Subscriber, 0), s.njeri, 100_00)
		if want := fmt.Sprintf("%04d", i); c.Code != want || c.Ref != fmt.Sprintf("R%d", i+1) {
			t.Errorf("%s has a code that is not %s", c.Ref, want)
		}
	}
}

// stutter gives bytes that make the codes 0000, 0000, 0001, 0001, 0002, …
type stutter struct{ n int }

func (s *stutter) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = fmt.Sprintf("%04d", s.n/8)[s.n%4] - '0'
		s.n++
	}
	return len(p), nil
}

// No way that a log or an error may take shows a code.
func TestNoCodeInALog(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	c := s.withdraw(s.jane, s.njeri, 500_00)
	c.Code = "839251" // longer, so that nothing matches by chance
	var log bytes.Buffer
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	logger.Info("x", "cash", c, "request", c.CashRequest, "many", []any{c.CashRequest, c})
	logger.Info(fmt.Sprintf("%v %+v %#v %s %d %q", c, c, c.CashRequest, c, c, []wallet.Cash{c}))
	text, err := json.Marshal(map[string]any{"in": c.CashRequest})
	log.Write(text)
	if err != nil || strings.Contains(log.String(), c.Code) {
		t.Errorf("%v: %s", err, log.String())
	}
	for _, try := range []error{
		errOf(s.bySMS(s.njeri, "839251")), errOf(s.byMenu(s.otieno, c.ID, "839251")),
		s.StartWith(context.Background(), s.jane, "839251", wallet.Sealed{}),
	} {
		if strings.Contains(fmt.Sprintf("%v %+v %v", try, try, errors.Unwrap(try)), "839251") {
			t.Error(try)
		}
	}
}
