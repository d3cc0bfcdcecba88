package text_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
)

// worst is the longest value that each blank gets in practice.
var worst = text.Args{
	"amount": "150,000.50", "balance": "500,000.50", "held": "150,100.50", "fee": "100.50", "smallest": "1,000.50",
	"limit": "150,000.50", "left": "2", "minutes": "15",
	"name": strings.Repeat("W", 20), "number": "10021", "phone": "0712...678", "receipt": "QK74J7XW2M", "of": "QK74J7XW2M",
	"date": "21/11/26", "time": "12:15 PM", "id": "****5678", "tier": "Kikomo: cha chini, ID haijakaguliwa",
	"code": "*384*12345#", "dial": "*384*12345#", "ref": "R9999", "line": strings.Repeat("W", 42), "why": strings.Repeat("W", 100),
	"errand": strings.Repeat("W", 60), "choice": "5", "field": strings.Repeat("w", 24), "takes": "such as 1500",
	text.Lines: strings.Repeat("W", 42) + "\n" + strings.Repeat("W", 42),
}

var trade = strings.Repeat("W", 30)

// worstOf is what is longer, or cannot be as long, in one place: a name that is one's own is shown whole, a
// trading name with its number is 30 wide, and the dearest send costs KES 50.
var worstOf = map[text.Key]text.Args{
	"send.amount":           {"name": trade},
	"send.again":            {"name": trade},
	"send.pin":              {"name": trade},
	"send.done":             {"name": trade},
	"float.amount":          {"name": trade},
	"float.again":           {"name": trade},
	"float.pin":             {"name": trade},
	"float.done":            {"name": trade},
	"withdraw.amount":       {"name": trade},
	"withdraw.pin":          {"name": trade},
	"withdraw.done":         {"name": trade, "code": "4821"},
	"deposit.amount":        {"name": trade},
	"deposit.pin":           {"name": trade},
	"deposit.done":          {"name": trade},
	"open.withdraw":         {"name": trade},
	"open.deposit":          {"name": trade},
	"open.cancelled":        {"name": trade},
	"request.withdraw":      {"name": trade},
	"request.withdraw.code": {"name": trade},
	"request.withdraw.pin":  {"name": trade},
	"request.withdraw.done": {"name": trade},
	"request.deposit":       {"name": trade},
	"request.deposit.code":  {"name": trade},
	"request.deposit.pin":   {"name": trade},
	"request.deposit.done":  {"name": trade},
	"request.refused":       {"name": trade},
	"enrol.id":              {"name": strings.Repeat("W", 40)},
	"enrol.pin":             {"name": strings.Repeat("W", 40), "id": "AB1234567890"},
	"enrol.done":            {"name": strings.Repeat("W", 40)},
	"reset.pin":             {"id": "AB1234567890"},
	"requests":              {text.Lines: strings.Repeat("W", 103)},
	"details":               {"name": strings.Repeat("W", 40)},
	"register.id":           {"name": strings.Repeat("W", 40)},
	"register.done":         {"name": strings.Repeat("W", 40)},
	"sms.welcome":           {"name": strings.Repeat("W", 40)},
	"sms.sent":              {"amount": "150,000.00", "balance": "500,000.00", "fee": "50.00"},
	"sms.withdrew":          {"name": strings.Repeat("W", 24), "balance": "500,000.00", "fee": "100.00"},
	"sms.statement":         {text.Lines: strings.TrimSpace(strings.Repeat(strings.Repeat("W", 42)+"\n", 5))},
	"reply.check.in":        {"name": strings.Repeat("W", 24) + " 0712345678"},
	"reply.check.out":       {"name": strings.Repeat("W", 24) + " 0712345678"},
	"errand":                {"line": strings.Repeat("W", 80)},
	"errand.sent":           {"name": strings.Repeat("W", 26)},
}

func worstFor(k text.Key) text.Args {
	args := maps.Clone(worst)
	maps.Copy(args, worstOf[k])
	return args
}

// each runs a check for each language.
func each(t *testing.T, check func(t *testing.T, c text.Catalog)) {
	t.Helper()
	t.Parallel()
	all, err := text.LoadAll()
	if err != nil {
		t.Fatal(err)
	}
	for lang, c := range all {
		t.Run(string(lang), func(t *testing.T) { t.Parallel(); check(t, c) })
	}
}

