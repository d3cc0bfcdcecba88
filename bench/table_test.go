package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each round's two sides are divided before the medians are taken: that of the ratios is not the ratio of those.
func TestResult(t *testing.T) {
	t.Parallel()
	ln := line{key: "X", what: "words", unit: "/s", against: "others", aims: []aim{{least: 0.5}, {value: true, least: 15}}}
	got := ln.result([]reading{
		{value: 10, against: 10, parts: []part{{"p50", 1, "ms"}}},
		{value: 20, against: 80, parts: []part{{"p50", 3, "ms"}, {"refused", 4, ""}}},
		{value: 30, against: 40, parts: []part{{"p50", 2, "ms"}}},
	})
	met := true
	want := result{
		Key: "X", What: "words", Unit: "/s", Against: "others",
		Value: spread{20, 10, 30}, Other: &spread{40, 10, 80}, Ratio: &spread{0.75, 0.25, 1},
		Aims: []string{"≥ 0.5 ×", "≥ 15"}, Met: &met,
		Parts: []partResult{{"p50", 2, "ms"}, {"refused", 4, ""}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAims(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		aim  aim
		read reading
		want bool
	}{
		"a ratio that is reached":      {aim{least: 0.9}, reading{value: 90, against: 100}, true},
		"a ratio that is missed":       {aim{least: 0.9}, reading{value: 89, against: 100}, false},
		"nothing to compare with":      {aim{least: 0.9}, reading{value: 90, missing: "no pgbench"}, false},
		"a value that is reached":      {aim{value: true, least: 12}, reading{value: 12}, true},
		"a value that is missed":       {aim{value: true, least: 12}, reading{value: 11}, false},
		"a value that is small enough": {aim{value: true, most: 12}, reading{value: 12}, true},
		"a value that is too large":    {aim{value: true, most: 12}, reading{value: 13}, false},
	} {
		if got := (line{aims: []aim{c.aim}}).result([]reading{c.read}); *got.Met != c.want {
			t.Errorf("%s: met is %v, want %v", name, *got.Met, c.want)
		}
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	met := false
	r := report{
		Machine: machine{Date: "2026-11-21", Cores: 2, CPU: "A CPU", OS: "linux/amd64", Go: "go1.26", PostgreSQL: "15.1"},
		Rounds:  5, Seconds: 2.5, Took: 125,
		Lines: []result{{
			Key: "L1", What: "words", Unit: "/s", Value: spread{12_000, 11_000, 13_000}, Against: "others",
			Other: &spread{20_000, 1, 2}, Ratio: &spread{0.6, 0.55, 0.65}, Aims: []string{"≥ 0.7 ×"}, Met: &met,
			Parts: []partResult{{"p50", 1.5, "ms"}},
		}, {Key: "U3", What: "more", Unit: "MB", Missing: "the system does not tell"}},
	}
	want := `A CPU, 2 cores, linux/amd64, PostgreSQL 15.1, go1.26 (2026-11-21). Medians of 5 rounds of 2.5 s a side, extremes in brackets; 2 min 5 s in all.

| row | what | found | against | found there | ratio | aim | met | besides |
|---|---|---|---|---|---|---|---|---|
| L1 | words | 12,000 (11,000–13,000) /s | others | 20,000 | 0.60 (0.55–0.65) | ≥ 0.7 × | no | p50 1.50 ms |
| U3 | more | – | – | – | – | – | – | the system does not tell |
`
	if diff := cmp.Diff(want, r.table()); diff != "" {
		t.Error(diff)
	}
}

func TestEveryRowHasItsLines(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range rowsOfTheTable() {
		for _, ln := range r.lines {
			if seen[ln.key] || !strings.HasPrefix(ln.key, r.name) {
				t.Errorf("row %s has the line %q", r.name, ln.key)
			}
			seen[ln.key] = true
		}
	}
}
