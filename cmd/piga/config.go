package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/sethvargo/go-envconfig"

	"github.com/piga-money/piga/core/wallet"
)

// config is everything that can be set, each by an environment variable PIGA_…; `piga help` prints it from
// the tags. Zero values are good ones wherever there can be one.
type config struct {
	Addr      string         `env:"ADDR, default=127.0.0.1:8080" help:"where to listen"`
	Postgres  string         `env:"POSTGRES_URL" help:"PostgreSQL: postgres://user:password@host:5432,host2:5432/piga?sslmode=verify-full; without sslmode TLS is taken if the server has it, unverified"`
	Owner     string         `env:"POSTGRES_OWNER_URL" help:"the same as the owner of the tables, for piga migrate and piga archive (default: PIGA_POSTGRES_URL)"`
	Redis     string         `env:"REDIS_URL" help:"Redis: redis://host:6379/0; Sentinel and Cluster: see docs/operations.md"`
	Secrets   []string       `env:"CALLBACK_SECRET" help:"the secret in the callback URLs, 16 characters at least; two separated by a comma while it is changed"`
	Services  []string       `env:"SERVICE_CODES" help:"the service codes served, separated by commas, such as *384*96#"`
	Pepper    string         `env:"PIN_PEPPER" help:"id:key under which PINs are sealed, the key being 32 bytes in base64; older ones after a comma"`
	PINCost   pinCost        `env:"PIN_COST" help:"memory in KiB x passes of one check of a PIN (default: 4096x1)"`
	AllowFrom []netip.Prefix `env:"ALLOW_FROM" help:"networks that callbacks may come from, such as 192.0.2.0/24,198.51.100.7/32 (default: any)"`
	Forwarded bool           `env:"TRUST_FORWARDED" help:"true or false: behind a proxy that sets X-Forwarded-For"`

	OpenRegistration bool `env:"OPEN_REGISTRATION" help:"true or false: who registers by the API needs no approval, nor a PIN to log in by password (piga dev: true)"`
	AutoConfirm      bool `env:"AUTO_CONFIRM" help:"true or false: withdrawals that are asked for by the API are done at once at every agent (piga dev: true)"`

	ATUsername string  `env:"AT_USERNAME" help:"Africa's Talking: the application's user name"`
	ATKey      string  `env:"AT_API_KEY" help:"Africa's Talking: its API key"`
	ATBase     string  `env:"AT_BASE_URL, default=https://api.africastalking.com" help:"Africa's Talking: where its API is"`
	ATSender   string  `env:"AT_SENDER" help:"Africa's Talking: short code or name that messages come from (default: the provider's)"`
	SMSRate    float64 `env:"SMS_RATE, default=50" help:"messages a second at the most"`

	Zone     string        `env:"ZONE, default=Africa/Nairobi" help:"the zone whose days limits follow and messages tell"`
	LogLevel string        `env:"LOG_LEVEL" help:"debug, info, warn or error (default: info; of piga dev: warn)"`
	Traces   string        `env:"TRACES" help:"an OpenTelemetry collector that takes traces over HTTP, such as http://collector:4318 (default: none are made)"`
	Traced   float64       `env:"TRACED, default=1" help:"how many of the turns, visits and messages are traced, from 0 to 1"`
	Grace    time.Duration `env:"GRACE, default=15s" help:"how long a stop waits for the turns in hand, such as 15s"`
	Drain    time.Duration `env:"DRAIN, default=5s" help:"how long a stop goes on serving while /readyz says so, for the balancer to see it, such as 5s (piga dev: not at all)"`
	Data     string        `env:"DATA" help:"piga dev: where its PostgreSQL keeps its data (default: a folder per checkout in the user's cache)"`
}

const prefix = "PIGA_"

// readConfig reads what the environment sets. A variable that is unknown, or cannot be read, is refused by
// its name; what a command cannot do without, it asks of need.
func readConfig(environ []string) (config, error) {
	vars := map[string]string{}
	known := map[string]bool{}
	for _, v := range variables() {
		known[v.name] = true
	}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(name, prefix) || value == "" {
			continue
		}
		if !known[name] {
			return config{}, fmt.Errorf("%s is not a variable of Piga: see piga help", name)
		}
		vars[name] = value
	}
	for _, v := range variables() { // alone, to name the one that is wrong, and not its value: it may be a secret
		if vars[v.name] == "" {
			continue
		}
		if _, err := decode(map[string]string{v.name: vars[v.name]}); err != nil {
			return config{}, fmt.Errorf("%s cannot be read: it should be: %s", v.name, v.help)
		}
	}
	c, err := decode(vars)
	if err != nil {
		return config{}, err
	}
	return c, c.check()
}

