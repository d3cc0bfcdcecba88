package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/piga-money/piga/core"
)

const customersPath = "/api/admin/customers"

func customerPath(p core.Party, what string) string {
	return fmt.Sprintf("%s/%d%s", customersPath, p.ID, what)
}

func (w *world) jane() core.Party {
	return w.open("jane", core.Party{
		Kind: core.Subscriber, Status: core.Active, Tier: core.TierNew, Name: "JANE WANJIKU", Phone: "+254712345678", IDNumber: "28103947",
		Email: "jane@piga.example", Lang: core.English,
	}, "602413", 2_000*core.Shilling)
}

// Customers are found by what they have, with as little of them as tells them apart, page by page.
func TestFindCustomers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	jane, care := w.jane(), w.admin(core.Care)
	for i, name := range []string{"amina", "asha", "atieno"} {
		w.anyone().post("/api/user/subscriber", newUser(name, fmt.Sprintf("071200000%d", i))).done()
	}
	r := care.get(customersPath + "?phoneNumber=0712345678")
	want := fmt.Sprintf(`{"status":"success","message":"customers","data":{"customers":[{"userID":"%d","userType":"subscriber","accountStatus":"active","name":"JANE W.","phoneNumber":"0712...678"}]}}`, jane.ID)
	if strings.TrimSpace(string(r.body)) != want {
		t.Errorf("%s", r.body)
	}
	var names []string
	for path, pages := customersPath+"?name=a&limit=2", 1; ; pages++ {
		data := care.get(path).done()
		for _, c := range data["customers"].([]any) { //nolint:errcheck // else it panics, and that is told
			names = append(names, c.(map[string]any)["name"].(string)) //nolint:errcheck // likewise
		}
		next, more := data["next"].(string)
		if !more {
			if pages != 2 {
				t.Errorf("%d pages", pages)
			}
			break
		}
		path = customersPath + "?name=a&limit=2&after=" + next
	}
	if got := strings.Join(names, ", "); got != "AMINA M., ASHA M., ATIENO M." {
		t.Errorf("found %s", got)
	}
	for query, code := range map[string]core.Code{
		"?phoneNumber=12": core.PhoneTooShort, "?limit=0": core.BadField, "?limit=201": core.BadField, "?after=x": core.BadField,
		"?accountStatus=gone": core.BadField, "?pin=602413": core.UnknownField,
	} {
		care.get(customersPath + query).refused(code)
	}
	care.get(customersPath + "/9").refused(core.NotRegistered)
	care.get(customersPath + "/-1").refused(core.BadField)
}

