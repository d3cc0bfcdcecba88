package wallet_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/piga-money/piga/core"
	"github.com/piga-money/piga/core/wallet"
)

var (
	cheap = wallet.Cost{Memory: 8, Passes: 1}
	old   = wallet.Pepper{ID: "old", Key: [32]byte{1}}
	young = wallet.Pepper{ID: "young", Key: [32]byte{2}}
)

func vault(t testing.TB, peppers ...wallet.Pepper) *wallet.Vault {
	t.Helper()
	v, err := wallet.NewVault(peppers, cheap, 2, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func pin(t testing.TB, digits string) core.PIN {
	t.Helper()
	p, err := core.ParsePIN(digits)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSealedPINOpensForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	v := vault(t, old)
	s, err := v.Seal(t.Context(), pin(t, "2580"), "party 1")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		digits, owner string
		right         bool
		code          core.Code
	}{
		{"2580", "party 1", true, ""},
		{"2581", "party 1", false, ""},
		{"258000", "party 1", false, ""},
		{"2580", "party 2", false, core.Internal}, // her sealed PIN in another's row
	} {
		right, err := v.Check(t.Context(), pin(t, c.digits), s, c.owner)
		if right != c.right || core.CodeOf(err) != c.code {
			t.Errorf("%s of %s: %v, %v", c.digits, c.owner, right, err)
		}
	}
	for i := range s.Box {
		broken := wallet.Sealed{KeyID: s.KeyID, Box: bytes.Clone(s.Box)}
		broken.Box[i] ^= 1
		if right, err := v.Check(t.Context(), pin(t, "2580"), broken, "party 1"); right || err == nil {
			t.Errorf("byte %d changed, and it opens", i)
		}
	}
	if right, err := v.Check(t.Context(), pin(t, "2580"), wallet.Sealed{KeyID: "old"}, "party 1"); right || err == nil {
		t.Error("an empty box opens")
	}
}

func TestSamePINIsSealedDifferently(t *testing.T) {
	t.Parallel()
	v := vault(t, old)
	a, _ := v.Seal(t.Context(), pin(t, "2580"), "party 1")
	b, _ := v.Seal(t.Context(), pin(t, "2580"), "party 1")
	if bytes.Equal(a.Box[12:28], b.Box[12:28]) {
		t.Error("the same PIN twice gives the same bytes")
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	s, err := vault(t, old).Seal(t.Context(), pin(t, "2580"), "party 1")
	if err != nil {
		t.Fatal(err)
	}
	resealed, err := vault(t, young, old).Reseal(s, "party 1")
	if err != nil || resealed.KeyID != "young" {
		t.Fatalf("under %q, %v", resealed.KeyID, err)
	}
	if right, err := vault(t, young).Check(t.Context(), pin(t, "2580"), resealed, "party 1"); !right || err != nil {
		t.Errorf("after the rotation: %v, %v", right, err)
	}
	if _, err := vault(t, young).Check(t.Context(), pin(t, "2580"), s, "party 1"); core.CodeOf(err) != core.Internal {
		t.Errorf("without the old pepper: %v", err)
	}
}

// A check that finds no worker free waits no longer than its turn may take.
func TestBusyVault(t *testing.T) {
	t.Parallel()
	v := vault(t, old)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := v.Seal(ctx, pin(t, "2580"), "party 1"); core.CodeOf(err) != core.Busy || !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestParsePeppers(t *testing.T) {
	t.Parallel()
	key := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))
	got, err := wallet.ParsePeppers("b:" + key + ", a:" + key)
	if err != nil || len(got) != 2 || got[0].ID != "b" || got[1].ID != "a" || got[0].Key[31] != 7 {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", key, ":" + key, "a:" + key[:20], "a:" + key + ",", "a:!!!" + key} {
		if _, err := wallet.ParsePeppers(bad); err == nil {
			t.Errorf("%d characters are taken", len(bad))
		} else if strings.Contains(err.Error(), key[:12]) {
			t.Errorf("the error holds the key: %v", err)
		}
	}
	for name, peppers := range map[string][]wallet.Pepper{"none": nil, "two of a name": {old, old}} {
		if _, err := wallet.NewVault(peppers, cheap, 1, rand.Reader); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func BenchmarkCheckAtDefaultCost(b *testing.B) {
	v, err := wallet.NewVault([]wallet.Pepper{old}, wallet.DefaultCost, 1, rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	p := pin(b, "2580")
	s, err := v.Seal(b.Context(), p, "party 1")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if right, err := v.Check(b.Context(), p, s, "party 1"); !right || err != nil {
			b.Fatal(err)
		}
	}
}
