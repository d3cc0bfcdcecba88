package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/piga-money/piga/sandbox"
)

// sandboxAddr is where piga sandbox listens, beside a gateway at its own address.
const sandboxAddr = "127.0.0.1:8090"

// sandboxCommand runs the provider's stand-in and its phones alone, for any application that speaks Africa's
// Talking.
func sandboxCommand(ctx context.Context, c config, args []string, _ io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("piga sandbox", flag.ContinueOnError)
	flags.SetOutput(out)
	addr := flags.String("addr", sandboxAddr, "where to listen")
	codes := flags.String("code", devService, "the service codes that the application serves, separated by commas")
	hostile := flags.String("hostile", "", "all, none, or kinds and probabilities, such as repeat_hop=0.1,drop_after=0.05 (default: none)")
	s := sandbox.Config{Clock: time.Now, Random: rand.Reader}
	flags.StringVar(&s.Callback, "app", "", "the application's USSD callback, such as http://localhost:3000/ussd")
	flags.StringVar(&s.Events, "events", "", "its URL for end-of-session events (default: none are sent)")
	flags.StringVar(&s.Inbound, "sms-callback", "", "its URL for SMS that come in (default: none are taken)")
	flags.StringVar(&s.Reports, "delivery", "", "its URL for delivery reports (default: none are sent)")
	flags.StringVar(&s.ShortCode, "short-code", devShortCode, "the short code that phones send SMS to")
	flags.StringVar(&s.Key, "key", "", "the only API key that is right (default: any is)")
	flags.Uint64Var(&s.Seed, "seed", 1, "repeats what hostility does")
	if err := parse(flags, args, 0); err != nil {
		return err
	}
	for name, address := range map[string]string{
		"app": s.Callback, "events": s.Events, "sms-callback": s.Inbound, "delivery": s.Reports,
	} {
		if address != "" && !isURL(address) {
			return fmt.Errorf("--%s should be a URL such as http://localhost:3000/ussd", name)
		}
	}
	if s.Callback == "" {
		return errors.New("piga sandbox needs --app, the application's USSD callback, such as http://localhost:3000/ussd")
	}
	s.Codes = strings.Split(*codes, ",")
	for _, code := range s.Codes {
		if !serviceCode.MatchString(code) {
			return fmt.Errorf("--code holds %q, which is no code like %s", code, devService)
		}
	}
	var err error
	if s.Hostility, err = sandbox.ParseHostility(*hostile); err != nil {
		return fmt.Errorf("--hostile: %w", err)
	}
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		return fmt.Errorf("--addr %s: %w", *addr, err)
	}
	s.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: c.level(slog.LevelWarn)}))
	if err := introduceSandbox(out, s, reachable(l.Addr().String())); err != nil {
		return errors.Join(err, l.Close())
	}
	return serveSandbox(ctx, s, l, c.Grace)
}

// isURL is true of what something can be posted to.
func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// serveSandbox goes on until ctx ends.
func serveSandbox(ctx context.Context, c sandbox.Config, l net.Listener, grace time.Duration) error {
	s, e := sandbox.New(c), newEcho(c.Log)
	s.Mount(e)
	server := newServer(e, c.Log)
	var behind sync.WaitGroup
	behind.Go(func() { s.Run(ctx) })
	behind.Go(func() {
		<-ctx.Done()
		stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		_ = server.Shutdown(stopping) // whoever still waits is cut off when the process ends
	})
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	behind.Wait()
	return nil
}

// introduceSandbox says where the application finds it, and how to play a phone.
func introduceSandbox(out io.Writer, s sandbox.Config, addr string) error {
	here, key := "http://"+addr, s.Key
	if key == "" {
		key = "any"
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\nThe sandbox answers at %s.\n\n", here)
	fmt.Fprintf(w, "Phones in a browser: %s/\n", here)
	fmt.Fprintf(w, "In the application:  base URL %s, user name sandbox, API key %s\n", here, key)
	fmt.Fprintf(w, "A phone:             curl -d number=0711000001 %s/sandbox/phones\n", here)
	fmt.Fprintf(w, "Dial:                curl -d 'code=%s' %s/sandbox/phones/0711000001/dial\n", s.Codes[0], here)
	fmt.Fprintf(w, "Answer:              curl -d text=1 %s/sandbox/phones/0711000001/answer\n", here)
	fmt.Fprintf(w, "Watch:               curl -N %s/sandbox/events\n\n", here)
	if len(s.Hostility) > 0 {
		fmt.Fprintf(w, "It is hostile, with seed %d:\n", s.Seed)
		for _, k := range sandbox.Kinds() {
			if p := s.Hostility[k.Name]; p > 0 {
				fmt.Fprintf(w, "  %s\t%g\t%s\n", k.Name, p, k.What)
			}
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}
