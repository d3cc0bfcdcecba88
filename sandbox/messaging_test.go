package sandbox_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/sandbox"
)

// recorded is one answer of the provider's, as it stands in testdata.
type recorded struct {
	Name, Seen, ContentType, Body string
	Status                        int
}

// reservedFor tells, by a case's name, which of the reserved numbers brings it about.
var reservedFor = map[string]string{
	"processed": "100", "sent at once": "101", "could not send, id None": "601", "no recipients, another message": "603",
	"sent, id None": "604", "sent, no code": "605", "sent, code in quotes": "606", "sent, number without its plus": "607",
	"quotes the number": "608", "do not disturb, as HTTP 409": "609", "conflict of another kind": "610", "empty object": "611",
	"empty body": "612", "cut off": "613", "a page instead": "614", "too many requests": "615", "their gateway down": "616",
	"their maintenance": "617", "moved": "618", "about other numbers": "619", "unknown code": "499",
}

// Every answer on record can be had: by a number that is reserved for it, or by doing what brought it about.
// Those recorded are the same byte for byte, but for numbers and ids; so are all but those whose costs were
// never seen.
func TestAnswersAsRecorded(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../testdata/wire/africastalking_sms.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []recorded }
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	_, base := provider(t, sandbox.Config{Key: "right", Senders: []string{"PIGA"}})
	stranger, invalid := form(jane), form("0711,"+jane)
	stranger.Set("from", "STRANGER")
	occasions := map[string]struct {
		key  string
		form url.Values
	}{
		"sent": {"right", form(jane)}, "bad key": {"wrong", form(jane)}, "invalid sender id": {"right", stranger},
		"field missing":      {"right", url.Values{"username": {"sandbox"}, "message": {"hello"}}},
		"ours among several": {"right", invalid},
	}
	for _, c := range file.Cases {
		number := jane
		o, ok := occasions[c.Name]
		if !ok {
			end := reservedFor[c.Name]
			if code, is := strings.CutPrefix(c.Name, "code "); is {
				end = code
			}
			if end == "" {
				t.Errorf("%q cannot be brought about", c.Name)
				continue
			}
			number = "+254700000" + end
			o.key, o.form = "right", form(number)
		}
		got := send(t, base, o.key, o.form)
		if got.status != c.Status || !strings.EqualFold(got.contentType, c.ContentType) {
			t.Errorf("%s: %d %s, want %d %s", c.Name, got.status, got.contentType, c.Status, c.ContentType)
		}
		want := c.Body
		for _, r := range []string{"ATXid_a9aece16db3a68dfbd50003ae524d4fa", "ATXid_1", "ATXid_2", "ATXid_3", "ATXid_4", "ATXid_5", "ATXid_7", "ATXid_8"} {
			want = strings.ReplaceAll(want, r+`"`, zeroID+`"`)
		}
		want = strings.ReplaceAll(strings.ReplaceAll(want, "+254700000000", number), `"254700000000"`, `"`+number[1:]+`"`)
		switch c.Name {
		case "processed", "sent at once": // what these cost was not seen
			want = strings.NewReplacer(`KES 0.8000 M`, `USD 0.0079 M`, `"cost":"0"`, `"cost":"KES 0.8000"`).Replace(want)
		case "ours among several": // nor how the other number was wrong
			want = `{"SMSMessageData":{"Message":"Sent to 1/2 Total Cost: USD 0.0079 Message parts: 1","Recipients":[` +
				`{"cost":"0","messageId":"None","number":"0711","status":"InvalidPhoneNumber","statusCode":403},` +
				`{"cost":"KES 0.8000","messageId":"` + zeroID + `","number":"+254711000001","status":"Success","statusCode":102}]}}`
		}
		if diff := cmp.Diff(want, got.body); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", c.Name, c.Seen, diff)
		}
	}
}

// What is not taken is in nobody's inbox.
func TestFates(t *testing.T) {
	t.Parallel()
	s, base := provider(t, sandbox.Config{})
	for number, taken := range map[string]int{
		"+254700000406": 0, "+254700000102": 1, "+254700000601": 0, "+254700000604": 1, "+254700000617": 0,
		"+254700000777": 1, // nothing is laid down for it
	} {
		send(t, base, "", form(number))
		if n := len(s.Messages(number)); n != taken {
			t.Errorf("%s has %d messages", number, n)
		}
	}
}

// Fields for premium and bulk messages, the undefined that an official SDK posts, and enqueue change nothing.
func TestOtherFields(t *testing.T) {
	t.Parallel()
	_, base := provider(t, sandbox.Config{})
	want := send(t, base, "", form(jane))
	f := form(jane)
	for field, value := range map[string]string{
		"bulkSMSMode": "1", "enqueue": "1", "linkId": "undefined", "keyword": "undefined", "retryDurationInHours": "1",
	} {
		f.Set(field, value)
	}
	if diff := cmp.Diff(want, send(t, base, "", f), cmp.AllowUnexported(answer{})); diff != "" || want.status != http.StatusCreated {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
}

func TestSeveralRecipients(t *testing.T) {
	t.Parallel()
	s, base := provider(t, sandbox.Config{})
	got := send(t, base, "any", form(jane+",0711, "+john))
	want := `{"SMSMessageData":{"Message":"Sent to 2/3 Total Cost: USD 0.0158 Message parts: 1","Recipients":[` +
		`{"cost":"KES 0.8000","messageId":"` + zeroID + `","number":"+254711000001","status":"Success","statusCode":102},` +
		`{"cost":"0","messageId":"None","number":"0711","status":"InvalidPhoneNumber","statusCode":403},` +
		`{"cost":"KES 0.8000","messageId":"` + zeroID + `","number":"+254711000002","status":"Success","statusCode":102}]}}`
	if diff := cmp.Diff(want, got.body); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	kept := []sandbox.Message{
		{ID: zeroID, From: "AFRICASTKNG", To: john, Text: "hello", At: noon},
		{ID: zeroID, From: "AFRICASTKNG", To: jane, Text: "hello", At: noon},
	}
	if diff := cmp.Diff(kept, s.Messages("")); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
}

// The wire log remembers thousands of lines, so none may hold all that somebody sends as a number.
func TestLinesAreBounded(t *testing.T) {
	t.Parallel()
	s, base := provider(t, sandbox.Config{})
	send(t, base, "", form(strings.Repeat("7", 50_000)))
	for _, l := range s.Wire() {
		if n := len(l.Phone) + len(l.Sent) + len(l.Got); n > 8000 {
			t.Errorf("a line has %d bytes", n)
		}
	}
	if len(s.Wire()) == 0 {
		t.Error("there is no line")
	}
}