// A customer is shown with all that care needs, and with no PIN, hash or code in it, nor her whole ID number; that is shown
// for a reason, and it is written down to whom.
func TestViewCustomer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	jane, care := w.jane(), w.admin(core.Care)
	h, _ := w.dial("+254712345678", "*384*96*2*10021*100#")
	w.say(h, "602413")
	care.post(customerPath(jane, "/reset-pin"), form{"idNumber": "28103947", "reason": "she called"}).done()
	w.settle()
	var codes []string
	for _, code := range column(t, w.db, `SELECT args->>'code' FROM messages WHERE args ? 'code' AND key IN ('sms.cash.code', 'sms.start_code')`) {
		w.codes[code], codes = true, append(codes, code)
	}
	if len(codes) != 2 {
		t.Fatalf("the codes are %v", codes)
	}
	r := care.get(customerPath(jane, ""))
	data := r.done()
	for _, code := range append(codes, "28103947", "602413", "argon2id") {
		if strings.Contains(string(r.body), code) {
			t.Errorf("%s is in %s", code, r.body)
		}
	}
	compact, _ := json.Marshal(data) //nolint:errchkjson // it was JSON
	for _, want := range []string{
		`"tier":"new"`, `"name":"JANE WANJIKU"`, `"phoneNumber":"+254712345678"`, `"email":"jane@piga.example"`, `"idNumber":"****3947"`,
		`"accounts":[{"accountId":"`, `"accountType":"wallet","balance":2000,"held":110}`, `"day":50000`, `"usedToday":100`, `"largestBalance":50000`,
		`"pin":{"set":true,"startCodeWaits":true}`, `"transactionType":"WITHDRAW"`, `"agentNumber":"10021"`, `start code ****`,
		`"transactionType":"DEPOSIT"`,
	} {
		if !strings.Contains(string(r.body), want) && !strings.Contains(string(compact), want) {
			t.Errorf("no %s in %s", want, r.body)
		}
	}
	finance := w.admin(core.Finance)
	finance.get(customerPath(jane, "")).done()
	finance.post(customerPath(jane, "/show-id"), form{"reason": "curious"}).refused(core.WrongRole)
	care.post(customerPath(jane, "/show-id"), form{}).refused(core.MissingField)
	care.post(customerPath(jane, "/show-id"), form{"reason": strings.Repeat("a", 201)}).refused(core.BadField)
	if data := care.post(customerPath(jane, "/show-id"), form{"reason": "a court asks"}).done(); data["idNumber"] != "28103947" {
		t.Errorf("%v", data)
	}
	const want = `party.reset_pin party -> {"start_code": "sent"} she called` + "\n" + `party.show_id party -> {"shown": "****3947"} a court asks`
	if got := w.deeds(); got != want {
		t.Errorf("the audit log has\n%s", got)
	}
	if log := w.log.String(); strings.Contains(log, "28103947") || strings.Contains(log, "JANE") || strings.Contains(log, "jane@") {
		t.Error("something of hers is in the log")
	}
	w.findNoPIN(t)
}

// Suspended, a customer's programs are out at once, and so they stay when she is let in again until she logs in; form and
// JSON alike. Whatever changes nothing leaves no deed.
func TestSuspendByREST(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.counter()
	for _, asJSON := range []bool{false, true} {
		name, phone := "wanjiku", "0712000001"
		if asJSON {
			name, phone = "otieno", "0712000002"
		}
		p := w.register(core.Subscriber, name, phone)
		care := w.admin(core.Care)
		care.json = asJSON
		program := w.login("subscriber", name)
		before := w.deeds()
		why := form{"reason": "a letter"}
		for range 2 {
			care.post(customerPath(p, "/suspend"), why).done()
		}
		program.get("/api/account/balance").refused(core.NoToken)
		w.anyone().post("/api/login/subscriber", form{"email": name + "@piga.example", "password": restPassword}).refused(core.PayerSuspended)
		if code := w.moved("test:"+core.RequestID(name), w.people["njeri"].Account, p.Account, 100); code != string(core.PayeeSuspended) {
			t.Errorf("money came: %q", code)
		}
		for range 2 {
			care.post(customerPath(p, "/reinstate"), why).done()
		}
		program.get("/api/account/balance").refused(core.NoToken)
		w.login("subscriber", name).get("/api/account/balance").done()
		care.post(customerPath(p, "/refuse"), why).refused(core.NotAllowed)
		care.post(customerPath(p, "/close"), why).done()
		care.post(customerPath(p, "/close"), why).done()
		care.post(customerPath(p, "/suspend"), why).refused(core.NotAllowed)
		w.anyone().post("/api/login/subscriber", form{"email": name + "@piga.example", "password": restPassword}).refused(core.WrongLogin)
		got := strings.TrimPrefix(strings.TrimPrefix(w.deeds(), before), "\n")
		const want = `party.suspend party {"status": "active"} -> {"status": "suspended"} a letter
party.reinstate party {"status": "suspended"} -> {"status": "active"} a letter
party.close party {"status": "active"} -> {"status": "closed"} a letter`
		if got != want {
			t.Errorf("the audit log has\n%s", got)
		}
		w.anyone().post("/api/user/subscriber", newUser(name, phone)).done() // both are free
	}
	w.admin(core.Care).post(customersPath+"/9/suspend", form{"reason": "a letter"}).refused(core.NotRegistered)
}

