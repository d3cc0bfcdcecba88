package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/piga-money/piga/sandbox"
)

// How people come to the page: at a desk, and with a telephone that has glass.
var (
	wide   = look{width: 1280, height: 940}
	narrow = look{width: 360, height: 740, dark: true}
)

// The page with the handsets, in a real browser, with a whole Piga behind it.
func TestHandsets(t *testing.T) {
	t.Parallel()
	b := startBrowser(t)
	for name, test := range map[string]func(*testing.T, browser){
		"withdrawal": withdrawOnTwoPhones,
		"dropped":    takeUpDroppedCall,
		"keyboard":   playByKeyboard,
		"narrow":     playNarrow,
		"wire":       watchWire,
		"gone":       outliveSandbox,
	} {
		t.Run(name, func(t *testing.T) { t.Parallel(); test(t, b) })
	}
}

// handsOn is the page beside a Piga with everybody who comes with piga dev, Jane's phone first and the
// agent's second.
func handsOn(t *testing.T, b browser, as look) *tab {
	t.Helper()
	w := newWorld(t)
	if err := populate(t.Context(), w.g); err != nil {
		t.Fatal(err)
	}
	p := b.open(t, w.server.URL, as)
	p.own(1, "+254711000001")
	p.own(2, "+254722000001")
	p.mail(1, 0)
	p.mail(2, 0)
	return p
}

// opening is how many SMS Jane and the agent have from before: of the deposits that brought their money.
var opening = map[int]int{1: 1, 2: 3}

// part is the selector of a piece of a phone, of which the first is 1.
func part(phone int, name string) string {
	return fmt.Sprintf(`.phone:nth-child(%d) [data-part="%s"]`, phone, name)
}

// own chooses whose phone it is.
func (p *tab) own(phone int, number string) {
	p.t.Helper()
	p.choose(part(phone, "owner"), number)
	p.until("the phone is hers", fmt.Sprintf(`document.querySelector(%q).textContent.includes(%q)`, part(phone, "what"), number))
}

// choose takes an option of a list, as somebody would.
func (p *tab) choose(list, value string) {
	p.t.Helper()
	p.run(fmt.Sprintf(`const list = document.querySelector(%q); list.value = %q; list.dispatchEvent(new Event("change"))`, list, value))
}

// press clicks keys of the keypad with the mouse.
func (p *tab) press(phone int, keys string) {
	p.t.Helper()
	for _, key := range keys {
		p.click(fmt.Sprintf(`.phone:nth-child(%d) [data-key="%c"]`, phone, key))
	}
}

func (p *tab) click(selector string) {
	p.t.Helper()
	p.do(chromedp.Click(chromedp.CSS(selector)))
}

// call types with the mouse and presses the green key.
func (p *tab) call(phone int, keys string) {
	p.t.Helper()
	p.press(phone, keys)
	p.click(part(phone, "call"))
}

// shows waits until the screen has words on it.
func (p *tab) shows(phone int, words string) {
	p.t.Helper()
	p.until("phone "+strconv.Itoa(phone)+" shows "+words, fmt.Sprintf(
		`document.querySelector(%q).textContent.includes(%q) && !document.querySelector(%q).hidden`, part(phone, "page"), words, part(phone, "page")))
}

// mail waits until so many SMS are unread, besides those of the opening.
func (p *tab) mail(phone, unread int) {
	p.t.Helper()
	unread += opening[phone]
	p.until(fmt.Sprintf("phone %d has %d unread SMS", phone, unread), fmt.Sprintf(`document.querySelector(%q).textContent === %q`, part(phone, "unread"), strconv.Itoa(unread)))
}

var codeInText = regexp.MustCompile(`Say ([0-9]{4}) to`)

// Jane dials and withdraws, reads the code; the agent texts OK and the code; both are told.
func withdrawOnTwoPhones(t *testing.T, b browser) {
	p := handsOn(t, b, wide)
	p.call(1, "*384*96#")
	p.shows(1, "2 Withdraw cash")
	p.call(1, "2")
	p.shows(1, "Agent number:")
	p.call(1, "10021")
	p.shows(1, "Amount (KES):")
	p.call(1, "500")
	p.shows(1, "Fee KES 27")
	p.call(1, "2580")
	p.shows(1, "waits 10 min")
	p.until("the ruler measures the page", fmt.Sprintf(`/^1[0-9]{2} of 160 septets$/.test(document.querySelector(%q).textContent)`, part(1, "used")))

	p.mail(1, 1)
	p.click(part(1, "mail"))
	p.click(part(1, "left")) // opens it
	p.shows(1, "Say ")
	p.mail(1, 0) // it counts as read
	code := codeInText.FindStringSubmatch(js[string](p, fmt.Sprintf(`document.querySelector(%q).textContent`, part(1, "page"))))
	if code == nil {
		t.Fatalf("no code in:\n%s", p.text())
	}

	p.mail(2, 1)
	p.click(part(2, "right")) // writes
	p.do(chromedp.SendKeys(chromedp.CSS(part(2, "text")), "OK "+code[1]+kb.Enter))
	p.mail(2, 2)
	p.click(part(2, "mail"))
	p.click(part(2, "left"))
	p.shows(2, "give KES 500.00 to JANE WANJIKU")
	p.mail(1, 1)
}

