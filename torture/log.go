package main

import (
	"bytes"
	"fmt"
	"io"
	"sync"
)

// lines passes on what a program says line by line, so that nothing is torn apart.
type lines struct {
	to   io.Writer
	copy io.Writer // gets each line behind the name; may be nil
	name string

	mu   sync.Mutex
	rest []byte
}

// Write takes in a piece.
func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, b...)
	for {
		i := bytes.IndexByte(l.rest, '\n')
		if i < 0 {
			return len(b), nil
		}
		if _, err := l.to.Write(l.rest[:i+1]); err != nil {
			return 0, err
		}
		if l.copy != nil {
			fmt.Fprintf(l.copy, "%s %s", l.name, l.rest[:i+1])
		}
		l.rest = l.rest[i+1:]
	}
}
