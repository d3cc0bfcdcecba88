// Command piga is mobile money for phones that have only keys: the gateway that answers USSD callbacks,
// and the small commands around it. Everything is wired here, top to bottom; nothing else wires anything.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "piga: "+err.Error())
		os.Exit(1) //nolint:gocritic // stop is for the process, which ends here
	}
}

// A command is one word after piga.
type command struct {
	name, args, help string
	run              func(ctx context.Context, c config, args []string, in io.Reader, out io.Writer) error
}

// commandList is every command, as piga help lists them.
func commandList() []command {
	return []command{
		{"serve", "", "answer callbacks and send messages; needs PostgreSQL and Redis", serve},
		{"health", "[--ready]", "ask the copy at PIGA_ADDR whether it lives, or lacks something; status 1 if so", health},
		{"dev", "[--fresh]", "everything on this machine, with people to try it: see the README", dev},
		{"migrate", "", "bring the database's schema up to date", migrate},
		{"audit", "", "look at every row of the ledger, beside gateways that serve; says which are wrong", audit},
		{"archive", "MONTH", "put a month away, such as 2026-08, as the owner of the tables; the oldest first, and first of all what is called before", archive},
		{"restored", "[--sent FILE]", "after a restore to a moment: what waits warns that it may be a repeat; finds what was told and is not there", restored},
		{"pepper rotate", "", "seal every PIN under the first pepper of PIGA_PIN_PEPPER", rotatePepper},
		{"admin create", "--email ADDRESS --name NAME [--roles it,finance,care]", "make an administrator; the password is asked for, or read from a pipe", createAdmin},
		{"float", "--to NUMBER --amount KES --reference REF", "issue float to a super agent, once per bank reference", issueFloat},
		{"sandbox soak", "[--calls N] [--seed N]", "hostile calls to a Piga of its own, and what became of the money: see piga sandbox soak -h", soakCommand},
		{"sandbox", "--app URL [--hostile all]", "an Africa's Talking with phones for any application; see piga sandbox -h", sandboxCommand},
		{"call", "[--gateway URL] [--record FILE] PHONE CODE", "a phone in the terminal, against any gateway; it can write a dialogue test", callCommand},
		{"text", "[--gateway URL] PHONE TEXT", "an SMS from that phone to the short code", textCommand},
	}
}

func run(ctx context.Context, args, environ []string, in io.Reader, out io.Writer) error {
	cmd, rest := findCommand(args)
	if cmd == nil {
		help(out)
		if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
			return nil
		}
		return fmt.Errorf("there is no command %q", strings.Join(args, " "))
	}
	c, err := readConfig(environ)
	if err != nil {
		return err
	}
	err = cmd.run(ctx, c, rest, in, out)
	if errors.Is(err, flag.ErrHelp) { // it was printed
		return nil
	}
	if errors.Is(err, context.Canceled) && ctx.Err() != nil { // it was asked to stop, and did
		return nil
	}
	return err
}