// The answer to Jane's agent number never reaches her. She dials again and goes on.
func takeUpDroppedCall(t *testing.T, b browser) {
	p := handsOn(t, b, wide)
	p.call(1, "*384*96*1*0711000002#")
	p.shows(1, "Amount (KES):")
	p.click("#hostility summary")
	p.hostile("drop after", 11)
	p.until("it is on", `document.querySelector('#hostility [data-part="sum"]').textContent === "1 of 22 on"`)
	p.call(1, "300")
	p.shows(1, "Connection problem")
	p.until("the phone says why", fmt.Sprintf(`document.querySelector(%q).textContent === "dropped"`, part(1, "used")))
	p.until("the wire says so", `[...document.querySelectorAll("#wire .did")].some((d) => d.textContent.includes("drop_after"))`)
	p.click(`#hostility [data-part="off"]`)
	p.until("it is off", `document.querySelector('#hostility [data-part="sum"]').textContent === "off"`)
	p.call(1, "*384*96#")
	p.shows(1, "1 Go on: send KES 300 to JOHN O.")
	p.call(1, "1")
	p.shows(1, "PIN to confirm")
	p.call(1, "2580")
	p.shows(1, "Sent KES 300 to JOHN O.")
}

// hostile moves the switch of a kind.
func (p *tab) hostile(kind string, step int) {
	p.t.Helper()
	p.run(fmt.Sprintf(`
		const item = [...document.querySelectorAll("#hostility li")].find((i) => i.querySelector("b").textContent === %q);
		const range = item.querySelector("input");
		range.value = %d;
		range.dispatchEvent(new Event("input"));
		range.dispatchEvent(new Event("change"))`, kind, step))
}

// Nobody touches a mouse: the first phone is in hand, tabs lead on to the second.
func playByKeyboard(t *testing.T, b browser) {
	p := handsOn(t, b, wide)
	p.run(`document.activeElement.blur()`)
	p.tabTo(part(1, "typed"))
	p.do(chromedp.KeyEvent("*384*96#" + kb.Enter))
	p.shows(1, "4 Balance")
	p.do(chromedp.KeyEvent("4" + kb.Enter))
	p.shows(1, "Enter your PIN")
	p.do(chromedp.KeyEvent(kb.Escape))
	p.shows(1, "JANE WANJIKU")
	if js[bool](p, `document.querySelector(".phone").classList.contains("oncall")`) {
		t.Error("Escape did not hang up")
	}
	// Green with nothing typed brings back the last code; the focus stands on the phone all the while.
	p.do(chromedp.KeyEvent(kb.Enter))
	p.until("the last code is back", fmt.Sprintf(`document.querySelector(%q).value === "*384*96#"`, part(1, "typed")))
	p.do(chromedp.KeyEvent(kb.Enter))
	p.shows(1, "4 Balance")
	p.do(chromedp.KeyEvent("4" + kb.Enter))
	p.shows(1, "Enter your PIN")
	p.do(chromedp.KeyEvent("2580" + kb.Enter))
	p.shows(1, "Balance KES 2,000.")
	p.mail(1, 1)
	// Her SMS: the list, the text, and back.
	p.tabTo(part(1, "left"))
	p.do(chromedp.KeyEvent(kb.Enter))
	p.until("the list is there", fmt.Sprintf(`!document.querySelector(%q).hidden`, part(1, "list")))
	p.do(chromedp.KeyEvent(kb.Enter))
	p.shows(1, "KES 2,000.00")
	p.do(chromedp.KeyEvent(kb.Escape))
	p.shows(1, "JANE WANJIKU")
	// Over to the other phone, of which any key may have the focus.
	p.tabTo(part(2, "down"))
	p.do(chromedp.KeyEvent("*384*96*"))
	p.until("it went to the second phone", fmt.Sprintf(`document.querySelector(%q).value === "*384*96*" && document.querySelector(%q).value === ""`, part(2, "typed"), part(1, "typed")))
}

