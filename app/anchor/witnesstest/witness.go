// Package witnesstest has a witness for tests, as C2SP tlog-witness describes one.
package witnesstest

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/broker/ledger"
)

// Witness is one for one log: it cosigns what extends the last that it cosigned, and
// remembers it. The caller lets one at a time at it.
type Witness struct {
	Log    note.Verifier
	Signer *cosignature.Signer
	VKey   string
	Last   ledger.Checkpoint
}

// New makes one with a key of its own.
func New(random io.Reader, name string, log note.Verifier) (*Witness, error) {
	skey, vkey, err := note.GenerateKey(random, name)
	if err != nil {
		return nil, fmt.Errorf("make witness: %w", err)
	}
	w := &Witness{Log: log}
	if w.Signer, err = cosignature.NewSignerForCosignatureV1(skey); err != nil {
		return nil, fmt.Errorf("make witness: %w", err)
	}
	if w.VKey, err = cosignature.VKeyToCosignatureV1(vkey); err != nil {
		return nil, fmt.Errorf("make witness: %w", err)
	}
	return w, nil
}

// Line is how a policy file names it, at a URL.
func (w *Witness) Line(url string) string {
	return "witness " + w.Signer.Name() + " " + w.VKey + " " + url + "\n"
}

// Add answers the body of one add-checkpoint.
func (w *Witness) Add(body string) (status int, answer string) {
	before, signed, found := strings.Cut(body, "\n\n")
	lines := strings.Split(before, "\n")
	text, isOld := strings.CutPrefix(lines[0], "old ")
	old, err := strconv.ParseInt(text, 10, 64)
	if !found || !isOld || err != nil || len(lines) > 64 {
		return http.StatusBadRequest, ""
	}
	var proof tlog.TreeProof
	for _, l := range lines[1:] {
		b, err := base64.StdEncoding.DecodeString(l)
		if err != nil || len(b) != tlog.HashSize {
			return http.StatusBadRequest, ""
		}
		proof = append(proof, tlog.Hash(b))
	}
	c, err := ledger.OpenCheckpoint(w.Log, []byte(signed))
	switch {
	case err != nil:
		return http.StatusForbidden, ""
	case old > c.Size:
		return http.StatusBadRequest, ""
	case old != w.Last.Size, old == c.Size && w.Last.Root != c.Root:
		return http.StatusConflict, fmt.Sprintf("%d\n", w.Last.Size)
	case old == 0 && len(proof) > 0:
		return http.StatusUnprocessableEntity, ""
	case old > 0 && tlog.CheckTree(proof, c.Size, c.Root, old, w.Last.Root) != nil:
		return http.StatusUnprocessableEntity, ""
	}
	w.Last = c
	textOf, _, _ := strings.Cut(signed, "\n\n")
	n, err := note.Sign(&note.Note{Text: textOf + "\n"}, w.Signer)
	if err != nil {
		return http.StatusInternalServerError, ""
	}
	_, sigs, _ := strings.Cut(string(n), "\n\n")
	return http.StatusOK, sigs
}

// Cosigned says whether it has signed a line under a checkpoint, as its note was signed
// by the log.
func (w *Witness) Cosigned(signed []byte, line string) bool {
	v, err := cosignature.NewVerifierForCosignatureV1(w.VKey)
	if err != nil {
		return false
	}
	n, err := note.Open(append(signed[:len(signed):len(signed)], line+"\n"...), note.VerifierList(v))
	return err == nil && len(n.Sigs) == 1
}
