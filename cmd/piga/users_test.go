package main

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/piga-money/piga/core"
)

// Who registers by the API can log in, form or JSON, and sees her account; agents and merchants once they are approved.
func TestRegisterAndLogIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, asJSON := range []bool{false, true} {
		name, phone := "wanjiku", "0712345678"
		if asJSON {
			name, phone = "otieno", "0712345679"
		}
		p := w.anyone()
		p.json = asJSON
		data := p.post("/api/user/subscriber", newUser(name, phone)).done()
		if data["userType"] != "subscriber" || data["userID"] == "" || data["accountStatus"] != "active" {
			t.Errorf("registered: %v", data)
		}
		credentials := form{"email": strings.ToUpper(name) + "@piga.example", "password": restPassword}
		p.post("/api/login/subscriber", credentials).refused(core.NoPINYet)
		known, err := w.g.wallet.Find(t.Context(), phone)
		if err != nil {
			t.Fatal(err)
		}
		w.setPIN(known)
		p.post("/api/login/subscriber", credentials).refused(core.PasswordUnproved)
		credentials["pin"] = "111199"
		p.post("/api/login/subscriber", credentials).refused(core.WrongPIN)
		delete(credentials, "pin")
		p.post("/api/login/subscriber", credentials).refused(core.PasswordUnproved)
		credentials["pin"] = "602413"
		p.post("/api/login/subscriber", credentials).done()
		delete(credentials, "pin")
		r := p.post("/api/login/subscriber", credentials)
		r.done()
		all := r.all()
		if all["userId"] != data["userID"] || all["userType"] != "subscriber" {
			t.Errorf("logged in: %s", r.body)
		}
		p.token, _ = all["token"].(string)
		r = p.get("/api/account/balance")
		r.done()
		if want := fmt.Sprintf(`{"status":"success","message":"Your current balance is 0","data":{"userID":"%s","balance":0}}`, data["userID"]); strings.TrimSpace(string(r.body)) != want {
			t.Errorf("balance: %s", r.body)
		}
		p.post("/api/logout", form{}).done()
		p.get("/api/account/balance").refused(core.NoToken)
	}
}

// Whoever registers another's number has a password for it. It opens nothing that is hers, whether she sets her PIN with the
// code that is sent then, or leaves that alone and is sent another once she comes herself.
func TestRegisterAnothersNumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	atieno := w.register(core.Subscriber, "trudy", "0712345670") // by her own first code, with trudy's password
	w.anyone().post("/api/login/subscriber", form{"email": "trudy@piga.example", "password": restPassword}).refused(core.PasswordUnproved)
	w.anyone().post("/api/login/subscriber", form{"email": "trudy@piga.example", "password": restPassword, "pin": "111199"}).refused(core.WrongPIN)
	w.anyone().post("/api/login/subscriber", form{"phoneNumber": string(atieno.Phone), "pin": "602413"}).done()
	w.anyone().post("/api/login/subscriber", form{"email": "trudy@piga.example", "password": restPassword}).refused(core.PasswordUnproved)

	w.anyone().post("/api/user/subscriber", newUser("mallory", "0712345678")).done()
	wanjiku, err := w.g.wallet.Find(t.Context(), "0712345678")
	if err != nil {
		t.Fatal(err)
	}
	w.people["wanjiku"] = wanjiku
	care := w.admin(core.Care)
	hers := fmt.Sprintf("%s/%d", customersPath, wanjiku.ID)
	care.put(hers, form{"idNumber": "12345678", "reason": "she came with her card"}).done()
	care.post(hers+"/reset-pin", form{"idNumber": "12345678", "reason": "she never had one"}).done()
	w.setPIN(wanjiku)
	w.anyone().post("/api/login/subscriber", form{"email": "mallory@piga.example", "password": restPassword}).refused(core.WrongLogin)
	w.anyone().post("/api/login/subscriber", form{"phoneNumber": "0712345678", "pin": "602413"}).done()

	otieno := w.register(core.Subscriber, "otieno", "0712345679")
	w.login("subscriber", "otieno") // who has given both has shown that both are his
	his := fmt.Sprintf("%s/%d", customersPath, otieno.ID)
	care.put(his, form{"idNumber": "87654321", "reason": "he came with his card"}).done()
	care.post(his+"/reset-pin", form{"idNumber": "87654321", "reason": "he forgot it"}).done()
	w.anyone().post("/api/login/subscriber", form{"email": "otieno@piga.example", "password": restPassword}).done()
}

func TestRegistrationRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(core.Subscriber, "wanjiku", "0712345678")
	with := func(name, value string) form {
		f := newUser("otieno", "0712345679")
		f[name] = value
		if value == "" {
			delete(f, name)
		}
		return f
	}
	for _, c := range []struct {
		form  form
		code  core.Code
		field string
	}{
		{with("phoneNumber", "+254 712-345 678"), core.AlreadyRegistered, ""},
		{with("email", "Wanjiku@Piga.example"), core.EmailTaken, ""},
		{with("email", "wanjiku"), core.BadEmail, "email"},
		{with("email", ""), core.MissingField, "email"},
		{with("password", "short"), core.BadPassword, "password"},
		{with("phoneNumber", "12"), core.PhoneTooShort, "phoneNumber"},
		{with("firstName", "4321"), core.BadName, "firstName"},
		{with("language", "fr"), core.BadField, "language"},
		{with("kind", "super_agent"), core.UnknownField, "kind"},
	} {
		r := w.anyone().post("/api/user/subscriber", c.form)
		r.refused(c.code)
		if got, _ := r.all()["field"].(string); got != c.field {
			t.Errorf("%s is in %q: %s", c.code, got, r.body)
		}
	}
	if n := column(t, w.db, `SELECT count(*) FROM parties WHERE email = 'otieno@piga.example'`); n[0] != "0" {
		t.Errorf("%s were registered all the same", n[0])
	}
}

