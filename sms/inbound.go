package sms

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/room"
	"github.com/piga-money/piga/core/text"
)

const (
	mostText = 480 // characters kept: three parts
	// answerTimeout is for one message, so that the server can still answer it. The lease is longer, so
	// that nobody else begins meanwhile, and shorter than the minute after which the provider comes again.
	answerTimeout = 15 * time.Second
	inboundLease  = 30 * time.Second
)

// Inbox keeps what came in. It is safe for concurrent use, by several copies of Piga too.
type Inbox interface {
	// TakeInbound writes a message down, unless it has been, and keeps it for whoever called for the
	// lease. finished is true when it was answered before. Busy while another one has it.
	TakeInbound(ctx context.Context, in notice.Incoming, lease time.Duration) (finished bool, err error)
	// FinishInbound marks a message as answered and writes the reply, in one transaction. Of a message
	// that was finished before it does nothing. told is false when nothing was written.
	FinishInbound(ctx context.Context, in notice.Incoming, r notice.Reply) (told bool, err error)
}

// InboundConfig is what Inbound needs.
type InboundConfig struct {
	Inbox    Inbox
	Counter  Counter
	Words    text.Catalogs
	Room     *room.Room // for messages, and whatever else this copy does for somebody who waits
	Provider string     // who calls, in one word
	Dial     string     // the service code that people are told
	Log      *slog.Logger
	Metrics  *Metrics
}

// Inbound takes the messages that people send to the short code: a form with id, from, text, and date. It
// is a handler for any path; the caller keeps strangers out.
//
// The provider repeats each minute, for twelve hours, what is not answered with 200. So whatever would be
// no better the next time is answered with 200, and counted. Only what could not be taken or finished,
// which means that the database is away, a copy of Piga died over it or there is no room, is answered with 503. Coming
// again it does nothing twice: it is kept by the provider's id, and money moves once per request id.
func Inbound(c InboundConfig) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		form, refused := postedForm(w, r, "a message")
		if refused == http.StatusRequestEntityTooLarge {
			c.Metrics.came("none", "too_large")
		}
		if refused != 0 {
			return
		}
		in, asks, why := readInbound(form)
		if why != "" {
			c.Metrics.came("none", why)
			c.Log.WarnContext(r.Context(), "message not understood", "provider", c.Provider, "reason", why)
			return
		}
		in.Provider = c.Provider
		leave, ok := c.Room.Enter()
		if !ok {
			c.Metrics.came(string(asks.kind), "turned_away")
			http.Error(w, "try again later", http.StatusServiceUnavailable)
			return
		}
		defer leave()
		// Whoever has begun finishes, whether the provider waits for it or not.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), answerTimeout)
		defer cancel()
		ctx, step := core.Begin(ctx, "text")
		outcome, err := c.take(ctx, in, asks)
		step.Note("kind", string(asks.kind))
		step.Note("outcome", outcome)
		step.End(err)
		c.Metrics.came(string(asks.kind), outcome)
		if err != nil {
			c.Log.ErrorContext(ctx, "message comes again", "message", in, "error", err)
			http.Error(w, "try again later", http.StatusServiceUnavailable)
			return
		}
		c.Log.InfoContext(ctx, "message in", "message", in, "outcome", outcome)
	})
}

// take is one message from being written down to being answered. Its errors hold no text.
func (c InboundConfig) take(ctx context.Context, in notice.Incoming, asks command) (outcome string, err error) {
	finished, err := c.Inbox.TakeInbound(ctx, in, inboundLease)
	if err != nil {
		return string(core.CodeOf(err)), err
	}
	if finished {
		return "again", nil
	}
	e := &errand{Counter: c.Counter, words: c.Words, dial: c.Dial, in: in}
	reply, err := e.answer(ctx, asks)
	if err != nil {
		return string(core.CodeOf(err)), err
	}
	told, err := c.Inbox.FinishInbound(ctx, in, reply)
	if err != nil {
		return string(core.CodeOf(err)), err
	}
	if len(reply.Tell) > 0 && !told {
		return "silent", nil
	}
	return reply.Outcome, nil
}

// readInbound says in one word why a form is no message that could be answered, now or later. What it gives
// is safe to store: bounded, valid UTF-8, and without what may be a PIN or a code.
func readInbound(form url.Values) (in notice.Incoming, asks command, why string) {
	id := form.Get("id")
	if !printable(id, mostID) {
		return in, asks, "malformed"
	}
	phone, err := core.ParseMSISDN(form.Get("from"))
	if err != nil { // a name, a short code, a foreign number: nobody whom we could know or answer
		return in, asks, "no_phone"
	}
	said := strings.ToValidUTF8(strings.ReplaceAll(form.Get("text"), "\x00", ""), "?")
	asks = readCommand(said)
	return notice.Incoming{
		ProviderID: id, Phone: phone, Kind: string(asks.kind), Text: cut(mask(said), mostText), Sent: readDate(form.Get("date")),
	}, asks, ""
}

// dates are the forms in which dates were seen. One without a zone is in UTC.
var dates = []string{time.RFC3339, "2006-01-02 15:04:05"}

// readDate is zero for what is no date: it is kept for people to read, and nothing hangs on it.
func readDate(s string) time.Time {
	for _, layout := range dates {
		if at, err := time.Parse(layout, s); err == nil {
			return at.UTC()
		}
	}
	return time.Time{}
}

// cut is the first n characters.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n])
}
