package africastalking_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/sms"
	"github.com/piga-money/piga/sms/africastalking"
)

// secret stands for the key, and must turn up nowhere but in its header.
const secret = "atsk_0123456789abcdef"

var hello = sms.Outgoing{Phone: "+254700000000", Text: "QK74J7XW2M Confirmed."}

type wireCase struct {
	Name, Seen  string
	Status      int
	ContentType string
	Body        string
	Want        struct {
		ID, Reason, Detail string
		Retry              bool
	}
}

func wireCases(t testing.TB) []wireCase {
	t.Helper()
	b, err := os.ReadFile("../../testdata/wire/africastalking_sms.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []wireCase }
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	return file.Cases
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	for _, c := range wireCases(t) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			client := at(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", c.ContentType)
				w.WriteHeader(c.Status)
				_, _ = io.WriteString(w, c.Body)
			})
			id, err := client.Send(t.Context(), hello)
			if c.Want.Reason == "" {
				if err != nil || id != c.Want.ID {
					t.Errorf("gave %q, %v; want %q", id, err, c.Want.ID)
				}
				return
			}
			want := sms.SendError{Reason: sms.Reason(c.Want.Reason), Retry: c.Want.Retry, Detail: c.Want.Detail}
			if diff := cmp.Diff(want, sendError(t, err)); diff != "" || id != "" {
				t.Errorf("gave %q; error (-want +got):\n%s", id, diff)
			}
		})
	}
}

func TestRequest(t *testing.T) {
	t.Parallel()
	for _, from := range []string{"", "PIGA"} {
		got := make(chan *http.Request, 1)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_ = r.ParseForm()
			got <- r
			w.WriteHeader(http.StatusCreated)
		}))
		defer server.Close()
		client := must(t, africastalking.Config{Base: server.URL, Username: "piga", Key: secret, From: from, HTTP: server.Client()})
		_, _ = client.Send(t.Context(), hello)

		r := <-got
		want := url.Values{
			"username": {"piga"}, "to": {"+254700000000"}, "message": {hello.Text},
			"bulkSMSMode": {"1"}, "enqueue": {"1"},
		}
		if from != "" {
			want.Set("from", from)
		}
		if diff := cmp.Diff(want, r.PostForm); diff != "" {
			t.Errorf("form (-want +got):\n%s", diff)
		}
		head := []string{r.Method, r.URL.Path, r.Header.Get("apiKey"), r.Header.Get("Accept"), r.Header.Get("Content-Type")}
		if diff := cmp.Diff([]string{
			"POST", "/version1/messaging", secret, "application/json", "application/x-www-form-urlencoded",
		}, head); diff != "" {
			t.Errorf("request (-want +got):\n%s", diff)
		}
	}
}

// A redirect is not followed: it would take the key along.
func TestKeyStaysHome(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the redirect was followed")
	}))
	defer elsewhere.Close()
	client := at(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
	})
	_, err := client.Send(t.Context(), hello)
	if e := sendError(t, err); e.Reason != sms.BadRequest || !e.Retry {
		t.Errorf("gave %v", err)
	}
}

