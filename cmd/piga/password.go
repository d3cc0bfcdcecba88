package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/piga-money/piga/core"
)

// askPassword reads a new password: at a terminal it is typed twice and not shown, from a pipe it is one line. It is
// never an argument or a variable, which other processes can see.
func askPassword(in io.Reader, out io.Writer) (core.Password, error) {
	typed, err := "", error(nil)
	if f, ok := in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		typed, err = typePassword(int(f.Fd()), out)
	} else {
		typed, err = bufio.NewReader(in).ReadString('\n')
		typed = strings.TrimRight(typed, "\r\n")
		if errors.Is(err, io.EOF) {
			err = nil
		}
	}
	if err != nil {
		return core.Password{}, fmt.Errorf("the password: %w", err)
	}
	p, err := core.ParsePassword(typed)
	if err != nil {
		return core.Password{}, fmt.Errorf("a password has 8 characters or more; it comes on the standard input: %w", err)
	}
	return p, nil
}

func typePassword(terminal int, out io.Writer) (string, error) {
	var typed [2][]byte
	for i, ask := range []string{"Password: ", "Again: "} {
		fmt.Fprint(out, ask)
		var err error
		if typed[i], err = term.ReadPassword(terminal); err != nil {
			return "", err
		}
		fmt.Fprintln(out)
	}
	if !bytes.Equal(typed[0], typed[1]) {
		return "", errors.New("the two are not the same")
	}
	return string(typed[0]), nil
}
