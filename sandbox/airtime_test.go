package sandbox_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/piga-money/piga/sandbox"
)

func airtime(t *testing.T, base, key, recipients string) answer {
	t.Helper()
	f := url.Values{"username": {"sandbox"}, "recipients": {recipients}, "maxNumRetry": {"1"}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/version1/airtime/send", strings.NewReader(f.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("apiKey", "right")
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	return do(t, r)
}

// The shape is that of the provider's documentation, the balance what is left. A key sends once.
func TestAirtime(t *testing.T) {
	t.Parallel()
	_, base := provider(t, sandbox.Config{Key: "right"})
	const to = `[{"phoneNumber":"+254711000001","amount":"KES 44"},{"phoneNumber":"+254711000002","amount":"KES 10.50"},` +
		`{"phoneNumber":"0711","amount":"KES 44"},{"phoneNumber":"+254711000002","amount":"KES 1"},{"phoneNumber":"+254700000406","amount":"44"}]`
	const id = "ATQid_00000000000000000000000000000000"
	want := `{"errorMessage":"None","numSent":2,"totalAmount":"KES 54.5000","totalDiscount":"KES 3.2700","responses":[` +
		`{"phoneNumber":"+254711000001","errorMessage":"None","amount":"KES 44.0000","status":"Sent","requestId":"` + id + `","discount":"KES 2.6400"},` +
		`{"phoneNumber":"+254711000002","errorMessage":"None","amount":"KES 10.5000","status":"Sent","requestId":"` + id + `","discount":"KES 0.6300"},` +
		`{"phoneNumber":"0711","errorMessage":"Invalid Phone Number","amount":"KES 44","status":"Failed","requestId":"None","discount":"0"},` +
		`{"phoneNumber":"+254711000002","errorMessage":"Value Outside The Allowed Limits","amount":"KES 1","status":"Failed","requestId":"None","discount":"0"},` +
		`{"phoneNumber":"+254700000406","errorMessage":"Invalid Phone Number","amount":"44","status":"Failed","requestId":"None","discount":"0"}]}`
	for range 2 {
		got := airtime(t, base, "errand-1", to)
		if diff := cmp.Diff(want, got.body); diff != "" || got.status != http.StatusCreated {
			t.Errorf("%d (-want +got):\n%s", got.status, diff)
		}
		if a := user(t, base); a.status != 200 || a.body != `{"UserData":{"balance":"KES 99948.7700"}}` {
			t.Errorf("the balance: %+v", a)
		}
	}
	airtime(t, base, "errand-2", to)
	if a := user(t, base); a.body != `{"UserData":{"balance":"KES 99897.5400"}}` {
		t.Errorf("the balance after another: %+v", a)
	}
	for _, wrong := range []string{"", "{}", "[]", "KES 44"} {
		if a := airtime(t, base, "", wrong); a.status != http.StatusBadRequest {
			t.Errorf("%q: %+v", wrong, a)
		}
	}
	if a := airtime(t, base, "short", to); a.status != http.StatusBadRequest {
		t.Errorf("a short key: %+v", a)
	}
	if a := get(t, base+"/version1/user?username=sandbox"); a.status != http.StatusUnauthorized {
		t.Errorf("without a key: %+v", a)
	}
}

// An SMS costs what its answer says.
func TestBalance(t *testing.T) {
	t.Parallel()
	_, base := provider(t, sandbox.Config{Key: "right"})
	send(t, base, "right", form(jane+","+john))
	if a := user(t, base); a.body != `{"UserData":{"balance":"KES 99998.4000"}}` {
		t.Errorf("the balance: %+v", a)
	}
}

func user(t *testing.T, base string) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/version1/user?username=sandbox", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("apiKey", "right")
	return do(t, r)
}
