package store

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/office"
	"github.com/piga-money/piga/core/wallet"
)

// Another number takes along what waits to be told; tokens and a start code stay behind. While something waits at a
// counter she keeps hers.
func TestChangePhone(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	opens := s.token(s.jane)
	s.ok(s.ResetPIN(t.Context(), s.word(s.njeri), s.jane.Phone, s.jane.IDNumber))
	code := s.startCode(s.jane)
	c := s.withdraw(s.jane, s.njeri, 100_00)
	const next = "+254799000001"
	s.wants("with a request", s.edit(s.jane, office.Edit{Phone: next}), core.StillOpen)
	if _, err := s.Cancel(t.Context(), s.jane, c.ID); err != nil {
		t.Fatal(err)
	}
	s.wants("another's", s.edit(s.jane, office.Edit{Phone: s.john.Phone}), core.AlreadyRegistered)
	if !opens() {
		t.Error("refused, and yet her token is gone")
	}
	s.ok(s.edit(s.jane, office.Edit{Phone: next}))
	s.ok(s.edit(s.jane, office.Edit{Phone: next}))
	old := s.jane
	s.jane.Phone = next
	if opens() {
		t.Error("her token opens")
	}
	s.wants("the start code", s.StartWith(t.Context(), s.jane, code, s.sealed(s.jane, "602413")), core.WrongCode)
	if s.knows(s.jane, "2580") != "" {
		t.Error("her PIN is gone")
	}
	if n := s.count(`SELECT count(*) FROM messages WHERE phone = $1 AND party_id = $2 AND key <> 'sms.phone_left'`, old.Phone, old.ID); n != 0 {
		t.Errorf("%d messages wait for the old number", n)
	}
	if n := s.count(`SELECT count(*) FROM messages WHERE (phone, key) IN (($1, 'sms.phone_left'), ($2, 'sms.phone_came'))`, old.Phone, next); n != 2 {
		t.Errorf("%d of both numbers were told", n)
	}
	s.wantDeeds(fmt.Sprintf(`party.edit {"phone": "%s"} -> {"phone": "%s"}`, old.Phone, next))
	// Who saw her name at the old number and pays now pays her.
	fee, err := s.Quote(t.Context(), s.john, old, 50_00)
	s.ok(err)
	_, err = s.Send(t.Context(), &wallet.Payment{Authority: s.word(s.john), Request: s.request(), To: old, Amount: 50_00, Fee: fee})
	s.ok(err)
	s.has("jane", s.jane.Account, 10_050_00)
	s.sound()
}

// A number belongs to one, whoever takes it at the same time: who registers, or who changes to it.
func TestOneNumberOneParty(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	const number = "+254799000001"
	var got atomic.Int64
	together(6, func(i int) {
		var err error
		switch i % 3 {
		case 0:
			err = s.edit(s.jane, office.Edit{Phone: number})
		case 1:
			err = s.edit(s.john, office.Edit{Phone: number})
		default:
			_, err = s.Wallet.Open(context.Background(), core.Party{
				Kind: core.Subscriber, Status: core.Active, Tier: core.TierNew, Lang: core.English, Name: "NEXT", Phone: number,
			}, s.pin("2580"), "")
		}
		if err != nil && core.CodeOf(err) != core.AlreadyRegistered {
			t.Error(err)
		}
		if err == nil {
			got.Add(1)
		}
	})
	if n := s.count(`SELECT count(*) FROM parties WHERE phone = $1`, number); n != 1 || got.Load() < 1 || got.Load() > 2 {
		t.Errorf("%d have the number, %d got it", n, got.Load())
	}
}

// What is edited is told by the deed; an ID number only by its end, and another one must be verified again.
func TestEdit(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.ok(s.edit(s.jane, office.Edit{Name: "JANE W WANJIKU", Email: "jane@piga.example", Lang: core.Swahili}))
	s.ok(s.edit(s.jane, office.Edit{Name: "JANE W WANJIKU"}))
	s.wants("another's e-mail", s.edit(s.john, office.Edit{Email: "jane@piga.example"}), core.EmailTaken)
	s.ok(s.edit(s.jane, office.Edit{IDNumber: "87654321"}))
	s.wantDeeds(
		`party.edit {"lang": "en", "name": "`+s.jane.Name+`", "email": ""} -> {"lang": "sw", "name": "JANE W WANJIKU", "email": "jane@piga.example"}`,
		`party.edit {"tier": "full", "id_number": "****5678"} -> {"tier": "new", "id_number": "****4321"}`)
	verify := func(p core.Party, id string) error {
		return errOf(s.VerifyID(t.Context(), p.ID, id, about("verify_id", p)))
	}
	s.wants("another card", verify(s.jane, "12345678"), core.WrongID)
	s.wants("an agent", verify(s.njeri, "12345678"), core.NotAllowed)
	for range 2 {
		s.ok(verify(s.jane, "87654321"))
	}
	new := s.party(core.Subscriber, core.TierNew)
	s.ok(verify(new, "11111111"))
	if p, err := s.PartyByPhone(t.Context(), new.Phone); err != nil || p.Tier != core.TierFull || p.IDNumber != "11111111" {
		t.Errorf("%+v, %v", p, err)
	}
	if id, err := s.ShowID(t.Context(), s.jane.ID, about("show_id", s.jane)); id != "87654321" || err != nil {
		t.Errorf("%s, %v", id, err)
	}
	if all := strings.Join(s.deeds()[2:], "\n"); all != `party.verify_id {"tier": "new"} -> {"tier": "full", "id_number": "****4321"}
party.verify_id {"tier": "new"} -> {"tier": "full", "id_number": "****1111"}
party.show_id -> {"shown": "****4321"}` {
		t.Error(all)
	}
}