// What is known about a customer is changed for a reason; what is somebody else's is not taken, nor what cannot be.
func TestEditByREST(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	jane, care := w.jane(), w.admin(core.Care)
	w.register(core.Subscriber, "wanjiku", "0712000001")
	edit := func(name, value string) reply {
		return care.put(customerPath(jane, ""), form{name: value, "reason": "she called"})
	}
	edit("email", "Wanjiku@piga.example").refused(core.EmailTaken)
	edit("phoneNumber", "0712000001").refused(core.AlreadyRegistered)
	edit("name", "J4NE").refused(core.BadName)
	edit("idNumber", "1").refused(core.BadIDNumber)
	edit("tier", "full").refused(core.UnknownField)
	if got := w.deeds(); got != "" {
		t.Errorf("refused, and yet %s", got)
	}
	edit("name", "Jane W. Wanjiku").done()
	edit("language", "sw").done()
	edit("language", "sw").done()
	verify := func(id string) reply {
		return care.post(customerPath(jane, "/verify-id"), form{"idNumber": id, "reason": "she came with her card"})
	}
	verify("2810 3948").refused(core.WrongID)
	verify("2810 3947").done()
	const want = `party.edit party {"name": "JANE WANJIKU"} -> {"name": "JANE W. WANJIKU"} she called
party.edit party {"lang": "en"} -> {"lang": "sw"} she called
party.verify_id party {"tier": "new"} -> {"tier": "full", "id_number": "****3947"} she came with her card`
	if got := w.deeds(); got != want {
		t.Errorf("the audit log has\n%s", got)
	}
	h, page := w.dial("+254712345678", "*384*96*1*0712000001*1000#")
	if _ = h; !strings.HasPrefix(page, "CON Tuma") {
		t.Errorf("%q", page)
	}
}

// A message that was given up is found, shown without its code, and sent again once, for a reason.
func TestMessagesByREST(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	jane, care := w.jane(), w.admin(core.Care)
	w.counter()
	h, _ := w.dial("+254712345678", "*384*96*2*10021*100#")
	w.say(h, "602413")
	w.settle()
	if _, err := w.db.Exec(`UPDATE messages SET sent_at = NULL, delivered_at = NULL, provider_id = NULL, dead_at = now(), last_error = 'no such number' WHERE key = 'sms.cash.code'`); err != nil {
		t.Fatal(err)
	}
	code := column(t, w.db, `SELECT args->>'code' FROM messages WHERE key = 'sms.cash.code'`)[0]
	r := care.get("/api/admin/messages?dead=true")
	all, _ := r.done()["messages"].([]any)
	if len(all) != 1 || strings.Contains(string(r.body), code) || !strings.Contains(string(r.body), "Say **** to 10021") {
		t.Fatalf("%s", r.body)
	}
	one := all[0].(map[string]any) //nolint:errcheck // else it panics, and that is told
	path := fmt.Sprint("/api/admin/messages/", one["messageId"])
	if data := care.get(path).done(); data["state"] != "dead" || data["lastError"] != "no such number" || data["userID"] != fmt.Sprint(int64(jane.ID)) {
		t.Errorf("%v", data)
	}
	care.post(path+"/send-again", form{}).refused(core.MissingField)
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if r := care.post(path+"/send-again", form{"reason": "she called"}); r.status != http.StatusOK {
				r.refused(core.NotAllowed) // it was sent already
			}
		})
	}
	both.Wait()
	w.settle()
	if data := care.get(path).done(); data["state"] == "dead" || data["state"] == "waiting" {
		t.Errorf("%v", data)
	}
	if got, want := w.deeds(), `message.send_again message {"error": "no such number", "state": "dead", "tries": 1} -> {"state": "waiting"} she called`; got != want {
		t.Errorf("the audit log has\n%s", got)
	}
	care.post(path+"/send-again", form{"reason": "she called"}).refused(core.NotAllowed)
	care.get("/api/admin/messages/999999").refused(core.UnknownMessage)
	if all, _ := care.get("/api/admin/messages?phoneNumber=0712345678&limit=1").done()["messages"].([]any); len(all) != 1 {
		t.Errorf("%v", all)
	}
}
