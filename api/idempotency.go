package api

import (
	"encoding/hex"
	"io"
	"strings"

	"github.com/piga-money/piga/core"
)

const (
	keyHeader  = "Idempotency-Key"
	longestKey = 100
)

// idempotency is the request id of a money command: the bearer and the key that she gave it, so that the same again is
// carried out once. Who gave none gets one in the answer's header, by which she may ask again.
func (a *API) idempotency(v *visit) (core.RequestID, error) {
	key := v.echo.Request().Header.Get(keyHeader)
	if len(key) > longestKey || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", inField(core.Errorf(core.BadField, "%d bytes", len(key)), keyHeader)
	}
	if key == "" {
		drawn := make([]byte, 16)
		if _, err := io.ReadFull(a.Random, drawn); err != nil {
			return "", err
		}
		key = hex.EncodeToString(drawn)
	}
	v.echo.Response().Header().Set(keyHeader, key)
	return core.RequestID("rest:" + v.bearerName() + ":" + key), nil
}
