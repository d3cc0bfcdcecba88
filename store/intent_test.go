package store

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
)

// intended is an order of jane's, and the intent that her PIN for it writes down.
func (b bench) intended(jane, john core.Party, amount core.Amount) (wallet.Order, *wallet.Intent) {
	o := b.move(core.Send, jane.Account, john.Account, amount, 0)
	return o, &wallet.Intent{
		Request: o.Request, Content: o.Posting, Party: jane, Errand: "sent",
		Args: text.Args{"amount": amount.String(), "name": "JOHN O."},
	}
}

// intend has jane type her PIN, right, for what is then never posted by itself.
func (b bench) intend(jane core.Party, i *wallet.Intent) {
	b.t.Helper()
	if _, err := b.Try(b.t.Context(), jane.ID, "turn of "+string(i.Request), i); err != nil {
		b.t.Fatal(err)
	}
	if err := b.Right(b.t.Context(), jane.ID); err != nil {
		b.t.Fatal(err)
	}
}

func (b bench) wallet() *wallet.Wallet {
	return wallet.New(b.Store, nil, nil, time.Now, rand.Reader, "")
}

func (b bench) void(want int) {
	b.t.Helper()
	if voided, err := b.wallet().Void(b.t.Context()); len(voided) != want || err != nil {
		b.t.Errorf("%d voided, not %d: %v", len(voided), want, err)
	}
}

func (b bench) intents() int64 { return b.count(`SELECT count(*) FROM intents`) }

func (b bench) notSent() int64 {
	return b.count(`SELECT count(*) FROM messages WHERE key = 'sms.not_sent'`)
}

// The statement that counts a try writes the intent, and the one that notes it as wrong takes it away.
func TestIntentComesWithTheTry(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane, john := b.party(core.Subscriber, core.TierNew), b.party(core.Subscriber, core.TierNew)
	_, i := b.intended(jane, john, 5_00)
	for _, turn := range []string{"a", "b", "c"} {
		for range 2 { // the second look at the same turn writes no second intent
			if _, err := b.Try(t.Context(), jane.ID, turn, i); err != nil || b.intents() != 1 {
				t.Fatalf("turn %s: %d intents, %v", turn, b.intents(), err)
			}
		}
		if _, err := b.Wrong(t.Context(), jane.ID, turn); err != nil || b.intents() != 0 {
			t.Errorf("after a wrong PIN: %d intents, %v", b.intents(), err)
		}
		if _, err := b.Try(t.Context(), jane.ID, turn, i); err == nil || b.intents() != 0 {
			t.Errorf("a turn known to be wrong: %d intents, %v", b.intents(), err)
		}
	}
	if _, err := b.Try(t.Context(), jane.ID, "d", i); core.CodeOf(err) != core.PINLocked || b.intents() != 0 {
		t.Errorf("when locked: %d intents, %v", b.intents(), err)
	}
	if _, err := b.Try(t.Context(), john.ID, "e", nil); err != nil || b.intents() != 0 {
		t.Errorf("an errand that moves nothing: %d intents, %v", b.intents(), err)
	}
}

// Another turn's wrong PIN leaves alone what a right one has written, as when a call was forgotten and walked
// again.
func TestWrongTakesOnlyItsOwn(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane, john := b.party(core.Subscriber, core.TierNew), b.party(core.Subscriber, core.TierNew)
	_, i := b.intended(jane, john, 5_00)
	b.intend(jane, i)
	if _, err := b.Try(t.Context(), jane.ID, "another", i); err != nil {
		t.Fatal(err)
	}
	b.wrong(jane.ID, "another", 2)
	if b.intents() != 1 {
		t.Errorf("%d intents", b.intents())
	}
}

// Void comes first: the posting that comes late is refused, and stays so.
func TestVoidThenPost(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane, john := b.party(core.Subscriber, core.TierFull), b.party(core.Subscriber, core.TierFull)
	b.fund(jane.Account, 100_00)
	order, i := b.intended(jane, john, 50_00)
	b.intend(jane, i)
	b.void(0) // somebody is still at work on it
	b.pass(31 * time.Second)
	b.void(1)
	b.void(0)
	for range 2 {
		if o, err := b.Post(t.Context(), order); o.Code != core.Voided || err != nil {
			t.Errorf("the late posting is %q: %v", o.Code, err)
		}
	}
	if b.balance(jane.Account) != 100_00 || b.notSent() != 1 {
		t.Errorf("she has %s and %d messages", b.balance(jane.Account), b.notSent())
	}
	var message struct {
		Party core.PartyID `db:"party_id"`
		Phone core.MSISDN
		Name  string
	}
	if err := b.owner.Get(&message, `SELECT party_id, phone, args->>'name' AS name FROM messages WHERE key = 'sms.not_sent'`); err != nil ||
		message.Party != jane.ID || message.Phone != jane.Phone || message.Name != "JOHN O." {
		t.Errorf("told %+v: %v", message, err)
	}
	b.sound()
}

