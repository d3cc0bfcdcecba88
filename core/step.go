package core

import "context"

// A Watcher sees the steps in which a call, a visit or a message is carried out: traces are made by one. It is told what
// the steps are called, a few facts and codes; never what somebody typed, or who she is.
type Watcher interface {
	// Begin begins a step, within the one that ctx is in if it is in any. What belongs to it is done with the context that
	// comes back.
	Begin(ctx context.Context, name string) (context.Context, Step)
}

// Step is one that was begun.
type Step interface {
	// Note adds a fact. The watcher knows which facts there are, and drops what is none.
	Note(fact, value string)
	// End is called once. Of an error only the code is kept, as its words may quote what was typed.
	End(err error)
}

type watched struct{}

// Watched has a watcher see what is done with the context that comes back.
func Watched(ctx context.Context, w Watcher) context.Context {
	return context.WithValue(ctx, watched{}, w)
}

// Seen is whether somebody watches what is done with ctx.
func Seen(ctx context.Context) bool { return ctx.Value(watched{}) != nil }

// Begin begins a step, as every package does for whoever may be watching. Where nobody is, it costs a look at the context.
func Begin(ctx context.Context, name string) (context.Context, Step) {
	w, ok := ctx.Value(watched{}).(Watcher)
	if !ok {
		return ctx, unseen{}
	}
	return w.Begin(ctx, name)
}

type unseen struct{}

func (unseen) Note(string, string) {}
func (unseen) End(error)           {}

// Together is ctx for what is done at once for several that are watched, each in a context of its own: a step in it
// is a step of each.
func Together(ctx context.Context, each []context.Context) context.Context {
	if len(each) == 0 {
		return ctx
	}
	return Watched(ctx, together(each))
}

type together []context.Context

// Begin begins the step in each.
func (t together) Begin(ctx context.Context, name string) (context.Context, Step) {
	within, all := make([]context.Context, len(t)), make(steps, len(t))
	for i, one := range t {
		within[i], all[i] = Begin(one, name)
	}
	return Together(ctx, within), all
}

type steps []Step

func (s steps) Note(fact, value string) {
	for _, one := range s {
		one.Note(fact, value)
	}
}

func (s steps) End(err error) {
	for _, one := range s {
		one.End(err)
	}
}
