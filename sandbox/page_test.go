package sandbox_test

import (
	"io/fs"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/piga-money/piga/sandbox"
)

// The page comes with its policy, and is asked for again only when it changed.
func TestPage(t *testing.T) {
	t.Parallel()
	_, base := provider(t, sandbox.Config{})
	for path, kind := range map[string]string{
		"/":                        "text/html; charset=utf-8",
		"/sandbox/web/index.html":  "text/html; charset=utf-8",
		"/sandbox/web/main.js":     "text/javascript; charset=utf-8",
		"/sandbox/web/handset.css": "text/css; charset=utf-8",
		"/sandbox/web/icon.svg":    "image/svg+xml",
	} {
		first := fetch(t, base+path, "")
		if first.StatusCode != http.StatusOK || first.Header.Get("Content-Type") != kind || first.Header.Get("Cache-Control") != "no-cache" ||
			!strings.HasPrefix(first.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: %d %v", path, first.StatusCode, first.Header)
		}
		if again := fetch(t, base+path, first.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
			t.Errorf("%s, which did not change: %d", path, again.StatusCode)
		}
	}
	for _, path := range []string{"/sandbox/web/", "/sandbox/web/none.js", "/sandbox/web/..%2fpage.go", "/sandbox/web/%2e%2e/page.go"} {
		if res := fetch(t, base+path, ""); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
}

func fetch(t *testing.T, url, etag string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if etag != "" {
		req.Header.Set("If-None-Match", etag)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res
}

// What applications say is never made into elements.
func TestPageTakesDataAsText(t *testing.T) {
	t.Parallel()
	risky := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function`)
	elsewhere := regexp.MustCompile(`https?://[^"' ]*`)
	files := os.DirFS("web")
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(files, name)
		if found := risky.Find(body); found != nil {
			t.Errorf("%s has %s", name, found)
		}
		if found := elsewhere.FindString(string(body)); found != "" && found != "http://www.w3.org/2000/svg" {
			t.Errorf("%s names %s", name, found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
