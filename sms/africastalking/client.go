// Package africastalking sends through Africa's Talking. It knows the provider's wire and nothing of the
// outbox. No published Go client of the provider's can be used as it is, so this is one of our own, of
// the one call that Piga needs.
package africastalking

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/piga-money/piga/sms"
)

// Where the provider listens. The sandbox knows one user, "sandbox".
const (
	Live    = "https://api.africastalking.com"
	Sandbox = "https://api.sandbox.africastalking.com"
)

const (
	sandboxUser = "sandbox"
	// longest a call may take when neither the caller nor the HTTP client says less.
	longest = 15 * time.Second
	// mostAnswer bounds what is read of an answer, in bytes. One to a single number is 300.
	mostAnswer = 64 << 10
)

// Config is whose messages are sent, and where to.
type Config struct {
	Base     string // Live, Sandbox, or where a stand-in listens; Live when empty
	Username string
	Key      Key
	From     string       // short code or sender name; empty for the provider's default
	HTTP     *http.Client // is copied, and gets a time-out if it has none; nil for a plain one
}

// Client is a sms.Sender. It is safe for concurrent use.
type Client struct {
	config Config
	url    string
	http   *http.Client
}

// New refuses what cannot work: no user name or key, a base that is no URL, the sandbox with another user
// than its own, and the live service with that user.
func New(c Config) (*Client, error) {
	if c.Base == "" {
		c.Base = Live
	}
	c.Base = strings.TrimRight(c.Base, "/")
	u, err := url.Parse(c.Base)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"):
		return nil, errors.New("africastalking: the base is not an http or https URL")
	case c.Username == "":
		return nil, errors.New("africastalking: no user name")
	case c.Key == "":
		return nil, errors.New("africastalking: no key")
	case c.Base == Sandbox && c.Username != sandboxUser:
		return nil, fmt.Errorf("africastalking: the sandbox's user name is %q", sandboxUser)
	case c.Base == Live && c.Username == sandboxUser:
		return nil, fmt.Errorf("africastalking: %q is a user of the sandbox, at %s", sandboxUser, Sandbox)
	}
	return &Client{config: c, url: c.Base + "/version1/messaging", http: careful(c.HTTP)}, nil
}

// careful is a client that gives up in time and follows no redirect: the key would go along.
func careful(given *http.Client) *http.Client {
	own := http.Client{}
	if given != nil {
		own = *given
	}
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if own.Timeout == 0 {
		own.Timeout = longest
	}
	return &own
}

// Name is "africastalking".
func (c *Client) Name() string { return "africastalking" }

// Send posts one message to one number. Every error is a *sms.SendError.
func (c *Client) Send(ctx context.Context, o sms.Outgoing) (string, error) {
	body := strings.NewReader(c.form(o).Encode())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, body)
	if err != nil {
		return "", &sms.SendError{Reason: sms.Unexpected, Retry: true, Detail: "the request cannot be made"}
	}
	req.Header.Set("apiKey", string(c.config.Key))
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := c.http.Do(req)
	if err != nil {
		return "", unanswered(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	if err != nil {
		return "", unanswered(err)
	}
	return read(res.StatusCode, answer, o.Phone)
}

// form leaves out what has no value: the provider takes "from=" for a sender name. With enqueue it
// answers before it has asked the network; the shorter that takes, the fewer time-outs leave us not
// knowing whether a message has gone. What the network says comes as a delivery report either way.
func (c *Client) form(o sms.Outgoing) url.Values {
	f := url.Values{
		"username":    {c.config.Username},
		"to":          {string(o.Phone)},
		"message":     {o.Text},
		"bulkSMSMode": {"1"},
		"enqueue":     {"1"},
	}
	if c.config.From != "" {
		f.Set("from", c.config.From)
	}
	return f
}

// unanswered is a call that brought no whole answer. Errors of the network are quoted: they hold hosts and
// ports. Others are not, since they may quote what was on the wire.
func unanswered(err error) *sms.SendError {
	if t, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err); (ok && t.Timeout()) || errors.Is(err, context.Canceled) {
		return &sms.SendError{Reason: sms.Timeout, Retry: true}
	}
	e := &sms.SendError{Reason: sms.Unreachable, Retry: true, Detail: "the connection broke"}
	if op, ok := errors.AsType[*net.OpError](err); ok {
		e.Detail = op.Error()
	} else if cert, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		e.Detail = cert.Error()
	}
	return e
}
