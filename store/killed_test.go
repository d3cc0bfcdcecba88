package store

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/wallet"
)

// A process of these tests that finds these in its environment is a gateway that posts to the database until
// it is killed, with requests numbered from the second on.
const (
	victimURL  = "PIGA_VICTIM_URL"
	victimFrom = "PIGA_VICTIM_FROM"
	victimName = "victim" // of its connections
)

// Gateways are killed while they post and undo, twenty times at random, four at a time. Whatever one of them told is
// true afterwards, and what it could not tell any more was done as a whole or not at all: a reversal that was left can be
// taken up, and ends with nothing in suspense.
func TestKilledWhilePosting(t *testing.T) {
	t.Parallel()
	b := open(t)
	for range 8 {
		b.fund(b.party(core.Merchant, core.TierTrade).Account, 100_000_00)
	}
	b.party(core.Merchant, core.TierTrade) // who has nothing
	before := b.count(`SELECT count(*) FROM requests`)
	var mu sync.Mutex
	told := map[core.RequestID]ledger.Outcome{}
	together(4, func(i int) {
		for n := range 5 {
			answers := b.killed((1+i*5+n)*1_000_000, []string{"", "reverse:"}[n%2])
			mu.Lock()
			for r, o := range answers {
				told[r] = o
			}
			mu.Unlock()
		}
	})
	b.until("nothing of the killed is under way", func() bool {
		return b.count(`SELECT count(*) FROM pg_stat_activity WHERE application_name = $1`, victimName) == 0
	})
	t.Logf("%d were told, %d recorded", len(told), b.count(`SELECT count(*) FROM requests`)-before)
	b.compareTold(told)
	if n := b.count(`
		SELECT count(*) - 2 * (SELECT count(*) FROM reversal_steps WHERE transfer_id IS NULL)
		FROM messages m
		WHERE NOT EXISTS (SELECT FROM transfers t WHERE t.id = m.transfer_id)`); n != 0 {
		t.Errorf("%d messages tell of nothing", n)
	}
	if n := b.count(`
		SELECT count(*) FROM transfers t
		WHERE NOT EXISTS (SELECT FROM requests r WHERE r.id = t.request_id AND r.transfer_id = t.id AND r.code IS NULL)`); n != 0 {
		t.Errorf("%d transfers without their requests", n)
	}
	b.sound()
	b.endReversals()
	b.sound()
}

// endReversals takes up what the killed have left.
func (b bench) endReversals() {
	b.t.Helper()
	w := undoer(b.Store)
	left, err := b.Reversals(b.t.Context(), wallet.Open, 0, 1000)
	b.ok(err)
	for i, r := range left {
		if r, err = w.StepReversal(b.t.Context(), b.request(), r.ID, []ledger.Step{ledger.Settle, ledger.GiveBack}[i%2], because("decided")); err != nil || r.State == wallet.Open {
			b.t.Errorf("it is %s: %v", r.State, err)
		}
	}
	if n := b.count(`SELECT balance FROM accounts WHERE id = $1`, core.Suspense); n != 0 {
		b.t.Errorf("%d is left in suspense", n)
	}
	n := b.count(`SELECT count(*) FROM reversals`)
	if b.t.Logf("%d reversals, of which %d were left open", n, len(left)); n == 0 {
		b.t.Error("nothing was undone")
	}
}

// undoer is a wallet that knows no PIN and has no words.
func undoer(s *Store) *wallet.Wallet {
	return wallet.New(s, nil, nil, time.Now, rand.Reader, "*384*96#")
}

