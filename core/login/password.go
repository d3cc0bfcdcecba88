package login

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/sync/semaphore"

	"github.com/piga-money/piga/core"
)

// Cost is what one check of a password takes: argon2id with one lane.
type Cost struct {
	Memory uint32 // KiB
	Passes uint32
}

// DefaultCost is what OWASP's cheat sheet on storing passwords asks for at the least.
var DefaultCost = Cost{Memory: 19 * 1024, Passes: 2}

// Passwords hashes passwords and checks them. At most as many checks run at once as there are workers, so that a
// rush of logins takes neither all memory nor all of the processor. It may be used by many at once.
type Passwords struct {
	cost    Cost
	workers *semaphore.Weighted
	random  io.Reader
	nobodys string // the hash of a password that nobody has
}

const (
	saltSize   = 16
	digestSize = 32
)

// NewPasswords makes hashes of a cost, with so many workers. random is a source of secure random bytes.
func NewPasswords(cost Cost, workers int, random io.Reader) *Passwords {
	p := &Passwords{cost: cost, workers: semaphore.NewWeighted(int64(workers)), random: random}
	p.nobodys = p.write(make([]byte, saltSize), make([]byte, digestSize))
	return p
}

// Hash is a password's salted argon2id, with its cost, in the form that the reference implementation writes.
func (p *Passwords) Hash(ctx context.Context, given core.Password) (string, error) {
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(p.random, salt); err != nil {
		return "", fmt.Errorf("salt: %w", err)
	}
	digest, err := p.digest(ctx, given, salt, p.cost)
	return p.write(salt, digest), err
}

// Check is true when the password is the one of which this is the hash. With no hash it is false, and takes as long.
func (p *Passwords) Check(ctx context.Context, given core.Password, hash string) (bool, error) {
	if hash == "" {
		hash = p.nobodys
	}
	salt, want, cost, err := read(hash)
	if err != nil {
		return false, err
	}
	got, err := p.digest(ctx, given, salt, cost)
	return err == nil && subtle.ConstantTimeCompare(got, want) == 1 && hash != p.nobodys, err
}

func (p *Passwords) digest(ctx context.Context, given core.Password, salt []byte, c Cost) ([]byte, error) {
	if err := p.workers.Acquire(ctx, 1); err != nil {
		return nil, core.Errorf(core.Busy, "no worker free to check a password: %w", err)
	}
	defer p.workers.Release(1)
	return argon2.IDKey(given.Reveal(), salt, c.Passes, c.Memory, 1, digestSize), nil
}

const form = "$argon2id$v=19$m=%d,t=%d,p=1$"

func (p *Passwords) write(salt, digest []byte) string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf(form, p.cost.Memory, p.cost.Passes) + b64(salt) + "$" + b64(digest)
}

// read takes a hash apart. It is ours, so what cannot be read is a mistake.
func read(hash string) (salt, digest []byte, c Cost, err error) {
	bad := core.Errorf(core.Internal, "the hash of a password cannot be read")
	if _, err := fmt.Sscanf(hash, form, &c.Memory, &c.Passes); err != nil {
		return nil, nil, c, bad
	}
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || c.Memory == 0 || c.Passes == 0 {
		return nil, nil, c, bad
	}
	salt, err = base64.RawStdEncoding.DecodeString(parts[4])
	if err == nil {
		digest, err = base64.RawStdEncoding.DecodeString(parts[5])
	}
	if err != nil || len(digest) != digestSize {
		return nil, nil, c, bad
	}
	return salt, digest, c, nil
}
