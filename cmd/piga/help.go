package main

import (
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// findCommand is the command that the arguments begin with, and the arguments after it.
func findCommand(args []string) (*command, []string) {
	for i, c := range commandList() {
		words := strings.Fields(c.name)
		if len(args) >= len(words) && strings.Join(args[:len(words)], " ") == c.name {
			return &commandList()[i], args[len(words):]
		}
	}
	return nil, nil
}

// parse reads a command's flags and refuses what is left over beyond the arguments that it takes.
func parse(flags *flag.FlagSet, args []string, takes int) error {
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > takes {
		return fmt.Errorf("%s does not know %q (flags come before other arguments)", flags.Name(), flags.Arg(takes))
	}
	return nil
}

// noFlags refuses any argument.
func noFlags(name string, args []string, out io.Writer) error {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(out)
	return parse(flags, args, 0)
}

// help prints every command and every variable.
func help(out io.Writer) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprint(w, "Piga: mobile money for phones that have only keys.\n\nCommands:\n")
	for _, c := range commandList() {
		fmt.Fprintf(w, "  piga %s\t%s\n", strings.TrimSpace(c.name+" "+c.args), c.help)
	}
	fmt.Fprint(w, "  piga help\tthis page\n\nEnvironment:\n")
	for _, v := range variables() {
		value := ""
		if v.value != "" {
			value = " (default: " + v.value + ")"
		}
		fmt.Fprintf(w, "  %s\t%s%s\n", v.name, v.help, value)
	}
	_ = w.Flush() // out is the terminal: there is nobody else to tell
}
