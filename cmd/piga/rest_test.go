package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/ledger"
	"github.com/piga-money/piga/core/login"
	"github.com/piga-money/piga/core/office"
	"github.com/piga-money/piga/core/wallet"
)

// program is somebody's program at the REST API of a world: w.anyone(), w.admin(core.IT), w.as(party).
type program struct {
	w      *world
	token  string
	json   bool        // bodies are JSON, and not forms
	header http.Header // more of it
	host   string      // by which it calls us; empty: the right one
}

// form is what a program sends.
type form map[string]string

// reply is what it is answered.
type reply struct {
	t      testing.TB
	asked  string // method and path
	may    func(core.Code) bool
	status int
	header http.Header
	body   []byte
}

// restPassword is everybody's.
const restPassword = "correct horse"

// anyone has no token.
func (w *world) anyone() *program { return &program{w: w, header: http.Header{}} }

// as has a token of a party, however she came to it.
func (w *world) as(p core.Party) *program { return w.bearer(login.Bearer{Party: p}) }

// admin is a new administrator, made at the command line, with a token.
func (w *world) admin(roles ...core.Role) *program {
	return w.bearer(login.Bearer{Admin: w.newAdmin(roles...)})
}

func (w *world) newAdmin(roles ...core.Role) core.Administrator {
	w.t.Helper()
	password, err := core.ParsePassword(restPassword)
	if err != nil {
		w.t.Fatal(err)
	}
	passwords := login.NewPasswords(login.Cost{Memory: 8, Passes: 1}, 1, rand.Reader)
	made, err := office.New(w.g.store, w.g.wallet, passwords).OpenAdmin(w.t.Context(), office.CommandLine(), office.Newcomer{
		Name: "ALICE ADMIN", Email: core.Email(strings.ToLower(rand.Text()) + "@piga.example"), Password: password, Roles: roles,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return made
}

func (w *world) bearer(b login.Bearer) *program {
	w.t.Helper()
	token, err := login.New(w.g.store, nil, rand.Reader, true).Begin(w.t.Context(), b)
	if err != nil {
		w.t.Fatal(err)
	}
	p := w.anyone()
	p.token = token
	return p
}

// keyed is the same program, which gives each command this Idempotency-Key.
func (p *program) keyed(key string) *program {
	other := *p
	other.header = p.header.Clone()
	other.header.Set("Idempotency-Key", key)
	return &other
}

// post, put and get ask for a route. In JSON an amount is a number, and all else is a text.
func (p *program) post(path string, f form) reply { return p.ask(http.MethodPost, path, f) }
func (p *program) put(path string, f form) reply  { return p.ask(http.MethodPut, path, f) }
func (p *program) get(path string) reply          { return p.ask(http.MethodGet, path, nil) }

func (p *program) ask(method, path string, f form) reply {
	p.w.t.Helper()
	if f == nil {
		return p.send(method, path, "", "")
	}
	if p.json {
		body := map[string]any{}
		for name, value := range f {
			if body[name] = value; name == "amount" {
				body[name] = json.Number(value)
			}
		}
		b, err := json.Marshal(body)
		if err != nil {
			p.w.t.Fatal(err)
		}
		return p.send(method, path, "application/json", string(b))
	}
	values := url.Values{}
	for name, value := range f {
		values.Set(name, value)
	}
	return p.send(method, path, "application/x-www-form-urlencoded", values.Encode())
}

// send is a request as it stands.
func (p *program) send(method, path, kind, body string) reply {
	p.w.t.Helper()
	req, err := http.NewRequestWithContext(p.w.t.Context(), method, p.w.server.URL+path, strings.NewReader(body))
	if err != nil {
		p.w.t.Fatal(err)
	}
	req.Host = p.host
	for name, values := range p.header {
		req.Header[name] = values
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if p.token != "" {
		req.Header.Set("Authorization", "Bearer "+p.token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		p.w.t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // only read
	b, err := io.ReadAll(res.Body)
	if err != nil {
		p.w.t.Fatal(err)
	}
	return reply{p.w.t, method + " " + path, p.w.may(method, req.URL.Path), res.StatusCode, res.Header, b}
}

// may is what the description tells of the route that a path is of: with which codes it may be refused.
func (w *world) may(method, path string) func(core.Code) bool {
	best := ""
	told := func(core.Code) bool { return true } // of what is no route nothing is told
	for _, r := range w.g.rest.Routes() {
		pattern := regexp.MustCompile(`^` + regexp.MustCompile(`:[A-Za-z]+`).ReplaceAllString(regexp.QuoteMeta(r.Path), `[^/]+`) + `$`)
		if r.Method == method && pattern.MatchString(path) && (best == "" || strings.Count(r.Path, ":") < strings.Count(best, ":")) {
			best, told = r.Path, r.May
		}
	}
	return told
}

// done fails unless it was done, and gives the answer's data.
func (r reply) done() map[string]any {
	r.t.Helper()
	all := r.all()
	if r.status != http.StatusOK {
		r.t.Fatalf("answered %d: %s", r.status, r.body)
	}
	data, _ := all["data"].(map[string]any) // some answers have none
	return data
}

// refused fails unless it was refused with a code.
func (r reply) refused(want core.Code) {
	r.t.Helper()
	if got := r.all(); r.status < 400 || got["code"] != string(want) || got["status"] != "error" || got["message"] == "" {
		r.t.Errorf("answered %d, want %s: %s", r.status, want, r.body)
	}
	if !r.may(want) {
		r.t.Errorf("%s is refused as %s, which its description does not tell", r.asked, want)
	}
}

func (r reply) all() map[string]any {
	r.t.Helper()
	d := json.NewDecoder(bytes.NewReader(r.body))
	d.UseNumber()
	var all map[string]any
	if err := d.Decode(&all); err != nil {
		r.t.Fatalf("%d %q: %v", r.status, r.body, err)
	}
	return all
}

// register registers somebody by the API, who has set her PIN, 602413, as she would by phone; her e-mail is the name at
// piga.example.
func (w *world) register(kind core.Kind, name, phone string) core.Party {
	w.t.Helper()
	w.anyone().post("/api/user/"+string(kind), newUser(name, phone)).done()
	p, err := w.g.wallet.Find(w.t.Context(), name+"@piga.example")
	if err != nil {
		w.t.Fatal(err)
	}
	w.people[name] = p
	w.setPIN(p)
	return p
}

func (w *world) setPIN(p core.Party) {
	w.t.Helper()
	pin, err := core.ParsePIN("602413")
	if err != nil {
		w.t.Fatal(err)
	}
	sealed, err := w.g.wallet.NewPIN(w.t.Context(), p, pin)
	if err == nil {
		err = w.g.store.SetPIN(w.t.Context(), p.ID, sealed, nil)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func newUser(name, phone string) form {
	return form{
		"firstName": name, "lastName": "Mwangi", "email": name + "@piga.example", "phoneNumber": phone, "password": restPassword,
	}
}

// login logs in by e-mail and password, with the PIN that a party's password needs the first time.
func (w *world) login(kind, name string) *program {
	w.t.Helper()
	return w.loginWith(kind, form{"email": name + "@piga.example", "password": restPassword, "pin": "602413"})
}

func (w *world) loginWith(kind string, f form) *program {
	w.t.Helper()
	p := w.anyone()
	r := p.post("/api/login/"+kind, f)
	r.done()
	token, ok := r.all()["token"].(string)
	if !ok {
		w.t.Fatalf("no token: %s", r.body)
	}
	p.token = token
	return p
}

// deeds are what stands in the audit log, oldest first, without what administrators did to be there.
func (w *world) deeds() string {
	w.t.Helper()
	return strings.Join(column(w.t, w.db, `
		SELECT concat_ws(' ', action, subject, before, '->', after, reason)
		FROM audit_log
		WHERE action <> 'administrator.open'
		ORDER BY id`), "\n")
}

// moved is how a movement is refused that the ledger is asked for past everything else, "" if it is not.
func (w *world) moved(request core.RequestID, from, to core.AccountID, amount core.Amount) string {
	w.t.Helper()
	o, err := w.g.store.Post(w.t.Context(), wallet.Order{Posting: ledger.Posting{
		Request: request, Action: ledger.Move, Operation: core.Withdraw, From: from, To: to, Amount: amount,
		Entries: []ledger.Entry{{Account: from, Amount: -amount}, {Account: to, Amount: amount}},
	}})
	if err != nil {
		w.t.Fatal(err)
	}
	return string(o.Code)
}

var named = regexp.MustCompile(`:[a-z]+`)

var drawn = regexp.MustCompile(`"(userID|userId|accountId|transactionId|token|payerId|payeeId|administratorId|createdAt|openedAt|endedAt|expiresAt)":"[^"]*"`)

// rest jane GET /api/account/balance: who is a name or a number, nobody, or admin with all roles; fields follow as name=value,
// and key=value is an Idempotency-Key. In the path :jane is her id. The answer comes with its status and without what differs
// each time.
func (w *world) cmdRest(d *datadriven.TestData) string {
	who := d.CmdArgs[0].Key
	var p *program
	switch who {
	case "nobody":
		p = w.anyone()
	case "admin":
		p = w.admin(core.Roles...)
	default:
		party, known := w.people[who]
		if !known {
			var err error
			if party, err = w.g.wallet.Find(w.t.Context(), who); err != nil {
				w.t.Fatal(err)
			}
		}
		p = w.as(party)
	}
	f := form{}
	for _, a := range d.CmdArgs[3:] {
		value := w.fill(strings.ReplaceAll(strings.Join(a.Vals, ","), "_", " "))
		switch a.Key {
		case "key":
			p = p.keyed(value)
			continue
		case "pin":
			w.pins[value] = true
		}
		f[a.Key] = value
	}
	if d.CmdArgs[1].Key == http.MethodGet {
		f = nil
	}
	path := named.ReplaceAllStringFunc(d.CmdArgs[2].Key, func(name string) string { return fmt.Sprint(int64(w.people[name[1:]].ID)) })
	r := p.ask(d.CmdArgs[1].Key, path, f)
	return fmt.Sprintf("%d %s", r.status, drawn.ReplaceAll(bytes.TrimSpace(r.body), []byte(`"$1":"…"`)))
}
