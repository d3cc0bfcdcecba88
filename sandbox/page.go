package sandbox

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"time"

	"github.com/labstack/echo/v4"
)

// web is the page with the handsets: plain files, as the browser gets them.
//
//go:embed web
var web embed.FS

// kinds are the files' types, told here because a machine's own table may lack or bend them, and a browser
// runs no module whose type is wrong.
var kinds = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

// policy lets the page load what comes from here, and nothing else: no inline script either, whatever an
// application may answer.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func (s *Sandbox) page(c echo.Context) error { return serveFile(c, "index.html") }

func (s *Sandbox) pageFile(c echo.Context) error { return serveFile(c, c.Param("file")) }

// serveFile serves one of the page's files. A browser may keep it, and asks each time whether it is still
// the same, so that nobody sees the page of the binary before.
func serveFile(c echo.Context, name string) error {
	kind, ok := kinds[path.Ext(name)]
	body, err := web.ReadFile("web/" + name)
	if err != nil || !ok {
		return echo.ErrNotFound
	}
	sum := sha256.Sum256(body)
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, kind)
	h.Set(echo.HeaderCacheControl, "no-cache")
	h.Set("ETag", `"`+hex.EncodeToString(sum[:8])+`"`)
	h.Set(echo.HeaderContentSecurityPolicy, policy)
	h.Set(echo.HeaderXContentTypeOptions, "nosniff")
	h.Set(echo.HeaderReferrerPolicy, "no-referrer")
	http.ServeContent(c.Response(), c.Request(), name, time.Time{}, bytes.NewReader(body))
	return nil
}
