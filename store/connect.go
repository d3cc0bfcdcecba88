package store

import (
	"database/sql"
	"maps"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"github.com/piga-money/piga/core"
)

// appRole may do what the application does and nothing else.
const appRole = "piga_app"

// idleWithin is how long a transaction may say nothing.
const idleWithin = 30 * time.Second

// connector knows how to connect. A role is asked for as a setting of the session from its first moment,
// so there is no connection that works without it, and RESET ROLE leads back to it. An empty one is the
// login's own. Errors never hold the URL: it has a password. A transaction of the role that says nothing for
// the time of idle is ended by the server.
func connector(dsn, role string, idle time.Duration) (*hosts, error) {
	cfg, err := pq.NewConfig(manyPorts(dsn))
	if err != nil {
		return nil, core.Errorf(core.Internal, "the PostgreSQL URL cannot be read")
	}
	if cfg.SSLMode == "" {
		cfg.SSLMode = pq.SSLModePrefer
	}
	if cfg.TargetSessionAttrs == "" && len(cfg.Multi) > 0 {
		cfg.TargetSessionAttrs = pq.TargetSessionAttrsReadWrite
	}
	if cfg.ApplicationName == "" {
		cfg.ApplicationName = "piga"
	}
	settings := map[string]string{}
	maps.Copy(settings, cfg.Runtime)
	if role != "" {
		settings["role"] = role
		// Every statement of ours goes by an index. A plan that was made while a table was small, and is
		// kept, must do so too.
		for _, name := range []string{"enable_seqscan", "enable_bitmapscan", "enable_hashjoin", "enable_mergejoin", "jit"} {
			settings[name] = "off"
		}
		settings["plan_cache_mode"] = "force_generic_plan"
		// A gateway that froze in the middle of a transaction must not keep its locks.
		settings["idle_in_transaction_session_timeout"] = strconv.FormatInt(idle.Milliseconds(), 10)
		// One round trip for a statement with parameters instead of two.
		cfg.BinaryParameters = true
	}
	cfg.Runtime = settings
	return newHosts(cfg), nil
}

// manyPorts writes postgres://a:1,b:2/ as postgres://a,b/?port=1,2, the form that lib/pq reads.
func manyPorts(dsn string) string {
	scheme, rest, ok := strings.Cut(dsn, "://")
	if !ok {
		return dsn
	}
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	start := strings.LastIndex(rest[:end], "@") + 1
	all := strings.Split(rest[start:end], ",")
	if len(all) == 1 {
		return dsn
	}
	hosts, ports, found := make([]string, len(all)), make([]string, len(all)), false
	for i, one := range all {
		hosts[i], ports[i] = one, "5432"
		if colon := strings.LastIndex(one, ":"); colon > strings.LastIndex(one, "]") {
			hosts[i], ports[i], found = one[:colon], one[colon+1:], true
		}
	}
	if !found {
		return dsn
	}
	path, query, _ := strings.Cut(rest[end:], "?")
	port := "port=" + url.QueryEscape(strings.Join(ports, ","))
	return scheme + "://" + rest[:start] + strings.Join(hosts, ",") + path + "?" + strings.TrimSuffix(port+"&"+query, "&")
}

func openDB(c *hosts) *sqlx.DB { return sqlx.NewDb(sql.OpenDB(c), "postgres") }
