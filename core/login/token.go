package login

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"

	"github.com/piga-money/piga/core"
)

// Hash is the SHA-256 of a token, which is all that is kept of it.
type Hash [sha256.Size]byte

const tokenBytes = 32

// Begin gives a bearer a new token. Only its hash is kept: nobody is told it again.
func (l *Logins) Begin(ctx context.Context, b Bearer) (token string, err error) {
	raw := make([]byte, tokenBytes)
	if _, err := io.ReadFull(l.random, raw); err != nil {
		return "", fmt.Errorf("token: %w", err)
	}
	token = base64.RawURLEncoding.EncodeToString(raw)
	return token, l.store.KeepToken(ctx, sha256.Sum256([]byte(token)), b, b.shown, Lasts)
}

// Bearer is whose a token is, else NoToken. A bearer whose standing has changed since is not let in any more.
func (l *Logins) Bearer(ctx context.Context, token string) (Bearer, error) {
	if token == "" {
		return Bearer{}, core.Errorf(core.NoToken, "none")
	}
	b, err := l.store.BearerOf(ctx, sha256.Sum256([]byte(token)))
	if err != nil {
		return Bearer{}, err
	}
	return b, b.Standing()
}

// End ends a token. Ending it twice, or one that never was, changes nothing.
func (l *Logins) End(ctx context.Context, token string) error {
	return l.store.DropToken(ctx, sha256.Sum256([]byte(token)))
}