func TestSilence(t *testing.T) {
	t.Parallel()
	silent := func(_ http.ResponseWriter, r *http.Request) { // until the caller gives up
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}
	hangsUp := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "300")
		w.WriteHeader(http.StatusCreated)
		panic(http.ErrAbortHandler)
	}
	floods := func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"SMSMessageData":{"Message":"`+strings.Repeat("a", 1<<20)+`"}}`)
	}
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		end    func(context.Context) (context.Context, context.CancelFunc)
		want   sms.Reason
	}{
		{"time-out", silent, func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 20*time.Millisecond)
		}, sms.Timeout},
		{"given up", silent, func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return ctx, cancel
		}, sms.Timeout},
		{"hangs up", hangsUp, context.WithCancel, sms.Unreachable},
		{"floods", floods, context.WithCancel, sms.BadAnswer},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := c.end(t.Context())
			defer cancel()
			_, err := at(t, c.answer).Send(ctx, hello)
			if e := sendError(t, err); e.Reason != c.want || !e.Retry {
				t.Errorf("gave %v, want %s", err, c.want)
			}
		})
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	client := must(t, africastalking.Config{Base: server.URL, Username: "piga", Key: secret})
	_, err := client.Send(t.Context(), hello)
	e := sendError(t, err)
	if e.Reason != sms.Unreachable || !strings.Contains(e.Detail, "refused") {
		t.Errorf("gave %v, want that the connection was refused", err)
	}
	noSecrets(t, err.Error())
}

func TestConfigs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		config africastalking.Config
		want   string // in the error; "" for none
	}{
		{"live", africastalking.Config{Username: "piga", Key: secret}, ""},
		{"sandbox", africastalking.Config{Base: africastalking.Sandbox + "/", Username: "sandbox", Key: secret}, ""},
		{"stand-in", africastalking.Config{Base: "http://127.0.0.1:8080", Username: "sandbox", Key: secret}, ""},
		{"sandbox, another user", africastalking.Config{Base: africastalking.Sandbox, Username: "piga", Key: secret}, `"sandbox"`},
		{"live, the sandbox's user", africastalking.Config{Username: "sandbox", Key: secret}, "user of the sandbox"},
		{"no user", africastalking.Config{Key: secret}, "no user name"},
		{"no key", africastalking.Config{Username: "piga"}, "no key"},
		{"no URL", africastalking.Config{Base: "api.africastalking.com", Username: "piga", Key: secret}, "http"},
	} {
		_, err := africastalking.New(c.config)
		if (err == nil) != (c.want == "") || (err != nil && !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
		if err != nil {
			noSecrets(t, err.Error())
		}
	}
}

func TestKeyIsNotPrinted(t *testing.T) {
	t.Parallel()
	a := struct {
		Username string
		Key      africastalking.Key
	}{"piga", secret}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("config", "config", a, "key", a.Key)
	asJSON, err := json.Marshal(a)
	noSecrets(t, fmt.Sprintf("%v %+v %#v %s %q %x %s %s %v", a, a, a, a.Key, a.Key, a.Key, log.String(), asJSON, err))
}

// FuzzAnswer: whatever comes back, it is an id or one of our errors, and the error holds no number.
func FuzzAnswer(f *testing.F) {
	for _, c := range wireCases(f) {
		f.Add(c.Status, []byte(c.Body))
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		id, err := africastalking.Read(status, body, hello.Phone)
		if err == nil {
			if status != http.StatusOK && status != http.StatusCreated && status != http.StatusConflict {
				t.Errorf("HTTP %d counts as sent, with id %q", status, id)
			}
			return
		}
		if e := sendError(t, err); e.Reason == "" || len(e.Detail) > 250 {
			t.Errorf("gave %q", err)
		}
		digits := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, err.Error())
		if len(digits) > 20 || strings.Contains(digits, "700000000") {
			t.Errorf("%q quotes a number", err)
		}
	})
}

// at is a client of a provider that answers so.
func at(t *testing.T, answer http.HandlerFunc) *africastalking.Client {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return must(t, africastalking.Config{Base: server.URL, Username: "piga", Key: secret, HTTP: server.Client()})
}

func must(t *testing.T, c africastalking.Config) *africastalking.Client {
	t.Helper()
	client, err := africastalking.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func sendError(t *testing.T, err error) sms.SendError {
	t.Helper()
	e, ok := errors.AsType[*sms.SendError](err)
	if !ok {
		t.Fatalf("gave %T %v, want a SendError", err, err)
	}
	noSecrets(t, err.Error())
	return *e
}

func noSecrets(t *testing.T, s string) {
	t.Helper()
	for _, hidden := range []string{secret, fmt.Sprintf("%x", secret), "254700000000", hello.Text} {
		if strings.Contains(s, hidden) {
			t.Errorf("%q gives away %q", s, hidden)
		}
	}
}
