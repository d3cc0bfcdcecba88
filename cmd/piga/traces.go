package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/piga-money/piga/core"
)

// traces make OpenTelemetry spans of steps. Nothing else knows OpenTelemetry.
type traces struct {
	provider *sdktrace.TracerProvider
	tracer   trace.Tracer
}

// tracesWithin is how long a stop waits for a collector to take the last spans.
const tracesWithin = 3 * time.Second

// openTraces is nil where none are to be made. A collector that is away costs spans and nothing else.
func openTraces(ctx context.Context, c config, log *slog.Logger) (*traces, error) {
	if c.Traces == "" {
		return nil, nil //nolint:nilnil // no traces are traces that nobody makes
	}
	to, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(c.Traces+"/v1/traces"))
	if err != nil {
		return nil, fmt.Errorf("PIGA_TRACES: %w", err)
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Warn("traces", "error", err) }))
	return newTraces(c.Traced, sdktrace.WithBatcher(to)), nil
}

// newTraces keep such a share of all turns, each whole or not at all.
func newTraces(share float64, to sdktrace.TracerProviderOption) *traces {
	p := sdktrace.NewTracerProvider(
		to,
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.TraceIDRatioBased(share))),
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", "piga"))),
	)
	return &traces{provider: p, tracer: p.Tracer("github.com/piga-money/piga")}
}

// close hands over the spans that are left, if the collector takes them.
func (t *traces) close() error {
	if t == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), tracesWithin)
	defer cancel()
	return t.provider.Shutdown(ctx)
}

// whole are the steps with which a trace begins. What a gateway does by itself, such as to look for messages, makes none.
var whole = map[string]bool{"turn": true, "visit": true, "message": true, "text": true}

// Begin begins a span, if it is within one that is kept, or may be the first.
func (t *traces) Begin(ctx context.Context, name string) (context.Context, core.Step) {
	outer := trace.SpanFromContext(ctx)
	if of := outer.SpanContext(); !of.IsSampled() && (of.IsValid() || !whole[name]) {
		return ctx, span{outer} // which keeps nothing
	}
	ctx, s := t.tracer.Start(ctx, name)
	return ctx, span{s}
}

type span struct{ trace.Span }

// facts are what may stand in a span. Whatever else a step is told stays here: a name or a number would have to be let
// in by somebody who writes it into this list.
var facts = map[string]bool{
	"call": true, "turn": true, "screen": true, "outcome": true, "code": true, "orders": true,
	"visit": true, "route": true, "message": true, "provider": true, "reason": true, "kind": true,
}

// Note keeps what is a fact.
func (s span) Note(fact, value string) {
	if facts[fact] && value != "" && s.IsRecording() {
		s.SetAttributes(attribute.String("piga."+fact, value))
	}
}

// End keeps the error's code. Its words may quote what was typed.
func (s span) End(err error) {
	if err != nil {
		s.SetStatus(codes.Error, string(core.CodeOf(err)))
	}
	s.Span.End()
}

// traced adds to each line of a log the trace in which it was written, so that one leads to the other.
type traced struct{ slog.Handler }

// Handle adds it.
func (h traced) Handle(ctx context.Context, r slog.Record) error {
	if s := trace.SpanContextFromContext(ctx); s.IsSampled() {
		r.AddAttrs(slog.String("trace", s.TraceID().String()))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs and WithGroup stay traced.
func (h traced) WithAttrs(attrs []slog.Attr) slog.Handler { return traced{h.Handler.WithAttrs(attrs)} }

func (h traced) WithGroup(name string) slog.Handler { return traced{h.Handler.WithGroup(name)} }