// The posting comes first: it stands, and only its own messages are sent, whatever it came to.
func TestPostThenVoid(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane, john := b.party(core.Subscriber, core.TierFull), b.party(core.Subscriber, core.TierFull)
	b.fund(jane.Account, 100_00)
	done, i := b.intended(jane, john, 50_00)
	b.intend(jane, i)
	b.done(done)
	poor, i := b.intended(jane, john, 500_00)
	b.intend(jane, i)
	if o, err := b.Post(t.Context(), poor); o.Code != core.InsufficientFunds || err != nil {
		t.Fatalf("%q: %v", o.Code, err)
	}
	// As a sweeper that looked just before the postings came.
	for _, o := range []wallet.Order{done, poor} {
		o.Action, o.Code, o.Entries = "refuse", core.Voided, nil
		if o, err := b.Post(t.Context(), o); o.Code == core.Voided || !o.Again || err != nil {
			t.Errorf("voided after the fact: %+v, %v", o, err)
		}
	}
	b.pass(time.Minute)
	b.void(0)
	if open := b.count(`SELECT count(*) FROM intents WHERE settled_at IS NULL`); open != 0 || b.notSent() != 0 || b.balance(john.Account) != 50_00 {
		t.Errorf("%d are open, %d messages, he has %s", open, b.notSent(), b.balance(john.Account))
	}
	b.sound()
}

// onlyOne is a store whose sweeper finds one intent open, as one does that looked just before the posting.
type onlyOne struct {
	*Store
	intent wallet.Intent
}

func (o onlyOne) OpenIntents(context.Context, time.Duration, int) ([]wallet.Intent, error) {
	return []wallet.Intent{o.intent}, nil
}

// Each of 200 postings races against two sweepers: its request has one end, and its customer hears of that one.
func TestVoidRacesPost(t *testing.T) {
	t.Parallel()
	b := open(t)
	const rounds, pairs = 200, 8
	var jane, john [pairs]core.Party
	for i := range pairs {
		jane[i], john[i] = b.party(core.Subscriber, core.TierFull), b.party(core.Subscriber, core.TierFull)
		b.fund(jane[i].Account, 10_000_00)
	}
	orders, intents := make([]wallet.Order, rounds), make([]wallet.Intent, rounds)
	for n := range orders {
		order, i := b.intended(jane[n%pairs], john[n%pairs], 10_00)
		b.intend(jane[n%pairs], i)
		orders[n], intents[n] = order, *i
	}
	before := b.count(`SELECT count(*) FROM messages`)
	var sent, refused, voided atomic.Int64
	race := func(n int) {
		if n%3 != 0 {
			w := wallet.New(onlyOne{b.Store, intents[n/3]}, nil, nil, time.Now, rand.Reader, "")
			requests, err := w.Void(context.Background())
			if voided.Add(int64(len(requests))); err != nil {
				t.Error(err)
			}
			return
		}
		switch o, err := b.Post(context.Background(), orders[n/3]); {
		case err != nil:
			t.Error(err)
		case o.Code == "":
			sent.Add(1)
		case o.Code == core.Voided:
			refused.Add(1)
		default:
			t.Error(o.Code)
		}
	}
	const batch = 60 // so that nobody waits long for a connection
	for first := 0; first < 3*rounds; first += batch {
		together(batch, func(n int) { race(first + n) })
	}
	t.Logf("%d sent, %d voided", sent.Load(), voided.Load())
	if sent.Load()+voided.Load() != rounds || refused.Load() != voided.Load() || b.notSent() != voided.Load() {
		t.Errorf("%d sent, %d refused as void, %d voided, %d told so", sent.Load(), refused.Load(), voided.Load(), b.notSent())
	}
	if got := b.count(`SELECT count(*) FROM messages`) - before; got != 2*sent.Load()+voided.Load() {
		t.Errorf("%d messages", got)
	}
	var all core.Amount
	for i := range pairs {
		all += b.balance(john[i].Account)
	}
	if all != core.Amount(sent.Load())*10_00 {
		t.Errorf("they have %s", all)
	}
	b.sound()
}

