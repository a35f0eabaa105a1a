package postgres

import (
	"encoding/binary"
	"errors"
)

// Arrays travel in PostgreSQL's binary form (array_send in its source): with
// binary_parameters a []byte is taken as that. The text form of bytea[] is
// twice as long, and quoting it showed in every profile.

// Type ids of pg_type.dat.
const (
	oidBool  = 16
	oidBytea = 17
	oidInt8  = 20
	oidInt2  = 21
	oidInt4  = 23
	oidText  = 25
	oidUUID  = 2950
)

var errPacked = errors.New("packed bytes are cut short")

// array begins an array of n elements whose bytes, lengths included, take size.
func array(oid uint32, n, size int) []byte {
	b := make([]byte, 0, 20+size)
	dimensions := uint32(1)
	if n == 0 {
		dimensions = 0
	}
	b = binary.BigEndian.AppendUint32(b, dimensions)
	b = binary.BigEndian.AppendUint32(b, 0) // no NULL among them
	b = binary.BigEndian.AppendUint32(b, oid)
	if n == 0 {
		return b
	}
	b = binary.BigEndian.AppendUint32(b, uint32(n)) //nolint:gosec // batches are small
	return binary.BigEndian.AppendUint32(b, 1)
}

func int8s(xs []int64) []byte { return integers(oidInt8, 8, xs) }
func int4s(xs []int32) []byte { return integers(oidInt4, 4, xs) }
func int2s(xs []int16) []byte { return integers(oidInt2, 2, xs) }

// integers are sent in network order, size bytes each.
func integers[T int64 | int32 | int16](oid, size uint32, xs []T) []byte {
	b := array(oid, len(xs), (4+int(size))*len(xs))
	for _, x := range xs {
		b = binary.BigEndian.AppendUint32(b, size)
		var wide [8]byte
		binary.BigEndian.PutUint64(wide[:], uint64(int64(x))) //nolint:gosec // two's complement is what is sent
		b = append(b, wide[8-size:]...)
	}
	return b
}

func bools(xs []bool) []byte {
	b := array(oidBool, len(xs), 5*len(xs))
	for _, x := range xs {
		b = binary.BigEndian.AppendUint32(b, 1)
		if x {
			b = append(b, 1)
		} else {
			b = append(b, 0)
		}
	}
	return b
}

// variable writes elements of any length; the array is made in one piece, for
// growing it step by step was a sixth of what an import allocates.
func variable[T ~string | ~[]byte](oid uint32, xs []T) []byte {
	size := 0
	for _, x := range xs {
		size += 4 + len(x)
	}
	b := array(oid, len(xs), size)
	for _, x := range xs {
		b = binary.BigEndian.AppendUint32(b, uint32(len(x))) //nolint:gosec // values are bounded by the door
		b = append(b, x...)
	}
	return b
}

func byteas(xs [][]byte) []byte { return variable(oidBytea, xs) }
func uuids(xs [][]byte) []byte  { return variable(oidUUID, xs) }
func texts(xs []string) []byte  { return variable(oidText, xs) }

// unpacker reads what the queries pack with int8send and its like: integers in
// network order, bytes behind their length.
type unpacker struct {
	b   []byte
	err error
}

func (u *unpacker) take(n int) []byte {
	if n < 0 || len(u.b) < n {
		u.err, u.b = errPacked, nil
		return make([]byte, max(n, 0)&0xff)
	}
	p := u.b[:n:n]
	u.b = u.b[n:]
	return p
}

func (u *unpacker) int8() int64 { return int64(u.fixed(8)) } //nolint:gosec // two's complement

func (u *unpacker) int4() int { return int(int32(u.fixed(4))) } //nolint:gosec // two's complement

func (u *unpacker) int2() int { return int(int16(u.fixed(2))) } //nolint:gosec // two's complement

func (u *unpacker) fixed(n int) (x uint64) {
	p := u.take(n)
	if u.err != nil {
		return 0
	}
	for _, c := range p {
		x = x<<8 | uint64(c)
	}
	return x
}

func (u *unpacker) bytes() []byte { return u.take(u.int4()) }

// column is the next one of a row that record_send sent: a type, and bytes
// behind their length. No column that is read so can be NULL.
func (u *unpacker) column() []byte {
	u.int4()
	return u.bytes()
}

func (u *unpacker) column8() int64 {
	u.int4()
	if u.int4() != 8 {
		u.err, u.b = errPacked, nil
	}
	return u.int8()
}
