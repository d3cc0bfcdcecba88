package main

import (
	"fmt"
	"io"
	"os"
	"strings"
)

// bar shows how far a soak is: in place on a terminal, else a line now and then.
type bar struct {
	out      io.Writer
	of       int
	terminal bool
	shown    int // tenths
}

func newBar(out io.Writer, of int) *bar {
	b := &bar{out: out, of: of}
	if f, ok := out.(*os.File); ok {
		info, err := f.Stat()
		b.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return b
}

func (b *bar) show(calls int) {
	const width = 40
	done := min(width, calls*width/b.of)
	switch tenth := calls * 10 / b.of; {
	case b.terminal:
		fmt.Fprintf(b.out, "\r[%-*s] %d of %d calls", width, strings.Repeat("#", done), calls, b.of)
		if calls >= b.of {
			fmt.Fprintln(b.out)
		}
	case tenth > b.shown:
		b.shown = tenth
		fmt.Fprintf(b.out, "%d of %d calls\n", calls, b.of)
	}
}