// An agent waits for approval: until then she cannot come in, nor be paid. Then she gets her start code by SMS.
func TestApproval(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	njoki := w.register(core.Agent, "njoki", "0722000009")
	if njoki.Status != core.Pending || len(njoki.Number) != 5 || njoki.Commission == 0 {
		t.Errorf("%+v", njoki)
	}
	credentials := form{"email": "njoki@piga.example", "password": restPassword}
	w.anyone().post("/api/login/agent", credentials).refused(core.PayerPending)
	w.as(njoki).get("/api/account/balance").refused(core.PayerPending)
	if sent := w.messages("njoki"); sent != "none" {
		t.Errorf("sent while she waits: %s", sent)
	}
	w.admin(core.Finance, core.IT).post("/api/admin/approve", form{"accountNo": njoki.Number}).refused(core.WrongRole)
	care := w.admin(core.Care)
	for range 2 { // the second changes nothing
		care.post("/api/admin/approve", form{"accountNo": njoki.Number}).done()
	}
	w.login("agent", "njoki").get("/api/account/balance").done()
	if sent := w.messages("njoki"); strings.Count(sent, "start code") != 1 {
		t.Errorf("sent: %s", sent)
	}
	if got, want := w.deeds(), `party.approve party {"status": "pending"} -> {"status": "active"}`; got != want {
		t.Errorf("the audit log has %s", got)
	}
	care.post("/api/admin/approve", form{"accountNo": "99999"}).refused(core.NotRegistered)
	if _, err := w.db.Exec(`UPDATE parties SET status = 'suspended' WHERE id = $1`, njoki.ID); err != nil {
		t.Fatal(err)
	}
	care.post("/api/admin/approve", form{"accountNo": "njoki@piga.example"}).refused(core.NotAllowed)
}

// Where registration is open nobody waits.
func TestOpenRegistration(t *testing.T) {
	t.Parallel()
	w := newWorldAs(t, func(c *config, _ *parts) { c.OpenRegistration = true })
	for kind, phone := range map[core.Kind]string{core.Agent: "0722000009", core.Merchant: "0733000009"} {
		w.anyone().post("/api/user/"+string(kind), newUser(string(kind), phone)).done()
		w.loginWith(string(kind), form{"email": string(kind) + "@piga.example", "password": restPassword}).get("/api/account/balance").done()
		if sent := w.messages("+254" + phone[1:]); strings.Count(sent, "start code") != 1 {
			t.Errorf("sent to the %s: %s", kind, sent)
		}
	}
}

// Many who register at once with one number, or one address, are one; and nobody is given another's agent number.
func TestRegisterTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			f := newUser("njoki", "0722000009")
			switch i % 3 {
			case 1:
				f["phoneNumber"] = "072200001" + string(rune('0'+i))
			case 2:
				f["email"] = string(rune('a'+i)) + "@piga.example"
			}
			r := w.anyone().post("/api/user/agent", f)
			if code := r.all()["code"]; r.status != 200 && code != string(core.AlreadyRegistered) && code != string(core.EmailTaken) {
				t.Errorf("answered %d: %s", r.status, r.body)
			}
		})
	}
	all.Wait()
	rows := column(t, w.db, `SELECT count(*) || ' ' || count(DISTINCT number) || ' ' || count(DISTINCT email) || ' ' || count(DISTINCT phone) FROM parties WHERE kind = 'agent'`)
	if f := strings.Fields(rows[0]); f[0] == "0" || f[0] != f[1] || f[0] != f[2] || f[0] != f[3] {
		t.Errorf("agents, numbers, addresses, phones: %s", rows[0])
	}
}

// A token is good for six hours, and for no longer than its bearer.
func TestTokensEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(core.Subscriber, "wanjiku", "0712345678")
	p := w.login("subscriber", "wanjiku")
	p.get("/api/account/balance").done()
	w.clock.move(6*time.Hour - time.Minute)
	p.get("/api/account/balance").done()
	w.clock.move(2 * time.Minute)
	p.get("/api/account/balance").refused(core.NoToken)

	p = w.login("subscriber", "wanjiku")
	for _, c := range []struct {
		status string
		code   core.Code
	}{{"'suspended'", core.PayerSuspended}, {"'closed', closed_at = now()", core.NoToken}} {
		if _, err := w.db.Exec(`UPDATE parties SET status = ` + c.status + ` WHERE email = 'wanjiku@piga.example'`); err != nil {
			t.Fatal(err)
		}
		p.get("/api/account/balance").refused(c.code)
	}
	w.anyone().post("/api/login/subscriber", form{"email": "wanjiku@piga.example", "password": restPassword}).refused(core.WrongLogin)

	it := w.admin(core.IT)
	if _, err := w.db.Exec(`UPDATE administrators SET roles = '{care}'`); err != nil {
		t.Fatal(err)
	}
	it.put("/api/admin/super-agent-status", form{"email": "wanjiku@piga.example"}).refused(core.WrongRole)
	if _, err := w.db.Exec(`UPDATE administrators SET status = 'closed', closed_at = now()`); err != nil {
		t.Fatal(err)
	}
	it.put("/api/admin/super-agent-status", form{"email": "wanjiku@piga.example"}).refused(core.NoToken)
}
