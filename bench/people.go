package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/piga-money/piga/core"
)

// firstPerson is the party of the first person that fill.sql makes, and her account. The others follow.
const firstPerson = 1_000_000

// person is a subscriber of the tier full, as fill.sql has made her.
func person(i int) core.Party {
	return core.Party{
		ID: core.PartyID(firstPerson + i), Kind: core.Subscriber, Status: core.Active, Tier: core.TierFull,
		Name: "JANE WANJIKU", Phone: core.MSISDN(fmt.Sprintf("+2547%08d", i)), Lang: core.English,
		Account: core.AccountID(firstPerson + i),
	}
}

// merchant is the one at whose till everybody pays.
func merchant() core.Party {
	return core.Party{
		ID: firstPerson - 2, Kind: core.Merchant, Status: core.Active, Tier: core.TierTrade, Name: "DUKA LA MAMA",
		Phone: "+254790000001", Number: "20001", Lang: core.English, Account: firstPerson - 2,
	}
}

// agent is the one over whose counter everybody withdraws.
func agent() core.Party {
	return core.Party{
		ID: firstPerson - 1, Kind: core.Agent, Status: core.Active, Tier: core.TierTrade, Name: "MAMA NJERI SHOP",
		Phone: "+254790000002", Number: "10021", Lang: core.English, Account: firstPerson - 1, Commission: firstPerson - 3,
	}
}

// two are different people out of so many.
func two(people int) (a, b int) {
	a = rand.IntN(people)
	return a, (a + 1 + rand.IntN(people-1)) % people
}

// session is one as Africa's Talking makes them.
func session() string { return fmt.Sprintf("ATUid_%016x%016x", rand.Uint64(), rand.Uint64()) }

// service is the code that everybody dials.
const service = "*384*96#"

// newRequest is the request id of a call that moves money.
func newRequest() core.RequestID { return core.RequestID("ussd:" + service + ":" + session()) }

// someAmount is one for which a send costs historyFee and that leaves a day's limits room for a thousand.
func someAmount() core.Amount { return core.Amount(101_00 + 100*rand.IntN(20)) }
