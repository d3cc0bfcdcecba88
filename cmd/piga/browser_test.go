package main

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take for anything on a machine that is busy with other tests.
const patience = time.Minute

// browser is a Chromium that runs.
type browser struct{ ctx context.Context }

// startBrowser starts one Chromium for a test and what runs below it, or skips them where there is none.
func startBrowser(t *testing.T) browser {
	t.Helper()
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		const missing = "no Chromium is on the PATH: install the system's package, chromium on Debian"
		if os.Getenv("CI") == "true" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program), // with a profile of its own, which is removed with it
		chromedp.NoSandbox,         // there is none for root, and the page is ours
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
	)
	allocator, kill := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, end := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		closing, hurry := context.WithTimeout(ctx, 10*time.Second)
		defer hurry()
		_ = chromedp.Cancel(closing) // it tidies up after itself; if it takes too long, it is killed
		end()
		kill()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	return browser{ctx}
}

// tab is a window of its own on the page with the handsets.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu       sync.Mutex
	problems []string // what the browser complained about, and what was loaded from elsewhere
}

// look is how somebody sees the page.
type look struct {
	width, height int64
	dark          bool
}

// open opens a page. When the test ends, there must have been no complaint of the browser's and nothing
// must have been asked of another host, unless the test takes its complaints away.
func (b browser) open(t *testing.T, url string, as look) *tab {
	t.Helper()
	ctx, end := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(end)
	p := &tab{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, func(e any) { p.hear(e, url) }); err != nil {
		t.Fatal(err)
	}
	scheme := "light"
	if as.dark {
		scheme = "dark"
	}
	send(p, network.Enable, network.EnableParams{})
	send(p, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true}) // every tab is in front
	send(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
	})
	p.do(chromedp.EmulateViewport(as.width, as.height), chromedp.Navigate(url+"/"))
	t.Cleanup(func() {
		for _, problem := range p.complaints() {
			t.Errorf("the browser: %s", problem)
		}
	})
	p.until("the page is live", `document.getElementById("service").textContent === "Live" && document.querySelectorAll(".phone").length >= 2`)
	return p
}

// hear keeps what the browser complains about.
func (p *tab) hear(e any, url string) {
	problem := ""
	switch e := e.(type) {
	case *runtime.EventExceptionThrown:
		problem = e.ExceptionDetails.Text
		if thrown := e.ExceptionDetails.Exception; thrown != nil {
			problem += " " + thrown.Description
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError {
			problem = e.Entry.Text + " " + e.Entry.URL
		}
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, url) {
			problem = "loaded from elsewhere: " + e.Request.URL
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if problem != "" {
		p.problems = append(p.problems, problem)
	}
}

// complaints are those so far, which are taken away.
func (p *tab) complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.problems
	p.problems = nil
	return all
}

func (p *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.t.Fatalf("%v\nthe page:\n%s", err, p.text())
	}
}

// send sends a command of the browser's protocol.
func send[P, R any](p *tab, c cdp.Command[P, R], params P) R {
	p.t.Helper()
	result, err := chromedp.Call(p.ctx, c, params)
	if err != nil {
		p.t.Fatal(err)
	}
	return result
}

// until waits for a condition in JavaScript. What it means is for whoever reads that it did not come.
func (p *tab) until(what, condition string) {
	p.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for late := time.After(patience); !js[bool](p, condition); {
		select {
		case <-tick.C:
		case <-late:
			p.t.Fatalf("it never came that %s\nthe page:\n%s", what, p.text())
		}
	}
}

// text is all that can be read.
func (p *tab) text() string {
	text, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](`document.body.innerText`))
	if err != nil {
		return err.Error()
	}
	return text
}

// js is an expression's value.
func js[T any](p *tab, expression string) T {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		p.t.Fatalf("%s: %v\nthe page:\n%s", expression, err, p.text())
	}
	return value
}

// run is JavaScript whose value does not matter.
func (p *tab) run(statement string) {
	p.t.Helper()
	js[bool](p, "(() => {"+statement+"; return true})()")
}
