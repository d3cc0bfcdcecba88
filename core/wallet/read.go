package wallet

import (
	"context"
	"strings"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/text"
)

// mostBySMS transfers of a statement are told by SMS, more than fit on a page.
const mostBySMS = 5

// Balance is what the party can spend, told by SMS too.
func (w *Wallet) Balance(ctx context.Context, a Authority) (Balance, error) {
	if err := w.authorize(ctx, a); err != nil {
		return Balance{}, err
	}
	b, err := w.books.Balance(ctx, a.Party.Account)
	if err != nil {
		return Balance{}, err
	}
	receipt, err := core.NewReceipt(b.At, w.random)
	if err != nil {
		return Balance{}, err
	}
	return b, w.books.Tell(ctx, []notice.Notice{tell(a.Party, "sms.balance", text.Args{
		"receipt": string(receipt), "balance": b.Available.Long(),
		"date": text.Date(b.At), "time": text.Time(b.At),
	})})
}

// Statement is the party's last transfers, newest first, told by SMS too if there are any.
func (w *Wallet) Statement(ctx context.Context, a Authority) ([]Line, error) {
	if err := w.authorize(ctx, a); err != nil {
		return nil, err
	}
	lines, err := w.books.Statement(ctx, a.Party.Account, mostBySMS)
	if err != nil || len(lines) == 0 {
		return nil, err
	}
	words := make([]string, len(lines))
	for i, l := range lines {
		words[i] = l.Words(w.words[a.Party.Lang])
	}
	now := w.clock()
	return lines, w.books.Tell(ctx, []notice.Notice{tell(a.Party, "sms.statement", text.Args{
		text.Lines: strings.Join(words, "\n"), "date": text.Date(now), "time": text.Time(now),
	})})
}

// Last is the party's last transfer, and false when there is none.
func (w *Wallet) Last(ctx context.Context, a Authority) (Line, bool, error) {
	if err := w.authorize(ctx, a); err != nil {
		return Line{}, false, err
	}
	lines, err := w.books.Statement(ctx, a.Party.Account, 1)
	if err != nil || len(lines) == 0 {
		return Line{}, false, err
	}
	return lines[0], true, nil
}

// Words is the line as a statement shows it: day, what it was, amount, with whom.
func (l Line) Words(c text.Catalog) string {
	side := "out"
	if l.In {
		side = "in"
	}
	return c.Say(text.Key("statement.line."+string(l.Operation)+"."+side), text.Args{
		"date": text.ShortDate(l.At), "amount": l.Amount.String(), "name": l.other(),
	})
}

// widestOther is how much of the other side's name a line of a statement has room for, in septets.
const widestOther = 12

// other is a person's masked name, or a shop's without its number, cut between words.
func (l Line) other() string {
	name := l.Other.Masked()
	if l.Other.Number != "" {
		name = l.Other.Name
	}
	cut := text.Cut(name, widestOther)
	if between := strings.LastIndexByte(cut, ' '); len(cut) < len(text.Fold(name)) && between > 0 {
		return cut[:between]
	}
	return cut
}
