package api

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"
)

// answered is one field of what a route answers, for people: steps[].receipt is the receipt of each of the steps.
type answered struct {
	Name, Type, Is string
	Optional       bool
}

// told are the fields of an answer. What stands around the data of each answer that something was done is the same
// everywhere, and not told each time.
func (a Action) told() []answered {
	t := a.answers
	if data, ok := t.FieldByName("Data"); ok && strings.HasPrefix(t.Name(), "Done[") {
		t = data.Type
	}
	return answersIn(t, "")
}

// answersIn are the fields of a type within an answer, under the name that it has there.
func answersIn(t reflect.Type, name string) (all []answered) {
	t = element(t)
	if t.Kind() != reflect.Struct || leaf(t) {
		return nil
	}
	for i := range t.NumField() {
		f := t.Field(i)
		key, how, _ := strings.Cut(f.Tag.Get("json"), ",")
		if key == "" || key == "-" {
			continue
		}
		key = name + key + suffix(f.Type)
		all = append(all, answered{key, typeName(f.Type), f.Tag.Get("is"), strings.HasPrefix(how, "omit")})
		all = append(all, answersIn(f.Type, key+".")...)
	}
	return all
}

// element is the type of what is in a list, a map or behind a pointer, or the type itself.
func element(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Map || t.Kind() == reflect.Slice && !leaf(t) {
		t = t.Elem()
	}
	return t
}

// leaf is true of types that are one value in JSON, however they are made.
func leaf(t reflect.Type) bool {
	return t == reflect.TypeFor[time.Time]() || t == reflect.TypeFor[json.RawMessage]() || t == reflect.TypeFor[sheet]()
}

// suffix tells a list or a map from one value.
func suffix(t reflect.Type) string {
	switch {
	case leaf(t):
		return ""
	case t.Kind() == reflect.Slice:
		return "[]"
	case t.Kind() == reflect.Map:
		return "{}"
	default:
		return ""
	}
}

// typeName is what a value is in JSON, in a word.
func typeName(t reflect.Type) string {
	t = element(t)
	switch {
	case t == reflect.TypeFor[time.Time]():
		return "time"
	case t == reflect.TypeFor[Shillings]():
		return "shillings"
	}
	kind, _ := schemaOf(t)["type"].(string) // of what may be anything there is none
	return kind
}
