package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking"
)

// A checkpoint that is handed out carries a second signature of the log, with
// ML-DSA-44. It takes 3.3 kB, so it is made when the checkpoint is handed out,
// and neither a commit nor a row ever has it.

// mostHanded is how many second signatures are kept in memory. Nearly all that
// is asked for is one of the newest few checkpoints.
const mostHanded = 8

// handouts are the second signatures of the checkpoints that were handed out
// last, in a ring.
type handouts struct {
	mu   sync.Mutex
	ring [mostHanded]handout
	next int
}

// handout is a checkpoint as its row has it, and the line that goes under it.
type handout struct {
	signed []byte
	line   string
}

var errLongOrigin = fmt.Errorf("a log's origin has at most %d bytes; choose a shorter one with --origin", ledger.MaxOrigin)

// Why a log does not start without the second key that it has signed with. Whoever
// verifies by that key would find every later checkpoint unsigned, and nobody would
// have said why.
var (
	errCosignerLost = errors.New("the key folder has no ledger-mldsa.key, and this log has signed checkpoints with one (bauta ledger key --algorithm ml-dsa-44 prints its verifier key): " +
		"put the file back from the backup of the key folder; if there is none, bauta ledger succeed --reason key_compromised goes on under a new name and new keys, which you then publish")
	errOtherCosigner = errors.New("the ledger-mldsa.key in the key folder is not the one that this log has signed checkpoints with (bauta ledger key --algorithm ml-dsa-44 prints that one's verifier key): " +
		"put the right one back from the backup of the key folder; if there is none, move the file away, and bauta ledger succeed --reason key_compromised goes on under a new name and new keys, which you then publish")
)

// settleCosigner makes the log's second key on the first start that finds none:
// of a new log, of one from before there were two, or of one that was succeeded,
// whose second key is still that of a predecessor. Of two brokers that do so at
// once the first one's key holds.
//
// Which one it is stands in the database before it first signs. A start that has
// another one or none is refused, unless it is one that hands nothing out.
func (s *Store) settleCosigner(ctx context.Context) (err error) {
	if err := s.retireCosigner(); err != nil {
		return err
	}
	kept, err := s.keptCosigner(ctx)
	if err != nil {
		return err
	}
	if s.cfg.Keys.CosigningKey.IsZero() && s.ownCosigner(kept) {
		if err := s.cfg.Keys.FindCosigningKey(); err != nil { // another broker may have made it just now
			return err
		}
		if s.cfg.Keys.CosigningKey.IsZero() {
			return s.without(kept, errCosignerLost)
		}
	}
	if err := s.makeCosigner(); err != nil {
		return err
	}
	if !s.ownCosigner(kept) {
		if kept, err = s.keepCosigner(ctx, kept); err != nil {
			return err
		}
	}
	if kept != s.cosigner.Verifier() {
		return s.without(kept, errOtherCosigner)
	}
	s.cosigns = kept
	return nil
}

// without goes on without a second key, where nothing is handed out.
func (s *Store) without(kept string, refusal error) error {
	if !s.cfg.Looking {
		return refusal
	}
	s.cosigner, s.cosigns = nil, kept
	return nil
}

// keptCosigner is the verifier key of the second key that has signed, or its
// predecessor's; empty where none is kept.
func (s *Store) keptCosigner(ctx context.Context) (vkey string, err error) {
	err = s.db.GetContext(ctx, &vkey, `SELECT coalesce(cosigner, '') FROM keys.folder`)
	return vkey, translate("read keys", err)
}

// ownCosigner says whether a verifier key is one of the log as it is called now.
func (s *Store) ownCosigner(vkey string) bool { return strings.HasPrefix(vkey, s.signer.Origin()+"+") }

// keepCosigner keeps the verifier key in place of a predecessor's, or of none. If
// another broker was first, its holds.
func (s *Store) keepCosigner(ctx context.Context, instead string) (vkey string, err error) {
	_, err = s.db.ExecContext(ctx, `UPDATE keys.folder SET cosigner = $1 WHERE coalesce(cosigner, '') = $2`, s.cosigner.Verifier(), instead)
	if err != nil {
		return "", translate("keep keys", err)
	}
	return s.keptCosigner(ctx)
}

func (s *Store) makeCosigner() (err error) {
	origin := s.signer.Origin()
	if s.cfg.Keys.CosigningKey.IsZero() {
		skey, vkey, err := ledger.GenerateCosigningKey(s.cfg.Random, origin)
		if err != nil {
			return err
		}
		switch err := s.cfg.Keys.SetCosigningKey(skey); {
		case err == nil:
			s.cfg.Log.Info("the log has a new ML-DSA-44 key; publish what bauta ledger key --algorithm ml-dsa-44 prints", "vkey", vkey)
		case !errors.Is(err, masking.ErrLedgerKeyIsSet):
			return err
		}
	}
	if s.cosigner, err = ledger.NewCosigner(s.cfg.Keys.CosigningKey.Reveal()); err != nil {
		return fmt.Errorf("open ML-DSA-44 ledger key: %w", err)
	}
	if s.cosigner.Origin() != origin {
		return errFolder
	}
	return nil
}

// retireCosigner takes a predecessor's second key away.
func (s *Store) retireCosigner() error {
	held := s.cfg.Keys.CosigningKey
	if held.IsZero() {
		return nil
	}
	c, err := ledger.NewCosigner(held.Reveal())
	if err != nil {
		return fmt.Errorf("open ML-DSA-44 ledger key: %w", err)
	}
	for _, era := range s.eras.All() {
		if era.Origin() == c.Origin() && c.Origin() != s.signer.Origin() {
			return s.cfg.Keys.RetireCosigningKey(held)
		}
	}
	return nil
}

// Cosigner is the log's second verifier key, ML-DSA-44.
func (s *Store) Cosigner() (vkey string) { return s.cosigns }

// handOut puts under a checkpoint, as its row has it, the log's second signature
// and what others have said of it. What the log itself did not sign is
// ledger.ErrCheckpoint: a row that somebody wrote gets no signature here. One from
// before a succession gets none either: its second key is gone.
func (s *Store) handOut(signed []byte, others []Cosignature) ([]byte, error) {
	c, err := s.eras.Open(signed)
	if err != nil {
		return nil, err
	}
	own := ""
	// While the broker refuses to sign, it hands out what was signed before and
	// nothing else: a second signature now would be one of another history.
	if s.Refusal() == nil && s.cosigner != nil && c.Origin == s.cosigner.Origin() {
		own, err = s.handed.line(signed, func() (string, error) {
			return s.cosigner.Cosign(s.eras.Current(), signed, s.cfg.Now())
		})
	}
	if err != nil {
		return nil, err
	}
	lines := make([]string, len(others))
	for i := range others {
		lines[i] = others[i].Line
	}
	return ledger.Gather(signed, own, lines), nil
}

// line gives the one that is kept for a checkpoint, or keeps what sign makes.
// Whoever asks for the same one meanwhile waits for it: each is signed once.
func (h *handouts) line(signed []byte, sign func() (string, error)) (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range h.ring {
		if h.ring[i].line != "" && bytes.Equal(h.ring[i].signed, signed) {
			return h.ring[i].line, nil
		}
	}
	line, err := sign()
	if err != nil {
		return "", err
	}
	h.ring[h.next] = handout{bytes.Clone(signed), line}
	h.next = (h.next + 1) % mostHanded
	return line, nil
}
