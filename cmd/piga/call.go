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
}

// turnTimeout is when the provider gives up on a turn.
const turnTimeout = 10 * time.Second

func callCommand(ctx context.Context, c config, args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("piga call", flag.ContinueOnError)
	flags.SetOutput(out)
	gateway := flags.String("gateway", "http://"+c.Addr, "where the gateway listens")
	if err := parse(flags, args, 2); err != nil {
		return err
	}
	if flags.NArg() != 2 {
		return errors.New("piga call takes a phone number and what to dial, such as: piga call +254711000001 '*384*96#'")
	}
	number, err := core.ParseMSISDN(flags.Arg(0))
	if err != nil {
		return fmt.Errorf("%q is no phone to call from: %w", flags.Arg(0), err)
	}
	p := &phone{
		gateway: strings.TrimSuffix(*gateway, "/"), secret: devSecret, number: string(number),
		session: "ATUid_" + randomHex(16), client: &http.Client{Timeout: turnTimeout},
	}
	if len(c.Secrets) > 0 {
		p.secret = c.Secrets[0]
	}
	services := c.Services
	if len(services) == 0 {
		services = []string{devService}
	}
	p.service, p.text = splitDial(flags.Arg(1), services)
	before := p.inbox(ctx)
	if err := p.talk(ctx, in, out); err != nil {
		return err
	}
	return p.readNew(ctx, out, before)
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

// talk shows each page and reads the answer to it, until the call is over or the input ends.
func (p *phone) talk(ctx context.Context, in io.Reader, out io.Writer) error {
	answers := bufio.NewScanner(in)
	for first := p.text == ""; ; first = false {
		page, more, err := p.turn(ctx)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(out, "\n%s\n", page); err != nil {
			return err
		}
		if !more {
			return nil
		}
		if _, err := fmt.Fprint(out, "> "); err != nil {
			return err
		}
		if !answers.Scan() {
			_, err := fmt.Fprintln(out, "(hung up)")
			return errors.Join(err, answers.Err())
		}
		if !first {
			p.text += "*"
		}
		p.text += strings.TrimSuffix(answers.Text(), "\r")
	}
}

// turn is one callback. What the network would not show, the phone does not show either.
func (p *phone) turn(ctx context.Context) (page string, more bool, err error) {
	form := url.Values{
		"sessionId": {p.session}, "phoneNumber": {p.number}, "networkCode": {"99999"},
		"serviceCode": {p.service}, "text": {p.text},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.gateway+"/at/"+p.secret+"/ussd", strings.NewReader(form.Encode()))
	if err != nil {
		return "", false, errors.New("the gateway's address is not one: it should be like http://127.0.0.1:8080")
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := p.client.Do(req)
	if err != nil {
		return "", false, fmt.Errorf("no gateway answers at %s: is it running? (make run)", p.gateway)
	}
	defer res.Body.Close() //nolint:errcheck // it was read to its end
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<16))
	if err != nil {
		return "", false, fmt.Errorf("read the page: %w", err)
	}
	if page, ok := strings.CutPrefix(string(body), "CON "); ok && res.StatusCode == http.StatusOK {
		return page, true, nil
	}
	if page, ok := strings.CutPrefix(string(body), "END "); ok && res.StatusCode == http.StatusOK {
		return page, false, nil
	}
	return "", false, fmt.Errorf("connection problem or invalid MMI code (the gateway answered %d: is its secret in PIGA_CALLBACK_SECRET?)", res.StatusCode)
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

// readNew prints the messages that came since before, oldest first.
func (p *phone) readNew(ctx context.Context, out io.Writer, before []received) error {
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
		if _, err := fmt.Fprintf(out, "\nSMS: %s\n", after[i].Text); err != nil {
			return err
		}
	}
	return nil
}

func randomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return hex.EncodeToString(b)
}
