package store

import (
	"database/sql/driver"
	"encoding/binary"
	"time"

	"github.com/lib/pq"
)

// Rows are written many at once: a column is one array, and unnest puts the rows together again. Columns go to
// the server in its binary form, which costs it a fraction of reading them as text. The types are exact then:
// intColumn are for bigint[] alone, also where the column is smaller, and textColumn for text[].

func ints[R any, V ~int | ~int64](rows []R, of func(R) V) intColumn {
	column := make(intColumn, len(rows))
	for i, r := range rows {
		column[i] = int64(of(r))
	}
	return column
}

func texts[R any, V ~string](rows []R, of func(R) V) textColumn {
	column := make(textColumn, len(rows))
	for i, r := range rows {
		column[i] = string(of(r))
	}
	return column
}

// times is for columns that SQL casts to timestamptz[]. They are few, and go as text.
func times[R any](rows []R, of func(R) time.Time) pq.StringArray {
	return pq.StringArray(texts(rows, func(r R) string {
		if of(r).IsZero() {
			return "-infinity"
		}
		return of(r).UTC().Format("2006-01-02T15:04:05.999999Z07:00")
	}))
}

type (
	intColumn  []int64
	textColumn []string
)

// The server's numbers for the types of elements.
const (
	oidBigint = 20
	oidText   = 25
)

// Value is the array as array_recv reads it: dimensions, whether there are NULLs, the type of the elements, how
// many there are, the index of the first; and each with its length before it. See src/backend/utils/adt/arrayfuncs.c.
func (b intColumn) Value() (driver.Value, error) {
	array := arrayHead(oidBigint, len(b), 12*len(b))
	for _, n := range b {
		array = binary.BigEndian.AppendUint32(array, 8)
		array = binary.BigEndian.AppendUint64(array, uint64(n))
	}
	return array, nil
}

// Value is as that of intColumn.
func (s textColumn) Value() (driver.Value, error) {
	size := 0
	for _, text := range s {
		size += 4 + len(text)
	}
	array := arrayHead(oidText, len(s), size)
	for _, text := range s {
		array = binary.BigEndian.AppendUint32(array, uint32(len(text)))
		array = append(array, text...)
	}
	return array, nil
}

func arrayHead(oid uint32, length, size int) []byte {
	array := make([]byte, 0, 20+size)
	if length == 0 {
		array = binary.BigEndian.AppendUint32(array, 0) // an empty array has no dimension
		array = binary.BigEndian.AppendUint32(array, 0)
		return binary.BigEndian.AppendUint32(array, oid)
	}
	for _, field := range []uint32{1, 0, oid, uint32(length), 1} {
		array = binary.BigEndian.AppendUint32(array, field)
	}
	return array
}
