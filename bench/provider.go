package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// provider stands in for Africa's Talking on the loopback address: it takes each message at once, answers as the
// real one was recorded to, and counts.
type provider struct {
	address string
	server  *http.Server
	taken   atomic.Int64
}

func openProvider() (*provider, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &provider{address: "http://" + l.Addr().String()}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /version1/messaging", p.take)
	p.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = p.server.Serve(l) }() // ends with Close
	return p, nil
}

// Close ends it.
func (p *provider) Close() error { return p.server.Close() }

func (p *provider) take(w http.ResponseWriter, r *http.Request) {
	to := r.PostFormValue("to")
	n := p.taken.Add(1)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, `{"SMSMessageData":{"Message":"Sent to 1/1 Total Cost: KES 0.8000","Recipients":[`+
		`{"cost":"KES 0.8000","messageId":"ATXid_%032x","number":%q,"status":"Success","statusCode":101}]}}`, n, to)
}

// drain waits until so many messages were taken.
func (p *provider) drain(ctx context.Context, messages int64) error {
	for began := time.Now(); p.taken.Load() < messages; {
		if time.Since(began) > time.Minute {
			return fmt.Errorf("%d messages of %d were not sent within a minute", messages-p.taken.Load(), messages)
		}
		select {
		case <-ctx.Done():
			return errors.New("the messages were not waited for")
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}
