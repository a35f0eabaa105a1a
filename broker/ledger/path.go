package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Errors about what is served and read as C2SP tlog-tiles.
var (
	ErrTilePath = errors.New("this is no tile path")
	ErrBundle   = errors.New("the bytes are not an entry bundle")
)

const (
	// EntriesLevel is the Level of a path to an entry bundle.
	EntriesLevel = -1

	maxPathLevel = 63
	pathBase     = 1000
)

// TilePath names a tile or an entry bundle as in C2SP tlog-tiles:
// "tile/<L>/<N>[.p/<W>]" or "tile/entries/<N>[.p/<W>]". Width is 1 to 255 for a
// partial one, and 0 for a full one.
type TilePath struct {
	Level int // 0 to 63, or EntriesLevel
	Index int64
	Width int
}

// String gives the path, "tile/0/x001/x234/067" say, without a leading slash.
func (p TilePath) String() string {
	n := p.Index
	s := fmt.Sprintf("%03d", n%pathBase)
	for n /= pathBase; n > 0; n /= pathBase {
		s = fmt.Sprintf("x%03d/%s", n%pathBase, s)
	}
	level := "entries"
	if p.Level != EntriesLevel {
		level = strconv.Itoa(p.Level)
	}
	if p.Width > 0 {
		return fmt.Sprintf("tile/%s/%s.p/%d", level, s, p.Width)
	}
	return fmt.Sprintf("tile/%s/%s", level, s)
}

// ParseTilePath is the strict inverse of String: one path for each tile, so
// that nothing is cached twice. Else ErrTilePath.
func ParseTilePath(path string) (TilePath, error) {
	rest, isTile := strings.CutPrefix(path, "tile/")
	level, rest, _ := strings.Cut(rest, "/")
	index, width, isPartial := strings.Cut(rest, ".p/")
	p := TilePath{Level: EntriesLevel}
	var err error
	if level != "entries" {
		if p.Level, err = strconv.Atoi(level); err != nil || p.Level < 0 || p.Level > maxPathLevel {
			return TilePath{}, ErrTilePath
		}
	}
	if isPartial {
		if p.Width, err = strconv.Atoi(width); err != nil || p.Width < 1 || p.Width >= tileWidth {
			return TilePath{}, ErrTilePath
		}
	}
	// 19 digits are the most that an int64 has; the group before may add two zeros.
	if !isTile || len(index) > 7*5 {
		return TilePath{}, ErrTilePath
	}
	digits := strings.ReplaceAll(strings.ReplaceAll(index, "/", ""), "x", "")
	if p.Index, err = strconv.ParseInt(digits, 10, 64); err != nil || p.Index < 0 || p.String() != path {
		return TilePath{}, ErrTilePath
	}
	return p, nil
}

// AppendBundle adds an entry to a bundle: two bytes of length, then the entry.
// Entries of this format are at most 182 bytes.
func AppendBundle(bundle, entry []byte) []byte {
	return append(binary.BigEndian.AppendUint16(bundle, uint16(len(entry))), entry...) //nolint:gosec // see above
}

// ParseBundle splits a bundle of at most 256 entries, which share its memory;
// else ErrBundle. Entries are not looked into.
func ParseBundle(bundle []byte) ([][]byte, error) {
	var entries [][]byte
	for len(bundle) > 0 {
		if len(bundle) < 2 || len(entries) == tileWidth {
			return nil, ErrBundle
		}
		end := 2 + int(binary.BigEndian.Uint16(bundle))
		if end > len(bundle) {
			return nil, ErrBundle
		}
		entries = append(entries, bundle[2:end:end])
		bundle = bundle[end:]
	}
	return entries, nil
}
