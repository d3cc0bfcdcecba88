package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestMedian(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		values []float64
		want   float64
	}{
		{nil, 0},
		{[]float64{7}, 7},
		{[]float64{9, 1, 5}, 5},
		{[]float64{4, 1, 3, 2}, 2.5},
	} {
		if got := median(c.values); got != c.want {
			t.Errorf("median of %v: %v, want %v", c.values, got, c.want)
		}
	}
}

func TestSpread(t *testing.T) {
	t.Parallel()
	if got, want := spreadOf([]float64{3, 1, 2}), (spread{Median: 2, Low: 1, High: 3}); got != want {
		t.Errorf("spread: %v, want %v", got, want)
	}
	if got := spreadOf(nil); got != (spread{}) {
		t.Errorf("spread of nothing: %v", got)
	}
}

func TestPercentile(t *testing.T) {
	t.Parallel()
	hundred := make([]int, 100)
	for i := range hundred {
		hundred[i] = i + 1
	}
	for _, c := range []struct {
		sorted []int
		p      float64
		want   int
	}{
		{nil, 0.5, 0},
		{[]int{3}, 0.99, 3},
		{hundred, 0, 1},
		{hundred, 0.50, 50},
		{hundred, 0.99, 99},
		{hundred, 0.995, 100},
		{hundred, 1, 100},
	} {
		if got := percentile(c.sorted, c.p); got != c.want {
			t.Errorf("%v of %d values: %d, want %d", c.p, len(c.sorted), got, c.want)
		}
	}
}

func TestSum(t *testing.T) {
	t.Parallel()
	got := sum([]callerTally{
		{done: 3, refused: 1, took: []time.Duration{5, 1, 3}},
		{done: 1, took: []time.Duration{9}},
	}, 2*time.Second)
	if want := (tally{Rate: 2, Refused: 1, P50: 3, P99: 9}); got != want {
		t.Errorf("tally: %v, want %v", got, want)
	}
}

func TestSweepsFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ people, entries, want int }{
		{5_000_000, 50_000_000, 3},
		{1000, 0, 0},
		{1000, 2000, 0},
		{1000, 2001, 1},
		{1000, 5000, 1},
	} {
		got := sweepsFor(c.people, c.entries)
		if got != c.want {
			t.Errorf("%d people, %d entries: %d sweeps, want %d", c.people, c.entries, got, c.want)
		}
		if f := (fill{c.people, got}); f.entries() < c.entries {
			t.Errorf("%v has %d entries, want %d at least", f, f.entries(), c.entries)
		}
	}
}

func TestFigure(t *testing.T) {
	t.Parallel()
	got := []string{}
	for _, f := range []float64{0, 0.5, 1.234, 12, 12.34, 123.4, 1234.5, 12_000, 5_000_000} {
		got = append(got, figure(f))
	}
	want := []string{"0", "0.50", "1.23", "12", "12.3", "123", "1,234", "12,000", "5,000,000"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
