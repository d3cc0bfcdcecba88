package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// report is all that was found, as bench.json has it.
type report struct {
	Machine machine  `json:"machine"`
	Rounds  int      `json:"rounds"`
	Seconds float64  `json:"seconds"` // of one side in a round
	Took    float64  `json:"took"`    // seconds in all
	Lines   []result `json:"lines"`
}

// result is a line of the table.
type result struct {
	Key     string       `json:"row"`
	What    string       `json:"what"`
	Unit    string       `json:"unit"`
	Value   spread       `json:"value"`
	Against string       `json:"against,omitempty"`
	Other   *spread      `json:"against_value,omitempty"`
	Ratio   *spread      `json:"ratio,omitempty"` // of each round's own two
	Aims    []string     `json:"aims,omitempty"`
	Met     *bool        `json:"met,omitempty"` // all aims
	Parts   []partResult `json:"parts,omitempty"`
	Missing string       `json:"missing,omitempty"`
}

type partResult struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"` // the median
	Unit  string  `json:"unit,omitempty"`
}

// resultsOf sums up the readings of the rows that were run, in the order of the table.
func resultsOf(found map[string][]reading, rows []string) []result {
	var all []result
	for _, r := range rowsOfTheTable() {
		if !slices.Contains(rows, r.name) {
			continue
		}
		for _, ln := range r.lines {
			all = append(all, ln.result(found[ln.key]))
		}
	}
	return all
}

func (ln line) result(readings []reading) result {
	r := result{Key: ln.key, What: ln.what, Unit: ln.unit, Against: ln.against, Missing: "not measured"}
	if len(readings) == 0 {
		return r
	}
	r.Missing = ""
	var values, others, ratios []float64
	for _, one := range readings {
		values = append(values, one.value)
		if one.against > 0 {
			others, ratios = append(others, one.against), append(ratios, ratio(one.value, one.against))
		}
		if one.missing != "" {
			r.Missing = one.missing
		}
	}
	r.Value = spreadOf(values)
	if len(ratios) > 0 {
		other, ratio := spreadOf(others), spreadOf(ratios)
		r.Other, r.Ratio = &other, &ratio
	}
	r.Parts = partsOf(readings)
	r.judge(ln.aims)
	return r
}

// partsOf are the medians of the parts, each over the rounds that have it.
func partsOf(readings []reading) []partResult {
	var parts []partResult
	values := map[string][]float64{}
	for _, one := range readings {
		for _, p := range one.parts {
			if values[p.name] == nil {
				parts = append(parts, partResult{Name: p.name, Unit: p.unit})
			}
			values[p.name] = append(values[p.name], p.value)
		}
	}
	for i := range parts {
		parts[i].Value = median(values[parts[i].Name])
	}
	return parts
}

// judge holds the medians against the aims. What has nothing to be compared with meets no aim that compares.
func (r *result) judge(aims []aim) {
	if len(aims) == 0 {
		return
	}
	met := true
	for _, a := range aims {
		got := r.Value.Median
		if !a.value {
			got = 0
			if r.Ratio != nil {
				got = r.Ratio.Median
			}
		}
		met = met && got >= a.least && (a.most == 0 || got <= a.most)
		r.Aims = append(r.Aims, a.String())
	}
	r.Met = &met
}

// String is an aim as the table shows it.
func (a aim) String() string {
	sign, bound := "≥", a.least
	if a.most > 0 {
		sign, bound = "≤", a.most
	}
	if a.value {
		return sign + " " + figure(bound)
	}
	return fmt.Sprintf("%s %g ×", sign, bound)
}

// String is a reading as the progress shows it.
func (r reading) String() string {
	s := figure(r.value)
	if r.against > 0 {
		s += fmt.Sprintf(" against %s: %.2f", figure(r.against), ratio(r.value, r.against))
	}
	for _, p := range r.parts {
		s += ", " + partResult{p.name, p.value, p.unit}.String()
	}
	if r.missing != "" {
		s += ", " + r.missing
	}
	return s
}

// String is a part as the table shows it.
func (p partResult) String() string {
	return strings.TrimSpace(p.Name + " " + figure(p.Value) + " " + p.Unit)
}

// write writes the report for programs.
func (r report) write(path string) error {
	if path == "" {
		return nil
	}
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(b, '\n'), 0o644)
}

// table is the report for people, in Markdown.
func (r report) table() string {
	var b strings.Builder
	m := r.Machine
	fmt.Fprintf(&b, "%s, %d cores, %s, PostgreSQL %s, %s (%s). Medians of %d rounds of %g s a side, extremes in brackets; %s in all.\n\n",
		m.CPU, m.Cores, m.OS, m.PostgreSQL, m.Go, m.Date, r.Rounds, r.Seconds, minutes(r.Took))
	b.WriteString("| row | what | found | against | found there | ratio | aim | met | besides |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|\n")
	for _, one := range r.Lines {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(one.cells(), " | "))
	}
	return b.String()
}

func (r result) cells() []string {
	found, other, ratio, met := "–", "–", "–", "–"
	if r.Value != (spread{}) {
		found = r.Value.with(figure) + " " + r.Unit
	}
	if r.Other != nil {
		other, ratio = figure(r.Other.Median), r.Ratio.with(hundredths)
	}
	if r.Met != nil {
		met = map[bool]string{true: "yes", false: "no"}[*r.Met]
	}
	besides := make([]string, 0, len(r.Parts)+1)
	for _, p := range r.Parts {
		besides = append(besides, p.String())
	}
	if r.Missing != "" {
		besides = append(besides, r.Missing)
	}
	return []string{
		r.Key, r.What, found, orDash(r.Against), other, ratio, orDash(strings.Join(r.Aims, ", ")), met,
		orDash(strings.Join(besides, ", ")),
	}
}

// with is the median and, where there are several values, the extremes.
func (s spread) with(show func(float64) string) string {
	if s.Low == s.High {
		return show(s.Median)
	}
	return fmt.Sprintf("%s (%s–%s)", show(s.Median), show(s.Low), show(s.High))
}

func hundredths(f float64) string { return strconv.FormatFloat(f, 'f', 2, 64) }

// figure is a number with as many digits as mean something, in groups of three.
func figure(f float64) string {
	digits := 2
	switch {
	case f == float64(int64(f)) || f >= 100:
		digits = 0
	case f >= 10:
		digits = 1
	}
	s := strconv.FormatFloat(f, 'f', digits, 64)
	whole, rest, _ := strings.Cut(s, ".")
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	if rest != "" {
		whole += "." + rest
	}
	return whole
}

func minutes(seconds float64) string {
	return fmt.Sprintf("%d min %d s", int(seconds)/60, int(seconds)%60)
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
