package ussd

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParsePhone(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"+254712345678":   "+254712345678",
		" 254712345678":   "+254712345678", // a raw "+"
		"+254112345678":   "+254112345678",
		"  254712345678":  "",
		" 0712345678":     "",
		"254712345678":    "",
		"0712345678":      "",
		"+254 712345678":  "",
		"+254-712-345678": "",
		"+256712345678":   "",
		"+25471234567":    "",
		" ":               "",
		"":                "",
	} {
		if got, err := parsePhone(given); string(got) != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", given, string(got), err)
		}
	}
}

func FuzzParseCallback(f *testing.F) {
	f.Add("sessionId=ATUid_1&phoneNumber=%2B254712345678&networkCode=63902&serviceCode=*384*96%23&text=")
	f.Add("sessionId=a&phoneNumber=+254712345678&serviceCode=*384*96%23&text=1*2&text=1")
	f.Add("%zz")
	f.Add("text;")
	f.Fuzz(func(t *testing.T, body string) {
		form, err := url.ParseQuery(body)
		if err != nil {
			t.Skip("not a form")
		}
		cb, err := parseCallback(form)
		if err != nil {
			if cb != (Callback{}) {
				t.Errorf("%q is refused and yet %v", body, cb)
			}
			return
		}
		if !printable(cb.Session, 128) || !strings.HasPrefix(string(cb.Phone), "+254") || !utf8.ValidString(cb.Text) {
			t.Errorf("%q is taken as %+v", body, cb)
		}
	})
}

func TestLastHop(t *testing.T) {
	t.Parallel()
	for metadata, want := range map[string]string{
		"": "", "home": "home", "home|send.to": "send.to", "home|send.to|": "send.to", "home | send.to ": "send.to",
	} {
		if got := lastHop(metadata); string(got) != want {
			t.Errorf("%q: %q, want %q", metadata, got, want)
		}
	}
}
