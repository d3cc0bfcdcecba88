package core_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/piga-money/piga/core"
)

func pinOf(t testing.TB, digits string) core.PIN {
	t.Helper()
	p, err := core.ParsePIN(digits)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestParsePIN(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{"4938", "49381", "493817", "0000"} {
		if p := pinOf(t, typed); string(p.Reveal()) != typed {
			t.Errorf("%q came back as %q", typed, p.Reveal())
		}
	}
	for _, typed := range []string{"", "493", "4938175", " 4938", "4938 ", "49 38", "493a", "-493", "٤٩٣٨", "4938\n"} {
		if _, err := core.ParsePIN(typed); core.CodeOf(err) != core.BadPIN {
			t.Errorf("ParsePIN(%q): %v, want bad_pin", typed, err)
		}
	}
	if got := (core.PIN{}).Reveal(); len(got) != 0 {
		t.Errorf("the zero PIN is %q", got)
	}
}

func TestWeakPIN(t *testing.T) {
	t.Parallel()
	const own core.MSISDN = "+254712349038"
	for digits, weak := range map[string]bool{
		"0000": true, "99999": true, "111111": true,
		"1234": true, "0123": true, "456789": true, "4321": true, "98765": true,
		"9038": true, "349038": false, // the end of the own number counts when four digits long
		"1940": true, "1999": true, "2026": true, "1939": false, "2027": false, "199900": false,
		"1357": false, "1235": false, "7890": false, "112233": false, "4938": false,
	} {
		err := pinOf(t, digits).Weak(own, 2026)
		if (core.CodeOf(err) == core.WeakPIN) != weak || (err == nil) == weak {
			t.Errorf("%s: %v, want weak %t", digits, err, weak)
		}
	}
	if (core.PIN{}).Weak(own, 2026) == nil {
		t.Error("the zero PIN is not weak")
	}
}

// Form is how a careless caller might keep a PIN.
type Form struct {
	Name   string
	PIN    core.PIN
	hidden core.PIN
}

// everywhere is a PIN in every place in which one could be printed from.
func everywhere(p core.PIN) map[string]any {
	f := Form{"JANE", p, p}
	err := fmt.Errorf("refused %v: %w", p, core.Errorf(core.WrongPIN, "typed %v %s %q %d and %+v", p, p, p, p, f))
	return map[string]any{
		"itself": p, "pointer": &p, "struct": f, "pointer to a struct": &f, "unexported": struct{ p core.PIN }{p},
		"pointer in a struct": struct{ p *core.PIN }{&p}, "slice": []core.PIN{p}, "array": [1]core.PIN{p},
		"map": map[string]core.PIN{"pin": p}, "map of structs": map[string]Form{"pin": f},
		"interface": []any{p, f, &f}, "deep": struct{ m map[string][]*Form }{map[string][]*Form{"x": {&f}}},
		"error": err, "method": p.Reveal, "error with a blank": core.Errorf(core.BadPIN, "%v", f).With("pin", fmt.Sprint(p)),
	}
}

// neverShown fails where a way of showing shows the digits. Digits may stand there by chance, in an address
// or a time: so each way is tried with two PINs, and only one that shows both is a leak.
func neverShown(t *testing.T, show func(v any, say func(way, shown string))) {
	t.Helper()
	digits := [2]string{"493817", "860529"}
	leaks := map[string]int{}
	for _, d := range digits {
		for place, v := range everywhere(pinOf(t, d)) {
			show(v, func(way, shown string) {
				if holds(shown, d) {
					leaks[place+" by "+way]++
				}
			})
		}
	}
	for what, n := range leaks {
		if n >= len(digits) {
			t.Errorf("%s shows the PIN", what)
		}
	}
}

// holds is true when the digits show, as text or as bytes.
func holds(s, digits string) bool {
	for _, form := range []string{"%s", "%x", "%X", "% x", "% X", "%d"} {
		leak := strings.Trim(fmt.Sprintf(form, []byte(digits)), "[]")
		if strings.Contains(s, leak) || strings.Contains(s, leak[2:]) {
			return true
		}
	}
	return false
}

func TestPINIsNeverPrinted(t *testing.T) {
	t.Parallel()
	formats := []string{"%10.2v", "%+#v", "%#x", "% X", "%[2]*[1]v", "no verb", "%!", "%", "%v %d"}
	for _, verb := range "vdsqxXbcoOUeEfFgGtTpwz" {
		formats = append(formats, "%"+string(verb), "%+"+string(verb), "%#"+string(verb), "%-010"+string(verb))
	}
	neverShown(t, func(v any, say func(way, shown string)) {
		for _, format := range formats {
			say(format, fmt.Sprintf(format, v))
		}
		say("Sprint", fmt.Sprint(v))
		say("Sprintln", fmt.Sprintln(v))
		say("Errorf", fmt.Errorf("x: %v", v).Error())
	})
	p := pinOf(t, "493817")
	if got := fmt.Sprintf("%v %s %d", p, p, p); got != "**** **** ****" {
		t.Errorf("shown as %q", got)
	}
}

func TestPINIsNeverMarshalled(t *testing.T) {
	t.Parallel()
	neverShown(t, func(v any, say func(way, shown string)) {
		b, err := json.Marshal(v)
		say("JSON", fmt.Sprint(string(b), err))
		b, err = xml.Marshal(v)
		say("XML", fmt.Sprint(string(b), err))
		var out bytes.Buffer
		err = gob.NewEncoder(&out).Encode(v)
		say("gob", fmt.Sprint(out.String(), err))
	})
	p := pinOf(t, "493817")
	if _, err := json.Marshal(Form{PIN: p}); err == nil {
		t.Error("JSON took a PIN")
	}
	if _, err := json.Marshal(map[string]any{"p": &p}); err == nil {
		t.Error("JSON took a pointer to a PIN")
	}
	if _, err := xml.Marshal(Form{PIN: p}); err == nil {
		t.Error("XML took a PIN")
	}
	if err := gob.NewEncoder(&bytes.Buffer{}).Encode(p); err == nil {
		t.Error("gob took a PIN")
	}
}

func TestPINIsNeverLogged(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	handlers := map[string]slog.Handler{"JSON": slog.NewJSONHandler(&out, nil), "text": slog.NewTextHandler(&out, nil)}
	neverShown(t, func(v any, say func(way, shown string)) {
		for name, h := range handlers {
			slog.New(h).With("kept", v).WithGroup("g").Error(fmt.Sprint(v), "pin", v, slog.Group("deep", "pin", v))
			say(name, out.String())
			out.Reset()
		}
	})
	for name, h := range handlers {
		slog.New(h).Info("call", "pin", pinOf(t, "493817"))
		if !strings.Contains(out.String(), "****") {
			t.Errorf("logged as %s: %s", name, out.String())
		}
		out.Reset()
	}
}

func FuzzParsePIN(f *testing.F) {
	for _, s := range []string{"4938", "493817", "49", "4938*", "٤٩٣٨"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := core.ParsePIN(s)
		if err != nil {
			if core.CodeOf(err) != core.BadPIN || len(p.Reveal()) != 0 {
				t.Fatalf("ParsePIN(%q): %v", s, err)
			}
			return
		}
		if string(p.Reveal()) != s || len(s) < 4 || len(s) > 6 {
			t.Fatalf("ParsePIN(%q) is %q", s, p.Reveal())
		}
	})
}
