package sms_test

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/cockroachdb/datadriven"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/room"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
	"github.com/piga-money/piga/sms"
)

// desk is an inbox and a counter with everything that a test wants to turn, and notes of what was asked.
type desk struct {
	notes    strings.Builder
	kept     []notice.Incoming
	finished map[string]bool
	inbox    error // the database is away
	fails    error // so does the counter
	late     error // the database went away while the message was being answered
}

func (d *desk) TakeInbound(_ context.Context, in notice.Incoming, _ time.Duration) (bool, error) {
	if d.inbox != nil || d.finished[in.ProviderID] {
		return d.inbox == nil, d.inbox
	}
	d.kept = append(d.kept, in)
	sent := "no date"
	if !in.Sent.IsZero() {
		sent = in.Sent.Format(time.RFC3339)
	}
	fmt.Fprintf(&d.notes, "kept %s %s %s %s %q\n", in.ProviderID, in.Phone, sent, in.Kind, in.Text)
	return false, nil
}

func (d *desk) FinishInbound(_ context.Context, in notice.Incoming, r notice.Reply) (bool, error) {
	if d.late != nil {
		return false, d.late
	}
	d.finished[in.ProviderID] = true
	for _, n := range r.Tell {
		fmt.Fprintf(&d.notes, "told %s %s %s", n.Phone, n.Lang, n.Key)
		if r.Most > 0 {
			fmt.Fprintf(&d.notes, ", at most %d in %s", r.Most, r.Window)
		}
		d.notes.WriteString("\n")
	}
	return len(r.Tell) > 0, nil
}

var parties = map[core.MSISDN]core.Party{
	"+254722000001": {ID: 1, Kind: core.Agent, Name: "MAMA NJERI SHOP", Number: "10021", Phone: "+254722000001", Lang: core.English},
	"+254722000002": {ID: 2, Kind: core.Agent, Name: "KWA OMAR", Number: "10022", Phone: "+254722000002", Lang: core.Swahili},
	"+254712345678": {ID: 3, Kind: core.Subscriber, Name: "JANE WANJIKU", Phone: "+254712345678", Lang: core.English},
}

func (d *desk) Caller(_ context.Context, phone core.MSISDN) (core.Party, error) {
	p, ok := parties[phone]
	if !ok {
		return p, core.Errorf(core.NotRegistered, "nobody")
	}
	return p, nil
}

func (d *desk) Confirm(
	_ context.Context, a wallet.Authority, by core.RequestID, id int64, code string,
) (wallet.CashRequest, core.Receipt, error) {
	fmt.Fprintf(&d.notes, "confirm at %d by %s, request %d, code %s\n", a.Party.ID, by, id, code)
	return wallet.CashRequest{}, "QK74J7XW2M", d.fails
}

func (d *desk) Decline(_ context.Context, agent core.Party, ref string) (wallet.CashRequest, error) {
	fmt.Fprintf(&d.notes, "decline at %d %s\n", agent.ID, ref)
	return wallet.CashRequest{Ref: ref, Amount: 500 * core.Shilling, Customer: parties["+254712345678"]}, d.fails
}

func (d *desk) Check(_ context.Context, asker core.Party, r core.Receipt) (wallet.Line, error) {
	fmt.Fprintf(&d.notes, "check for %d %s\n", asker.ID, r)
	return wallet.Line{
		At: time.Date(2026, 11, 21, 16, 15, 0, 0, time.UTC), Receipt: r, Operation: core.Withdraw, In: asker.Kind == core.Agent,
		Amount: 500 * core.Shilling, Fee: 27 * core.Shilling, Other: parties["+254712345678"],
	}, d.fails
}

func inbound(d *desk, inbox sms.Inbox, words text.Catalogs, r prometheus.Registerer, log *slog.Logger) http.Handler {
	d.finished = map[string]bool{}
	return sms.Inbound(sms.InboundConfig{
		Inbox: inbox, Counter: d, Words: words, Room: room.New(time.Now), Provider: "africastalking", Dial: "*384*96#", Log: log, Metrics: sms.NewMetrics(r),
	})
}

func allWords(t testing.TB) text.Catalogs {
	t.Helper()
	words, err := text.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	return words
}