// killed is a gateway that is killed soon after it first told of a request that begins so, and all that it told.
func (b bench) killed(from int, first string) map[core.RequestID]ledger.Outcome {
	u, err := url.Parse(b.url)
	if err != nil {
		b.t.Error(err)
		return nil
	}
	query := u.Query()
	query.Set("application_name", victimName)
	u.RawQuery = query.Encode()
	victim := exec.CommandContext(b.t.Context(), os.Args[0])
	victim.Env = append(os.Environ(), victimURL+"="+u.String(), victimFrom+"="+strconv.Itoa(from))
	victim.Stderr = os.Stderr
	says, err := victim.StdoutPipe()
	if err != nil {
		b.t.Error(err)
		return nil
	}
	if err := victim.Start(); err != nil {
		b.t.Error(err)
		return nil
	}
	told, soon := map[core.RequestID]ledger.Outcome{}, false
	for lines := bufio.NewScanner(says); lines.Scan(); {
		if !soon && strings.HasPrefix(lines.Text(), first) {
			soon = true
			time.AfterFunc(time.Duration(mathrand.IntN(100_000))*time.Microsecond, func() { _ = victim.Process.Kill() })
		}
		request, receipt, _ := strings.Cut(lines.Text(), " ")
		told[core.RequestID(request)] = ledger.Outcome{Receipt: core.Receipt(receipt)}
	}
	if err := victim.Wait(); err == nil || victim.ProcessState.Exited() || len(told) == 0 {
		b.t.Errorf("it was not killed, and told %d: %v", len(told), err)
	}
	return told
}

// victim posts until it is killed. It ends by itself when nobody listens any more, and when it cannot post.
func victim(url, from string) int {
	first, err := strconv.ParseInt(from, 10, 64)
	if err != nil {
		return 2
	}
	s, err := Open(Options{URL: url, Zone: time.UTC, Random: rand.Reader})
	if err != nil {
		return 2
	}
	b := bench{Store: s, serial: new(atomic.Int64)}
	b.serial.Store(first)
	var accounts, poor []core.AccountID
	const those = `SELECT id FROM accounts WHERE party_id IS NOT NULL AND kind = 'till' AND balance `
	if err := errors.Join(s.db.Select(&accounts, those+`> 100000 ORDER BY id`), s.db.Select(&poor, those+`< 100000`)); err != nil {
		return 2
	}
	together(32, func(i int) {
		for n := i; ; n++ {
			if i < 8 {
				b.undone(undoer(s), accounts[i], append(poor, accounts[7-i])[(n/8+i)%2], []ledger.Step{ledger.Collect, ledger.Settle, ledger.GiveBack}[n%3])
				continue
			}
			order := b.move(core.Send, accounts[n%len(accounts)], accounts[(n+1+n/8%7)%len(accounts)], 1_00, 5)
			b.says(order)
		}
	})
	return 0
}

// says posts an order and tells of it.
func (b bench) says(o wallet.Order) core.Receipt {
	done, err := b.Post(context.Background(), o)
	if err != nil || done.Code != "" {
		fmt.Fprintln(os.Stderr, o.Request, done.Code, err)
		os.Exit(2)
	}
	says(o.Request, done.Receipt)
	return done.Receipt
}

func says(r core.RequestID, told core.Receipt) {
	if _, err := fmt.Fprintln(os.Stdout, r, told); err != nil { // one write for each
		os.Exit(2)
	}
}

// undone moves money and undoes that, as far as it is there, by one more step if it is not.
func (b bench) undone(w *wallet.Wallet, from, to core.AccountID, step ledger.Step) {
	receipt := b.says(b.move(core.Send, from, to, 1_00, 5))
	spends := b.move(core.Send, to, from, 90, 0)
	spends.Tell = spends.Tell[:2] // she may have less by now, of which nobody need be told
	if _, err := b.Post(context.Background(), spends); err != nil {
		os.Exit(2)
	}
	r, err := w.Reverse(context.Background(), receipt, because("a mistake"))
	if err != nil {
		fmt.Fprintln(os.Stderr, receipt, err)
		os.Exit(2)
	}
	says(core.RequestID(fmt.Sprint("reverse:", r.Transfer)), r.Steps[0].Receipt)
	if r.State != wallet.Open {
		return
	}
	request := b.request()
	r, err = w.StepReversal(context.Background(), request, r.ID, step, because("decided"))
	switch core.CodeOf(err) {
	case "":
		says(request, r.Steps[len(r.Steps)-1].Receipt)
	case core.NothingToCollect:
	default:
		fmt.Fprintln(os.Stderr, r.ID, step, err)
		os.Exit(2)
	}
}
