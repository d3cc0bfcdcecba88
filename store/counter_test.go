package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
)

// shop is a wallet on a database of its own, with people at an agent's counter.
type shop struct {
	bench
	*wallet.Wallet
	sweeper         *wallet.Wallet // of a gateway whose clock is ten minutes ahead: all is over there
	jane, john      core.Party     // subscribers, KES 10,000 each
	njeri, otieno   core.Party     // agents, KES 100,000 float each
	super, merchant core.Party
	vault           *wallet.Vault
	notices         int64 // messages before the test
}

var cheap = wallet.Cost{Memory: 8, Passes: 1}

func openShop(t testing.TB) *shop {
	t.Helper()
	s := &shop{bench: open(t)}
	s.noon()
	words, err := text.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	vault, err := wallet.NewVault([]wallet.Pepper{{ID: "k1", Key: [32]byte{1}}}, cheap, 4, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return time.Now().Add(time.Duration(s.offset.Load())).In(s.zone) }
	s.vault = vault
	s.Wallet = wallet.New(s.Store, vault, words, clock, rand.Reader, "*384*96#")
	early, err := Open(Options{
		URL: s.url, Zone: s.zone, Random: rand.Reader,
		ClockOffset: func() time.Duration { return time.Duration(s.offset.Load()) + 10*time.Minute },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = early.Close() })
	s.sweeper = wallet.New(early, vault, words, clock, rand.Reader, "*384*96#")
	s.jane, s.john = s.known(core.Subscriber, 10_000_00), s.known(core.Subscriber, 10_000_00)
	s.njeri, s.otieno = s.known(core.Agent, 100_000_00), s.known(core.Agent, 100_000_00)
	s.super, s.merchant = s.known(core.SuperAgent, 100_000_00), s.known(core.Merchant, 10_000_00)
	s.notices = s.count(`SELECT count(*) FROM messages`)
	return s
}

// known is somebody with the PIN 2580, in the tier of the well known.
func (s *shop) known(kind core.Kind, money core.Amount) core.Party {
	s.t.Helper()
	n := s.serial.Add(1)
	p := core.Party{
		Kind: kind, Status: core.Active, Tier: core.TierFull, Lang: core.English, IDNumber: "12345678",
		Name: fmt.Sprintf("PARTY %d", n), Phone: core.MSISDN(fmt.Sprintf("+2547%08d", n)),
	}
	if kind != core.Subscriber {
		p.Number, p.Tier = fmt.Sprintf("%05d", 10000+n), core.TierTrade
	}
	p, err := s.Wallet.Open(s.t.Context(), p, s.pin("2580"), "")
	if err != nil {
		s.t.Fatal(err)
	}
	if money > 0 {
		s.fund(p.Account, money)
	}
	return p
}

func (s *shop) pin(digits string) core.PIN {
	p, err := core.ParsePIN(digits)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

func (s *shop) word(p core.Party) wallet.Authority {
	return wallet.Authority{Party: p, PIN: s.pin("2580"), Turn: string(s.request())}
}

// pay is an errand of one party with another, at the fee of the day.
func (s *shop) pay(op core.Operation, from, to core.Party, amount core.Amount) *wallet.Payment {
	s.t.Helper()
	fee, _ := s.QuoteCash(s.t.Context(), op, from, to, amount)
	return &wallet.Payment{Authority: s.word(from), Request: s.request(), To: to, Amount: amount, Fee: fee}
}

// withdraw and deposit ask for cash that must be granted. What they give has the code, whoever it is for.
func (s *shop) withdraw(customer, agent core.Party, amount core.Amount) wallet.Cash {
	s.t.Helper()
	c, err := s.AskWithdraw(s.t.Context(), s.pay(core.Withdraw, customer, agent, amount))
	return s.asked(c, err)
}

func (s *shop) deposit(customer, agent core.Party, amount core.Amount) wallet.Cash {
	s.t.Helper()
	c, err := s.AskDeposit(s.t.Context(), s.pay(core.Deposit, customer, agent, amount))
	return s.asked(c, err)
}

func (s *shop) asked(c wallet.CashRequest, err error) wallet.Cash {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("%v (%v)", err, errors.Unwrap(err))
	}
	return s.kept(c.ID)
}

