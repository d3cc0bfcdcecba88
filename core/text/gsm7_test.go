package text_test

import (
	"testing"

	"github.com/piga-money/piga/core/text"
)

func TestSeptets(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		s  string
		n  int
		ok bool
	}{
		{"", 0, true},
		{"JANE W.", 7, true},
		{"@", 1, true}, // it is zero on the air, and a character all the same
		{"é à ñ Ç ß Ø æ", 13, true},
		{"^{}[]~\\|€\f", 20, true},
		{"two\nlines\r", 10, true},
		{"ΔΦΓΛΩΠΨΣΘΞ", 10, true},
		{"`", 0, false},
		{"\t", 0, false},
		{"ç", 0, false},
		{"a\u00a0b", 0, false},
		{"‘", 0, false},
		{"–", 0, false},
		{"😀", 0, false},
		{"\xff", 0, false},
		{"\x1b", 0, false}, // the escape itself is no character
	} {
		if n, ok := text.Septets(tt.s); n != tt.n || ok != tt.ok {
			t.Errorf("Septets(%q) = %d, %t; want %d, %t", tt.s, n, ok, tt.n, tt.ok)
		}
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, want string }{
		{"JANE WANJIKU", "JANE WANJIKU"},
		{"é à ñ ö Ç ß ø æ Å", "é à ñ ö Ç ß ø æ Å"}, // in GSM-7: kept
		{"e\u0301", "é"}, // composed first
		{"ç ê î ô ẹ ọ ế ū", "c e i o e o e u"},
		{"ẹ\u0301", "e"},
		{"łĐŋıŒþ", "lDngiOEth"},
		{"‘Ng’ang’a’ “x” `y`", `'Ng'ang'a' "x" 'y'`},
		{"a–b—c…", "a-b-c..."},
		{"a\u00a0b\tc\nd\r", "a b c d "},
		{"a\u200db\u00adc\x00\x1b", "abc"},
		{"ﬁ ½ Ⅳ ＡＢ", "fi 1/2 IV AB"},
		{"Жанна 王", "????? ?"},
		{"😀", "?"},
		{"{x} [y] €", "{x} [y] €"},
		{"a\xffb", "a?b"},
		{"\u0301", ""},
	} {
		if got := text.Fold(tt.in); got != tt.want {
			t.Errorf("Fold(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"JANE", "ç\u0327\u0301", "ﷺ", "a\xff\u200d`", "\u1100\u1161", "ΩKÅ", "𝔄"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := text.Fold(s)
		if _, ok := text.Septets(once); !ok {
			t.Errorf("Fold(%q) = %q, which is outside GSM-7", s, once)
		}
		if twice := text.Fold(once); twice != once {
			t.Errorf("Fold(%q) = %q, folded again %q", s, once, twice)
		}
		if cut := text.Cut(s, 10); !within(cut, 10) {
			t.Errorf("Cut(%q, 10) = %q, which is wider", s, cut)
		}
	})
}

func within(s string, most int) bool {
	n, ok := text.Septets(s)
	return ok && n <= most
}