func TestThereAreWords(t *testing.T) {
	var want []text.Key
	for _, code := range core.Codes {
		want = append(want, text.ForError(code))
	}
	for _, op := range core.Operations {
		want = append(want, text.Key("statement.line."+string(op)+".in"), text.Key("statement.line."+string(op)+".out"))
	}
	for _, tier := range []core.Tier{core.TierNew, core.TierFull, core.TierTrade} {
		want = append(want, text.Key("tier."+string(tier)))
	}
	each(t, func(t *testing.T, c text.Catalog) {
		for _, k := range want {
			if !c.Has(k) {
				t.Errorf("no words for %s", k)
			}
		}
		for _, k := range c.Keys() {
			if code, ok := strings.CutPrefix(string(k), "program."); ok && !slices.Contains(core.Codes, core.Code(code)) {
				t.Errorf("%s is of no code", k)
			}
			if lacks := c.Lacks(k, worst); lacks != nil {
				t.Errorf("%s has blanks that no test measures: %v", k, lacks)
			}
		}
	})
}

// isMessage is true of what is sent; everything else is shown on a page, but what isAnswer is true of.
func isMessage(k text.Key) bool { return kind(k) == "sms" || kind(k) == "reply" }

// isAnswer is true of what programs are answered, which has room enough.
func isAnswer(k text.Key) bool { return kind(k) == "program" }

// kind is the first word of a key.
func kind(k text.Key) string {
	first, _, _ := strings.Cut(string(k), ".")
	return first
}

func TestPagesFit(t *testing.T) {
	each(t, func(t *testing.T, c text.Catalog) {
		for _, k := range c.Keys() {
			if isMessage(k) || isAnswer(k) {
				continue
			}
			if page := "CON " + c.Say(k, worstFor(k)); !text.Fits(page) {
				t.Errorf("%s: %s", k, over(page, text.PageSeptets))
			}
		}
	})
}

// asks lists the screens that are asked again, under what was wrong, and the errors that only they know.
var asks = map[text.Key][]core.Code{
	"home": nil, "home.agent": nil, "home.super": nil, "home.merchant": nil,
	"send.to": badPhone, "cashin.to": badPhone, "enrol.phone": badPhone, "reset.phone": badPhone,
	"withdraw.at": nil, "withdraw.amount": {core.BadAmount}, "withdraw.pin": {core.WrongPIN, core.FeeChanged},
	"deposit.at": nil, "deposit.amount": {core.BadAmount}, "deposit.pin": {core.WrongPIN, core.FeeChanged},
	"cashin.amount": {core.BadAmount}, "cashin.again": nil, "cashin.pin": {core.WrongPIN, core.FeeChanged},
	"float.to": nil, "float.amount": {core.BadAmount}, "float.again": nil, "float.pin": {core.WrongPIN, core.FeeChanged},
	"requests": nil, "request.withdraw": nil, "request.deposit": nil,
	"request.withdraw.code": {core.WrongCode}, "request.deposit.code": {core.WrongCode},
	"request.withdraw.pin": {core.WrongPIN}, "request.deposit.pin": {core.WrongPIN},
	"open.withdraw": nil, "open.deposit": nil,
	"commission": nil, "commission.pin": {core.WrongPIN}, "commission.amount": {core.BadAmount},
	"commission.take.pin": {core.WrongPIN},
	"enrol.name":          {core.BadName}, "enrol.id": {core.BadIDNumber}, "enrol.pin": {core.WrongPIN},
	"reset.id": {core.BadIDNumber}, "reset.pin": {core.WrongPIN},
	"start.pin": {core.WeakPIN}, "start.again": {core.PINsDiffer}, "start.code": {core.WrongCode},
	"account.agent": nil, "account.more": nil, "account.super": nil,
	"send.amount": {core.BadAmount}, "send.again": nil, "send.pin": {core.WrongPIN, core.FeeChanged},
	"balance.pin": {core.WrongPIN}, "statement.pin": {core.WrongPIN}, "last.pin": {core.WrongPIN},
	"account": nil, "language": nil, "details": nil, "go_on": nil,
	"pin.new": {core.WeakPIN}, "pin.again": {core.PINsDiffer}, "pin.old": {core.WrongPIN},
	"register.name": {core.BadName}, "register.id": {core.BadIDNumber}, "register.pin": {core.WeakPIN},
	"register.again": {core.PINsDiffer},
}

var badPhone = []core.Code{
	core.BadPhone, core.PhoneTooShort, core.PhoneTooLong, core.PhoneForeign, core.PhoneNotMobile, core.TooManyLookups,
}

