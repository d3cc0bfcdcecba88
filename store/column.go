package store

import (
	"time"

	"github.com/lib/pq"
)

// Rows are written many at once: a column is one array, and unnest puts the rows together again.

func ints[R any, V ~int | ~int64](rows []R, of func(R) V) pq.Int64Array {
	column := make(pq.Int64Array, len(rows))
	for i, r := range rows {
		column[i] = int64(of(r))
	}
	return column
}

func texts[R any, V ~string](rows []R, of func(R) V) pq.StringArray {
	column := make(pq.StringArray, len(rows))
	for i, r := range rows {
		column[i] = string(of(r))
	}
	return column
}

// times is for columns that SQL casts to timestamptz[].
func times[R any](rows []R, of func(R) time.Time) pq.StringArray {
	return texts(rows, func(r R) string {
		if of(r).IsZero() {
			return "-infinity"
		}
		return of(r).UTC().Format("2006-01-02T15:04:05.999999Z07:00")
	})
}
