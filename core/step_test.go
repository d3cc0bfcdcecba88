package core

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// diary watches, and writes down what it sees.
type diary struct {
	name  string
	lines *[]string
}

type inStep struct{}

func (d diary) Begin(ctx context.Context, name string) (context.Context, Step) {
	if outer, ok := ctx.Value(inStep{}).(string); ok {
		name = outer + "/" + name
	}
	return context.WithValue(ctx, inStep{}, name), page{d, name}
}

type page struct {
	diary
	name string
}

func (p page) write(what string)       { *p.lines = append(*p.lines, p.diary.name+" "+p.name+": "+what) }
func (p page) Note(fact, value string) { p.write(fact + "=" + value) }
func (p page) End(err error)           { p.write("end " + string(CodeOf(err))) }

func TestSteps(t *testing.T) {
	t.Parallel()
	var got []string
	jane := Watched(t.Context(), diary{"jane", &got})
	john := Watched(t.Context(), diary{"john", &got})
	turn, outer := Begin(jane, "turn")
	both := Together(t.Context(), []context.Context{turn, john})
	batch, inner := Begin(both, "batch")
	_, innermost := Begin(batch, "commit")
	innermost.End(errors.New("what it said"))
	inner.Note("orders", "2")
	inner.End(nil)
	outer.End(Errorf(Busy, "later"))
	want := []string{
		"jane turn/batch/commit: end internal", "john batch/commit: end internal",
		"jane turn/batch: orders=2", "john batch: orders=2", "jane turn/batch: end ", "john batch: end ",
		"jane turn: end busy",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !Seen(batch) || Seen(t.Context()) || Seen(Together(t.Context(), nil)) {
		t.Error("it is not seen who is watched")
	}
}

// Where nobody watches, steps take no memory, however deep the context.
func TestStepsUnseen(t *testing.T) {
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), inStep{}, "elsewhere"))
	defer cancel()
	took := testing.AllocsPerRun(1000, func() {
		within, step := Begin(ctx, "turn")
		_, inner := Begin(within, "commit")
		inner.Note("screen", "home")
		inner.End(nil)
		step.End(nil)
	})
	if took != 0 {
		t.Errorf("two steps took %v allocations", took)
	}
}

func BenchmarkStepUnseen(b *testing.B) {
	ctx := context.WithValue(b.Context(), inStep{}, "elsewhere")
	b.ReportAllocs()
	for b.Loop() {
		_, step := Begin(ctx, "commit")
		step.End(nil)
	}
}
