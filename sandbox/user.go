package sandbox

import (
	"encoding/json"
	"net/http"
	"sync"

	"github.com/labstack/echo/v4"
)

// begins is the money that a sandbox starts with, in ten-thousandths of a shilling. There is always enough
// of it: it begins again when it is used up. Who wants none sends to a reserved number.
const begins = 100_000 * 10_000

// purse is what the application has left at the provider.
type purse struct {
	mu    sync.Mutex
	spent int64
}

func (p *purse) spend(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spent = (p.spent + n) % begins
}

func (p *purse) left() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return begins - p.spent
}

// user is the application's data: its balance.
func (s *Sandbox) user(c echo.Context) error {
	if lacks, err := s.lacks(c, "username"); lacks {
		return err
	}
	b, err := json.Marshal(map[string]any{"UserData": map[string]string{"balance": "KES " + decimals(int(s.purse.left()))}})
	if err != nil {
		return err
	}
	return s.reply(c, exchangeOf(c), http.StatusOK, echo.MIMEApplicationJSON, b)
}
