package session_test

import (
	"strings"
	"testing"

	"github.com/piga-money/piga/store/local"
	"github.com/piga-money/piga/store/session"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	for url, trouble := range map[string]string{
		"redis://localhost:6379/0":                                    "",
		"redis://user:secret@localhost:6379?read_timeout=2s":          "",
		"rediss://a:6379?cluster=true&addr=b:6379":                    "",
		"redis://a:26379/1?master=m&addr=b:26379&sentinel_password=p": "",
		"unix:///run/redis.sock":                                      "",
		"redis://a:6379?addr=b:6379":                                  "several addresses",
		"redis://a:6379?read_timout=2s":                               `"read_timout"`,
		"redis://a:6379/zero":                                         "database",
		"http://a:6379":                                               "scheme",
		"redis://user:secret%zz@a:6379":                               "malformed",
		"redis://a:26379?master=m&cluster=true":                       "no Sentinels",
	} {
		s, err := session.Open(url)
		switch {
		case err == nil:
			if trouble != "" {
				t.Errorf("%s: opened", url)
			}
			_ = s.Close()
		case trouble == "" || !strings.Contains(err.Error(), trouble):
			t.Errorf("%s: %v", url, err)
		case strings.Contains(err.Error(), "secret"):
			t.Errorf("the password shows: %v", err)
		}
	}
}

func TestOutOfReachAndBack(t *testing.T) {
	t.Parallel()
	r := local.OwnRedis(t)
	s, err := session.Open(r.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	claim(t, s, "id", "a")
	r.Kill()
	if err := s.Ping(t.Context()); err == nil {
		t.Error("a killed Redis answers")
	}
	if _, _, err := s.Claim(t.Context(), "id", "b", lease); err == nil {
		t.Error("a killed Redis grants a claim")
	}
	if _, err := s.Keep(t.Context(), "id", "a", []byte("A"), lease); err == nil {
		t.Error("a killed Redis keeps a call")
	}
	if err := s.Release(t.Context(), "id", "a"); err == nil {
		t.Error("a killed Redis releases a call")
	}
	r.Restart()
	if got, mine := claim(t, s, "id", "b"); got != "none" || !mine {
		t.Errorf("after a restart, which also forgets the scripts: %q, %t", got, mine)
	}
}
