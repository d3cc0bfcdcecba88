package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/store/local"
	"github.com/piga-money/piga/ussd"
)

// asPiga in the environment has the program of the tests be piga, with all that its arguments say.
const asPiga = "TESTS_ARE_PIGA"

// copies are three gateways as processes of their own behind haproxy, over the databases of a world. The world's own
// gateway takes no calls.
type copies struct {
	*world
	secret   string
	balancer string
	addrs    []string
	children []*local.Child
	broken   atomic.Int64 // turns that had no answer
	taken    atomic.Int64 // turns that a copy had which died, and another was asked for
	done     atomic.Int64 // calls that came to their end
}

func newCopies(t *testing.T, b local.Balancing) *copies {
	t.Helper()
	c := &copies{world: newWorld(t), secret: rand.Text()}
	c.clock.move(-c.clock.offset()) // the copies go by the machine's
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the copies say:\n%s", c.log)
		}
	})
	for range 3 {
		c.addrs = append(c.addrs, local.Address(t))
		c.children = append(c.children, nil)
	}
	for i := range c.addrs {
		c.start(i)
	}
	b.Backends, b.Ready, b.Alive = c.addrs, "/readyz", "/healthz"
	c.balancer = "http://" + local.Balancer(t, b)
	return c
}

// start runs a copy at its address, and returns when it is ready.
func (c *copies) start(i int) {
	c.t.Helper()
	cmd := exec.Command(os.Args[0], "serve")
	cmd.Env = []string{
		asPiga + "=yes", "PIGA_ADDR=" + c.addrs[i], "PIGA_POSTGRES_URL=" + c.dbURL, "PIGA_REDIS_URL=" + c.redis.URL(),
		"PIGA_CALLBACK_SECRET=" + c.secret, "PIGA_SERVICE_CODES=" + devService, "PIGA_PIN_PEPPER=" + testPepper, "PIGA_PIN_COST=8x1",
		"PIGA_AT_BASE_URL=" + c.server.URL, "PIGA_AT_USERNAME=sandbox", "PIGA_AT_API_KEY=" + devKey, "PIGA_DRAIN=1s", "PIGA_LOG_LEVEL=warn",
	}
	cmd.Stdout, cmd.Stderr = c.log, c.log
	c.children[i] = local.Run(c.t, cmd)
	c.until("the copy is ready", func() bool {
		res, err := http.Get("http://" + c.addrs[i] + "/readyz")
		if err != nil {
			return false
		}
		_ = res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
}

// caller sends money to john in call after call until ctx ends, and then comes to the end of the last one. The same twice
// would have her asked whether she means it.
func (c *copies) caller(ctx context.Context, who string) {
	for amount := 10; ctx.Err() == nil && !c.t.Failed(); amount++ {
		h := c.phone(who)
		page, err := c.walk(h, strconv.Itoa(amount))
		c.judge(who, h, "KES "+strconv.Itoa(amount)+" ", page, err)
		c.done.Add(1)
	}
}

func (c *copies) phone(who string) *phone {
	return &phone{
		gateway: c.balancer, secret: c.secret, number: string(c.people[who].Phone), service: devService,
		session: "ATUid_" + rand.Text(), client: &http.Client{Timeout: turnTimeout},
	}
}

// walk is one call, each turn of which reaches another copy. It ends early, without an error, when a turn that the balancer
// repeats finds it taken by the copy that died. Its error is that a turn had no answer.
func (c *copies) walk(h *phone, amount string) (page string, err error) {
	defer func() {
		if err != nil {
			c.broken.Add(1)
		}
	}()
	if page, _, err = h.turn(c.t.Context()); err != nil {
		return "", err
	}
	if strings.Contains(page, "1 Go on: ") { // where a call before broke off
		if page, err = c.answer(h, "2"); err != nil {
			return "", err
		}
	}
	for _, step := range []struct{ page, answer string }{
		{"1 Send money", "1"}, {"Send 1/3", "0722345678"}, {"Send 2/3", amount}, {"PIN to confirm", "602413"},
	} {
		if page == "END Please dial again." {
			c.taken.Add(1)
			return page, nil
		}
		if !strings.Contains(page, step.page) {
			c.t.Errorf("before %q the page is %q", step.answer, page)
			return page, nil
		}
		if page, err = c.answer(h, step.answer); err != nil {
			return "", err
		}
	}
	if strings.HasPrefix(page, "END Request received.") {
		c.taken.Add(1)
	}
	return page, h.end(c.t.Context(), endSeen)
}

func (c *copies) answer(h *phone, answer string) (page string, err error) {
	h.text = strings.TrimPrefix(h.text+"*"+answer, "*")
	page, _, err = h.turn(c.t.Context())
	return page, err
}

// judge compares what a caller was told, be it at the next dial, with what the ledger holds.
func (c *copies) judge(who string, h *phone, money, page string, err error) {
	told, sent := err == nil, strings.Contains(page, "Sent "+money)
	if strings.HasSuffix(h.text, "602413") && (err != nil || !sent) {
		if page, _, err = c.phone(who).turn(c.t.Context()); err != nil {
			c.t.Errorf("the next dial: %v", err)
		}
		told, sent = strings.Contains(page, money), strings.Contains(page, "SENT "+money)
		c.t.Logf("after a PIN that was not answered: %q", page)
	}
	request := string(ussd.Callback{Session: h.session, Service: h.service}.Request())
	moved := c.count(`SELECT count(*) FROM transfers WHERE request_id = $1`, request)
	if moved > 1 || sent != (moved == 1) && (sent || told) {
		c.t.Errorf("%s was told %q, and %d transfers were made for the call", who, page, moved)
	}
}

// crowd has four callers call while something is done to the copies.
func (c *copies) crowd(happens func()) {
	c.t.Helper()
	c.open("john", core.Party{
		Kind: core.Subscriber, Status: core.Active, Tier: core.TierFull, Name: "JOHN OTIENO", Phone: "+254722345678", Lang: core.English,
	}, "602413", 0)
	calling, enough := context.WithCancel(c.t.Context())
	var callers sync.WaitGroup
	for i := range 4 {
		who := fmt.Sprintf("caller%d", i)
		c.open(who, core.Party{
			Kind: core.Subscriber, Status: core.Active, Tier: core.TierFull, Name: "JANE OTIENO",
			Phone: core.MSISDN(fmt.Sprintf("+25471234567%d", i)), Lang: core.English,
		}, "602413", 100_000*core.Shilling)
		callers.Go(func() { c.caller(calling, who) })
	}
	happens()
	enough()
	callers.Wait()
}

// Any turn reaches any copy, and one that is replaced in order costs nobody a turn, even where a balancer makes none twice.
func TestCopiesAreReplaced(t *testing.T) {
	t.Parallel()
	c := newCopies(t, local.Balancing{Repeat: local.Nothing})
	c.crowd(func() {
		for i := range c.children {
			c.more(5)
			c.children[i].Stop()
			c.start(i)
		}
		c.more(5)
	})
	if n := c.broken.Load() + c.taken.Load(); n > 0 {
		t.Errorf("%d turns were lost", n)
	}
}

// One that is killed costs the turns that it has in hand; where the balancer makes them once more, each has an answer. What
// moved is told, and moved once.
func TestCopyIsKilled(t *testing.T) {
	t.Parallel()
	for name, repeat := range map[string]local.Repeat{"unsent": local.Unsent, "unanswered": local.Unanswered} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCopies(t, local.Balancing{Repeat: repeat})
			c.crowd(func() {
				c.more(5)
				c.children[0].Kill()
				c.more(10)
				c.start(0)
				c.more(5)
			})
			broken, taken := c.broken.Load(), c.taken.Load()
			if broken+taken > 4 || repeat == local.Unanswered && broken > 0 || repeat == local.Unsent && taken > 0 {
				t.Errorf("%d turns had no answer, and %d were found taken", broken, taken)
			}
		})
	}
}

// more returns when so many more calls have come to their end.
func (c *copies) more(n int64) {
	c.t.Helper()
	began := c.done.Load()
	c.until("more calls are made", func() bool { return c.done.Load() >= began+n || c.t.Failed() })
}
