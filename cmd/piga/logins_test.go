package main

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/piga-money/piga/core"
)

func TestLogInByPIN(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	jane := w.open("jane", core.Party{
		Kind: core.Subscriber, Status: core.Active, Tier: core.TierFull, Name: "JANE WANJIKU", Phone: "+254712345678", Lang: core.English,
	}, "602413", 2_000*core.Shilling)
	login := func(as, phone, pin string) reply {
		w.pins[pin] = true
		return w.anyone().post("/api/login/"+as, form{"phoneNumber": phone, "pin": pin})
	}
	r := login("subscriber", "0712345678", "602413")
	r.done()
	p := w.anyone()
	p.token, _ = r.all()["token"].(string)
	if data := p.get("/api/account/balance").done(); data["userID"] != strconv.Itoa(int(jane.ID)) {
		t.Errorf("whose balance: %v", data)
	}
	login("agent", "0712345678", "602413").refused(core.WrongLogin)
	login("subscriber", "0712345679", "602413").refused(core.WrongLogin)
	login("administrator", "0712345678", "602413").refused(core.MissingField)
	login("subscriber", "0712345678", "").refused(core.MissingField)
	login("subscriber", "0712345678", "12").refused(core.BadPIN)
	if r := login("subscriber", "0712345678", "111199"); r.status != 401 || r.all()["message"] != "Wrong PIN. Tries left: 2." {
		t.Errorf("%s", r.body)
	}
	h, _ := w.dial("+254712345678", "*384*96*4#") // the same tries, whichever way
	if page := w.say(h, "222299"); page != "CON Wrong PIN. Tries left: 1.\nBalance\nEnter your PIN, 0 to cancel:" {
		t.Errorf("%q", page)
	}
	login("subscriber", "0712345678", "333399").refused(core.PINLocked)
	w.findNoPIN(t)
}

// Five wrong ones for an account, or from an address, and no sixth, whatever comes at once; a right one costs nothing.
func TestWrongLogins(t *testing.T) {
	t.Parallel()
	w := newWorldAs(t, func(c *config, _ *parts) { c.Forwarded = true })
	w.register(core.Subscriber, "wanjiku", "0712345678")
	w.register(core.Subscriber, "otieno", "0712345679")
	w.login("subscriber", "wanjiku")
	w.login("subscriber", "otieno")
	login := func(from, name, password string) reply {
		p := w.anyone()
		p.header.Set("X-Forwarded-For", "203.0.113.99, "+from)
		return p.post("/api/login/subscriber", form{"email": name + "@piga.example", "password": password})
	}
	for range 7 {
		login("198.51.100.1", "wanjiku", restPassword).done()
	}
	var wrong atomic.Int64
	var all sync.WaitGroup
	for i := range 12 { // each from another address
		all.Go(func() {
			switch r := login("198.51.100."+strconv.Itoa(10+i), "wanjiku", "wrong horse"); r.all()["code"] {
			case string(core.WrongLogin):
				wrong.Add(1)
			case string(core.TooManyLogins):
				if n, err := strconv.Atoi(r.header.Get("Retry-After")); err != nil || n < 1 || n > 900 || r.status != 429 {
					t.Errorf("%d, to be tried again after %q", r.status, r.header.Get("Retry-After"))
				}
			default:
				t.Errorf("%d %s", r.status, r.body)
			}
		})
	}
	all.Wait()
	if wrong.Load() != 5 {
		t.Errorf("%d were checked", wrong.Load())
	}
	login("198.51.100.1", "wanjiku", restPassword).refused(core.TooManyLogins)
	login("198.51.100.1", "otieno", restPassword).done()
	for i := range 5 { // accounts that there are not count as well
		login("198.51.100.2", "nobody"+strconv.Itoa(i), restPassword).refused(core.WrongLogin)
	}
	login("198.51.100.2", "otieno", restPassword).refused(core.TooManyLogins)
	for i := range 5 { // one network of IPv6 is one address
		login("2001:db8::"+strconv.Itoa(1+i), "none"+strconv.Itoa(i), restPassword).refused(core.WrongLogin)
	}
	login("2001:db8::ffff:1", "otieno", restPassword).refused(core.TooManyLogins)
	login("2001:db8:0:1::1", "otieno", restPassword).done()
}

// Without Redis nobody can count, and so nobody logs in or registers; who is in goes on reading.
func TestLogInWithoutRedis(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(core.Subscriber, "wanjiku", "0712345678")
	p := w.login("subscriber", "wanjiku")
	w.redis.Kill()
	w.anyone().post("/api/login/subscriber", form{"email": "wanjiku@piga.example", "password": restPassword}).refused(core.Unavailable)
	w.anyone().post("/api/user/subscriber", newUser("otieno", "0712345679")).refused(core.Unavailable)
	p.get("/api/account/balance").done()
	w.redis.Restart()
	w.login("subscriber", "wanjiku")
}
