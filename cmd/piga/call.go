package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/piga-money/piga/core"
)

// phone is a phone in the terminal: it speaks to a gateway as Africa's Talking does.
type phone struct {
	gateway string // http://host:port
	secret  string
	number  string
	service string // the code that is served
	text    string // what was typed so far, answers joined by "*"
	session string
	client  *http.Client
	written *dialogue // nil unless the call is recorded
}

// turnTimeout is when the provider gives up on a turn.
const turnTimeout = 10 * time.Second

func callCommand(ctx context.Context, c config, args []string, in io.Reader, out io.Writer) (err error) {
	flags := flag.NewFlagSet("piga call", flag.ContinueOnError)
	file := flags.String("record", "", "a file to write the call to, as a dialogue test for testdata/dialogues; PINs stand in it")
	p, rest, err := newPhone(flags, c, args, out)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return errors.New("piga call takes a phone number and what to dial, such as: piga call +254711000001 '*384*96#' (flags come first)")
	}
	services := c.Services
	if len(services) == 0 {
		services = []string{devService}
	}
	p.service, p.text = splitDial(rest[0], services)
	if *file != "" {
		f, refused := os.OpenFile(*file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // PINs stand in it
		if refused != nil {
			return fmt.Errorf("--record: %w", refused)
		}
		p.written = p.record(ctx, f)
		defer func() { err = errors.Join(err, p.written.err, f.Close()) }()
	}
	return p.call(ctx, rest[0], in, out)
}

// call is a call from dialling to the SMS after it.
func (p *phone) call(ctx context.Context, dialled string, in io.Reader, out io.Writer) error {
	before := p.inbox(ctx)
	status, err := p.talk(ctx, dialled, in, out)
	if err != nil {
		return err
	}
	if err := p.end(ctx, status); err != nil {
		return err
	}
	messages, err := p.readNew(ctx, out, before)
	p.written.told(messages)
	return err
}

// textCommand is an SMS from a phone to the short code, and what is sent back.
func textCommand(ctx context.Context, c config, args []string, _ io.Reader, out io.Writer) error {
	p, rest, err := newPhone(flag.NewFlagSet("piga text", flag.ContinueOnError), c, args, out)
	if err != nil {
		return err
	}
	if len(rest) == 0 {
		return errors.New("piga text takes a phone number and what to send, such as: piga text +254722000001 'OK 4821'")
	}
	before := p.inbox(ctx)
	status, _, err := p.post(ctx, "sms", url.Values{
		"date": {time.Now().UTC().Format(time.RFC3339)}, "from": {p.number}, "to": {devShortCode},
		"text": {strings.Join(rest, " ")}, "id": {"ATXid_" + randomHex(16)}, "networkCode": {"99999"}, "cost": {"0"},
	})
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("not taken (the gateway answered %d: is its secret in PIGA_CALLBACK_SECRET?)", status)
	}
	_, err = p.readNew(ctx, out, before)
	return err
}

// newPhone reads what the commands that play a phone have in common: whose phone it is, and at which gateway.
func newPhone(flags *flag.FlagSet, c config, args []string, out io.Writer) (p *phone, rest []string, err error) {
	flags.SetOutput(out)
	gateway := flags.String("gateway", "http://"+c.Addr, "where the gateway listens")
	if err := flags.Parse(args); err != nil {
		return nil, nil, err
	}
	if flags.NArg() == 0 {
		return nil, nil, nil
	}
	number, err := core.ParseMSISDN(flags.Arg(0))
	if err != nil {
		return nil, nil, fmt.Errorf("%q is no phone: %w", flags.Arg(0), err)
	}
	p = &phone{
		gateway: strings.TrimSuffix(*gateway, "/"), secret: devSecret, number: string(number),
		session: "ATUid_" + randomHex(16), client: &http.Client{Timeout: turnTimeout},
	}
	if len(c.Secrets) > 0 {
		p.secret = c.Secrets[0]
	}
	return p, flags.Args()[min(1, flags.NArg()):], nil
}

// splitDial tells the service code from the answers of a deep dial behind it: *384*96*1*0712345678# is
// *384*96# and "1*0712345678".
func splitDial(dialled string, services []string) (service, text string) {
	for _, s := range services {
		if rest, ok := strings.CutPrefix(dialled, strings.TrimSuffix(s, "#")+"*"); ok {
			return s, strings.TrimSuffix(rest, "#")
		}
	}
	return dialled, ""
}

// How a call ends, in the provider's words: its last page was shown, or the caller left.
const (
	endSeen = "Success"
	endLeft = "Incomplete"
)