func (s *shop) kept(id int64) wallet.Cash {
	s.t.Helper()
	kept, err := s.CashByID(context.Background(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	return kept
}

// bySMS is an agent's OK.
func (s *shop) bySMS(agent core.Party, code string) (core.Receipt, error) {
	_, receipt, err := s.Confirm(context.Background(), wallet.Authority{Party: agent}, "sms:"+s.request(), 0, code)
	return receipt, err
}

// byMenu is her confirmation under Requests waiting.
func (s *shop) byMenu(agent core.Party, id int64, code string) (core.Receipt, error) {
	_, receipt, err := s.Confirm(context.Background(), s.word(agent), s.request(), id, code)
	return receipt, err
}

// other is a code that is not this one.
func other(code string) string {
	last := (code[3]-'0'+1)%10 + '0'
	return code[:3] + string(rune(last))
}

func (s *shop) wants(what string, err error, want core.Code) {
	s.t.Helper()
	if got := core.CodeOf(err); got != want {
		s.t.Errorf("%s: %q, not %q: %v (%v)", what, got, want, err, errors.Unwrap(err))
	}
}

func (s *shop) has(what string, p core.AccountID, want core.Amount) {
	s.t.Helper()
	if got := s.balance(p); got != want {
		s.t.Errorf("%s has %s, not %s", what, got, want)
	}
}

// told lists the keys of what a party was told, the first first, since the shop opened.
func (s *shop) told(p core.Party) []string {
	s.t.Helper()
	var keys []string
	if err := s.owner.Select(&keys, `SELECT key FROM messages WHERE party_id = $1 AND id > $2 ORDER BY id`, p.ID, s.notices); err != nil {
		s.t.Fatal(err)
	}
	return keys
}

// texts are the same as they are sent.
func (s *shop) texts(p core.Party) []string {
	s.t.Helper()
	words, err := text.LoadAll()
	if err != nil {
		s.t.Fatal(err)
	}
	claimed, err := s.ClaimMessages(s.t.Context(), 1000, time.Minute)
	if err != nil {
		s.t.Fatal(err)
	}
	var all []string
	for _, m := range claimed {
		if m.Phone == p.Phone && m.ID > s.notices {
			all = append(all, notice.Text(words, m))
		}
	}
	return all
}

// sound is what must be true at any counter at any time, besides what must of any ledger.
func (s *shop) sound() {
	s.t.Helper()
	s.bench.sound()
	for rule, query := range map[string]string{
		"a hold runs as long as its request": `SELECT count(*) FROM holds h LEFT JOIN cash_requests c ON c.hold_id = h.id
			WHERE c.id IS NULL OR (h.ended IS NULL) <> (c.ended IS NULL)`,
		// Several may end at the same instant, in one batch.
		"each side of a request is told of it once": `SELECT count(*) FROM cash_requests c WHERE ended IS NOT NULL AND ended <> 'confirmed' AND
			(SELECT array_agg(m.party_id ORDER BY m.key) FROM messages m WHERE m.created_at = c.ended_at AND (
				m.party_id = c.customer_id AND m.key = 'sms.cash.' || c.ended OR
				m.party_id = c.agent_id AND m.key = 'sms.cash.agent.' || c.ended AND m.args->>'ref' = 'R' || c.ref
			)) IS DISTINCT FROM ARRAY[c.agent_id, c.customer_id]`,
		"commission is in its account": `SELECT coalesce(sum(e.amount), 0) FROM entries e JOIN accounts a ON a.id = e.account_id
			WHERE a.kind IN ('commission', 'commission_expense') AND EXISTS (
				SELECT FROM transfers t WHERE t.id = e.transfer_id AND t.operation NOT IN ('take_commission', 'reverse'))`,
	} {
		if n := s.count(query); n != 0 {
			s.t.Errorf("not so: %s (%d)", rule, n)
		}
	}
}
