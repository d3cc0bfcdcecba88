package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Kind is one way to be nasty.
type Kind string

// The kinds, in the order of a call. What each does is told in Kinds.
const (
	DeepDial        Kind = "deep_dial"
	UnknownOperator Kind = "unknown_operator"
	RawPlus         Kind = "raw_plus"
	StarAndHash     Kind = "star_and_hash"
	SlowNetwork     Kind = "slow_network"
	DropBefore      Kind = "drop_before"
	DropAfter       Kind = "drop_after"
	StartTwice      Kind = "start_twice"
	RepeatHop       Kind = "repeat_hop"
	TwoAtOnce       Kind = "two_at_once"
	LateHop         Kind = "late_hop"
	HangUpAtPIN     Kind = "hang_up_at_pin"
	EventEarly      Kind = "event_early"
	EventLate       Kind = "event_late"
	EventTwice      Kind = "event_twice"
	EventNever      Kind = "event_never"
	SMSTimeout      Kind = "sms_timeout"
	SMSError        Kind = "sms_error"
	TooMany         Kind = "too_many"
	ProviderDown    Kind = "provider_down"
	ReportStorm     Kind = "report_storm"
	TextTwice       Kind = "text_twice"
)

// KindInfo describes a kind.
type KindInfo struct {
	Name    Kind    `json:"name"`
	What    string  `json:"what"`    // one sentence, for people
	Default float64 `json:"default"` // the probability that "all" gives it
}

// Kinds is every kind, in the order in which they are shown.
func Kinds() []KindInfo {
	return []KindInfo{
		{DeepDial, "An answer that nobody meant is dialled together with the code.", 0.03},
		{UnknownOperator, "The whole call comes with an operator's code that nobody has seen yet.", 0.05},
		{RawPlus, "The plus of the phone number is not escaped, and so decodes to a blank.", 0.05},
		{StarAndHash, "The answer has stars and hashes behind it, which nothing escapes.", 0.03},
		{SlowNetwork, "The hop takes its time to reach the application.", 0.05},
		{DropBefore, "The call drops before the hop reaches the application.", 0.02},
		{DropAfter, "The call drops after the application answered: the caller never sees the page.", 0.03},
		{StartTwice, "The start of the session is sent twice; the caller sees the first answer.", 0.05},
		{RepeatHop, "The hop is sent again once it was answered; the caller sees the second answer.", 0.05},
		{TwoAtOnce, "Two copies of the hop are sent at once; the caller sees the answer to one of them.", 0.03},
		{LateHop, "An earlier hop arrives once more, after this one; nobody sees the answer.", 0.03},
		{HangUpAtPIN, "The caller hangs up at a page that mentions the PIN.", 0.05},
		{EventEarly, "The end event comes before the last hop, whose answer the caller never sees.", 0.02},
		{EventLate, "The end event comes late.", 0.10},
		{EventTwice, "The end event comes twice.", 0.10},
		{EventNever, "The end event never comes.", 0.10},
		{SMSTimeout, "An SMS is taken, and the answer to the application times out.", 0.03},
		{SMSError, "An SMS is answered with one of the errors, or of the oddities, that were seen.", 0.05},
		{TooMany, "A request to the provider is answered with 429.", 0.03},
		{ProviderDown, "The provider goes down for a minute and answers everything with 503.", 0.002},
		{ReportStorm, "A message has twenty delivery reports, most of them with statuses nobody knows.", 0.03},
		{TextTwice, "A text from a phone comes twice, though it was taken.", 0.10},
	}
}

// Hostility is how likely each kind is, from 0 to 1, each time that there is an occasion. A kind that is
// not in it is off.
type Hostility map[Kind]float64

// All is every kind with its default.
func All() Hostility {
	h := Hostility{}
	for _, k := range Kinds() {
		h[k.Name] = k.Default
	}
	return h
}

// ParseHostility reads "all", "repeat_hop=0.1,late_hop=0.5", or both: "all,drop_after=0". "none" is none, as is nothing.
func ParseHostility(s string) (Hostility, error) {
	h := Hostility{}
	for word := range strings.SplitSeq(s, ",") {
		name, value, valued := strings.Cut(strings.TrimSpace(word), "=")
		switch {
		case (name == "" || name == "none") && !valued:
		case name == "all" && !valued:
			maps.Copy(h, All())
		default:
			p, err := strconv.ParseFloat(value, 64)
			if err != nil {
				return nil, fmt.Errorf("%q is neither all nor none nor a kind and its probability, such as repeat_hop=0.1", word)
			}
			h[Kind(name)] = p
		}
	}
	return h, h.Check()
}

// Check refuses kinds that there are not, and probabilities that are none.
func (h Hostility) Check() error {
	for kind, p := range h {
		if _, ok := All()[kind]; !ok {
			return fmt.Errorf("there is no hostility %q", kind)
		}
		if !(p >= 0 && p <= 1) { // so that NaN is refused, too
			return fmt.Errorf("%s must be from 0 to 1", kind)
		}
	}
	return nil
}

// switches holds the probabilities of now, which may change in mid-call.
type switches struct {
	mu  sync.RWMutex
	now Hostility
}

func (s *switches) set(h Hostility) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = maps.Clone(h)
}

func (s *switches) get() Hostility {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.now // never written to: set puts another in its place
}

// SetHostility changes the probabilities while the sandbox runs. It refuses what Check refuses.
func (s *Sandbox) SetHostility(h Hostility) error {
	if err := h.Check(); err != nil {
		return err
	}
	s.hostile.set(h)
	return nil
}

// struck is what hostility does on one occasion.
type struck []Kind

func (d struck) by(k Kind) bool { return slices.Contains(d, k) }
