package store

import (
	"bufio"
	"context"
	"crypto/rand"
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
)

// A process of these tests that finds these in its environment is a gateway that posts to the database until
// it is killed, with requests numbered from the second on.
const (
	victimURL  = "PIGA_VICTIM_URL"
	victimFrom = "PIGA_VICTIM_FROM"
	victimName = "victim" // of its connections
)

// Gateways are killed while they post, twenty times at random, four at a time. Whatever one of them told is
// true afterwards, and what it could not tell any more was done as a whole or not at all.
func TestKilledWhilePosting(t *testing.T) {
	t.Parallel()
	b := open(t)
	for range 8 {
		b.fund(b.party(core.Merchant, core.TierTrade).Account, 100_000_00)
	}
	before := b.count(`SELECT count(*) FROM requests`)
	var mu sync.Mutex
	told := map[core.RequestID]ledger.Outcome{}
	together(4, func(i int) {
		for n := range 5 {
			answers := b.killed((1 + i*5 + n) * 1_000_000)
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
		SELECT count(*) FROM messages m
		WHERE NOT EXISTS (SELECT FROM transfers t WHERE t.id = m.transfer_id)`); n != 0 {
		t.Errorf("%d messages tell of nothing", n)
	}
	if n := b.count(`
		SELECT count(*) FROM transfers t
		WHERE NOT EXISTS (SELECT FROM requests r WHERE r.id = t.request_id AND r.transfer_id = t.id AND r.code IS NULL)`); n != 0 {
		t.Errorf("%d transfers without their requests", n)
	}
	b.sound()
}

// killed is a gateway that is killed soon after it first told something, and all that it told.
func (b bench) killed(from int) map[core.RequestID]ledger.Outcome {
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
	told := map[core.RequestID]ledger.Outcome{}
	for lines := bufio.NewScanner(says); lines.Scan(); {
		if len(told) == 0 {
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
	var accounts []core.AccountID
	if err := s.db.Select(&accounts, `SELECT id FROM accounts WHERE party_id IS NOT NULL AND kind <> 'commission' ORDER BY id`); err != nil {
		return 2
	}
	together(32, func(i int) {
		for n := i; ; n++ {
			order := b.move(core.Send, accounts[n%len(accounts)], accounts[(n+1+n/8%7)%len(accounts)], 1_00, 5)
			o, err := s.Post(context.Background(), order)
			if err != nil || o.Code != "" {
				fmt.Fprintln(os.Stderr, order.Request, o.Code, err)
				os.Exit(2)
			}
			if _, err := fmt.Fprintln(os.Stdout, order.Request, o.Receipt); err != nil { // one write for each
				os.Exit(2)
			}
		}
	})
	return 0
}
