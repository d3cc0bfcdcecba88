package soak

import "testing"

// The sieve finds what it must, and takes nothing else for a PIN, so that its silence means something.
func TestSieve(t *testing.T) {
	t.Parallel()
	for content, found := range map[string]bool{
		"text=1*602413":                  true,
		`{"pin":"602413"}`:               true,
		"%2A602413":                      true,
		"1*0712345678*602413":            true,
		"602413 602413":                  true,
		"111111*602413":                  true,
		`\x363032343133`:                 true,
		"pin=602413 took":                true,
		"0602413":                        false,
		"+254711602413":                  false,
		"12:00:00.602413":                false,
		`"took":602413,`:                 false,
		"your PIN is 602413":             true,
		"a602413bcdef0123456789abcdef01": true, // too short for an id
		"0a602413bcdef0123456789abcdef0123456789": false,
	} {
		var s Sieve
		s.Sift("a place", content)
		if got := len(s.Found(map[string]bool{"602413": true, "999999": true})) == 1; got != found {
			t.Errorf("%s: found is %t", content, got)
		}
	}
}
