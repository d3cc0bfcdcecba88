package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/piga-money/piga/sandbox"
)

// A page from elsewhere changes nothing here, and one whose name was made to point here does not even read. The
// page itself, curl and an SDK come through.
func TestForeignPagesAreRefused(t *testing.T) {
	t.Parallel()
	_, base := provider(t, sandbox.Config{})
	for _, c := range []struct {
		name, method, path, host string
		header                   http.Header
		status                   int
	}{
		{"curl", "POST", "/sandbox/phones", "", nil, 201},
		{"the page", "POST", "/sandbox/phones", "", http.Header{"Sec-Fetch-Site": {"same-origin"}}, 201},
		{"the page in an old browser", "POST", "/sandbox/phones", "localhost:1", http.Header{"Origin": {"http://localhost:1"}}, 201},
		{"another site", "POST", "/sandbox/phones", "", http.Header{"Sec-Fetch-Site": {"cross-site"}}, 403},
		{"another port", "POST", "/sandbox/phones", "", http.Header{"Sec-Fetch-Site": {"same-site"}}, 403},
		{"another site in an old browser", "POST", "/sandbox/phones", "", http.Header{"Origin": {"https://evil.example"}}, 403},
		{"another site as an application", "POST", "/version1/messaging", "", http.Header{"Sec-Fetch-Site": {"cross-site"}}, 403},
		{"a link from another site", "GET", "/sandbox/state", "", http.Header{"Sec-Fetch-Site": {"cross-site"}}, 200},
		{"a name that points here", "GET", "/sandbox/state", "evil.example:8080", nil, 403},
		{"a name that points here, writing", "POST", "/sandbox/phones", "evil.example", http.Header{"Origin": {"http://evil.example"}}, 403},
		{"a host in a network of containers", "GET", "/sandbox/state", "sandbox:8090", nil, 200},
		{"an address of the sixth version", "GET", "/sandbox/state", "[::1]:8090", nil, 200},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, base+c.path, strings.NewReader("number=0711000001"))
		if err != nil {
			t.Fatal(err)
		}
		if c.header != nil {
			req.Header = c.header
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Host = c.host
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != c.status {
			t.Errorf("%s: %d, want %d", c.name, res.StatusCode, c.status)
		}
	}
}