func TestLastErrandIsToldOnce(t *testing.T) {
	t.Parallel()
	b := open(t)
	jane, john := b.party(core.Subscriber, core.TierFull), b.party(core.Subscriber, core.TierFull)
	b.fund(jane.Account, 100_00)
	last := func(want string) {
		t.Helper()
		who, err := b.wallet().Greet(t.Context(), jane.Phone)
		if err != nil {
			t.Fatal(err)
		}
		e, ok, err := b.wallet().LastErrand(t.Context(), jane)
		if who.Errand != ok {
			t.Errorf("there is an errand: %t, and she is greeted with %t", ok, who.Errand)
		}
		got := "none"
		if ok {
			got = fmt.Sprint(e.Args["amount"], " ", e.Open, " ", e.Code, " ", e.Receipt != "")
		}
		if diff := gocmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v\n%s", err, diff)
		}
	}
	last("none")
	order, i := b.intended(jane, john, 50_00)
	b.intend(jane, i)
	if err := b.SeenIntent(t.Context(), i.Request); err != nil { // nothing was there to see
		t.Fatal(err)
	}
	last("50 true  false")
	last("50 true  false") // as long as it is open
	b.done(order)
	last("50 false  true")
	last("none")

	poor, i := b.intended(jane, john, 60_00)
	b.intend(jane, i)
	if _, err := b.Post(t.Context(), poor); err != nil {
		t.Fatal(err)
	}
	last("60 false insufficient_funds false")

	seen, i := b.intended(jane, john, 5_00)
	b.intend(jane, i)
	b.done(seen)
	if err := b.SeenIntent(t.Context(), i.Request); err != nil {
		t.Fatal(err)
	}
	last("none")

	_, i = b.intended(jane, john, 6_00)
	b.intend(jane, i)
	b.pass(14 * time.Minute)
	b.void(1)
	b.pass(2 * time.Minute)
	last("none")

	for _, left := range []int64{4, 0} {
		if err := b.wallet().PruneIntents(t.Context()); err != nil || b.intents() != left {
			t.Errorf("%d intents are left: %v", b.intents(), err)
		}
		b.pass(25 * time.Hour)
		b.void(0)
	}
}

// What was asked for at a counter is told as it stands when she dials again.
func TestLastErrandAtACounter(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	last := func(want wallet.CashEnd) {
		t.Helper()
		e, ok, err := s.LastErrand(t.Context(), s.jane)
		if !ok || err != nil || e.Open || e.Code != "" || e.Ended != want || (e.Receipt != "") != (want == wallet.Confirmed) {
			t.Errorf("%+v, not %q: %v", e, want, err)
		}
	}
	for _, ask := range []func(_, _ core.Party, _ core.Amount) wallet.Cash{s.withdraw, s.deposit} {
		c := ask(s.jane, s.njeri, 100_00)
		last("")
		s.wants("cancel", errOf(s.Cancel(t.Context(), s.jane, c.ID)), "")
		c = ask(s.jane, s.njeri, 200_00)
		_, err := s.bySMS(s.njeri, c.Code)
		s.wants("confirm", err, "")
		last(wallet.Confirmed)
		c = ask(s.jane, s.njeri, 300_00)
		s.wants("refuse", errOf(s.Decline(t.Context(), s.njeri, c.Ref)), "")
		last(wallet.Declined)
	}
	s.sound()
}

// A confirmation by menu is an errand as well: lost after the PIN, the agent is told so and may confirm anew;
// what is refused is told by SMS, whatever it is.
func TestConfirmationHasAnIntent(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	for _, ask := range []func(_, _ core.Party, _ core.Amount) wallet.Cash{s.withdraw, s.deposit} {
		c := ask(s.jane, s.njeri, 100_00)
		auth, by, noted := s.word(s.njeri), s.request(), false
		auth.Noted = func() { noted = true }
		w := wallet.New(deaf{s.Store}, s.vault, nil, time.Now, rand.Reader, "")
		_, _, err := w.Confirm(t.Context(), auth, by, c.ID, c.Code)
		s.wants("with the database gone", err, core.OutcomeUnknown)
		s.pass(31 * time.Second)
		s.void(1)
		_, _, err = s.Confirm(t.Context(), auth, by, c.ID, c.Code)
		s.wants("too late", err, core.Voided)
		_, err = s.byMenu(s.njeri, c.ID, other(c.Code))
		s.wants("with another code", err, core.WrongCode)
		_, err = s.byMenu(s.otieno, c.ID, c.Code)
		s.wants("at another agent", err, core.NoRequest)
		_, err = s.byMenu(s.njeri, c.ID, c.Code)
		s.wants("anew", err, "")
		_, err = s.byMenu(s.njeri, c.ID, c.Code)
		s.wants("and again", err, core.HoldEnded)
		s.pass(31 * time.Second)
		s.void(0)
		if !noted {
			t.Error("nobody noted it")
		}
	}
	for key, want := range map[string]int64{"sms.not_confirmed_out": 1, "sms.not_confirmed_in": 1, "error.wrong_code": 2, "error.hold_ended": 2} {
		if n := s.count(`SELECT count(*) FROM messages WHERE party_id = $1 AND key = $2`, s.njeri.ID, key); n != want {
			t.Errorf("%d of %s: %v", n, key, s.told(s.njeri))
		}
	}
	s.sound()
}

// deaf is a store that takes no posting.
type deaf struct{ *Store }

func (deaf) Post(context.Context, wallet.Order) (ledger.Outcome, error) {
	return ledger.Outcome{}, core.Errorf(core.Unavailable, "gone")
}