// serviceCode is what a phone can dial.
var serviceCode = regexp.MustCompile(`^\*[0-9]+(\*[0-9]+)*#$`)

// collector is where one may be.
var collector = regexp.MustCompile(`^https?://[^/?#@]+$`)

// check refuses values that can be read and cannot be meant.
func (c config) check() error {
	for _, s := range c.Services {
		if !serviceCode.MatchString(s) {
			return fmt.Errorf("PIGA_SERVICE_CODES holds %q, which is no code like *384*96#", s)
		}
	}
	var level slog.Level
	switch {
	case c.LogLevel != "" && level.UnmarshalText([]byte(c.LogLevel)) != nil:
		return errors.New("PIGA_LOG_LEVEL must be debug, info, warn or error")
	case c.Grace <= 0:
		return errors.New("PIGA_GRACE must be above zero, such as 15s")
	case c.Drain < 0:
		return errors.New("PIGA_DRAIN must not be below zero, such as 5s")
	case c.Traces != "" && !collector.MatchString(c.Traces):
		return errors.New("PIGA_TRACES must be like http://collector:4318")
	case c.Traced < 0 || c.Traced > 1:
		return errors.New("PIGA_TRACED must be from 0 to 1")
	case c.SMSRate <= 0:
		return errors.New("PIGA_SMS_RATE must be above zero")
	}
	return nil
}

func decode(vars map[string]string) (config, error) {
	var c config
	err := envconfig.ProcessWith(context.Background(), &envconfig.Config{
		Target:   &c,
		Lookuper: envconfig.PrefixLookuper(prefix, envconfig.MapLookuper(vars)),
	})
	return c, err
}

// variable is one line of piga help.
type variable struct{ name, field, value, help string }

func variables() []variable {
	var all []variable
	t := reflect.TypeFor[config]()
	for i := range t.NumField() {
		name, value, _ := strings.Cut(t.Field(i).Tag.Get("env"), ", default=")
		all = append(all, variable{prefix + name, t.Field(i).Name, value, t.Field(i).Tag.Get("help")})
	}
	return all
}

// need refuses to go on without some variables, naming all that are missing.
func (c config) need(fields ...string) error {
	var missing []string
	for _, v := range variables() {
		for _, f := range fields {
			if f == v.field && reflect.ValueOf(c).FieldByName(f).IsZero() {
				missing = append(missing, "  "+v.name+"  "+v.help)
			}
		}
	}
	if len(missing) == 0 {
		return nil
	}
	sort.Strings(missing)
	return fmt.Errorf("these variables must be set:\n%s", strings.Join(missing, "\n"))
}

// forbid refuses variables that contradict the command, naming the first.
func (c config) forbid(why string, fields ...string) error {
	for _, v := range variables() {
		for _, f := range fields {
			if f == v.field && !reflect.ValueOf(c).FieldByName(f).IsZero() {
				return fmt.Errorf("%s is set, but %s", v.name, why)
			}
		}
	}
	return nil
}

// level is that of the log.
func (c config) level(otherwise slog.Level) slog.Level {
	level := otherwise
	if level.UnmarshalText([]byte(c.LogLevel)) != nil { // not set: check refuses what cannot be read
		return otherwise
	}
	return level
}

// zone is where people read dates and times.
func (c config) zone() (*time.Location, error) {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return nil, fmt.Errorf("PIGA_ZONE is not a zone such as Africa/Nairobi: %w", err)
	}
	return zone, nil
}

// pinCost reads "4096x1".
type pinCost wallet.Cost

// UnmarshalText reads memory in KiB, an x, and passes.
func (p *pinCost) UnmarshalText(b []byte) error {
	memory, passes, _ := strings.Cut(string(b), "x")
	m, err := strconv.ParseUint(memory, 10, 32)
	n, err2 := strconv.ParseUint(passes, 10, 32)
	if err != nil || err2 != nil || m < 8 || n < 1 {
		return errors.New("not a memory in KiB, an x and a number of passes")
	}
	*p = pinCost{Memory: uint32(m), Passes: uint32(n)}
	return nil
}

func (p pinCost) cost() wallet.Cost {
	if p == (pinCost{}) {
		return wallet.DefaultCost
	}
	return wallet.Cost(p)
}
