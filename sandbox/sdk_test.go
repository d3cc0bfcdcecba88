package sandbox_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/piga-money/piga/sandbox"
)

// The provider's official SDK for Node works against the sandbox, with nothing changed but the address.
func TestOfficialSDK(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			const missing = "the official SDK needs node and npm, and one is missing: "
			if os.Getenv("CI") == "true" {
				t.Fatal(missing + program)
			}
			t.Skip(missing + program)
		}
	}
	dir := t.TempDir()
	install(t, dir)
	s, base := provider(t, sandbox.Config{Key: "right", Senders: []string{"38496"}})
	script, err := os.ReadFile("testdata/sdk/send.js")
	if err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(t.Context(), "node", "-", base)
	node.Dir, node.Stdin = dir, strings.NewReader(string(script))
	out, err := node.CombinedOutput()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, out)
	}
	said := strings.Split(strings.TrimSpace(string(out)), "\n")
	want := [][]string{ // words of each line
		{`{"got":{"SMSMessageData":{"Message":"Sent to 1/1 `, `"number":"+254711000001","status":"Success","statusCode":10`},
		{`{"got":{"SMSMessageData":{"Message":"Sent to 2/2 `, `"number":"+254711000001"`, `"number":"+254722000001"`},
		{`{"refused":401,"words":"The supplied authentication is invalid"}`},
	}
	if len(said) != len(want) {
		t.Fatalf("the SDK said:\n%s", out)
	}
	for i, words := range want {
		for _, w := range words {
			if !strings.Contains(said[i], w) {
				t.Errorf("no %s in\n%s", w, said[i])
			}
		}
	}
	if got := s.Messages(""); len(got) != 3 || got[2].Text != "one" || got[2].From != "38496" || got[1].Text != "several" {
		t.Errorf("the phones have %+v", got)
	}
}

// install puts the SDK into a folder. Packages' own scripts do not run.
func install(t *testing.T, dir string) {
	t.Helper()
	npm := exec.CommandContext(t.Context(), "npm", "install", "--prefix", dir, "--ignore-scripts", "--no-audit", "--no-fund",
		"--prefer-offline", "--no-update-notifier", "africastalking@0.8.3")
	npm.Dir = dir
	if out, err := npm.CombinedOutput(); err != nil {
		const failed = "npm install africastalking: "
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s%v\n%s", failed, err, out)
		}
		t.Skipf("%s%v\n%s", failed, err, out)
	}
}