// pays are the kinds of screens on which a party, an amount or both are refused.
var pays = []string{"send", "withdraw", "deposit", "cashin", "float"}

// Some can come back to any screen: while a page was read, the other one was suspended, or a tariff changed.
var anywhere = []core.Code{core.BadChoice, core.BadPIN}

var inAPayment = []core.Code{
	core.NotRegistered, core.ToOneself, core.NotAllowed, core.NoTariff, core.PayeeSuspended, core.PayeeClosed,
	core.BelowSmallest, core.OverTransactionLimit,
}

func TestPagesFitUnderTrouble(t *testing.T) {
	each(t, func(t *testing.T, c text.Catalog) {
		for k, codes := range asks {
			if !c.Has(k) {
				t.Errorf("no screen %s", k)
			}
			codes = slices.Concat(codes, anywhere)
			if slices.Contains(pays, kind(k)) {
				codes = slices.Concat(codes, inAPayment)
			}
			for _, code := range codes {
				page := "CON " + c.Say(text.ForError(code), worst) + "\n" + c.Say(k, worstFor(k))
				if !text.Fits(page) {
					t.Errorf("%s under %s: %s", k, code, over(page, text.PageSeptets))
				}
			}
		}
	})
}

// A confirmation is one segment, and never has to cut a name of a usual length.
func TestMessagesFit(t *testing.T) {
	each(t, func(t *testing.T, c text.Catalog) {
		for _, k := range c.Keys() {
			args := worstFor(k)
			switch {
			case !isMessage(k) || strings.HasSuffix(string(k), ".short"):
				continue
			case k == "sms.statement":
				if s := c.Say(k, args); !within(s, text.TwoSegmentsSeptets) {
					t.Errorf("%s: %s", k, over(s, text.TwoSegmentsSeptets))
				}
				continue
			}
			s := c.Within(text.SegmentSeptets, k, args)
			if !within(s, text.SegmentSeptets) {
				t.Errorf("%s: %s", k, over(s, text.SegmentSeptets))
			}
			if has, left := strings.Count(args["name"], "W"), strings.Count(s, "W"); slices.Contains(c.Blanks(k), "name") && left < min(has, 15) {
				t.Errorf("%s: %d of %d characters are left of the name", k, left, has)
			}
		}
		for _, code := range core.Codes {
			for _, k := range []text.Key{"sms.failed", "reply.refused"} {
				s := c.Say(k, text.Args{"why": c.Say(text.ForError(code), worst)})
				if !within(s, text.SegmentSeptets) {
					t.Errorf("%s of %s: %s", k, code, over(s, text.SegmentSeptets))
				}
			}
		}
	})
}

// Nothing of an English confirmation has to be cut: its longest values fill the segment to the last septet.
func TestLongestEnglishConfirmation(t *testing.T) {
	t.Parallel()
	if n, ok := text.Septets(load(t, core.English).Say("sms.sent", worstFor("sms.sent"))); n != 160 || !ok {
		t.Errorf("%d septets", n)
	}
}

// A line of a statement says its day, what it was and the largest amount before any name.
func TestStatementLines(t *testing.T) {
	each(t, func(t *testing.T, c text.Catalog) {
		for _, k := range c.Keys() {
			if !strings.HasPrefix(string(k), "statement.line.") {
				continue
			}
			s := c.Say(k, text.Args{"date": "21/11", "amount": "150,000.50", "name": "W"})
			if !within(s, 34) || !strings.HasPrefix(s, "21/11 ") || !strings.Contains(s, " 150,000.50") {
				t.Errorf("%s: %q", k, s)
			}
		}
	})
}

// Only who is certain may say that no money moved.
func TestNoFalseComfort(t *testing.T) {
	each(t, func(t *testing.T, c text.Catalog) {
		for _, code := range []core.Code{core.OutcomeUnknown, core.Internal, core.RequestReused, core.HoldEnded, core.Unavailable} {
			s := c.Say(text.ForError(code), nil)
			if own := text.ForProgram(code); c.Has(own) {
				s += c.Say(own, nil)
			}
			if strings.Contains(s, "No money") || strings.Contains(s, "Hakuna pesa") {
				t.Errorf("%s: %q", code, s)
			}
		}
	})
}

func over(s string, most int) string {
	n, _ := text.Septets(s)
	return fmt.Sprintf("%q takes %d septets of %d", s, n, most)
}
