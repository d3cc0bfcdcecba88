package store

import (
	"strconv"
	"strings"
)

// where is what a search asks of its rows: only what was asked for stands in the SQL, so that each search goes by the
// index that is for it.
type where struct {
	conditions []string
	args       []any
}

// add asks one thing more; a $ stands for its argument.
func (w *where) add(condition string, arg any) {
	w.conditions = append(w.conditions, strings.ReplaceAll(condition, "$", w.arg(arg)))
}

// arg is how the SQL names an argument.
func (w *where) arg(arg any) string {
	w.args = append(w.args, arg)
	return "$" + strconv.Itoa(len(w.args))
}

// sql is the WHERE clause, empty when nothing is asked.
func (w *where) sql() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conditions, " AND ")
}
