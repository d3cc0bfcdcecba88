package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/page"
)

var screenshots = flag.String("screenshots", "", "the folder to put pictures of the handsets into, such as docs/images")

// The pictures of the README, made anew:
//
//	go test ./cmd/piga -run TestScreenshots -screenshots "$PWD/docs/images"
func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("only with -screenshots")
	}
	b := startBrowser(t)
	for _, picture := range []struct {
		name string
		as   look
	}{
		{"handsets-light", wide},
		{"handsets-dark", look{wide.width, wide.height, true}},
		{"handsets-narrow", narrow},
	} {
		t.Run(picture.name, func(t *testing.T) {
			p := handsOn(t, b, picture.as)
			converse(p)
			shot := send(p, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatWebp, Quality: new(int64(82))})
			if err := os.WriteFile(filepath.Join(*screenshots, picture.name+".webp"), shot.Data, 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// converse leaves Jane before her PIN, and the agent before her answer.
func converse(p *tab) {
	p.click("#hint button")
	p.call(1, "*384*96*2*10021*500#")
	p.shows(1, "PIN to confirm")
	p.call(1, "2580")
	p.shows(1, "Say ")
	p.mail(1, 1)
	p.call(1, "*384*96*1*0711000003#")
	p.shows(1, "Amount")
	p.call(1, "300")
	p.shows(1, "PIN to confirm")
	if js[bool](p, `matchMedia("(max-width: 620px)").matches`) {
		return
	}
	p.mail(2, 1)
	p.click(part(2, "mail"))
	p.click(part(2, "left"))
	p.shows(2, "JANE W. wants")
}
