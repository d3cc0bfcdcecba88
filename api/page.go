package api

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page and its style
	"encoding/base64"
	"html/template"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/piga-money/piga/core"
)

var (
	//go:embed page.html
	pageSource string
	//go:embed page.css
	pageStyle string
)

// page is the list of routes for people to read. It loads nothing: its one style is in it, and known by its hash.
type page struct {
	html   []byte
	policy string
}

func pageOf(routes []Route) (page, error) {
	t, err := template.New("page").Parse(pageSource)
	if err != nil {
		return page{}, err
	}
	type line struct {
		Name, In, Is, Values string
		Optional             bool
	}
	type section struct {
		ID, Method, Path, Short, Says, Who string
		Money                              bool
		Fields                             []line
	}
	type status struct {
		Code   core.Code
		Status int
	}
	shown := struct {
		Style  template.CSS
		Routes []section
		Codes  []status
	}{Style: template.CSS(pageStyle)}
	for _, r := range routes {
		path := inPath.ReplaceAllString(r.Path, "{$1}")
		s := section{
			ID: strings.NewReplacer("/", "-", "{", "", "}", "").Replace(strings.ToLower(r.Method) + path), Method: r.Method, Path: path,
			Short: strings.TrimPrefix(path, "/api"), Says: r.Says, Who: r.Who.String(), Money: r.Money,
		}
		for _, f := range r.fields() {
			s.Fields = append(s.Fields, line{f.name, f.in, f.is, f.reading.schema.values(), f.optional})
		}
		shown.Routes = append(shown.Routes, s)
	}
	for _, code := range core.Codes {
		shown.Codes = append(shown.Codes, status{code, statuses[code]})
	}
	var html bytes.Buffer
	if err := t.Execute(&html, shown); err != nil {
		return page{}, err
	}
	sum := sha256.Sum256([]byte(pageStyle))
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	return page{html.Bytes(), policy}, nil
}

func (p page) serve(c echo.Context) error {
	h := c.Response().Header()
	h.Set(echo.HeaderContentSecurityPolicy, p.policy)
	h.Set(echo.HeaderXContentTypeOptions, "nosniff")
	h.Set(echo.HeaderReferrerPolicy, "no-referrer")
	return c.HTMLBlob(http.StatusOK, p.html)
}
