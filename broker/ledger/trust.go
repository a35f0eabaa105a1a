package ledger

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

// Errors about what a verifier trusts, and about a checkpoint that it does not.
var (
	ErrPolicy         = errors.New("the bytes are not a tlog-policy that can be kept to")
	ErrUntrusted      = errors.New("the checkpoint is not signed by a log that is trusted")
	ErrQuorum         = errors.New("too few of the trusted witnesses have cosigned the checkpoint")
	ErrSignature      = errors.New("a signature under the checkpoint bears the name of a key that was given, and is not that key's")
	ErrSignatureLines = errors.New("the lines of signature are not in their order, each key's once")
)

const (
	// MaxPolicySize bounds a policy in bytes.
	MaxPolicySize = 1 << 20

	maxPolicyLines = 4096

	algorithmCosignature = 4 // Ed25519, of C2SP tlog-cosignature
	algorithmMLDSA       = 6 // ML-DSA-44, likewise
)

// Trust is what a verifier believes before it reads anything: keys of logs, and
// who has to have witnessed a checkpoint. It comes from outside of what is
// verified. The zero Trust believes nobody.
type Trust struct {
	logs   []note.Verifier
	quorum *quorum // nil: no witness is asked for
}

// quorum is a witness, or k of the members of a group. Each name is a member at
// most once, so it is a tree, and asking it takes one signature for each witness.
type quorum struct {
	witness note.Verifier
	k       int
	members []*quorum
}

// TrustKeys trusts logs by their verifier keys (note vkeys of LogVerifier), each of
// which is enough by itself, and asks for no witness. No key at all, one that is
// none, and one that is there twice are ErrKey.
func TrustKeys(vkeys ...string) (Trust, error) {
	var t Trust
	seen := make(map[string]bool, len(vkeys))
	for i, vkey := range vkeys {
		v, err := LogVerifier(vkey)
		if err != nil || seen[publicPart(vkey)] {
			return Trust{}, fmt.Errorf("read key %d: %w", i+1, ErrKey)
		}
		seen[publicPart(vkey)] = true
		t.logs = append(t.logs, v)
	}
	if len(t.logs) == 0 {
		return Trust{}, fmt.Errorf("read keys: %w", ErrKey)
	}
	return t, nil
}

// LogVerifier reads the vkey of a log: Ed25519 (C2SP signed-note), or ML-DSA-44 (C2SP
// tlog-cosignature), which a log signs with under its own name. Else ErrKey.
func LogVerifier(vkey string) (note.Verifier, error) {
	if algorithmOf(vkey) == algorithmMLDSA {
		return newWitness(vkey)
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, ErrKey
	}
	return v, nil
}

// algorithmOf gives the algorithm that a vkey names, 0 where it is none.
func algorithmOf(vkey string) byte {
	parts := strings.SplitN(vkey, "+", 3)
	raw, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(raw) == 0 {
		return 0
	}
	return raw[0]
}

// publicPart gives the public key that a vkey wraps, without name and algorithm:
// two vkeys are the same one if they agree in it.
func publicPart(vkey string) string {
	parts := strings.SplitN(vkey, "+", 3)
	raw, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(raw) < 2 {
		return ""
	}
	return string(raw[1:])
}

// Anchored says whether there is anybody who is trusted.
func (t Trust) Anchored() bool { return len(t.logs) > 0 }

// Unwitnessed trusts the same logs, and asks for no witness: for what was written so
// lately that none has seen it yet.
func (t Trust) Unwitnessed() Trust { return Trust{logs: t.logs} }

// Witnessed says whether witnesses are asked for.
func (t Trust) Witnessed() bool { return t.quorum != nil }

// Open checks that a checkpoint is signed by one of the logs and cosigned by the
// quorum, and reads it. Signatures by keys that were not given are let be; each one
// by a key that was given has to be right, also where another is enough. Errors:
// ErrUntrusted, ErrQuorum, ErrSignature.
func (t Trust) Open(signed []byte) (Checkpoint, error) {
	for _, v := range t.logs {
		c, err := OpenCheckpoint(v, signed)
		if err != nil {
			continue
		}
		if !t.quorum.satisfied(signed) {
			return Checkpoint{}, fmt.Errorf("open checkpoint %d: %w", c.Size, ErrQuorum)
		}
		if t.contradicted(signed) {
			return Checkpoint{}, fmt.Errorf("open checkpoint %d: %w", c.Size, ErrSignature)
		}
		return c, nil
	}
	return Checkpoint{}, fmt.Errorf("open checkpoint: %w", ErrUntrusted)
}

// witnesses are all that are asked, whether or not they are needed.
func (q *quorum) witnesses() []note.Verifier {
	if q == nil {
		return nil
	}
	if q.witness != nil {
		return []note.Verifier{q.witness}
	}
	var all []note.Verifier
	for _, m := range q.members {
		all = append(all, m.witnesses()...)
	}
	return all
}

// contradicted says whether there is a signature in the name of a key that was
// given, and not by it.
func (t Trust) contradicted(signed []byte) bool {
	return slices.ContainsFunc(append(slices.Clone(t.logs), t.quorum.witnesses()...), func(v note.Verifier) bool {
		_, err := note.Open(signed, note.VerifierList(v))
		_, wrong := errors.AsType[*note.InvalidSignatureError](err)
		return wrong
	})
}

