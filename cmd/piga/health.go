package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// healthWithin is how long a copy may take to say how it is. What /readyz asks has two seconds.
const healthWithin = 3 * time.Second

// health asks the copy on this machine how it is, for whatever watches it: beside it in a container there is nothing
// else that could ask.
func health(ctx context.Context, c config, args []string, _ io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("piga health", flag.ContinueOnError)
	flags.SetOutput(out)
	ready := flags.Bool("ready", false, "ask for what it needs, too: PostgreSQL with its schema, Redis")
	if err := parse(flags, args, 0); err != nil {
		return err
	}
	path := "/healthz"
	if *ready {
		path = "/readyz"
	}
	ctx, cancel := context.WithTimeout(ctx, healthWithin)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+reachable(c.Addr)+path, nil)
	if err != nil {
		return errors.New("PIGA_ADDR should be like 127.0.0.1:8080")
	}
	direct := http.Client{Transport: new(http.Transport)} // whatever proxy there is for the provider
	res, err := direct.Do(req)
	if err != nil {
		return fmt.Errorf("nobody answers at PIGA_ADDR: %w", err)
	}
	defer res.Body.Close() //nolint:errcheck // only read
	says, err := io.ReadAll(io.LimitReader(res.Body, 1<<12))
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%s says %d: %s", path, res.StatusCode, strings.TrimSpace(string(says)))
	}
	_, err = out.Write(says)
	return err
}
