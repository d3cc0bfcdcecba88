package main

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/ussd"
)

// A turn that pays is one trace, from the callback to the page that is kept, the batch in it; its line in the log names it.
func TestTraceOfAPayment(t *testing.T) {
	t.Parallel()
	w, h := janeSends(t, ussd.Limits{})
	w.spans.Reset()
	if page := w.say(h, "602413"); !strings.HasPrefix(page, "END ") {
		t.Fatal(page)
	}
	w.messages("jane")
	w.until("the batch is over, too", func() bool { return strings.Contains(w.traced(), "\nbatch ") })
	paid := w.trace("turn")
	want := []string{
		"turn", "turn/claim", "turn/keep", "turn/menu", "turn/menu/PIN", "turn/menu/batch", "turn/menu/batch/commit",
		"turn/menu/batch/lock", "turn/menu/batch/write", "turn/menu/commit", "turn/menu/queue",
	}
	if diff := cmp.Diff(want, paths(paid)); diff != "" {
		t.Error(diff)
	}
	for _, s := range paid {
		if s.Name == "turn" && (fact(s, "piga.call") != h.session || fact(s, "piga.screen") != h.screen || fact(s, "piga.turn") != "1") {
			t.Errorf("the turn says %v", s.Attributes)
		}
		if s.Name == "batch" && fact(s, "piga.orders") != "1" {
			t.Errorf("the batch says %v", s.Attributes)
		}
	}
	if got := paths(w.trace("message")); !slices.Contains(got, "message/send") || !slices.Contains(got, "message/mark") {
		t.Errorf("a message's steps are %v", got)
	}
	for _, s := range w.spans.GetSpans() {
		if !s.Parent.IsValid() && s.Name != "turn" && s.Name != "message" {
			t.Errorf("a trace of a %s alone", s.Name)
		}
	}
	w.logsLeadOn(h, paid[0].SpanContext.TraceID().String())
	w.findNoPIN(t)
}

// logsLeadOn finds call, turn, request and trace in the turn's line, and the request in those of its messages.
func (w *world) logsLeadOn(h *handset, trace string) {
	w.t.Helper()
	request := string(ussd.Callback{Session: h.session, Service: h.service}.Request())
	var turns, messages int
	for line := range strings.Lines(w.log.String()) {
		var l struct {
			Msg, Call, Request, Trace string
			Turn                      *int
			Message                   struct{ Request string }
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			w.t.Fatal(err)
		}
		if l.Msg == "turn" && l.Trace == trace && l.Call == h.session && l.Request == request && l.Turn != nil && *l.Turn == 1 {
			turns++
		}
		if l.Msg == "message sent" && l.Message.Request == request && l.Trace != "" {
			messages++
		}
	}
	if turns != 1 || messages != 2 {
		w.t.Errorf("the log has %d lines of the turn and %d of its messages", turns, messages)
	}
}

// trace is the first trace that begins with a step of a name, in the order in which steps ended.
func (w *world) trace(name string) tracetest.SpanStubs {
	w.t.Helper()
	all := w.spans.GetSpans()
	first := slices.IndexFunc(all, func(s tracetest.SpanStub) bool { return s.Name == name && !s.Parent.IsValid() })
	if first < 0 {
		w.t.Fatalf("no trace of a %s", name)
	}
	of := all[first].SpanContext.TraceID()
	return slices.DeleteFunc(all, func(s tracetest.SpanStub) bool { return s.SpanContext.TraceID() != of })
}

// paths are the steps of a trace, sorted, each within those that it belongs to.
func paths(spans tracetest.SpanStubs) []string {
	var all []string
	for _, s := range spans {
		path, outer := s.Name, s.Parent.SpanID()
		for outer.IsValid() {
			at := slices.IndexFunc(spans, func(o tracetest.SpanStub) bool { return o.SpanContext.SpanID() == outer })
			if at < 0 {
				path, outer = "?/"+path, [8]byte{}
				continue
			}
			path, outer = spans[at].Name+"/"+path, spans[at].Parent.SpanID()
		}
		all = append(all, path)
	}
	slices.Sort(all)
	return all
}

func fact(s tracetest.SpanStub, key string) string {
	for _, a := range s.Attributes {
		if string(a.Key) == key {
			return a.Value.AsString()
		}
	}
	return ""
}

// What is no fact stays out of a span, and so does what an error says.
func TestSpansHoldFactsAlone(t *testing.T) {
	t.Parallel()
	w := &world{t: t, spans: tracetest.NewInMemoryExporter()}
	_, step := newTraces(1, sdktrace.WithSyncer(w.spans)).Begin(t.Context(), "turn")
	step.Note("screen", "home")
	step.Note("phone", "+254711000001")
	step.End(core.Errorf(core.WrongPIN, "602413"))
	got := w.traced()
	if !strings.Contains(got, "home") || !strings.Contains(got, "wrong_pin") || strings.Contains(got, "2547") || strings.Contains(got, "602413") {
		t.Error(got)
	}
}

// Spans get to a collector by OTLP over HTTP when a stop comes, and a stop does not wait long for one that is silent.
func TestCollector(t *testing.T) {
	t.Parallel()
	taken := make(chan string, 1)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // what is missing is missed below
		taken <- r.URL.Path + " " + r.Header.Get("Content-Type") + " " + string(body)
	}))
	defer collector.Close()
	traces, err := openTraces(t.Context(), config{Traces: collector.URL, Traced: 1}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, turn := traces.Begin(t.Context(), "turn")
	_, claim := traces.Begin(ctx, "claim")
	claim.End(nil)
	turn.End(nil)
	if err := traces.close(); err != nil {
		t.Error(err)
	}
	if got := <-taken; !strings.HasPrefix(got, "/v1/traces application/x-protobuf ") || !strings.Contains(got, "claim") || !strings.Contains(got, "piga") {
		t.Errorf("the collector got %q", got)
	}
	gone, err := openTraces(t.Context(), config{Traces: "http://127.0.0.1:1", Traced: 1}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	_, turn = gone.Begin(t.Context(), "turn")
	turn.End(nil)
	began := time.Now()
	_ = gone.close() // that it could not be told is no matter
	if took := time.Since(began); took > tracesWithin+time.Second {
		t.Errorf("a stop waited %s for a collector that is gone", took)
	}
}

func TestTraceOfAVisit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	res, err := http.Get(w.server.URL + "/api/account/balance")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	visit := w.trace("visit")[0]
	if fact(visit, "piga.route") != "GET /api/account/balance" || fact(visit, "piga.code") != "no_token" ||
		fact(visit, "piga.visit") != res.Header.Get("X-Request-ID") {
		t.Errorf("it says %v", visit.Attributes)
	}
}

// Of a turn that is left out no step is kept, nor is one that belongs to nothing.
func TestLeftOut(t *testing.T) {
	t.Parallel()
	w := &world{t: t, spans: tracetest.NewInMemoryExporter()}
	for share, first := range map[float64]string{0: "turn", 1: "commit"} {
		traces := newTraces(share, sdktrace.WithSyncer(w.spans))
		ctx, outer := traces.Begin(t.Context(), first)
		_, inner := traces.Begin(ctx, "lock")
		inner.Note("screen", "home")
		inner.End(nil)
		outer.End(nil)
	}
	if got := w.traced(); got != "" {
		t.Error(got)
	}
}
