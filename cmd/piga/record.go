package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/sandbox"
)

// dialogue is a call written down as a dialogue test: copied to testdata/dialogues, it runs.
type dialogue struct {
	w   io.Writer
	who string // dials: a name from the header, or her number
	err error  // the first
}

// record begins a dialogue with the people whom the gateway's sandbox knows from piga dev. Where there is
// none, whoever dials is a stranger.
func (p *phone) record(ctx context.Context, w io.Writer) *dialogue {
	d := &dialogue{w: w, who: p.number}
	d.print("# A call, as it was recorded. Receipts, codes and balances are those of that day: make golden writes today's.\n\n")
	known := map[string]bool{}
	for _, k := range p.known(ctx) {
		known[k.Number] = true
	}
	var there []person
	for _, person := range devPeople() {
		if known[string(person.phone)] {
			there = append(there, person)
		}
		if known[p.number] && string(person.phone) == p.number {
			d.who = person.nick
		}
	}
	d.print(openPeople(there))
	return d
}

// openPeople is the beginning of a dialogue that opens people with the money with which they came.
func openPeople(people []person) string {
	var b strings.Builder
	for _, p := range people {
		kind := map[core.Kind]string{core.SuperAgent: "super", core.Agent: "agent", core.Subscriber: "customer"}[p.kind]
		fmt.Fprintf(&b, "%s %s phone=%s name=%s pin=%s", kind, p.nick, p.phone.National(), strings.ReplaceAll(p.name, " ", "_"), devPIN)
		money := p.money
		if p.kind == core.Agent { // a dialogue's customers have theirs from an agent, too
			money += p.throughHer()
		}
		if money > 0 {
			fmt.Fprintf(&b, " balance=%d", money/core.Shilling)
		}
		if p.number != "" {
			fmt.Fprintf(&b, " number=%s", p.number)
		}
		fmt.Fprintf(&b, " id=%s\n----\n\n", p.party().IDNumber)
	}
	return b.String()
}

// known is who can be played at the gateway's sandbox; nobody where there is none.
func (p *phone) known(ctx context.Context) []sandbox.Person {
	var state struct{ People []sandbox.Person }
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.gateway+"/sandbox/state", nil)
	if err != nil {
		return nil
	}
	res, err := p.client.Do(req)
	if err != nil {
		return nil
	}
	defer res.Body.Close() //nolint:errcheck // only read
	if res.StatusCode != http.StatusOK || json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&state) != nil {
		return nil
	}
	return state.People
}

func (d *dialogue) print(text string) {
	if d == nil || d.err != nil {
		return
	}
	_, d.err = io.WriteString(d.w, text)
}

// plainWords are answers that can stand behind the command. Any other stands on a line of its own.
var plainWords = regexp.MustCompile(`^[0-9A-Za-z]+( [0-9A-Za-z]+)*$`)

// dialled, said and told are the commands with what came of them.
func (d *dialogue) dialled(code, page string) {
	if d != nil {
		d.command("dial "+d.who+" "+code, page)
	}
}

func (d *dialogue) said(answer, page string) {
	switch {
	case plainWords.MatchString(answer):
		d.command("say "+answer, page)
	case answer == "":
		d.command("say", page)
	default:
		d.command("say\n"+answer, page)
	}
}

func (d *dialogue) hungUp() { d.command("event "+endLeft, "") }

func (d *dialogue) told(messages []string) {
	if d != nil && len(messages) > 0 {
		d.command("sms "+d.who, strings.Join(messages, "\n"))
	}
}

// command is one block. Output with an empty line in it stands between double lines.
func (d *dialogue) command(command, output string) {
	if output != "" {
		output = strings.TrimSuffix(output, "\n") + "\n"
	}
	if strings.Contains("\n"+output, "\n\n") {
		d.print(command + "\n----\n----\n" + output + "----\n----\n\n")
		return
	}
	d.print(command + "\n----\n" + output + "\n")
}
