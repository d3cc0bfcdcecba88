package store

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/login"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/wallet"
)

// pending is an agent who waits for approval.
func (b bench) pending() core.Party {
	b.t.Helper()
	n := b.serial.Add(1)
	p, err := b.Open(b.t.Context(), wallet.Opening{Password: "$argon2id$", Party: core.Party{
		Kind: core.Agent, Status: core.Pending, Tier: core.TierTrade, Lang: core.English, Name: "SOMEBODY",
		Phone: core.MSISDN("+25471000000" + string(rune('0'+n))), Email: core.Email(string(rune('a'+n)) + "@piga.example"),
	}})
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

func (b bench) approve(p core.Party) (bool, error) {
	start := wallet.Start{Lasts: time.Hour, Seal: func(core.PartyID) (wallet.Sealed, error) {
		return wallet.Sealed{KeyID: "k1", Box: []byte("sealed")}, nil
	}}
	tell := []notice.Notice{{To: p.ID, Phone: p.Phone, Lang: p.Lang, When: notice.Done, Key: "sms.start_code"}}
	return b.Approve(b.t.Context(), p.ID, start, tell, deedOf("party.approve", int64(p.ID)))
}

// Many who approve at once do it once: one deed, one message, one start code.
func TestApproveTogether(t *testing.T) {
	t.Parallel()
	b := open(t)
	p := b.pending()
	var changed atomic.Int64
	together(10, func(int) {
		did, err := b.approve(p)
		if err != nil {
			t.Error(err)
		}
		if did {
			changed.Add(1)
		}
	})
	if changed.Load() != 1 || b.count(`SELECT count(*) FROM audit_log`) != 1 || b.count(`SELECT count(*) FROM messages`) != 1 {
		t.Errorf("%d approved her", changed.Load())
	}
	if who, err := b.Greeting(t.Context(), p.Phone, time.Hour); !who.Starts || err != nil {
		t.Errorf("no start code: %v", err)
	}
	if got, err := b.PartyByEmail(t.Context(), p.Email); err != nil || got.Status != core.Active || got.Email != p.Email {
		t.Errorf("%+v, %v", got, err)
	}
}

// Who waits moves no money, in or out.
func TestPendingMovesNothing(t *testing.T) {
	t.Parallel()
	b := open(t)
	p, super := b.pending(), b.party(core.SuperAgent, core.TierTrade)
	b.fund(super.Account, 1000_00)
	for _, c := range []struct {
		from, to core.AccountID
		want     core.Code
	}{{super.Account, p.Account, core.PayeeSuspended}, {p.Account, super.Account, core.PayerPending}} {
		if o, err := b.Post(t.Context(), b.move(core.Deposit, c.from, c.to, 100_00, 0)); err != nil || o.Code != c.want {
			t.Errorf("%s, %v; want %s", o.Code, err, c.want)
		}
	}
	if _, err := b.approve(core.Party{ID: 999}); core.CodeOf(err) != core.NotRegistered {
		t.Errorf("approve nobody: %v", err)
	}
}

// While an agent is made a super agent and back, commission for her comes at the same time: she never has any while she
// is a super agent, and none is lost.
func TestSuperAgainstCommission(t *testing.T) {
	t.Parallel()
	b := open(t)
	agent := b.party(core.Agent, core.TierTrade)
	var earned atomic.Int64
	together(8, func(i int) {
		for range 5 {
			if i == 0 {
				for _, super := range []bool{true, false} {
					_, err := b.SetSuper(t.Context(), agent.ID, super, deedOf("party.super_agent", int64(agent.ID)))
					if code := core.CodeOf(err); code != "" && code != core.CommissionLeft {
						t.Error(err)
					}
				}
				continue
			}
			o, err := b.Post(t.Context(), b.move(core.Issue, core.Trust, agent.Commission, 1, 0))
			if err != nil || o.Code != "" && o.Code != core.PayeeClosed {
				t.Errorf("%s, %v", o.Code, err)
			}
			if o.Code == "" {
				earned.Add(1)
			}
			if n := b.count(`SELECT count(*) FROM accounts a JOIN parties p ON p.id = a.party_id WHERE p.kind = 'super_agent' AND a.kind = 'commission' AND (a.balance <> 0 OR a.closed_at IS NULL)`); n != 0 {
				t.Error("a super agent has commission")
			}
		}
	})
	if got := b.balance(agent.Commission); got != core.Amount(earned.Load()) {
		t.Errorf("%d cents were earned, and %s are there", earned.Load(), got)
	}
	b.sound()
}

// Agents are given numbers that nobody else has, whoever comes at once.
func TestNumbersAreOnesOwn(t *testing.T) {
	t.Parallel()
	b := open(t)
	together(8, func(int) { b.pending() })
	if n := b.count(`SELECT count(DISTINCT number) FROM parties WHERE number ~ '^[1-9][0-9]{4}$'`); n != 8 {
		t.Errorf("%d numbers", n)
	}
}

// Tokens that are over go with the rest of what is old.
func TestTokensArePruned(t *testing.T) {
	t.Parallel()
	b := open(t)
	p := login.Bearer{Party: b.party(core.Subscriber, core.TierNew)}
	b.pass(-2 * time.Hour)
	for n, lasts := range []time.Duration{time.Hour, 3 * time.Hour} {
		if err := b.KeepToken(t.Context(), login.Hash{byte(n)}, p, login.Shown{}, lasts); err != nil {
			t.Fatal(err)
		}
	}
	b.offset.Store(0)
	if n, err := b.Prune(t.Context()); err != nil || n != 1 {
		t.Errorf("%d rows went, %v", n, err)
	}
	for n, want := range []core.Code{core.NoToken, ""} {
		got, err := b.BearerOf(t.Context(), login.Hash{byte(n)})
		if core.CodeOf(err) != want || want == "" && got.Party.ID != p.Party.ID {
			t.Errorf("token %d: %+v, %v", n, got, err)
		}
	}
}
