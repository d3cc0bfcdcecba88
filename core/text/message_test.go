package text_test

import (
	"testing"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/text"
)

// Confirmations have a shape that customers know, and that other programs read. It does not change.
func TestConfirmations(t *testing.T) {
	t.Parallel()
	args := text.Args{
		"receipt": "QK74J7XW2M", "amount": "500.00", "name": "JANE WANJIKU", "phone": "0712345678",
		"date": "21/11/26", "time": "4:15 PM", "balance": "1,495.00", "fee": "5.00", "number": "10021",
	}
	shop := text.Args{
		"receipt": "QK74J7XW2M", "amount": "500.00", "name": "MAMA NJERI SHOP", "number": "10021",
		"date": "21/11/26", "time": "4:15 PM", "balance": "968.00", "fee": "27.00",
	}
	cash := text.Args{"ref": "R17", "name": "JANE W.", "amount": "500", "code": "7315"}
	for _, tt := range []struct {
		lang core.Lang
		key  text.Key
		args text.Args
		want string
	}{
		{core.English, "sms.sent", args, "QK74J7XW2M Confirmed. KES 500.00 sent to JANE WANJIKU 0712345678 on 21/11/26 at 4:15 PM. New balance is KES 1,495.00. Transaction cost KES 5.00."},
		{core.English, "sms.received", args, "QK74J7XW2M Confirmed. You have received KES 500.00 from JANE WANJIKU 0712345678 on 21/11/26 at 4:15 PM. New balance is KES 1,495.00."},
		{core.English, "sms.withdrew", shop, "QK74J7XW2M Confirmed. On 21/11/26 at 4:15 PM withdraw KES 500.00 from 10021 - MAMA NJERI SHOP. New balance is KES 968.00. Transaction cost KES 27.00."},
		{core.English, "sms.agent.withdrawal", args, "QK74J7XW2M Confirmed. On 21/11/26 at 4:15 PM give KES 500.00 to JANE WANJIKU 0712345678. New float balance is KES 1,495.00."},
		{core.English, "sms.deposited", shop, "QK74J7XW2M Confirmed. On 21/11/26 at 4:15 PM give KES 500.00 cash to 10021 - MAMA NJERI SHOP. New balance is KES 968.00."},
		{core.English, "sms.agent.deposit", args, "QK74J7XW2M Confirmed. On 21/11/26 at 4:15 PM take KES 500.00 cash from JANE WANJIKU 0712345678. New float balance is KES 1,495.00."},
		{core.English, "sms.balance", args, "QK74J7XW2M Confirmed. Your balance was KES 1,495.00 on 21/11/26 at 4:15 PM."},
		{core.English, "sms.failed.insufficient_funds", args, "Failed. You do not have enough money to send KES 500.00."},
		{core.English, "sms.cash.asked", cash, "R17: JANE W. wants KES 500 in cash. Count it out, ask for the code, reply OK and the code; hand over when we confirm. To refuse: NO R17."},
		{core.English, "sms.cash.deposit", cash, "R17: JANE W. wants to deposit KES 500. Once you hold the cash reply OK 7315. To refuse: NO R17."},
		{core.Swahili, "sms.sent", args, "QK74J7XW2M Imethibitishwa. KES 500.00 imetumwa kwa JANE WANJIKU 0712345678 tarehe 21/11/26 saa 4:15 PM. Baki yako ni KES 1,495.00 Gharama ya kutuma ni KES 5.00."},
		{core.Swahili, "sms.received", args, "QK74J7XW2M Imethibitishwa. Umepokea KES 500.00 kutoka JANE WANJIKU 0712345678 tarehe 21/11/26 saa 4:15 PM. Baki yako ni KES 1,495.00."},
		{core.Swahili, "sms.failed.insufficient_funds", args, "Imeshindikana. Hakuna pesa za kutosha kutuma KES 500.00."},
	} {
		if got := load(t, tt.lang).Within(text.SegmentSeptets, tt.key, tt.args); got != tt.want {
			t.Errorf("%s %s\n got %s\nwant %s", tt.lang, tt.key, got, tt.want)
		}
	}
}
