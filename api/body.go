package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/piga-money/piga/core"
)

const largestBody = 64 << 10

// given reads what a request brings for a route: what is in the path, and the query or the body. What is in a URL may
// end up in logs on the way, so where there is a body nothing is taken from the query.
func (r Route) given(c echo.Context) (values, error) {
	query, err := url.ParseQuery(c.Request().URL.RawQuery)
	if err != nil {
		return nil, core.Errorf(core.BadBody, "a broken query")
	}
	all := ofForm(query)
	if r.inBody() {
		for name := range query {
			return nil, inField(core.Errorf(core.UnknownField, "in the query"), name)
		}
		if all, err = bodyOf(c.Request(), c.Response()); err != nil {
			return nil, err
		}
	}
	for _, name := range r.pathFields() {
		if _, also := all[name]; also {
			return nil, inField(core.Errorf(core.RepeatedField, "in the path too"), name)
		}
		text, err := url.PathUnescape(c.Param(name))
		if err != nil {
			return nil, inField(core.Errorf(core.BadField, "a broken escape"), name)
		}
		all[name] = given{texts: []string{text}}
	}
	return all, nil
}

// bodyOf reads a body as its Content-Type says.
func bodyOf(r *http.Request, w http.ResponseWriter) (values, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestBody))
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return nil, core.Errorf(core.BodyTooLarge, "over %d bytes", over.Limit)
	case err != nil:
		return nil, core.Errorf(core.BadBody, "it ended before its time: %w", err)
	case len(body) == 0:
		return values{}, nil
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	switch {
	case err == nil && kind == echo.MIMEApplicationForm:
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, core.Errorf(core.BadBody, "a broken form")
		}
		return ofForm(form), nil
	case err == nil && kind == echo.MIMEApplicationJSON:
		return ofJSON(body)
	default:
		return nil, core.Errorf(core.WrongType, "%d bytes of another type", len(body))
	}
}

func ofForm(form url.Values) values {
	all := values{}
	for name, texts := range form {
		all[name] = given{texts: texts}
	}
	return all
}

// ofJSON reads one object of texts, numbers, truths and lists of them. Numbers stay as they were written, so that no
// amount goes through floating point.
func ofJSON(body []byte) (values, error) {
	if !utf8.Valid(body) {
		return nil, core.Errorf(core.BadBody, "JSON that is no UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if begin, err := d.Token(); err != nil || begin != json.Delim('{') {
		return nil, core.Errorf(core.BadBody, "not a JSON object")
	}
	all := values{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, core.Errorf(core.BadBody, "broken JSON")
		}
		key, _ := name.(string) // of an object it always is one
		if _, again := all[key]; again {
			return nil, inField(core.Errorf(core.RepeatedField, "twice in an object"), key)
		}
		if all[key], err = valueOfJSON(d); err != nil {
			return nil, inField(err, key)
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, core.Errorf(core.BadBody, "broken JSON")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, core.Errorf(core.BadBody, "something after the JSON object")
	}
	return all, nil
}

// valueOfJSON reads a text, a number, a truth, or a list of them: what is nested deeper is not read at all.
func valueOfJSON(d *json.Decoder) (given, error) {
	token, err := d.Token()
	if err != nil {
		return given{}, core.Errorf(core.BadBody, "broken JSON")
	}
	if token != json.Delim('[') {
		text, err := textOf(token)
		return given{texts: []string{text}}, err
	}
	list := given{list: true}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return given{}, core.Errorf(core.BadBody, "broken JSON")
		}
		text, err := textOf(token)
		if err != nil {
			return given{}, err
		}
		list.texts = append(list.texts, text)
	}
	if _, err := d.Token(); err != nil {
		return given{}, core.Errorf(core.BadBody, "broken JSON")
	}
	return list, nil
}

func textOf(token json.Token) (string, error) {
	switch t := token.(type) {
	case string:
		return t, nil
	case json.Number:
		return t.String(), nil
	case bool:
		if t {
			return "true", nil
		}
		return "false", nil
	default: // null, an object, a list in a list
		return "", core.Errorf(core.BadField, "not a text, a number, or a truth")
	}
}
