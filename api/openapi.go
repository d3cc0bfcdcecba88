package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/labstack/echo/v4"

	"github.com/piga-money/piga/core"
)

// The description of the API in OpenAPI 3.1, made from the list of routes and the tags of their structs. The libraries
// that make one want tags of their own beside ours; these few lines need none.

// schema is a JSON Schema, or any other object of OpenAPI.
type schema map[string]any

func enum[T ~string](all ...T) schema {
	return schema{"type": "string", "enum": texts(all)}
}

func texts[T ~string](all []T) []string {
	texts := make([]string, len(all))
	for i, one := range all {
		texts[i] = string(one)
	}
	return texts
}

// values is for people what a schema allows, or an example of it; nothing where any text will do.
func (s schema) values() string {
	if items, ok := s["items"].(schema); ok {
		return items.values()
	}
	if all, ok := s["enum"].([]string); ok {
		return strings.Join(all, ", ")
	}
	switch s["type"] {
	case "boolean":
		return "true, false"
	case "integer":
		return s.numbers()
	}
	if one := s["example"]; one != nil {
		return fmt.Sprint("such as ", one)
	}
	return ""
}

// numbers is for people which whole numbers a schema allows.
func (s schema) numbers() string {
	all := "a whole number"
	if least, ok := s["minimum"]; ok {
		all += fmt.Sprint(" from ", least)
	}
	if most, ok := s["maximum"]; ok {
		all += fmt.Sprint(" to ", most)
	}
	return all
}

// describe serves what is told of the routes: for programs, and for people.
func (a *API) describe() error {
	description, err := json.MarshalIndent(openAPI(a.routes), "", "  ")
	if err != nil {
		return err
	}
	page, err := pageOf(a.routes, a.Words[core.English])
	if err != nil {
		return err
	}
	a.http.GET("/api/openapi.json", func(c echo.Context) error {
		return c.JSONBlob(http.StatusOK, description)
	})
	a.http.GET("/api/", page.serve)
	a.http.GET("/api", func(c echo.Context) error { return c.Redirect(http.StatusMovedPermanently, "/api/") })
	return nil
}

func openAPI(routes []Route) schema {
	paths := schema{}
	for _, r := range routes {
		path := inPath.ReplaceAllString(r.Path, "{$1}")
		if paths[path] == nil {
			paths[path] = schema{}
		}
		paths[path].(schema)[strings.ToLower(r.Method)] = r.describe() //nolint:errcheck // it was made above
	}
	return schema{
		"openapi": "3.1.0",
		"info":    schema{"title": "Piga", "version": "1", "description": "Mobile money for phones that have only keys."},
		"paths":   paths,
		"components": schema{
			"securitySchemes": schema{"token": schema{"type": "http", "scheme": "bearer"}},
			"schemas":         schema{"Error": schemaOf(reflect.TypeFor[failure]())},
		},
	}
}

// describe is one operation of OpenAPI.
func (r Route) describe() schema {
	op := schema{
		"operationId": r.operation(),
		"summary":     r.Says,
		"tags":        []string{r.About},
		"responses":   r.responses(),
	}
	if !r.Who.anyone() {
		op["security"] = []schema{{"token": []string{}}}
		op["description"] = "For " + r.Who.String() + "."
	}
	parameters, body := r.takes()
	if len(parameters) > 0 {
		op["parameters"] = parameters
	}
	if body != nil {
		op["requestBody"] = schema{"required": true, "content": schema{
			echo.MIMEApplicationForm: schema{"schema": body}, echo.MIMEApplicationJSON: schema{"schema": body},
		}}
	}
	return op
}

// operation names a route for what makes programs of the description: getAdminCustomersUserID.
func (r Route) operation() string {
	name := strings.ToLower(r.Method)
	for _, word := range strings.FieldsFunc(strings.TrimPrefix(r.Path, "/api"), func(c rune) bool { return !unicode.IsLetter(c) }) {
		name += strings.ToUpper(word[:1]) + word[1:]
	}
	return name
}

// responses are what a route may answer, by status, with the codes that each stands for.
func (r Route) responses() schema {
	all := schema{"200": schema{
		"description": "It was done.",
		"content":     schema{r.Do.media(): schema{"schema": schemaOf(r.Do.answers)}},
	}}
	of := map[int][]core.Code{}
	for _, code := range r.refusals() {
		of[statuses[code]] = append(of[statuses[code]], code)
	}
	for status, codes := range of {
		only := schema{"type": "object", "properties": schema{"code": enum(codes...)}}
		all[strconv.Itoa(status)] = schema{
			"description": http.StatusText(status) + ": " + strings.Join(texts(codes), ", "),
			"content": schema{echo.MIMEApplicationJSON: schema{"schema": schema{
				"allOf": []schema{{"$ref": "#/components/schemas/Error"}, only},
			}}},
		}
	}
	return all
}

// takes are the parameters of a route, and the schema of its body, nil if there is none.
func (r Route) takes() (parameters []schema, body schema) {
	properties, required := schema{}, []string{}
	for _, f := range r.fields() {
		switch {
		case f.in != inTheBody:
			parameters = append(parameters, schema{
				"name": f.name, "in": f.in, "required": !f.optional, "description": f.is, "schema": f.reading.schema,
			})
		default:
			properties[f.name] = f.reading.schema.with("description", f.is)
			if !f.optional {
				required = append(required, f.name)
			}
		}
	}
	if r.Money {
		parameters = append(parameters, schema{
			"name": keyHeader, "in": "header", "required": false,
			"description": "the same key and content again is carried out once", "schema": schema{"type": "string", "maxLength": longestKey},
		})
	}
	if len(properties) == 0 {
		return parameters, nil
	}
	return parameters, schema{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}

// with is the schema and one thing more.
func (s schema) with(name string, value any) schema {
	more := maps.Clone(s)
	more[name] = value
	return more
}

// schemaOf describes what a Go type becomes in JSON.
func schemaOf(t reflect.Type) schema {
	switch t {
	case reflect.TypeFor[json.RawMessage]():
		return schema{"type": "object"}
	case reflect.TypeFor[time.Time]():
		return schema{"type": "string", "format": "date-time"}
	case reflect.TypeFor[Shillings]():
		return schema{"type": "number", "description": "shillings, cents after a point"}
	case reflect.TypeFor[sheet]():
		return schema{"type": "string", "description": "a line of names, then one for each"}
	case reflect.TypeFor[core.Code]():
		return enum(core.Codes...)
	}
	switch t.Kind() {
	case reflect.Struct:
		return schemaOfStruct(t)
	case reflect.Slice, reflect.Array:
		return schema{"type": "array", "items": schemaOf(t.Elem())}
	case reflect.Map:
		return schema{"type": "object", "additionalProperties": schemaOf(t.Elem())}
	case reflect.Pointer:
		return schemaOf(t.Elem())
	case reflect.Bool:
		return schema{"type": "boolean"}
	case reflect.String:
		return schema{"type": "string"}
	case reflect.Int, reflect.Int32, reflect.Int64:
		return schema{"type": "integer"}
	default:
		return schema{}
	}
}

func schemaOfStruct(t reflect.Type) schema {
	properties, required := schema{}, []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, how, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		of := schemaOf(f.Type)
		if is := f.Tag.Get("is"); is != "" {
			of = of.with("description", is)
		}
		properties[name] = of
		if !strings.HasPrefix(how, "omit") {
			required = append(required, name)
		}
	}
	return schema{"type": "object", "properties": properties, "required": required}
}
