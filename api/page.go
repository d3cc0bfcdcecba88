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
	"github.com/piga-money/piga/core/text"
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

// What is shown of a route: what it takes, what it answers, why it may be refused. Routes are grouped by their headings.
type (
	group struct {
		ID, About string
		Routes    []section
	}
	section struct {
		ID, Method, Path, Short, Says, Who string
		Money                              bool
		Fields                             []line
		Answer                             []answered
		Refuses                            []core.Code
	}
	line struct {
		Name, In, Is, Values string
		Optional             bool
	}
	meaning struct {
		Code   core.Code
		Status int
		Says   string
	}
)

func pageOf(routes []Route, words text.Catalog) (page, error) {
	t, err := template.New("page").Parse(pageSource)
	if err != nil {
		return page{}, err
	}
	shown := struct {
		Style  template.CSS
		Groups []group
		Common []core.Code
		Codes  []meaning
	}{Style: template.CSS(pageStyle), Groups: groupsOf(routes), Common: inOrder(common)}
	for _, code := range core.Codes {
		shown.Codes = append(shown.Codes, meaning{code, statuses[code], inWords(words, code, blanks)})
	}
	var html bytes.Buffer
	if err := t.Execute(&html, shown); err != nil {
		return page{}, err
	}
	sum := sha256.Sum256([]byte(pageStyle))
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	return page{html.Bytes(), policy}, nil
}

// blanks are what stands for a value in the words of a code.
var blanks = text.Args{"field": "NAME", "takes": "...", "left": "2", "smallest": "10", "limit": "1,000", "amount": "1,000"}

func groupsOf(routes []Route) (all []group) {
	for _, r := range routes {
		if len(all) == 0 || all[len(all)-1].About != r.About {
			all = append(all, group{ID: strings.ReplaceAll(strings.ToLower(r.About), " ", "-"), About: r.About})
		}
		last := &all[len(all)-1]
		last.Routes = append(last.Routes, r.section())
	}
	return all
}

func (r Route) section() section {
	path := inPath.ReplaceAllString(r.Path, "{$1}")
	s := section{
		ID: strings.NewReplacer("/", "-", "{", "", "}", "").Replace(strings.ToLower(r.Method) + path), Method: r.Method, Path: path,
		Short: strings.TrimPrefix(path, "/api"), Says: r.Says, Who: r.Who.String(), Money: r.Money,
		Answer: r.Do.told(), Refuses: r.own(),
	}
	for _, f := range r.fields() {
		s.Fields = append(s.Fields, line{f.name, f.in, f.is, f.reading.schema.values(), f.optional})
	}
	return s
}

func (p page) serve(c echo.Context) error {
	h := c.Response().Header()
	h.Set(echo.HeaderContentSecurityPolicy, p.policy)
	h.Set(echo.HeaderXContentTypeOptions, "nosniff")
	h.Set(echo.HeaderReferrerPolicy, "no-referrer")
	return c.HTMLBlob(http.StatusOK, p.html)
}