// tabTo presses Tab until something has the focus, which must be seen there.
func (p *tab) tabTo(selector string) {
	p.t.Helper()
	for range 60 {
		p.do(chromedp.KeyEvent(kb.Tab))
		if js[bool](p, fmt.Sprintf(`document.activeElement === document.querySelector(%q)`, selector)) {
			return
		}
	}
	p.t.Fatalf("60 tabs do not lead to %s", selector)
}

// In 360 pixels one phone is in hand, another is chosen above it, and nothing hangs out of the window.
func playNarrow(t *testing.T, b browser) {
	p := handsOn(t, b, narrow)
	p.call(1, "*384*96#")
	p.shows(1, "1 Send money")
	p.click(".tabs button:nth-child(2)")
	p.until("the other phone is in hand", `getComputedStyle(document.querySelector(".phone:nth-child(1)")).display === "none"`)
	p.call(2, "*384*96#")
	p.shows(2, "Requests waiting")
	p.click("#hostility summary")
	p.click("#add")
	p.until("a third phone lies there", `document.querySelectorAll(".phone").length === 3`)
	p.choose(part(3, "owner"), "another")
	p.do(chromedp.SendKeys(chromedp.CSS(part(3, "number")), "0733000001"+kb.Enter)) // the super agent's, typed
	p.shows(3, "BAHARI DISTRIBUTORS")
	p.choose(part(3, "network"), "63907")
	p.until("she moved to another operator", fmt.Sprintf(`document.querySelector(%q).textContent === "Telkom"`, part(3, "operator")))
	if over := js[int](p, `document.documentElement.scrollWidth`); over > int(narrow.width) {
		t.Errorf("the page is %d wide in a window of %d", over, narrow.width)
	}
	p.click(part(3, "remove"))
	p.until("it is gone", `document.querySelectorAll(".phone").length === 2`)
}

// The wire stands still while somebody reads further down; a filter shows one phone's.
func watchWire(t *testing.T, b browser) {
	p := handsOn(t, b, wide)
	const lines = `#wire [data-part="lines"]`
	for n := range 8 {
		p.click(part(1, "hang"))
		p.call(1, "*384*96*4#")
		p.until("another call is on the wire", fmt.Sprintf(`[...document.querySelectorAll("#wire b")].filter((b) => b.textContent === "callback 1").length === %d`, n+1))
	}
	p.run(fmt.Sprintf(`document.querySelector(%q).scrollTop = 200`, lines))
	before := js[int](p, fmt.Sprintf(`document.querySelector(%q).children.length`, lines))
	p.call(2, "*384*96#")
	p.until("newer lines wait", `!document.querySelector('#wire [data-part="held"]').hidden`)
	if now := js[int](p, fmt.Sprintf(`document.querySelector(%q).children.length`, lines)); now != before {
		t.Errorf("%d lines became %d under the reader's eyes", before, now)
	}
	p.click(`#wire [data-part="held"]`)
	p.until("they are there", fmt.Sprintf(`document.querySelector(%q).firstElementChild.textContent.includes("MAMA NJERI")`, lines))
	p.choose(`#wire [data-part="filter"]`, "+254722000001")
	shown := js[[]string](p, fmt.Sprintf(`[...document.querySelector(%q).children].filter((l) => !l.hidden).map((l) => l.textContent)`, lines))
	if len(shown) == 0 || slices.ContainsFunc(shown, func(line string) bool { return !strings.Contains(line, "MAMA NJERI SHOP") }) {
		t.Errorf("filtered: %q", shown)
	}
}

// The sandbox ends and begins anew, knowing nothing: the page says so and goes on by itself.
func outliveSandbox(t *testing.T, b browser) {
	app := newForeign(t)
	begin := func(addr string) (here string, end func()) {
		l, err := net.Listen("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() {
			ended <- serveSandbox(ctx, sandbox.Config{
				Clock: time.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler), Callback: app.URL + "/ussd", Codes: []string{"*123#"},
			}, l, time.Second)
		}()
		return l.Addr().String(), func() {
			stop()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	}
	addr, end := begin("127.0.0.1:0")
	p := b.open(t, "http://"+addr, wide)
	p.call(1, "*123#")
	p.shows(1, "Welcome to the bus")
	end()
	p.until("the page says that it is gone", `document.getElementById("service").textContent.includes("gone")`)
	p.complaints() // that nobody answers
	_, end = begin(addr)
	defer end()
	p.until("it is live again", `document.getElementById("service").textContent === "Live"`)
	p.until("the wire is the new one's", `document.querySelector("#wire li") === null`)
	p.click(part(1, "hang"))
	p.call(1, "*123#")
	p.shows(1, "Welcome to the bus")
	p.complaints()
}
