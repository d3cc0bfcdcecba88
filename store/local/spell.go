package local

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
)

// spell is a change of the machine that lasts until it is ended, or until this process ends, even by kill -9.
type spell struct {
	cmd   *exec.Cmd
	until io.Closer
}

// cast has the shell make a change, and unmake it at the end, with the same arguments.
func cast(do, undo string, args ...string) (*spell, error) {
	script := "trap '' HUP INT TERM; " + do + " && echo done && read -r _; " + undo
	cmd := exec.Command("sh", append([]string{"-c", script, "sh"}, args...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // away from the terminal's Ctrl-C
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	until, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	says, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	if line, _ := bufio.NewReader(says).ReadString('\n'); line != "done\n" {
		_ = cmd.Wait() // it ended because it could not
		return nil, fmt.Errorf("%s: %s", do, strings.TrimSpace(complaint.String()))
	}
	return &spell{cmd: cmd, until: until}, nil
}

// end unmakes the change. Without a spell it does nothing.
func (s *spell) end() error {
	if s == nil {
		return nil
	}
	_ = s.until.Close() // that it is read to its end is the sign
	if err := s.cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w", s.cmd, err)
	}
	return nil
}
