package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/piga-money/piga/sandbox"
)

// A call that was recorded runs as a dialogue as it is, to the letter, in a world of its own.
func TestRecord(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "recorded.txt")
	w := newWorld(t)
	datadriven.RunTestFromString(t, openPeople(devPeople()), w.command)
	const typed = "1\n0711000002 ok\n0711000002\n500\n2580\n"
	out := piga(t, typed, nil, "call", "--gateway", w.server.URL, "--record", file, "0711000001", "*384*96#")
	if !strings.Contains(out, "Sent KES 500 to JOHN O.") || !strings.Contains(out, "SMS: ") {
		t.Fatalf("the call:\n%s", out)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"\nagent njeri phone=0722000001 name=MAMA_NJERI_SHOP pin=2580 balance=24000 number=10021 id=22000001\n----\n",
		"\ndial jane *384*96#\n----\nCON Piga\n", "\nsay 2580\n----\nEND ", "\nsms jane\n----\n",
	} {
		if !strings.Contains(string(b), want) {
			t.Errorf("no %q in:\n%s", want, b)
		}
	}
	again := newWorld(t)
	datadriven.RunTest(t, file, again.command)
	again.findNoPIN(t)
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(b, after) {
		t.Errorf("running it changed it: %v", err)
	}
}

// A stranger's call has nobody in it but her; odd answers stand on lines of their own; who hangs up is recorded,
// too. A file that is there is not written over.
func TestRecordStranger(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "recorded.txt")
	w := newWorld(t)
	args := []string{"call", "--gateway", w.server.URL, "--record", file, "+254733000009", "*384*96#"}
	piga(t, "A*B=C (d)\n\n", nil, args...)
	datadriven.RunTest(t, file, func(t *testing.T, d *datadriven.TestData) string {
		if strings.HasPrefix(d.Cmd, "sms") {
			t.Error("nothing was sent")
		}
		return w.command(t, d)
	})
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\ndial +254733000009 *384*96#\n", "\nsay\nA*B=C (d)\n----\n", "\nevent Incomplete\n----\n"} {
		if !strings.Contains(string(b), want) {
			t.Errorf("no %q in:\n%s", want, b)
		}
	}
	err = run(t.Context(), args, nil, strings.NewReader(""), &bytes.Buffer{})
	if err == nil || !strings.Contains(err.Error(), "--record") {
		t.Errorf("over a file that is there: %v", err)
	}
}

// An empty line in a page, or none at all, is written so that it reads back.
func TestDialogueBlocks(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	d := &dialogue{w: &b, who: "jane"}
	pages := []string{"CON a\n\nb", "CON ", "END a\nb\n"}
	d.dialled("*1#", pages[0])
	d.said("1", pages[1])
	d.said("", pages[2])
	if d.err != nil {
		t.Fatal(d.err)
	}
	n := 0
	datadriven.RunTestFromString(t, b.String(), func(t *testing.T, td *datadriven.TestData) string {
		n++
		return strings.TrimSuffix(pages[n-1], "\n") + "\n"
	})
	if n != len(pages) {
		t.Errorf("%d commands in:\n%s", n, b.String())
	}
}

// What cannot be written is told.
func TestRecordFails(t *testing.T) {
	t.Parallel()
	r, full := io.Pipe()
	_ = r.Close()
	d := &dialogue{w: full, who: "jane"}
	d.dialled("*1#", "CON a")
	if d.err == nil {
		t.Error("it is not told")
	}
}

// The people of piga dev can be played.
func TestPlayers(t *testing.T) {
	t.Parallel()
	want := sandbox.Person{Name: "MAMA NJERI SHOP", Number: "+254722000001", What: "agent 10021", Hint: "PIN 2580"}
	if got := players()[1]; got != want {
		t.Errorf("%+v", got)
	}
}
