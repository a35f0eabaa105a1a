package documents

import (
	"bytes"
	"encoding/binary"
)

// stripJPEG leaves a JPEG's picture as it is, and takes over no segment but those that
// draw it, each no longer than what they draw with.
func stripJPEG(b []byte) ([]byte, error) {
	all, err := segments(b[blanksOf(b):])
	if err != nil {
		return nil, err
	}
	if all[0].marker != markSOI {
		return nil, ErrDamaged
	}
	out := make([]byte, 0, len(b))
	for _, s := range all {
		if s.marker > markSOF2 && s.marker < markRST0 && s.marker != markDHT && s.marker != markJPG && s.marker != markDAC {
			return nil, ErrUnsupported // a picture of another making
		}
		n, draws := drawsWith(s)
		switch {
		case !draws:
		case n < 0 || n > len(s.body):
			return nil, ErrDamaged
		case s.marker == markSOI || s.marker == markEOI:
			out = append(out, s.raw...)
		default:
			out = binary.BigEndian.AppendUint16(append(out, 0xff, s.marker), uint16(n+2)) //nolint:gosec // no longer than it was
			out = append(append(out, s.body[:n]...), s.raw[4+len(s.body):]...)
		}
	}
	return out, nil
}

// drawsWith says whether a segment draws, and with how many of its bytes; -1 where they
// are not what they should be. APP14 says how the colours are meant.
func drawsWith(s segment) (int, bool) {
	const frame, scan, adobe = 6, 4, 12 // bytes beside those of each component
	switch s.marker {
	case markSOI, markEOI:
		return 0, true
	case markSOF0, markSOF0 + 1, markSOF2:
		if len(s.body) < frame {
			return -1, true
		}
		return frame + 3*int(s.body[frame-1]), true
	case markSOS:
		if len(s.body) < scan {
			return -1, true
		}
		return scan + 2*int(s.body[0]), true
	case markDHT:
		return tables(s.body, func(b []byte) int {
			n := 17
			for _, codes := range b[1:min(len(b), 17)] {
				n += int(codes)
			}
			return n
		}), true
	case markDQT:
		return tables(s.body, func(b []byte) int { return 1 + 64*(1+int(b[0]>>4)) }), true
	case markDRI:
		return 2, true
	case markAPP14:
		return adobe, bytes.HasPrefix(s.body, []byte("Adobe"))
	}
	return 0, false
}

// tables is how long the tables are that b has to be made of.
func tables(b []byte, size func([]byte) int) int {
	at := 0
	for at < len(b) {
		at += size(b[at:])
	}
	if at != len(b) {
		return -1
	}
	return at
}
