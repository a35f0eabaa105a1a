package documents

import (
	"bytes"
	"encoding/binary"
)

// Markers of JPEG (ITU-T T.81, table B.1).
const (
	markTEM, markSOF0, markSOF2, markSOI, markEOI, markSOS = 0x01, 0xc0, 0xc2, 0xd8, 0xd9, 0xda
	markRST0, markRST7                                     = 0xd0, 0xd7
	markAPP0, markAPP1, markAPP14                          = 0xe0, 0xe1, 0xee
	markDHT, markDQT, markDRI, markCOM                     = 0xc4, 0xdb, 0xdd, 0xfe
	markJPG, markDAC                                       = 0xc8, 0xcc // among those of frames, and none
)

// segment is one marker of a JPEG with what belongs to it. Raw are all of its
// bytes, for a scan those of the picture as well; Body is what is in it.
type segment struct {
	marker    byte
	raw, body []byte
}

const (
	maxSegments = 10_000
	maxScans    = 32 // each makes the decoder walk over the whole picture
)

// segments cuts a JPEG at its markers, from its first to the end of the
// picture; what comes after is not looked at.
func segments(b []byte) ([]segment, error) {
	var all []segment
	scans := 0
	for at := 0; at+1 < len(b); {
		if b[at] != 0xff || len(all) == maxSegments || scans > maxScans {
			return nil, ErrDamaged
		}
		marker := b[at+1]
		switch {
		case marker == 0xff: // filling
			at++
			continue
		case marker == markEOI:
			return append(all, segment{marker: marker, raw: b[at : at+2]}), nil
		case marker == markSOI || marker == markTEM || marker >= markRST0 && marker <= markRST7:
			all = append(all, segment{marker: marker, raw: b[at : at+2]})
			at += 2
			continue
		}
		if at+4 > len(b) {
			return nil, ErrTruncated
		}
		end := at + 2 + int(binary.BigEndian.Uint16(b[at+2:]))
		if end < at+4 {
			return nil, ErrDamaged
		}
		if end > len(b) {
			return nil, ErrTruncated
		}
		s := segment{marker: marker, body: b[at+4 : end]}
		if marker == markSOS {
			end += scan(b[end:])
			scans++
		}
		s.raw = b[at:end]
		all = append(all, s)
		at = end
	}
	return nil, ErrTruncated
}

// scan is how far the data of a scan go: to the next marker that is no restart.
func scan(b []byte) int {
	at := 0
	for {
		i := bytes.IndexByte(b[at:], 0xff)
		if i < 0 || at+i+1 >= len(b) {
			return len(b)
		}
		at += i
		if next := b[at+1]; next != 0 && next != 0xff && (next < markRST0 || next > markRST7) {
			return at
		}
		at++
	}
}

// orientation is how a picture has to be turned, 1 to 8 as EXIF says; 1 where
// it says nothing that can be read.
func orientation(exif []byte) int {
	const tag, short = 0x0112, 3
	if len(exif) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	if exif[0] == 'M' {
		order = binary.BigEndian
	}
	at := int64(order.Uint32(exif[4:]))
	if at+2 > int64(len(exif)) {
		return 1
	}
	entries := exif[at+2:]
	for range order.Uint16(exif[at:]) {
		if len(entries) < 12 {
			return 1
		}
		if order.Uint16(entries) == tag && order.Uint16(entries[2:]) == short {
			if turn := int(order.Uint16(entries[8:])); turn >= 1 && turn <= 8 {
				return turn
			}
			return 1
		}
		entries = entries[12:]
	}
	return 1
}

// exifOf finds EXIF in a JPEG's segments.
func exifOf(all []segment) []byte {
	for _, s := range all {
		if exif, ok := bytes.CutPrefix(s.body, []byte("Exif\x00\x00")); ok && s.marker == markAPP1 {
			return exif
		}
	}
	return nil
}

// exifOfPNG finds EXIF among a PNG's chunks, and says whether its end is there.
func exifOfPNG(b []byte) (exif []byte, whole bool) {
	for b = b[len(pngMagic):]; len(b) >= 12; {
		size := int64(binary.BigEndian.Uint32(b))
		if size+12 > int64(len(b)) {
			break
		}
		switch string(b[4:8]) {
		case "eXIf":
			exif = b[8 : 8+size]
		case "IEND":
			return exif, true
		}
		b = b[12+size:]
	}
	return nil, false
}