// The wire file posts raw bodies; what goes back is shown, what was kept, what was asked of the counter, and
// who was told what. "fails" makes the counter refuse with a code, "away" the inbox or, "late", its end.
func TestInboundWire(t *testing.T) {
	t.Parallel()
	d := &desk{}
	registry := prometheus.NewRegistry()
	var log strings.Builder
	h := inbound(d, d, allWords(t), registry, slog.New(slog.NewTextHandler(&log, nil)))
	datadriven.RunTest(t, "../testdata/wire/africastalking_inbound.txt", func(t *testing.T, c *datadriven.TestData) string {
		method, contentType, pad, code := http.MethodPost, "application/x-www-form-urlencoded", 0, ""
		c.MaybeScanArgs(t, "method", &method)
		c.MaybeScanArgs(t, "type", &contentType)
		c.MaybeScanArgs(t, "pad", &pad)
		switch c.Cmd {
		case "counted":
			return strings.Join(counted(t, registry, "piga_inbound_total"), "\n") + "\n"
		case "fails", "away", "late":
			var err error
			if c.MaybeScanArgs(t, "code", &code); code != "" {
				err = core.Errorf(core.Code(code), "as the test wants")
			}
			*map[string]*error{"fails": &d.fails, "away": &d.inbox, "late": &d.late}[c.Cmd] = err
			return ""
		case "inbound":
		default:
			t.Fatalf("unknown command %q", c.Cmd)
		}
		d.notes.Reset()
		r := httptest.NewRequestWithContext(t.Context(), method, "/sms", strings.NewReader(c.Input+strings.Repeat("1", pad)))
		r.Header.Set("Content-Type", contentType)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return fmt.Sprintln(w.Code, strings.TrimSpace(w.Body.String())) + d.notes.String()
	})
	for _, secret := range []string{"4821", "258025", "2580", "0722000001", "254722000001", "QK74J7XW2M", "NDIYO"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds %s:\n%s", secret, log.String())
		}
	}
}

// counted is what a counter stands at, a line for each set of labels.
func counted(t testing.TB, r prometheus.Gatherer, name string) []string {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetName()+"="+l.GetValue())
			}
			lines = append(lines, fmt.Sprintf("%s %g", strings.Join(labels, " "), m.GetCounter().GetValue()))
		}
	}
	slices.SortFunc(lines, cmp.Compare)
	return lines
}

// Whatever the counter refuses is told in words, in both languages, or comes again.
func TestEveryRefusalIsAnswered(t *testing.T) {
	t.Parallel()
	words := allWords(t)
	for _, code := range core.Codes {
		for _, body := range []string{"text=OK+4821", "text=NO+R17", "text=CHECK+QK74J7XW2M"} {
			for _, from := range []string{"%2B254722000001", "%2B254722000002"} {
				d := &desk{fails: core.Errorf(code, "as the test wants")}
				told := &teller{desk: d, words: words}
				h := inbound(d, told, words, prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
				w := httptest.NewRecorder()
				h.ServeHTTP(w, form("id=1&from="+from+"&"+body))
				again := code == core.Busy || code == core.Unavailable || code == core.OutcomeUnknown
				if again != (w.Code == http.StatusServiceUnavailable) || again != (told.said == "") {
					t.Errorf("%s of %s: answered %d, said %q", code, body, w.Code, told.said)
				}
				if n, ok := text.Septets(told.said); n > text.SegmentSeptets || !ok {
					t.Errorf("%s of %s: %d septets: %s", code, body, n, told.said)
				}
			}
		}
	}
}

// teller is a desk whose replies are said.
type teller struct {
	*desk
	words text.Catalogs
	said  string
}

func (s *teller) FinishInbound(_ context.Context, _ notice.Incoming, r notice.Reply) (bool, error) {
	for _, n := range r.Tell {
		s.said = notice.Text(s.words, notice.Message{Key: n.Key, Args: n.Args, Lang: n.Lang})
		if lacks := s.words[n.Lang].Lacks(n.Key, n.Args); lacks != nil {
			s.said = "" // which fails
		}
	}
	return true, nil
}

// FuzzInbound: whatever is posted, the provider need not come again, and what is kept can be stored and holds
// nothing that may be a PIN.
func FuzzInbound(f *testing.F) {
	for _, body := range []string{
		"date=2017-05-03T06%3A04%3A45Z&from=%2B254722000001&id=f1&text=OK+4821", "from=0712345678&id=1&text=%ff%00258025",
		"from=0712345678&id=1&text=CHECK+QK74J7XW2M+2580", "id=%zz",
	} {
		f.Add(body)
	}
	words := allWords(f)
	digits := regexp.MustCompile(`\pN{4}`)
	f.Fuzz(func(t *testing.T, body string) {
		d := &desk{}
		h := inbound(d, d, words, prometheus.NewRegistry(), slog.New(slog.DiscardHandler))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, form(body))
		if w.Code != http.StatusOK && w.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("answered %d", w.Code)
		}
		for _, in := range d.kept {
			if !utf8.ValidString(in.Text) || strings.ContainsRune(in.Text, 0) || utf8.RuneCountInString(in.Text) > 480 || in.ProviderID == "" {
				t.Errorf("kept %+v", in)
			}
			for _, word := range regexp.MustCompile(`[\pL\pN]+`).FindAllString(in.Text, -1) {
				if _, err := core.ParseReceipt(word); err != nil && digits.MatchString(word) {
					t.Errorf("kept %q", in.Text)
				}
			}
		}
	})
}
