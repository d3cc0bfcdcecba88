package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/login"
	"github.com/piga-money/piga/core/office"
)

// createAdmin makes the first administrator, or another one.
func createAdmin(ctx context.Context, c config, args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("piga admin create", flag.ContinueOnError)
	flags.SetOutput(out)
	address := flags.String("email", "", "by which she logs in")
	name := flags.String("name", "", "first and family name")
	roles := flags.String("roles", "care,finance,it", "what she may do, separated by commas")
	if err := parse(flags, args, 0); err != nil {
		return err
	}
	n, err := newcomer(*address, *name, *roles)
	if err != nil {
		return err
	}
	if err := c.need("Postgres"); err != nil {
		return err
	}
	if n.Password, err = askPassword(in, out); err != nil {
		return err
	}
	db, err := openStore(c, nil)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // the process ends with it
	passwords := login.NewPasswords(login.DefaultCost, 1, rand.Reader)
	made, err := office.New(db, nil, passwords).OpenAdmin(ctx, office.CommandLine(), n)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "administrator %d: %s %s, %v\n", made.ID, made.Name, string(made.Email), made.Roles)
	return err
}

// newcomer reads what the flags say.
func newcomer(address, name, roles string) (n office.Newcomer, err error) {
	if address == "" || name == "" {
		return n, errors.New("piga admin create needs --email and --name")
	}
	if n.Email, err = core.ParseEmail(address); err != nil {
		return n, fmt.Errorf("--email: %w", err)
	}
	if n.Name, err = core.ParseName(name); err != nil {
		return n, fmt.Errorf("--name: %w", err)
	}
	for one := range strings.SplitSeq(roles, ",") {
		role := core.Role(strings.TrimSpace(one))
		if !slices.Contains(core.Roles, role) {
			return n, fmt.Errorf("--roles: %q is none of %v", role, core.Roles)
		}
		n.Roles = append(n.Roles, role)
	}
	return n, nil
}
