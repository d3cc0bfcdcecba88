package wallet

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/sync/semaphore"

	"github.com/piga-money/piga/core"
)

// Sealed is a PIN's salted argon2id, encrypted under the pepper that KeyID names. It is bound to its
// owner: in another's row it does not open.
type Sealed struct {
	KeyID string `json:"key"`
	Box   []byte `json:"box"`
}

// Cost is what one check of a PIN takes: argon2id with one lane.
type Cost struct {
	Memory uint32 // KiB
	Passes uint32
}

// DefaultCost takes 2 to 5 ms of one core. A PIN has so few values that no cost protects it from somebody
// who has both the hash and the pepper; it is the pepper, kept out of the database, that does.
var DefaultCost = Cost{Memory: 4096, Passes: 1}

// Pepper is a key that never touches the database.
type Pepper struct {
	ID  string
	Key [32]byte
}

// ParsePeppers reads "id:base64 of 32 bytes", several separated by commas, the one in use first. Errors
// never hold a key.
func ParsePeppers(s string) ([]Pepper, error) {
	var all []Pepper
	for i, one := range strings.Split(s, ",") {
		id, key, ok := strings.Cut(strings.TrimSpace(one), ":")
		raw, err := base64.StdEncoding.DecodeString(key)
		if !ok || id == "" || err != nil || len(raw) != 32 {
			return nil, fmt.Errorf("pepper %d is not an id, a colon and 32 bytes in base64, such as from: openssl rand -base64 32", i+1)
		}
		all = append(all, Pepper{ID: id, Key: [32]byte(raw)})
	}
	return all, nil
}

// Vault seals PINs and checks them. At most as many checks run at once as it has workers, so that a rush
// of PINs does not starve the menus. It may be used by many at once.
type Vault struct {
	peppers map[string]cipher.AEAD
	current string
	cost    Cost
	workers *semaphore.Weighted
	random  io.Reader
}

// NewVault makes a vault that seals under the first pepper and opens under any of them.
func NewVault(peppers []Pepper, cost Cost, workers int, random io.Reader) (*Vault, error) {
	if len(peppers) == 0 || workers < 1 || cost.Memory == 0 || cost.Passes == 0 {
		return nil, fmt.Errorf("a vault needs a pepper, a worker and a cost")
	}
	v := &Vault{
		peppers: map[string]cipher.AEAD{}, current: peppers[0].ID, cost: cost,
		workers: semaphore.NewWeighted(int64(workers)), random: random,
	}
	for _, p := range peppers {
		if v.peppers[p.ID] != nil {
			return nil, fmt.Errorf("two peppers are called %q", p.ID)
		}
		block, err := aes.NewCipher(p.Key[:])
		if err != nil {
			return nil, fmt.Errorf("pepper %s: %w", p.ID, err)
		}
		if v.peppers[p.ID], err = cipher.NewGCM(block); err != nil {
			return nil, fmt.Errorf("pepper %s: %w", p.ID, err)
		}
	}
	return v, nil
}

// Current is the id of the pepper under which the vault seals.
func (v *Vault) Current() string { return v.current }

// Knows is true of a pepper's id under which the vault opens.
func (v *Vault) Knows(id string) bool { return v.peppers[id] != nil }

// Seal hashes a PIN and seals the hash for its owner.
func (v *Vault) Seal(ctx context.Context, pin core.PIN, owner string) (Sealed, error) {
	h, err := v.hash(ctx, pin)
	if err != nil {
		return Sealed{}, err
	}
	return v.box(h, owner)
}

// Check is true when the PIN is the one that was sealed for this owner.
func (v *Vault) Check(ctx context.Context, pin core.PIN, s Sealed, owner string) (bool, error) {
	want, err := v.open(s, owner)
	if err != nil {
		return false, err
	}
	got, err := v.digest(ctx, pin, want)
	return subtle.ConstantTimeCompare(got, want.digest) == 1, err
}

// Reseal moves a sealed PIN under the pepper in use, without knowing the PIN.
func (v *Vault) Reseal(s Sealed, owner string) (Sealed, error) {
	h, err := v.open(s, owner)
	if err != nil {
		return Sealed{}, err
	}
	return v.box(h, owner)
}

// hash is what is sealed: the cost with which it was made, the salt, and argon2id's digest. As bytes it is
// memory and passes in four bytes each, 16 of salt, 32 of digest.
type hash struct {
	cost   Cost
	salt   []byte
	digest []byte
}

const (
	saltSize   = 16
	digestSize = 32
	hashSize   = 8 + saltSize + digestSize
)

func (v *Vault) hash(ctx context.Context, pin core.PIN) (hash, error) {
	h := hash{cost: v.cost, salt: make([]byte, saltSize)}
	if _, err := io.ReadFull(v.random, h.salt); err != nil {
		return hash{}, fmt.Errorf("salt: %w", err)
	}
	var err error
	h.digest, err = v.digest(ctx, pin, h)
	return h, err
}

// digest is argon2id of a PIN with another hash's salt and cost, when a worker is free.
func (v *Vault) digest(ctx context.Context, pin core.PIN, h hash) ([]byte, error) {
	if err := v.workers.Acquire(ctx, 1); err != nil {
		return nil, core.Errorf(core.Busy, "no worker free to check a PIN: %w", err)
	}
	defer v.workers.Release(1)
	return argon2.IDKey(pin.Reveal(), h.salt, h.cost.Passes, h.cost.Memory, 1, digestSize), nil
}

func (v *Vault) box(h hash, owner string) (Sealed, error) {
	plain := binary.BigEndian.AppendUint32(nil, h.cost.Memory)
	plain = binary.BigEndian.AppendUint32(plain, h.cost.Passes)
	return v.encrypt(append(append(plain, h.salt...), h.digest...), owner)
}

func (v *Vault) open(s Sealed, owner string) (hash, error) {
	plain, err := v.decrypt(s, owner)
	if err != nil {
		return hash{}, err
	}
	if len(plain) != hashSize {
		return hash{}, core.Errorf(core.Internal, "what is sealed under pepper %q is no PIN", s.KeyID)
	}
	return hash{
		cost:   Cost{Memory: binary.BigEndian.Uint32(plain), Passes: binary.BigEndian.Uint32(plain[4:])},
		salt:   plain[8 : 8+saltSize],
		digest: plain[8+saltSize:],
	}, nil
}

func (v *Vault) encrypt(plain []byte, owner string) (Sealed, error) {
	aead := v.peppers[v.current]
	nonce := make([]byte, aead.NonceSize())
	if _, err := io.ReadFull(v.random, nonce); err != nil {
		return Sealed{}, fmt.Errorf("nonce: %w", err)
	}
	return Sealed{KeyID: v.current, Box: aead.Seal(nonce, nonce, plain, []byte(owner))}, nil
}

func (v *Vault) decrypt(s Sealed, owner string) ([]byte, error) {
	aead := v.peppers[s.KeyID]
	if aead == nil {
		return nil, core.Errorf(core.Internal, "no pepper is called %q: add it to the configuration", s.KeyID)
	}
	if len(s.Box) < aead.NonceSize() {
		return nil, core.Errorf(core.Internal, "a sealed PIN is cut short")
	}
	plain, err := aead.Open(nil, s.Box[:aead.NonceSize()], s.Box[aead.NonceSize():], []byte(owner))
	if err != nil {
		return nil, core.Errorf(core.Internal, "a sealed PIN does not open under pepper %q", s.KeyID)
	}
	return plain, nil
}
