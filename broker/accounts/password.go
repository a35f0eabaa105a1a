package accounts

import (
	"context"
	"crypto/hmac"
	_ "embed"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// Passwords are held to their length and to not being what everybody tries
// first (NIST SP 800-63B, 3.1.1.2); how they are made up is the person's own affair.
const (
	shortest = 12
	longest  = 128
)

// Refusals of a new password.
var (
	ErrPasswordShort  = fault.New(fault.Invalid, "password_too_short", "a password has at least 12 characters; several words are easy to keep in mind")
	ErrPasswordLong   = fault.New(fault.Invalid, "password_too_long", "a password has at most 128 characters")
	ErrPasswordCommon = fault.New(fault.Invalid, "password_common", "this is among the passwords that are tried first; take another one")
)

//go:embed common.txt
var commonFile string

// common are the words that the commonest passwords are made of.
var common = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{}
	for word := range strings.FieldsSeq(commonFile) {
		all[word] = true
	}
	return all
})

// CheckPassword says what is wrong with a new password.
func CheckPassword(p masking.Text) error {
	s := plain(p)
	switch n := utf8.RuneCountInString(s); {
	case n < shortest:
		return ErrPasswordShort
	case n > longest:
		return ErrPasswordLong
	case isCommon(strings.ToLower(s)):
		return ErrPasswordCommon
	}
	return nil
}

// plain is a password in the one form in which it is hashed, however the
// keyboard has put its accents together.
func plain(p masking.Text) string { return norm.NFKC.String(p.Reveal()) }

// isCommon: a word of the list alone, repeated or with digits and signs around
// it, one character over and over, or a run along the alphabet or the digits.
func isCommon(s string) bool {
	for _, unleet := range []*strings.Replacer{strings.NewReplacer(), strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s", "!", "i")} {
		for _, word := range []string{s, strings.TrimFunc(s, notLetter)} {
			if word = unit(unleet.Replace(word)); common()[word] || common()[strings.TrimFunc(word, notLetter)] {
				return true
			}
		}
	}
	whole := unit(s)
	return utf8.RuneCountInString(whole) <= 3 || isRun(whole) || common()[strings.Join(strings.FieldsFunc(s, notLetter), "")]
}

func notLetter(r rune) bool { return r < 'a' || r > 'z' && r < 0x80 }

// unit is what s is repetitions of, or s itself.
func unit(s string) string {
	for n := 1; n <= len(s)/2; n++ {
		if len(s)%n == 0 && strings.Repeat(s[:n], len(s)/n) == s {
			return s[:n]
		}
	}
	return s
}

// isRun: each character follows the one before, upwards or downwards; a run of
// digits goes on after 9 with 0.
func isRun(s string) bool {
	for _, d := range []int{1, -1} {
		ok := true
		for i := 1; i < len(s) && ok; i++ {
			step := int(s[i]) - int(s[i-1])
			ok = step == d || step == -9*d
		}
		if ok {
			return true
		}
	}
	return false
}

// Parameters of argon2id. They are kept beside each hash, so that they can grow.
type Parameters struct {
	Memory  uint32 `json:"m"` // KiB
	Time    uint32 `json:"t"`
	Threads uint8  `json:"p"`
}

// Today are those of a new hash: OWASP's for this much memory.
func Today() Parameters { return Parameters{Memory: 19 << 10, Time: 2, Threads: 1} }

// Password is a password as it is kept: argon2id under a salt of its own, and
// the outcome under the pepper, which the database does not have.
type Password struct {
	Parameters
	Salt []byte `json:"salt"`
	Sum  []byte `json:"sum"`
}

// Hashing bounds what hashing takes: so many at once, of 19 MiB each, so many
// waiting, and whoever comes on top of that is sent away.
type Hashing struct {
	today   Parameters
	running chan struct{}
	waiting atomic.Int32
}

const (
	atOnce      = 2
	mostWaiting = 32
)

// NewHashing makes one, which all of a process share, for new hashes with the
// given parameters; zero ones are Today's.
func NewHashing(p Parameters) *Hashing {
	if p == (Parameters{}) {
		p = Today()
	}
	return &Hashing{today: p, running: make(chan struct{}, atOnce)}
}

func (h *Hashing) derive(ctx context.Context, p masking.Text, by Parameters, salt []byte) ([]byte, error) {
	if h.waiting.Add(1) > mostWaiting {
		h.waiting.Add(-1)
		return nil, ErrBusy.After(time.Second)
	}
	defer h.waiting.Add(-1)
	select {
	case h.running <- struct{}{}:
	case <-ctx.Done():
		return nil, ErrBusy.Because(ctx.Err()).After(time.Second)
	}
	defer func() { <-h.running }()
	return argon2.IDKey([]byte(plain(p)), salt, by.Time, by.Memory, by.Threads, masking.KeySize), nil
}

func peppered(pepper masking.Key, id ID, derived []byte) []byte {
	return pepper.MAC("bauta/accounts/password/v1", []byte(id), derived)
}

// Hash makes what is kept of a new password.
func (h *Hashing) Hash(ctx context.Context, pepper masking.Key, id ID, p masking.Text, random io.Reader) (Password, error) {
	out := Password{Parameters: h.today, Salt: make([]byte, 16)}
	if _, err := io.ReadFull(random, out.Salt); err != nil {
		return Password{}, err
	}
	derived, err := h.derive(ctx, p, out.Parameters, out.Salt)
	out.Sum = peppered(pepper, id, derived)
	return out, err
}

// Check compares. Where there is nothing to compare with it costs as much, and
// fails: the time of an answer does not say whether there is an account.
func (h *Hashing) Check(ctx context.Context, pepper masking.Key, id ID, p masking.Text, kept *Password) (bool, error) {
	nobody := Password{Parameters: h.today, Salt: make([]byte, 16)}
	if kept == nil {
		kept = &nobody
	}
	derived, err := h.derive(ctx, p, kept.Parameters, kept.Salt)
	if err != nil {
		return false, err
	}
	return hmac.Equal(peppered(pepper, id, derived), kept.Sum), nil
}

// Old says whether a hash was made with other parameters than a new one would be.
func (h *Hashing) Old(p *Password) bool { return p.Parameters != h.today }
