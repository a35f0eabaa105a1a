package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking/fault"
)

// Ledger is the log as auditors read it.
type Ledger interface {
	// Tile gives a hash tile or a bundle of entries; broker.ErrNotFound for what
	// the log does not have yet.
	Tile(ctx context.Context, path ledger.TilePath) ([]byte, error)
	// Inclusion shows that an entry is in the tree of a size: its leaf hash, and the
	// hashes from that up to the root.
	Inclusion(ctx context.Context, index, size int64) (leaf tlog.Hash, hashes []tlog.Hash, err error)
	// Proof is what Inclusion shows, with the checkpoint that was signed for that
	// size, as it is handed out.
	Proof(ctx context.Context, index, size int64) (ledger.Proof, error)
	// Consistency shows that the tree of one size is the beginning of another.
	Consistency(ctx context.Context, from, to int64) ([]tlog.Hash, error)
	// Entries are raw entries from one index up to another, without that.
	Entries(ctx context.Context, from, to int64) ([][]byte, error)
}

// noteReader reads a signed note.
type noteReader = func(ctx context.Context) ([]byte, error)

// errTilePath: callers who build paths as C2SP tlog-tiles says never see it.
var errTilePath = fault.New(fault.Malformed, "malformed", "this is no tile path of C2SP tlog-tiles: tile/L/N or tile/entries/N, with .p/W where it is partial")

// Tiles and bundles never change: what a path gave once it gives for ever. What
// needs a key is for its caller's own cache alone.
const (
	immutablePublic  = "public, max-age=31536000, immutable"
	immutablePrivate = "private, max-age=31536000, immutable"
)

// getTile answers GET /ledger/tile/… and GET /ledger/tile/entries/….
func (s *Server) getTile(c *call) error {
	path, err := ledger.ParseTilePath(strings.TrimPrefix(c.Path(), "/ledger/"))
	if err != nil {
		return errTilePath
	}
	if s.Ledger == nil {
		return broker.ErrNotFound
	}
	tile, err := s.Ledger.Tile(c.ctx, path)
	if err != nil {
		return err
	}
	c.Set("Cache-Control", immutablePrivate)
	if len(c.route.scopes) == 0 {
		c.Set("Cache-Control", immutablePublic)
	}
	c.Response().Header.SetContentType("application/octet-stream")
	return c.Send(tile)
}

// inclusionAnswer is where an entry stands in a tree, with what shows it.
type inclusionAnswer struct {
	Index    int64    `json:"index" validate:"required"`
	Size     int64    `json:"size" validate:"required" description:"of the tree"`
	LeafHash []byte   `json:"leaf_hash" validate:"required" docs:"hash"`
	Hashes   [][]byte `json:"hashes" validate:"required" description:"from the leaf up to the root (RFC 6962, 2.1.1)"`
}

// getInclusion answers GET /v1/ledger/proof.
func (s *Server) getInclusion(c *call) error {
	index, size, err := twoNumbers(c.params, "index", "size")
	switch {
	case err != nil:
		return err
	case size == 0:
		return atParameter("/size", "size_zero", "a tree without entries proves nothing")
	case index >= size:
		return atParameter("/index", "index_beyond_size", "the index is not in a tree of this size; they count from 0")
	case s.Ledger == nil:
		return broker.ErrNotFound
	}
	leaf, hashes, err := s.Ledger.Inclusion(c.ctx, index, size)
	if errors.Is(err, ledger.ErrBeyondHead) {
		return atParameter("/size", "size_beyond_head", "the log is not as large as that; see /ledger/checkpoint")
	}
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, inclusionAnswer{Index: index, Size: size, LeafHash: leaf[:], Hashes: showHashes(hashes)})
}

// consistencyAnswer is what shows that one tree is the beginning of another.
type consistencyAnswer struct {
	From   int64    `json:"from" validate:"required" description:"size of the older tree"`
	To     int64    `json:"to" validate:"required" description:"size of the newer tree"`
	Hashes [][]byte `json:"hashes" validate:"required" description:"as in RFC 6962, 2.1.2; none where both are the same"`
}

// getConsistency answers GET /v1/ledger/consistency.
func (s *Server) getConsistency(c *call) error {
	from, to, err := twoNumbers(c.params, "from", "to")
	switch {
	case err != nil:
		return err
	case from == 0:
		return atParameter("/from", "size_zero", "a tree without entries proves nothing")
	case from > to:
		return atParameter("/from", "from_beyond_to", "the older tree is not larger than the newer one")
	case s.Ledger == nil:
		return broker.ErrNotFound
	}
	hashes, err := s.Ledger.Consistency(c.ctx, from, to)
	if errors.Is(err, ledger.ErrBeyondHead) {
		return atParameter("/to", "size_beyond_head", "the log is not as large as that; see /ledger/checkpoint")
	}
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, consistencyAnswer{From: from, To: to, Hashes: showHashes(hashes)})
}

// twoNumbers reads two parameters that have to be there, and says all that is
// wrong with them at once.
func twoNumbers(q map[string]string, first, second string) (x, y int64, err error) {
	var wrong mistakes
	x = number(q, first, &wrong)
	y = number(q, second, &wrong)
	return x, y, placed(wrong.err(), inQuery)
}

// number reads a count in the one form that it has.
func number(q map[string]string, name string, wrong *mistakes) int64 {
	s, ok := q[name]
	if !ok {
		wrong.add("/"+name, "required", "this is missing")
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != s {
		wrong.add("/"+name, "not_a_number", "this has to be a whole number from 0 to 9223372036854775807, in digits alone")
	}
	return n
}

// showHashes is never null: a proof of no hashes is one, too.
func showHashes(hashes []tlog.Hash) [][]byte {
	shown := make([][]byte, len(hashes))
	for i := range hashes {
		shown[i] = hashes[i][:]
	}
	return shown
}

// prove adds to a disclosure what shows that its entry is in the log: for the
// very head that the answer names. The entry is there by then, so a proof that
// cannot be had is an answer that comes later, with the same idempotency key.
func (c *call) prove(a *disclosureAnswer) error {
	if c.server.Ledger == nil {
		return broker.ErrUnavailable
	}
	p, err := c.server.Ledger.Proof(c.ctx, a.Ledger.Index, a.Ledger.TreeSize)
	if err != nil {
		return err
	}
	a.Ledger.Proof = string(p.Marshal())
	return nil
}
