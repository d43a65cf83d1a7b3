package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/amends-care/amends/internal/care"
)

// The bounds of a password, in characters and bytes.
const (
	minPassword  = 12
	maxPassword  = 1024
	minDifferent = 5 // characters
)

// cost is what an argon2id hash costs whoever makes it.
type cost struct {
	memory uint32 // KiB
	time   uint32
	lanes  uint8
}

// ours is the second choice of OWASP's password storage cheat sheet: 19 MiB,
// two passes, one lane.
var ours = cost{memory: 19 * 1024, time: 2, lanes: 1}

const (
	saltBytes = 16
	hashBytes = 32
)

// A hasher makes and checks password hashes, as many at once as there are
// processors, so that a flood of sign-ins can't take all memory.
type hasher struct {
	slots  chan struct{}
	derive func(password, salt []byte, c cost, n uint32) []byte
}

func newHasher() *hasher {
	return &hasher{
		slots: make(chan struct{}, runtime.GOMAXPROCS(0)),
		derive: func(password, salt []byte, c cost, n uint32) []byte {
			return argon2.IDKey(password, salt, c.time, c.memory, c.lanes, n)
		},
	}
}

func (h *hasher) run(ctx context.Context, password string, salt []byte, c cost, n int) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return h.derive([]byte(norm.NFKC.String(password)), salt, c, uint32(n)), nil
}

// make hashes a password and gives the PHC string that says how.
func (h *hasher) make(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	rand.Read(salt)
	sum, err := h.run(ctx, password, salt, ours, hashBytes)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, ours.memory, ours.time, ours.lanes,
		b64.EncodeToString(salt), b64.EncodeToString(sum)), nil
}

// check says whether a password is the one of a PHC string, and whether that
// string should be made anew at today's cost. Where there is none it works as
// long and says no, so that nobody learns by the clock which accounts exist.
func (h *hasher) check(ctx context.Context, phc, password string) (ok, stale bool, err error) {
	if len(password) > maxPassword {
		password = password[:maxPassword] // never right, but as slow
	}
	c, salt, want, parseErr := parsePHC(phc)
	if parseErr != nil {
		c, salt, want = ours, make([]byte, saltBytes), make([]byte, hashBytes)
	}
	sum, err := h.run(ctx, password, salt, c, len(want))
	if err != nil {
		return false, false, err
	}
	same := subtle.ConstantTimeCompare(sum, want) == 1
	return same && parseErr == nil, c != ours, nil
}

// parsePHC reads $argon2id$v=19$m=…,t=…,p=…$salt$hash, within bounds that keep
// a damaged document from taking all memory.
func parsePHC(s string) (c cost, salt, hash []byte, err error) {
	bad := func(what string) (cost, []byte, []byte, error) {
		return cost{}, nil, nil, fmt.Errorf("a password hash with a bad %s", what)
	}
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return bad("form")
	}
	if parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return bad("version")
	}
	var m, t, p uint64
	for f := range strings.SplitSeq(parts[3], ",") {
		name, value, _ := strings.Cut(f, "=")
		n, err := strconv.ParseUint(value, 10, 32)
		if err != nil {
			return bad("cost")
		}
		switch name {
		case "m":
			m = n
		case "t":
			t = n
		case "p":
			p = n
		default:
			return bad("cost")
		}
	}
	if m < 8 || m > 1<<20 || t < 1 || t > 64 || p < 1 || p > 64 {
		return bad("cost")
	}
	if salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil || len(salt) < 8 || len(salt) > 64 {
		return bad("salt")
	}
	if hash, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil || len(hash) < 16 || len(hash) > 64 {
		return bad("sum")
	}
	return cost{memory: uint32(m), time: uint32(t), lanes: uint8(p)}, salt, hash, nil
}

// checkPassword says in plain words why a password won't do. Length is what
// counts; nothing is asked about kinds of characters.
func checkPassword(name care.AgentID, password string) error {
	bad := func(msg care.Phrase, with ...any) error { return invalid("password", msg, with...) }
	password = norm.NFKC.String(password)
	different := map[rune]bool{}
	for _, r := range password {
		different[r] = true
	}
	switch {
	case !utf8.ValidString(password):
		return bad("The password holds bytes that are no characters.")
	case utf8.RuneCountInString(password) < minPassword:
		return bad("Choose a password of at least {n} characters. Three or four words that don't belong together do well.", "n", minPassword)
	case len(password) > maxPassword:
		return bad("A password can have {n} bytes at most.", "n", maxPassword)
	case len(different) < minDifferent:
		return bad("This password repeats itself too much.")
	case len(name) > 3 && strings.Contains(strings.ToLower(password), string(name)):
		return bad("The password must not contain the sign-in name.")
	}
	return nil
}
