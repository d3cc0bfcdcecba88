package main

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What is delivered beside the program speaks of the variables that it has. One that is not known would stop the start.
func TestDeliveredVariablesAreKnown(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, v := range variables() {
		known[v.name] = true
	}
	for _, file := range delivered(t) {
		for _, name := range regexp.MustCompile(`\bPIGA(_[A-Z]+)+\b`).FindAllString(read(t, file), -1) {
			if !known[name] {
				t.Errorf("%s names %s, which is no variable of Piga", file, name)
			}
		}
	}
}

// delivered are the files that are there for whoever runs Piga.
func delivered(t *testing.T) []string {
	t.Helper()
	files := []string{"../../compose.yaml", "../../Dockerfile", "../../README.md"}
	for _, pattern := range []string{"../../deploy/*", "../../docs/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v, %v", pattern, found, err)
		}
		files = append(files, found...)
	}
	return files
}

// Compose and systemd give a gateway all that it cannot do without: it gets as far as to dislike a secret that is short.
func TestDeliveryGivesAGatewayWhatItNeeds(t *testing.T) {
	t.Parallel()
	plausible := map[string]string{"PIGA_SERVICE_CODES": "*1#", "PIGA_TRUST_FORWARDED": "true", "PIGA_CALLBACK_SECRET": "short"}
	for file, set := range map[string]*regexp.Regexp{
		"../../compose.yaml":       regexp.MustCompile(`(?m)^ {4}(PIGA_[A-Z_]+):`),
		"../../deploy/env.example": regexp.MustCompile(`(?m)^#?(PIGA_[A-Z_]+)=`),
	} {
		env := map[string]string{}
		for _, found := range set.FindAllStringSubmatch(read(t, file), -1) {
			env[found[1]] = "x"
		}
		maps.Copy(env, plausible)
		var environ []string
		for name, value := range env {
			environ = append(environ, name+"="+value)
		}
		err := run(t.Context(), []string{"serve"}, environ, strings.NewReader(""), io.Discard)
		if err == nil || !strings.Contains(err.Error(), "too easily guessed") {
			t.Errorf("with all that is set in %s: %v", file, err)
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestReachable(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		":8080": "127.0.0.1:8080", "0.0.0.0:8080": "127.0.0.1:8080", "[::]:8080": "127.0.0.1:8080", "10.0.0.7:80": "10.0.0.7:80", "[::1]:80": "[::1]:80",
	} {
		if got := reachable(addr); got != want {
			t.Errorf("%s is reached at %s", addr, got)
		}
	}
}
