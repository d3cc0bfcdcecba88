package api

import (
	"slices"
	"strconv"
	"strings"

	"github.com/piga-money/piga/core"
)

// Lists come in pages. Whoever wants the next one gives what the last one said of it as after.

// pageSize is how many a list may have at once; usualPage if it is not given.
type pageSize int

const (
	usualPage   = 50
	largestPage = 200
)

func readPageSize(s string) (any, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > largestPage {
		return nil, core.Errorf(core.BadField, "not from 1 to %d", largestPage)
	}
	return pageSize(n), nil
}

// asked is how many are looked for: one more than are shown, to know whether there is a next page.
func (n pageSize) asked() int { return n.shown() + 1 }

func (n pageSize) shown() int {
	if n == 0 {
		return usualPage
	}
	return int(n)
}

// cut is a page of what was found, and what the next one begins after, empty when there is none.
func cut[T any](all []T, n pageSize, id func(T) string) (page []T, next string) {
	if len(all) <= n.shown() {
		return slices.Clip(all), ""
	}
	page = all[:n.shown()]
	return page, id(page[len(page)-1])
}

// numbered reads what the database numbers.
func numbered[T ~int64](s string) (any, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 || strings.HasPrefix(s, "+") {
		return nil, core.Errorf(core.BadField, "no number of ours")
	}
	return T(n), nil
}
