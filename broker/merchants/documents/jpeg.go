package documents

import (
	"bytes"
	"encoding/binary"
)

// stripped is a JPEG on its way: what its picture is drawn with, when that is drawn.
type stripped struct {
	out     []byte
	frame   []byte          // its marker, and what is in it; nil: it has not come yet
	tables  map[byte][]byte // of quantization, by number
	codes   map[byte][]byte // by class and number
	restart []byte
	scanned map[byte]bool // components, whose tables of quantization are fixed by then
	colours bool          // it was said how they are meant
}

// stripJPEG leaves a JPEG's picture as it is, and takes over nothing but what draws it:
// one frame, its scans, and before each scan the tables that this scan is drawn with.
func stripJPEG(b []byte) ([]byte, error) {
	all, err := segments(b[blanksOf(b):])
	if err != nil {
		return nil, err
	}
	if all[0].marker != markSOI {
		return nil, ErrDamaged
	}
	j := stripped{out: make([]byte, 0, len(b)), tables: map[byte][]byte{}, codes: map[byte][]byte{}, scanned: map[byte]bool{}}
	j.out = append(j.out, 0xff, markSOI)
	for _, s := range all {
		if s.marker > markSOF2 && s.marker < markRST0 && s.marker != markDHT && s.marker != markJPG && s.marker != markDAC {
			return nil, ErrUnsupported // a picture of another making
		}
		if err := j.take(s); err != nil {
			return nil, err
		}
	}
	return append(j.out, 0xff, markEOI), nil
}

func (j *stripped) take(s segment) error {
	sound := true
	switch s.marker {
	case markSOF0, markSOF0 + 1, markSOF2:
		return j.begin(s)
	case markSOS:
		return j.scan(s)
	case markDQT:
		sound = split(s.body, j.tables, 15, func(b []byte) int { return 1 + 64*(1+int(b[0]>>4)) })
	case markDHT:
		sound = split(s.body, j.codes, 255, func(b []byte) int {
			n := 17
			for _, codes := range b[1:min(len(b), 17)] {
				n += int(codes)
			}
			return n
		})
	case markDRI:
		if sound = len(s.body) >= 2; sound {
			j.restart = s.body[:2]
		}
	case markAPP14:
		j.meant(s.body)
	}
	if !sound {
		return ErrDamaged
	}
	return nil
}

// meant says how the colours are meant: one of three ways.
func (j *stripped) meant(b []byte) {
	const at = 11 // where that stands
	if len(b) <= at || !bytes.HasPrefix(b, []byte("Adobe")) || b[at] > 2 || j.colours {
		return
	}
	j.colours = true
	j.segment(markAPP14, append([]byte("Adobe\x00\x64\x00\x00\x00\x00"), b[at]))
}

// begin takes the frame, of which there is one.
func (j *stripped) begin(s segment) error {
	const head = 6 // bytes beside the three of each component
	if j.frame != nil || len(s.body) < head || len(s.body) < head+3*int(s.body[head-1]) {
		return ErrDamaged
	}
	body := s.body[:head+3*int(s.body[head-1])]
	j.frame = append([]byte{s.marker}, body...)
	j.segment(s.marker, body)
	return nil
}

// scan takes a scan, with the tables before it that no scan before had.
func (j *stripped) scan(s segment) error {
	if len(s.body) < 1 || j.frame == nil {
		return ErrDamaged
	}
	n := int(s.body[0])
	if len(s.body) < 4+2*n {
		return ErrDamaged
	}
	first, high := s.body[1+2*n], s.body[3+2*n]>>4 // of progressive ones
	progressive := j.frame[0] == markSOF2
	for i := range n {
		component, codes := s.body[1+2*i], s.body[2+2*i]
		for at := 7; at+2 < len(j.frame); at += 3 {
			if j.frame[at] == component && !j.scanned[component] {
				j.table(markDQT, j.tables, j.frame[at+2])
			}
		}
		j.scanned[component] = true
		if !progressive || first == 0 && high == 0 {
			j.table(markDHT, j.codes, codes>>4)
		}
		if !progressive || first > 0 {
			j.table(markDHT, j.codes, 0x10|codes&15)
		}
	}
	if j.restart != nil {
		j.segment(markDRI, j.restart)
		j.restart = nil
	}
	j.segment(markSOS, s.body[:4+2*n])
	j.out = append(j.out, s.raw[4+len(s.body):]...)
	return nil
}

// table writes a table, if it is one that was not written yet.
func (j *stripped) table(marker byte, all map[byte][]byte, number byte) {
	if b := all[number]; b != nil {
		j.segment(marker, b)
		delete(all, number)
	}
}

func (j *stripped) segment(marker byte, body []byte) {
	j.out = binary.BigEndian.AppendUint16(append(j.out, 0xff, marker), uint16(len(body)+2)) //nolint:gosec // no longer than it was
	j.out = append(j.out, body...)
}

// split cuts b into the tables that it has to be made of, by the bits of their first byte
// that number them: of one of quantization the others say how exact it is.
func split(b []byte, all map[byte][]byte, bits byte, size func([]byte) int) bool {
	for len(b) > 0 {
		n := size(b)
		if n > len(b) {
			return false
		}
		all[b[0]&bits] = b[:n]
		b = b[n:]
	}
	return true
}
