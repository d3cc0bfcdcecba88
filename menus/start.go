package menus

// Somebody who was sent a start code, by an agent who registered her or reset her PIN, sets her PIN when she
// dials. The code comes last, since it is what allows it: so no stored call ever holds it. Whoever still
// knows her PIN, and has asked for no code, goes home instead.

var (
	startPIN   = askNewPIN("start.pin", "home", "start.again")
	startAgain = askAgainPIN("start.again", "start.pin", "start.code")
)

var startCode = Screen{
	Key: "start.code",
	PIN: true,
	Take: func(c *Call, answer string) (Next, error) {
		if err := c.wallet.StartWith(c.ctx, c.Caller, answer, c.Form.NewPIN); err != nil {
			return Next{}, err
		}
		return End("start.done", nil)
	},
}
