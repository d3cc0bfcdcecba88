package main

import (
	"io"
	"strings"
	"testing"

	"github.com/piga-money/piga/core"
)

// What waits in a restored database warns, once, and of the provider's list what the ledger does not hold is printed.
func TestRestored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.counter()
	var id int64
	if err := w.db.QueryRow(`
		INSERT INTO messages (phone, lang, key, args, created_at, due_at)
		VALUES ('+254712345678', 'en', 'sms.not_sent', '{"amount": "50", "name": "JOHN O."}', now(), now() + interval '1 day')
		RETURNING id`).Scan(&id); err != nil {
		t.Fatal(err)
	}
	piga(t, "", w.env(), "restored")
	if out := piga(t, "", w.env(), "restored"); !strings.HasSuffix(out, "repeats: 0\n") {
		t.Errorf("again: %s", out)
	}
	var said string
	if err := w.db.QueryRow(`SELECT text FROM messages WHERE id = $1`, id).Scan(&said); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(said, "This may be a repeat: NOT sent: KES 50 to JOHN O.") {
		t.Errorf("it says %q", said)
	}

	var there core.Receipt
	if err := w.db.QueryRow(`SELECT receipt FROM transfers LIMIT 1`).Scan(&there); err != nil {
		t.Fatal(err)
	}
	lost := "2026-11-25 08:01,+254712345678,\"QK74J7XW2M Confirmed. KES 500.00 sent, and so on.\"\n"
	list := "time,phone,text\n2026-11-25 08:00,+254712345678," + string(there) + " Confirmed.\n" + lost + "2026-11-25 08:02,+254712345678,Your PIN was changed.\n"
	if out := piga(t, list, w.env(), "restored", "--sent", "-"); out != lost {
		t.Errorf("it prints %q, not %q", out, lost)
	}
}

// A list in which no receipt can be read is refused: nothing printed would mean that all of it is true.
func TestUnreadList(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	wide := strings.Join(strings.Split("QK74J7XW2M Confirmed.\n", ""), "\x00")
	for _, list := range []string{"", "time,phone,text\n2026-11-25 08:02,+254712345678,Your PIN was changed.\n", wide} {
		err := run(t.Context(), []string{"restored", "--sent", "-"}, w.env(), strings.NewReader(list), io.Discard)
		if err == nil || !strings.Contains(err.Error(), "no receipt stands in") {
			t.Errorf("%.20q: %v", list, err)
		}
	}
}