// talk shows each page and reads the answer to it, until the call is over or the input ends.
func (p *phone) talk(ctx context.Context, dialled string, in io.Reader, out io.Writer) (status string, err error) {
	answers := bufio.NewScanner(in)
	page, more, err := p.turn(ctx)
	p.written.dialled(dialled, page)
	for first := p.text == ""; err == nil; first = false {
		if _, err := fmt.Fprintf(out, "\n%s\n", page[len("CON "):]); err != nil {
			return "", err
		}
		if !more {
			return endSeen, nil
		}
		if _, err := fmt.Fprint(out, "> "); err != nil {
			return "", err
		}
		if !answers.Scan() {
			p.written.hungUp()
			_, err := fmt.Fprintln(out, "(hung up)")
			return endLeft, errors.Join(err, answers.Err())
		}
		if !first {
			p.text += "*"
		}
		answer := strings.TrimSuffix(answers.Text(), "\r")
		p.text += answer
		page, more, err = p.turn(ctx)
		p.written.said(answer, page)
	}
	return "", err
}

// turn is one callback; the page has its prefix. What the network would not show, the phone does not show
// either.
func (p *phone) turn(ctx context.Context) (page string, more bool, err error) {
	status, body, err := p.post(ctx, "ussd", url.Values{
		"sessionId": {p.session}, "phoneNumber": {p.number}, "networkCode": {"99999"},
		"serviceCode": {p.service}, "text": {p.text},
	})
	if err != nil {
		return "", false, err
	}
	more = strings.HasPrefix(body, "CON ")
	if status == http.StatusOK && (more || strings.HasPrefix(body, "END ")) {
		return body, more, nil
	}
	return "", false, fmt.Errorf("connection problem or invalid MMI code (the gateway answered %d: is its secret in PIGA_CALLBACK_SECRET?)", status)
}

// end is the event with which the provider says how the call ended. It leaves out what was typed.
func (p *phone) end(ctx context.Context, status string) error {
	_, _, err := p.post(ctx, "events", url.Values{
		"date": {time.Now().UTC().Format(time.DateTime)}, "sessionId": {p.session}, "serviceCode": {p.service},
		"networkCode": {"99999"}, "phoneNumber": {p.number}, "status": {status}, "cost": {"0"},
	})
	return err
}

// post is one callback of the provider's.
func (p *phone) post(ctx context.Context, path string, form url.Values) (status int, body string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.gateway+"/at/"+p.secret+"/"+path, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, "", errors.New("the gateway's address is not one: it should be like http://127.0.0.1:8080")
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := p.client.Do(req)
	if err != nil {
		return 0, "", fmt.Errorf("no gateway answers at %s: is it running? (make run)", p.gateway)
	}
	defer res.Body.Close() //nolint:errcheck // it was read to its end
	b, err := io.ReadAll(io.LimitReader(res.Body, 1<<16))
	if err != nil {
		return 0, "", fmt.Errorf("read the answer: %w", err)
	}
	return res.StatusCode, string(b), nil
}

// received is one message of the sandbox's inbox.
type received struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// inbox is what was sent to the phone, newest first; nothing where the gateway has no sandbox.
func (p *phone) inbox(ctx context.Context) []received {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.gateway+"/sandbox/messages?phone="+url.QueryEscape(p.number), nil)
	if err != nil {
		return nil
	}
	res, err := p.client.Do(req)
	if err != nil {
		return nil
	}
	defer res.Body.Close() //nolint:errcheck // only read
	var all []received
	if res.StatusCode != http.StatusOK || json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&all) != nil {
		return nil
	}
	return all
}

// A message takes a moment to come.
const (
	smsWait = 2 * time.Second
	smsPoll = 100 * time.Millisecond
)

// readNew prints the messages that came since before, and gives them, oldest first.
func (p *phone) readNew(ctx context.Context, out io.Writer, before []received) (messages []string, err error) {
	wait, cancel := context.WithTimeout(ctx, smsWait)
	defer cancel()
	after := p.inbox(wait)
	for len(after) <= len(before) && wait.Err() == nil {
		select {
		case <-time.After(smsPoll):
		case <-wait.Done():
		}
		after = p.inbox(wait)
	}
	for i := len(after) - len(before) - 1; i >= 0; i-- {
		messages = append(messages, after[i].Text)
		if _, err := fmt.Fprintf(out, "\nSMS: %s\n", after[i].Text); err != nil {
			return messages, err
		}
	}
	return messages, nil
}

func randomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return hex.EncodeToString(b)
}
