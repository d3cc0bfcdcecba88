package sms

import (
	"testing"
	"unicode"
)

func TestReadCommand(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]command{
		"OK 4821":                  {kindOK, "4821"},
		"ok4821":                   {kindOK, "4821"},
		"  Ok   4821  ":            {kindOK, "4821"},
		"OK.4821":                  {kindOK, "4821"},
		"...ok 4821...":            {kindOK, "4821"},
		"O.K. 4821":                {kindOK, "4821"},
		"OK: 48-21!":               {kindOK, "4821"},
		"\"OK 4821\"\r\n":          {kindOK, "4821"},
		"YES 4821":                 {kindOK, "4821"},
		"yes4821":                  {kindOK, "4821"},
		"NDIO 4821":                {kindOK, "4821"},
		"ndiyo4821":                {kindOK, "4821"},
		"OK 0007":                  {kindOK, "0007"},
		"OK 482":                   {kindOK, ""},
		"OK 258025":                {kindOK, ""},
		"OK 4821 7315":             {kindOK, ""},
		"OK":                       {kindOther, ""},
		"OK 4821 asante":           {kindOther, ""},
		"OK R17":                   {kindOther, ""},
		"OKAY 4821":                {kindOther, ""},
		"BOOK 4821":                {kindOther, ""},
		"NO R17":                   {kindNo, "R17"},
		"no r17":                   {kindNo, "R17"},
		"NO17":                     {kindNo, "R17"},
		"NOR17":                    {kindNo, "R17"},
		"No. R 017":                {kindNo, "R17"},
		"HAPANA R17":               {kindNo, "R17"},
		"hapana17.":                {kindNo, "R17"},
		"NO":                       {kindOther, ""},
		"NO R0":                    {kindOther, ""},
		"NO R17 R18":               {kindOther, ""},
		"NOKIA 3310":               {kindOther, ""},
		"NO R12345678901":          {kindOther, ""},
		"CHECK QK74J7XW2M":         {kindCheck, "QK74J7XW2M"},
		"checkqk74j7xw2m":          {kindCheck, "QK74J7XW2M"},
		"Angalia QK74J7XW2M.":      {kindCheck, "QK74J7XW2M"},
		"CHECK QK74J 7XW2M":        {kindCheck, "QK74J7XW2M"},
		"CHECK QK74J":              {kindCheck, "QK74J"},
		"CHECK":                    {kindOther, ""},
		"check my balance please":  {kindOther, ""},
		"2580":                     {kindPIN, ""},
		" 25 80 ":                  {kindPIN, ""},
		"258025.":                  {kindPIN, ""},
		"PIN 1234":                 {kindPIN, ""},
		"pin:258025":               {kindPIN, ""},
		"PIN2580":                  {kindPIN, ""},
		"my pin is 2580":           {kindPIN, ""},
		"2580 is my PIN":           {kindPIN, ""},
		"namba yangu ya siri 2580": {kindPIN, ""},
		"my PIN is 2 5 8 0 2 5!":   {kindPIN, ""},
		"PIN 12345678":             {kindOther, ""},
		"I forgot my PIN":          {kindOther, ""},
		"PIN 12":                   {kindOther, ""},
		"SPIN 2580":                {kindOther, ""},
		"0712345678":               {kindOther, ""},
		"500":                      {kindOther, ""},
		"hello":                    {kindOther, ""},
		"":                         {kindOther, ""},
		"👍":                        {kindOther, ""},
	} {
		if got := readCommand(text); got != want {
			t.Errorf("%q is %+v, want %+v", text, got, want)
		}
	}
}

func TestMask(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"OK 4821":                   "OK ****",
		"ok4821":                    "ok****",
		"PIN 2 5 8 0":               "PIN * * * *",
		"25-80":                     "**-**",
		"2.5.8.0.2.5":               "*.*.*.*.*.*",
		"call 0712345678":           "call **********",
		"NO R17":                    "NO R17",
		"KES 500 at 10:15":          "KES 500 at **:**",
		"CHECK QK74J7XW2M":          "CHECK QK74J7XW2M",
		"QEU2345678":                "QEU*******",
		"2580 CHECK QK74J7XW2M4821": "**** CHECK QK74J7XW2M****",
		"QK74J7XW2M 2580":           "QK74J7XW2M ****",
		"٢٥٨٠":                      "****",
		"only 123":                  "only 123",
		"":                          "",
	} {
		if got := mask(text); got != want {
			t.Errorf("%q is kept as %q, want %q", text, got, want)
		}
	}
}

// FuzzCommand: a code has four digits, and a text keeps its length while no four digits of it stay together,
// but in a receipt.
func FuzzCommand(f *testing.F) {
	for _, s := range []string{"OK 4821", "NO R17", "CHECK QK74J7XW2M", "PIN 2580", "1 2 3 4", "٢٥٨٠", "QK74J7XW2M2580"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := readCommand(text)
		if c.kind == kindOK && c.word != "" && !aCode.MatchString(c.word) {
			t.Errorf("%q has the code %q", text, c.word)
		}
		if c.kind == kindNo && (len(c.word) < 2 || c.word[1] == '0') {
			t.Errorf("%q refuses %q", text, c.word)
		}
		masked := []rune(mask(text))
		if len(masked) != len([]rune(text)) {
			t.Errorf("%q became %q", text, string(masked))
		}
		keep, row := receiptsIn(masked), 0
		for i, r := range masked {
			switch {
			case keep[i] || unicode.IsLetter(r):
				row = 0
			case unicode.IsDigit(r):
				row++
			}
			if row >= leastSecret {
				t.Fatalf("%q is kept as %q", text, string(masked))
			}
		}
	})
}