func (q *quorum) satisfied(signed []byte) bool {
	if q == nil {
		return true
	}
	if q.witness != nil {
		_, err := note.Open(signed, note.VerifierList(q.witness))
		return err == nil
	}
	n := 0
	for _, m := range q.members {
		if m.satisfied(signed) {
			n++
		}
	}
	return n >= q.k
}

// ParsePolicy reads a C2SP tlog-policy: lines "log", "witness", "group" and one
// "quorum". It has to name a log, since nothing else here says which log is meant;
// URLs are passed over. Whatever the specification does not allow, a key twice, a
// member twice or a name before its line say, is ErrPolicy, and the error tells
// the line's number.
func ParsePolicy(b []byte) (Trust, error) {
	if err := policyText(b); err != nil {
		return Trust{}, err
	}
	p := policyReader{named: map[string]*quorum{}, keys: map[string]bool{}, used: map[string]bool{}}
	n := 0
	for line := range strings.Lines(string(b)) {
		n++
		items := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' })
		if len(items) == 0 || strings.HasPrefix(items[0], "#") {
			continue
		}
		if n > maxPolicyLines || !p.line(items) {
			return Trust{}, fmt.Errorf("read policy line %d: %w", n, ErrPolicy)
		}
	}
	if !p.decided || len(p.trust.logs) == 0 {
		return Trust{}, fmt.Errorf("read policy: it needs a log and a quorum: %w", ErrPolicy)
	}
	return p.trust, nil
}

// policyText says what no line of a policy may be like, by its number.
func policyText(b []byte) error {
	at := bytes.IndexFunc(b, forbidden)
	line := bytes.Count(b[:max(at, 0)], []byte("\n")) + 1
	switch {
	case len(b) > MaxPolicySize:
		return fmt.Errorf("read policy: it has more than %d bytes: %w", MaxPolicySize, ErrPolicy)
	case at >= 0 && b[at] == '\r':
		return fmt.Errorf("read policy line %d: it has a carriage return, so save the file with LF line ends: %w", line, ErrPolicy)
	case at >= 0:
		return fmt.Errorf("read policy line %d: it has a control character: %w", line, ErrPolicy)
	case !bytes.HasSuffix(b, []byte("\n")):
		return fmt.Errorf("read policy: its last line does not end with a newline: %w", ErrPolicy)
	}
	return nil
}

// forbidden are the control characters but tab and newline.
func forbidden(r rune) bool { return r < 0x20 && r != '\t' && r != '\n' || r == 0x7f }

// policyReader is a policy half read; its methods say whether a line was right.
type policyReader struct {
	trust   Trust
	named   map[string]*quorum
	keys    map[string]bool // public keys, each once among logs and once among witnesses
	used    map[string]bool // names that are a member of a group
	decided bool            // there was a quorum line
}

func (p *policyReader) line(items []string) bool {
	switch items[0] {
	case "log":
		return p.log(items[1:])
	case "witness":
		return p.witness(items[1:])
	case "group":
		return p.group(items[1:])
	case "quorum":
		return p.quorum(items[1:])
	default:
		return false
	}
}

func (p *policyReader) log(items []string) bool {
	if len(items) < 1 || len(items) > 2 || !p.fresh("log", items[0]) {
		return false
	}
	v, err := LogVerifier(items[0])
	if err != nil {
		return false
	}
	p.trust.logs = append(p.trust.logs, v)
	return true
}

func (p *policyReader) witness(items []string) bool {
	if len(items) < 2 || len(items) > 3 || !p.free(items[0]) || !p.fresh("witness", items[1]) {
		return false
	}
	v, err := newWitness(items[1])
	if err != nil {
		return false
	}
	p.named[items[0]] = &quorum{witness: v}
	return true
}

// newWitness reads a vkey of C2SP tlog-cosignature, and checks the key hash that
// stands in it, which the library passes over.
func newWitness(vkey string) (note.Verifier, error) {
	if a := algorithmOf(vkey); a != algorithmCosignature && a != algorithmMLDSA {
		return nil, ErrKey
	}
	v, err := cosignature.NewVerifierForCosignatureV1(vkey)
	if err != nil || fmt.Sprintf("%08x", v.KeyHash()) != strings.SplitN(vkey, "+", 3)[1] {
		return nil, ErrKey
	}
	return v, nil
}

func (p *policyReader) group(items []string) bool {
	if len(items) < 3 || !p.free(items[0]) {
		return false
	}
	g := &quorum{}
	for _, name := range items[2:] {
		m := p.named[name]
		if m == nil || p.used[name] {
			return false
		}
		p.used[name] = true
		g.members = append(g.members, m)
	}
	switch items[1] {
	case "any":
		g.k = 1
	case "all":
		g.k = len(g.members)
	default:
		k, err := strconv.Atoi(items[1])
		if err != nil || k < 1 || k > len(g.members) || strconv.Itoa(k) != items[1] {
			return false
		}
		g.k = k
	}
	p.named[items[0]] = g
	return true
}

func (p *policyReader) quorum(items []string) bool {
	if len(items) != 1 || p.decided {
		return false
	}
	p.decided = true
	if items[0] == "none" {
		return true
	}
	p.trust.quorum = p.named[items[0]]
	return p.trust.quorum != nil
}

// free says whether a name may still be given.
func (p *policyReader) free(name string) bool { return name != "none" && p.named[name] == nil }

// fresh says whether this is the first line of its kind with this public key.
func (p *policyReader) fresh(kind, vkey string) bool {
	key := kind + "+" + publicPart(vkey)
	if p.keys[key] {
		return false
	}
	p.keys[key] = true
	return true
}
