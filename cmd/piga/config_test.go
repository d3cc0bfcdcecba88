package main

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestReadConfig(t *testing.T) {
	t.Parallel()
	got, err := readConfig([]string{
		"HOME=/nowhere", "PIGA_ADDR=:80", "PIGA_SERVICE_CODES=*384*96#,*384*97#", "PIGA_CALLBACK_SECRET=one,two",
		"PIGA_ALLOW_FROM=192.0.2.0/24", "PIGA_PIN_COST=8192x2", "PIGA_GRACE=3s", "PIGA_LOG_LEVEL=warn", "PIGA_REDIS_URL=",
	})
	want := config{
		Addr: ":80", Services: []string{"*384*96#", "*384*97#"}, Secrets: []string{"one", "two"},
		AllowFrom: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}, PINCost: pinCost{Memory: 8192, Passes: 2},
		ATBase: "https://api.africastalking.com", SMSRate: 50, Zone: "Africa/Nairobi", Grace: 3 * time.Second, Drain: 5 * time.Second,
		LogLevel: "warn", Traced: 1,
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Prefix{})); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

// What cannot be right is refused by the variable's name, and never with its value.
func TestRefusedConfig(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ set, says string }{
		{"PIGA_ADR=x", "PIGA_ADR is not a variable"},
		{"PIGA_GRACE=soon", "PIGA_GRACE cannot be read"},
		{"PIGA_PIN_COST=cheap", "PIGA_PIN_COST cannot be read"},
		{"PIGA_PIN_COST=4096x1x7", "PIGA_PIN_COST cannot be read"},
		{"PIGA_SERVICE_CODES=384", "no code like *384*96#"},
		{"PIGA_GRACE=-5s", "PIGA_GRACE must be above zero"},
		{"PIGA_DRAIN=-5s", "PIGA_DRAIN must not be below zero"},
		{"PIGA_SMS_RATE=0", "PIGA_SMS_RATE must be above zero"},
		{"PIGA_PIN_COST=4x1", "PIGA_PIN_COST cannot be read"},
		{"PIGA_ALLOW_FROM=everywhere", "PIGA_ALLOW_FROM cannot be read"},
		{"PIGA_LOG_LEVEL=loud", "PIGA_LOG_LEVEL must be"},
		{"PIGA_TRACES=collector:4318", "PIGA_TRACES must be like"},
		{"PIGA_TRACES=http://user:password@collector:4318", "PIGA_TRACES must be like"},
		{"PIGA_TRACED=2", "PIGA_TRACED must be"},
		{"PIGA_TRUST_FORWARDED=perhaps", "PIGA_TRUST_FORWARDED cannot be read"},
	} {
		_, err := readConfig([]string{c.set})
		_, value, _ := strings.Cut(c.set, "=")
		if err == nil || !strings.Contains(err.Error(), c.says) || (strings.Contains(c.says, "read") && strings.Contains(err.Error(), `"`+value+`"`)) {
			t.Errorf("%s: %v", c.set, err)
		}
	}
}

// Each command says what it lacks before it does anything.
func TestCommandsSayWhatTheyLack(t *testing.T) {
	t.Parallel()
	key := "a:" + base64.StdEncoding.EncodeToString(make([]byte, 32))
	all := []string{
		"PIGA_POSTGRES_URL=postgres://localhost/x", "PIGA_REDIS_URL=redis://localhost", "PIGA_CALLBACK_SECRET=short",
		"PIGA_SERVICE_CODES=*1#", "PIGA_PIN_PEPPER=" + key, "PIGA_AT_USERNAME=u", "PIGA_AT_API_KEY=k",
	}
	for _, c := range []struct {
		args string
		env  []string
		says string
	}{
		{"dance", nil, `there is no command "dance"`},
		{"dev fresh", nil, `piga dev does not know "fresh"`},
		{"migrate now", nil, `piga migrate does not know "now"`},
		{"call +254711000001 *384*96# --gateway", nil, "flags come first"},
		{"call 12345 *384*96#", nil, "is no phone"},
		{"serve", nil, "PIGA_PIN_PEPPER"},
		{"serve", all[1:], "PIGA_POSTGRES_URL"},
		{"serve", all, "PIGA_CALLBACK_SECRET is too easily guessed"},
		{"dev", all[:1], "PIGA_POSTGRES_URL is set, but piga dev brings its own"},
		{"migrate", nil, "PIGA_POSTGRES_URL"},
		{"pepper rotate", all[:1], "PIGA_PIN_PEPPER"},
		{"pepper rotate", []string{all[0], "PIGA_PIN_PEPPER=a:short"}, "PIGA_PIN_PEPPER: pepper 1"},
		{"float", nil, "--to, --amount and --reference"},
		{"float --to 10001 --amount 1e3 --reference R", nil, "--amount: bad_amount"},
		{"float --to 10001 --amount 1000 --reference R", nil, "PIGA_POSTGRES_URL"},
		{"call +254711000001", nil, "piga call takes a phone number and what to dial"},
	} {
		err := run(t.Context(), strings.Fields(c.args), c.env, strings.NewReader(""), io.Discard)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("piga %s: %v, want %q", c.args, err, c.says)
		}
	}
}

func TestHelpNamesEverything(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), []string{"help"}, nil, nil, &out); err != nil {
		t.Fatal(err)
	}
	for _, c := range commandList() {
		if !strings.Contains(out.String(), "piga "+c.name) {
			t.Errorf("piga %s is not in it", c.name)
		}
	}
	for _, v := range variables() {
		if !strings.Contains(out.String(), v.name+" ") || v.help == "" {
			t.Errorf("%s is not in it", v.name)
		}
	}
}

func TestSplitDial(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ dialled, service, text string }{
		{"*384*96#", "*384*96#", ""},
		{"*384*96*1*0712345678#", "*384*96#", "1*0712345678"},
		{"*384*966#", "*384*966#", ""},
		{"*100#", "*100#", ""},
	} {
		if service, text := splitDial(c.dialled, []string{"*384*96#"}); service != c.service || text != c.text {
			t.Errorf("%s: %s, %q", c.dialled, service, text)
		}
	}
}
