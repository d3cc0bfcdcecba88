package api

import (
	"context"
	"encoding/csv"
	"errors"
	"iter"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/piga-money/piga/core"
)

// sheet is an answer that is written as CSV while it is read, however long it is.
type sheet struct {
	name  string
	head  []string
	lines iter.Seq2[[]string, error] // an error is the last
	free  func()                     // is called once it was written, or given up
}

const (
	mimeCSV = "text/csv"

	stalled = 20 * time.Second // so long the other side may take nothing of what is written
)

// unhurried lifts the time limits that the server has for a request, for a route that has a longer one of its own.
func (v *visit) unhurried() error {
	c := http.NewResponseController(v.echo.Response())
	return errors.Join(c.SetReadDeadline(time.Time{}), c.SetWriteDeadline(time.Time{}))
}

// send writes a sheet. Whoever takes none of it for a while, or has gone, ends it. How long it takes to find a line is
// no fault of hers.
func (s sheet) send(v *visit) (err error) {
	defer s.free()
	h := v.echo.Response().Header()
	h.Set(echo.HeaderContentType, mimeCSV+"; charset=utf-8; header=present")
	h.Set(echo.HeaderContentDisposition, `attachment; filename="`+s.name+`"`)
	defer func() {
		if err != nil { // if nothing was written yet, what went wrong is told instead
			h.Del(echo.HeaderContentType)
			h.Del(echo.HeaderContentDisposition)
		}
	}()
	ctx, cancel := context.WithCancel(v.ctx)
	defer cancel()
	slow := time.AfterFunc(stalled, cancel)
	slow.Stop() // it runs while something is written
	defer slow.Stop()
	defer context.AfterFunc(ctx, func() { // ends a write that waits
		_ = http.NewResponseController(v.echo.Response()).SetWriteDeadline(time.Unix(1, 0))
	})()
	w := csv.NewWriter(v.echo.Response())
	if err := w.Write(s.head); err != nil {
		return core.Errorf(core.Unavailable, "%w", err)
	}
	n := 0
	for line, err := range s.lines {
		if err != nil {
			return err
		}
		slow.Reset(stalled)
		if err := w.Write(harmless(line)); err != nil {
			return core.Errorf(core.Unavailable, "after %d lines: %w", n, err)
		}
		slow.Stop()
		n++
	}
	slow.Reset(stalled)
	if w.Flush(); w.Error() != nil {
		return core.Errorf(core.Unavailable, "after %d lines: %w", n, w.Error())
	}
	return nil
}

// harmless puts a mark before each cell that a spreadsheet would work out instead of showing it.
func harmless(line []string) []string {
	for i, cell := range line {
		if cell != "" && strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
			line[i] = "'" + cell
		}
	}
	return line
}
