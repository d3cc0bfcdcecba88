package main

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/piga-money/piga/sandbox"
	"github.com/piga-money/piga/soak"
	"github.com/piga-money/piga/store/local"
)

// newSoaking is a short soak over a database of its own, with waits that a test can afford.
func newSoaking(t *testing.T, calls int, h sandbox.Hostility) *soaking {
	t.Helper()
	return &soaking{
		postgres: local.Database(t, migrated), redis: local.Redis(t), calls: calls, callers: 8, seed: 1, within: time.Minute,
		hostility: h, cost: pinCost{Memory: 8, Passes: 1},
		limits: sandbox.Limits{
			ReportAfter: time.Millisecond, RepeatAfter: 100 * time.Millisecond, Delay: 20 * time.Millisecond,
			Hang: 50 * time.Millisecond, Down: 100 * time.Millisecond,
		},
	}
}

func (o *soaking) unharmed(t *testing.T) soak.Report {
	t.Helper()
	r, err := o.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		t.Errorf("%s: %s", f.Harm, f.What)
	}
	if r.Calls != o.calls || r.Turns < 2*o.calls || r.Outcomes["moved"] == 0 || r.Sent == 0 {
		t.Errorf("there was little to find harm in: %+v", r)
	}
	return r
}

// Under all hostility at once nothing moves twice, nothing is lost, no page is too long, no PIN lies about, and
// nobody is told what is not true. make soak does the same for longer.
func TestSoak(t *testing.T) {
	t.Parallel()
	r := newSoaking(t, 200, sandbox.All()).unharmed(t)
	for _, outcome := range []string{"moved", "held", "noted", "insufficient_funds"} {
		if r.Outcomes[outcome] == 0 {
			t.Errorf("no request came to %q: %v", outcome, r.Outcomes)
		}
	}
	var out strings.Builder
	if err := r.Print(&out); err != nil || !strings.Contains(out.String(), "PINs found") {
		t.Errorf("the table is %q, %v", out.String(), err)
	}
}

// A soak ends when its time is over, and what was done by then is looked at.
func TestSoakEnds(t *testing.T) {
	t.Parallel()
	o := newSoaking(t, 1_000_000, nil)
	o.within = time.Second
	r, err := o.run(t.Context())
	if err != nil || r.Calls == 0 || r.Calls >= o.calls || len(r.Findings) > 0 {
		t.Errorf("%d calls, %v, %v", r.Calls, r.Findings, err)
	}
}

// A soak that is stopped has not judged, and does not end as one that found nothing.
func TestStoppedSoakIsNoPass(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := run(ctx, []string{"sandbox", "soak"}, nil, nil, io.Discard); !errors.Is(err, errUnjudged) {
		t.Errorf("it ended with %v", err)
	}
}

// What it cannot work with is refused by name, before anything is started.
func TestSoakRefuses(t *testing.T) {
	t.Parallel()
	for says, args := range map[string][]string{
		"--calls, --callers and --within":         {"--calls=0"},
		`--hostile: there is no hostility "nap"`:  {"--hostile=nap=1"},
		`piga sandbox soak does not know "later"`: {"later"},
	} {
		err := run(t.Context(), append([]string{"sandbox", "soak"}, args...), nil, nil, io.Discard)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v: %v", args, err)
		}
	}
	err := run(t.Context(), []string{"sandbox", "soak"}, []string{"PIGA_POSTGRES_URL=postgres://x"}, nil, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "PIGA_POSTGRES_URL is set") {
		t.Errorf("with a database: %v", err)
	}
}

// Each kind of hostility alone does no harm either.
func TestEachHostilityAlone(t *testing.T) {
	t.Parallel()
	for _, kind := range sandbox.Kinds() {
		t.Run(string(kind.Name), func(t *testing.T) {
			t.Parallel()
			calls, often := 25, min(0.5, 10*kind.Default)
			switch kind.Name {
			case sandbox.TextTwice: // texts are rare
				calls, often = 100, 1
			case sandbox.ProviderDown: // so is this
				often = 0.2
			default:
			}
			r := newSoaking(t, calls, sandbox.Hostility{kind.Name: often}).unharmed(t)
			if r.Struck[kind.Name] == 0 {
				t.Error("it never struck")
			}
			delete(r.Struck, kind.Name)
			if len(r.Struck) > 0 {
				t.Errorf("so did %v", r.Struck)
			}
		})
	}
}
