package local_test

import (
	"bufio"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/piga-money/piga/store/local"
)

func TestRedisIsShared(t *testing.T) {
	t.Parallel()
	first, second := local.Redis(t), local.Redis(t)
	if first != second {
		t.Errorf("a second server at %s, beside %s", second, first)
	}
	if got := ping(t, first); got != "+PONG\r\n" {
		t.Errorf("PING is answered %q", got)
	}
}

func TestOwnRedisCanBeBroken(t *testing.T) {
	t.Parallel()
	r := local.OwnRedis(t)
	r.Kill()
	if got := ping(t, r.URL()); got != "" {
		t.Errorf("a killed server answers %q", got)
	}
	r.Restart()
	if got := ping(t, r.URL()); got != "+PONG\r\n" {
		t.Errorf("a restarted server answers %q", got)
	}
}

// A frozen server takes a connection and answers once it is thawed.
func TestFrozenRedis(t *testing.T) {
	t.Parallel()
	r := local.OwnRedis(t)
	if err := r.Freeze(); err != nil {
		t.Fatal(err)
	}
	answer := make(chan string)
	go func() { answer <- ping(t, r.URL()) }()
	select {
	case got := <-answer:
		t.Errorf("while frozen it answers %q", got)
		return
	case <-time.After(100 * time.Millisecond):
	}
	if err := r.Thaw(); err != nil {
		t.Error(err)
	}
	if got := <-answer; got != "+PONG\r\n" {
		t.Errorf("thawed it answers %q", got)
	}
}

// ping is what a server answers, "" if there is none.
func ping(t *testing.T, address string) string {
	t.Helper()
	return say(t, address, "PING")
}

// say is the first line that a server answers to a command, "" if there is none.
func say(t *testing.T, address, command string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		return ""
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.Write([]byte(command + "\r\n")); err != nil {
		t.Fatal(err)
	}
	answer, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return answer
}
