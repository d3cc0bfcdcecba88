package sms

import (
	"context"
	"time"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/notice"
	"github.com/piga-money/piga/core/text"
	"github.com/piga-money/piga/core/wallet"
)

// Counter is what can be asked of a wallet by SMS. Its errors are core.Errors.
type Counter interface {
	// Caller is the party that a phone number belongs to, else NotRegistered.
	Caller(ctx context.Context, phone core.MSISDN) (core.Party, error)
	// Confirm carries out the agent's open request that has the code, and tells both sides. The same by
	// again gives the first outcome.
	Confirm(ctx context.Context, a wallet.Authority, by core.RequestID, id int64, code string) (wallet.CashRequest, core.Receipt, error)
	// Decline ends the agent's open request that has the ref, and tells both sides.
	Decline(ctx context.Context, agent core.Party, ref string) (wallet.CashRequest, error)
	// Check is what the ledger holds of a transfer, for somebody who took part in it.
	Check(ctx context.Context, asker core.Party, r core.Receipt) (wallet.Line, error)
}

// What nobody asked for is said so often to one phone: another machine at the other end would go on for
// ever.
const (
	mostUnasked = 3
	replyWindow = time.Hour
)

// errand is one message being answered.
type errand struct {
	Counter
	words text.Catalogs
	dial  string
	in    notice.Incoming
	from  core.Party // the zero Party is nobody known
}

// done is the outcome of what was carried out; of what was not it is a code of core.
const done = "done"

// answer carries out what a message asks for, and says what came of it. An error means that we could not,
// and that the message should come again: nothing happened, or the same request id finds what did.
func (e *errand) answer(ctx context.Context, c command) (notice.Reply, error) {
	from, err := e.Caller(ctx, e.in.Phone)
	switch {
	case err == nil:
		e.from = from
	case core.CodeOf(err) == core.NotRegistered:
		e.from = core.Party{Phone: e.in.Phone, Lang: core.Langs[0]}
		if c.kind != kindPIN {
			return e.unasked(string(core.NotRegistered), "reply.help"), nil
		}
	default:
		return notice.Reply{}, err
	}
	switch c.kind {
	case kindOK:
		return e.confirm(ctx, c.word)
	case kindNo:
		return e.decline(ctx, c.word)
	case kindCheck:
		return e.check(ctx, c.word)
	case kindPIN:
		return e.unasked(done, "reply.pin"), nil
	default:
		return e.unasked(done, "reply.help"), nil
	}
}

// confirm is an agent's OK. When it worked the transfer's own confirmations are the reply.
func (e *errand) confirm(ctx context.Context, code string) (notice.Reply, error) {
	if e.from.Kind != core.Agent {
		return e.reply(string(core.NotAllowed), "reply.not_agent", nil), nil
	}
	if code == "" {
		return e.reply(string(core.WrongCode), "reply.bad_code", nil), nil
	}
	by := core.RequestID("sms:" + e.in.ProviderID)
	if _, _, err := e.Confirm(ctx, wallet.Authority{Party: e.from}, by, 0, code); err != nil {
		return e.refused(err, nil)
	}
	return notice.Reply{Outcome: done}, nil
}

// decline is an agent's NO. When it worked both sides are told that the request is over, which is the reply.
func (e *errand) decline(ctx context.Context, ref string) (notice.Reply, error) {
	if e.from.Kind != core.Agent {
		return e.reply(string(core.NotAllowed), "reply.not_agent", nil), nil
	}
	if _, err := e.Decline(ctx, e.from, ref); err != nil {
		return e.refused(err, nil)
	}
	return notice.Reply{Outcome: done}, nil
}

// check is anybody's question whether a receipt is true.
func (e *errand) check(ctx context.Context, typed string) (notice.Reply, error) {
	r, err := core.ParseReceipt(typed)
	if err != nil {
		return e.refused(err, nil)
	}
	l, err := e.Check(ctx, e.from, r)
	if err != nil {
		return e.refused(err, text.Args{"receipt": string(r)})
	}
	return e.reply(done, checked(e.words[e.from.Lang], l), text.Args{
		"of": string(l.Undid), "receipt": string(l.Receipt), "amount": l.Amount.Long(), "fee": l.Fee.Long(), "name": other(l),
		"date": text.Date(l.At), "time": text.Time(l.At),
	}), nil
}

// checked names the words for a transfer: it may have been undone, or have undone another.
func checked(words text.Catalog, l wallet.Line) text.Key {
	key, side := text.Key("reply.check"), text.Key(".out")
	if l.In {
		side = ".in"
	}
	if l.Undid != "" {
		return key + ".undid" + side
	}
	if undone := key + side + text.Key("."+l.Reversal); words.Has(undone) {
		return undone
	}
	return key + side
}

// other is who was on the other side, as confirmations name her: whoever took part has read the name before.
func other(l wallet.Line) string {
	switch p := l.Other; {
	case p.ID == 0:
		return "Piga"
	case p.Number != "":
		return p.Masked()
	default:
		return p.Name + " " + p.Phone.National()
	}
}

// refused says why nothing was done, in words of its own if the code has such. What may be otherwise when
// it is tried again is an error.
func (e *errand) refused(err error, args text.Args) (notice.Reply, error) {
	code := core.CodeOf(err)
	switch code {
	case core.Busy, core.Unavailable, core.OutcomeUnknown:
		return notice.Reply{}, err
	case core.Internal:
		return e.reply(string(code), "reply.trouble", nil), nil
	default: // there are words for it
	}
	words := e.words[e.from.Lang]
	if own := text.Key("reply." + code); words.Lacks(own, args) == nil {
		return e.reply(string(code), own, args), nil
	}
	why := words.Say(text.ForError(code), core.ArgsOf(err))
	return e.reply(string(code), "reply.refused", text.Args{"why": why}), nil
}

// mostRefusals with the same words go to one phone in an hour: more than a busy counter needs, and no more
// than a machine that answers our answers should cost.
const mostRefusals = 20

func (e *errand) reply(outcome string, key text.Key, args text.Args) notice.Reply {
	r := notice.Reply{Outcome: outcome, Tell: []notice.Notice{{
		To: e.from.ID, Phone: e.in.Phone, Lang: e.from.Lang, When: notice.Done, Key: key, Args: args,
	}}}
	if outcome != done {
		r.Most, r.Window = mostRefusals, replyWindow
	}
	return r
}

// unasked is a reply to somebody who asked for nothing that we know.
func (e *errand) unasked(outcome string, key text.Key) notice.Reply {
	r := e.reply(outcome, key, text.Args{"code": e.dial})
	r.Most, r.Window = mostUnasked, replyWindow
	return r
}
