package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// An answer may take as long as the API gives a visit: the time to write is longer, and the time to read ends with the request.
func TestAnAnswerMayTakeAsLongAsAVisit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := newServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case <-time.After(15 * time.Second):
				_, _ = io.WriteString(w, "done")
			case <-r.Context().Done():
			}
		}), slog.New(slog.DiscardHandler))
		l := &pipes{dialled: make(chan net.Conn), closed: make(chan struct{})}
		go func() { _ = server.Serve(l) }()
		client := &http.Client{Transport: &http.Transport{DialContext: l.dial, DisableKeepAlives: true}}
		res, err := client.Get("http://piga.example/")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if string(body) != "done" || err != nil {
			t.Errorf("it answered %q, %v", body, err)
		}
		_, _ = res.Body.Close(), server.Close()
	})
}

// pipes is a listener in memory, which waits by the clock of a test.
type pipes struct {
	dialled chan net.Conn
	closed  chan struct{}
}

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	p.dialled <- there
	return here, nil
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.dialled:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }
