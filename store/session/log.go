package session

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/redis/go-redis/v9"
)

// LogTo has go-redis report broken connections to a log, instead of to the standard error in a form of its
// own. It has one such place for the whole program: cmd names it, once, before it opens a store.
func LogTo(log *slog.Logger) { redis.SetLogger(logger{log}) }

type logger struct{ log *slog.Logger }

// Printf is what go-redis calls. It names addresses and errors, never a key or a value.
func (l logger) Printf(ctx context.Context, format string, args ...any) {
	l.log.WarnContext(ctx, "redis", "said", fmt.Sprintf(format, args...))
}
