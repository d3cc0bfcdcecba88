package local

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
)

// Tell sends a server one command of plain words and gives its answer: one text, or those of a list in their order.
func (r *RedisServer) Tell(ctx context.Context, words ...string) ([]string, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", r.Address())
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return nil, err
		}
	}
	if _, err := io.WriteString(conn, strings.Join(words, " ")+"\r\n"); err != nil {
		return nil, err
	}
	said, err := hear(bufio.NewReader(conn))
	if err != nil {
		return nil, fmt.Errorf("redis at %s, asked for %s: %w", r.Address(), words[0], err)
	}
	return said, nil
}

// hear reads one answer in Redis's protocol. Lists in a list are laid out flat; a nil is left out.
func hear(in *bufio.Reader) ([]string, error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return nil, err
	}
	kind, rest := line[0], strings.TrimSpace(line[1:])
	switch kind {
	case '+', ':':
		return []string{rest}, nil
	case '-':
		return nil, errors.New(rest)
	case '$', '*':
	default:
		return nil, fmt.Errorf("%q is no answer", line)
	}
	n, err := strconv.Atoi(rest)
	if err != nil || n < 0 {
		return nil, err
	}
	if kind == '$' {
		text := make([]byte, n+len("\r\n"))
		_, err := io.ReadFull(in, text)
		return []string{string(text[:n])}, err
	}
	var all []string
	for range n {
		said, err := hear(in)
		if err != nil {
			return nil, err
		}
		all = append(all, said...)
	}
	return all, nil
}

// field is the value of one line, such as "process_id:17", of what INFO says.
func field(said []string, name string) (string, error) {
	for _, text := range said {
		for line := range strings.Lines(text) {
			if value, ok := strings.CutPrefix(line, name+":"); ok {
				return strings.TrimSpace(value), nil
			}
		}
	}
	return "", fmt.Errorf("it does not tell its %s", name)
}
