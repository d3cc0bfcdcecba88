package soak

import (
	"fmt"
	"math/rand/v2"

	"github.com/piga-money/piga/core"
)

// Person is somebody who calls.
type Person struct {
	Party core.Party  // without ids
	PIN   string      // six digits, so that it is found nowhere by chance
	Money core.Amount // that she has in the beginning
	New   bool        // Piga does not know her: she registers when she dials for the first time
}

// People are so many callers: an agent for six others, a shop for a dozen, and for eight one who is new.
// The same seed and number are the same people.
func People(seed uint64, n int) []Person {
	r := rand.New(rand.NewPCG(seed, 1))
	known := map[string]bool{}
	people := make([]Person, n)
	for i := range people {
		p := &people[i]
		p.PIN = newPIN(r, known)
		p.Party = core.Party{
			Kind: core.Subscriber, Status: core.Active, Tier: core.TierFull, Name: nameOf(i), Lang: core.English,
			Phone: core.MSISDN(fmt.Sprintf("+25471100%04d", i)), IDNumber: fmt.Sprintf("2%07d", i),
		}
		if i%5 == 3 {
			p.Party.Lang = core.Swahili
		}
		p.Money = 10_000 * core.Shilling
		switch {
		case i%6 == 0:
			p.trade(core.Agent, fmt.Sprintf("+25472200%04d", i), fmt.Sprint(10100+i), 400_000*core.Shilling)
		case i%12 == 1:
			p.trade(core.Merchant, fmt.Sprintf("+25473300%04d", i), fmt.Sprint(20100+i), 10_000*core.Shilling)
		case i%8 == 7:
			p.New, p.Money = true, 0
		}
	}
	return people
}

func (p *Person) trade(kind core.Kind, phone, number string, money core.Amount) {
	p.Party.Kind, p.Party.Tier, p.Party.Phone, p.Party.Number, p.Money = kind, core.TierTrade, core.MSISDN(phone), number, money
	p.Party.Name += " SHOP"
}

// newPIN is one that nobody else has. It ends in no zero, as every amount in cents here does: so it stands in
// the books nowhere by chance.
func newPIN(r *rand.Rand, known map[string]bool) string {
	for {
		pin := fmt.Sprintf("%06d", 100_000+r.IntN(900_000))
		if pin[5] != '0' && !known[pin] && pin != "123456" && pin != "654321" {
			known[pin] = true
			return pin
		}
	}
}

func nameOf(i int) string {
	first := []string{"JANE", "JOHN", "PETER", "MARY", "AKINYI", "HASSAN", "WANJIKU", "KIPTOO", "FATUMA", "BRIAN", "GRACE"}
	last := []string{"OTIENO", "MWANGI", "KAMAU", "CHEBET", "ODHIAMBO", "NJOROGE", "ABDI", "MUTUA", "WAFULA"}
	return first[i%len(first)] + " " + last[i/len(first)%len(last)] + " " + last[i%len(last)]
}
