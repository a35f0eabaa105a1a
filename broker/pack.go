package broker

import (
	_ "embed"
	"errors"
	"strings"
	"sync"

	"github.com/klauspost/compress/s2"
)

// Statements are JSON of always the same words. Packed with a dictionary of
// them they take less than half the room, in the database and in its write-ahead
// log. What is packed is then sealed, and no statement holds a contact value, so
// its length tells of none.
//
// The first byte says the form: a brace is JSON as it is, from before.

const (
	packed1 = 1 // until decisions had facts
	packed2 = 2

	// mostUnpacked bounds what a packed statement may become, in bytes.
	mostUnpacked = 1 << 20
)

var errPackedForm = errors.New("a sealed statement has a form that this broker does not know")

// statementWords belong to packed1 for ever, and statementWords2 to packed2: what
// was packed with them is unpacked with them, byte for byte. Others are another form.
//
//go:embed statement.words
var statementWords string

//go:embed statement2.words
var statementWords2 string

// The tables are made once: each takes 32 KiB.
var (
	words  = sync.OnceValue(func() *s2.Dict { return dictionary(statementWords) })  //nolint:gochecknoglobals // a table
	words2 = sync.OnceValue(func() *s2.Dict { return dictionary(statementWords2) }) //nolint:gochecknoglobals // a table
)

func dictionary(words string) *s2.Dict {
	return s2.MakeDictManual([]byte(strings.ReplaceAll(words, "\n", "")), 0)
}

func pack(statement []byte) []byte {
	room := make([]byte, 1+s2.MaxEncodedLen(len(statement)))
	room[0] = packed2
	return room[:1+len(words2().Encode(room[1:], statement))]
}

// unpack is the inverse of pack. What it is given was sealed by this broker; it
// is bounded all the same.
func unpack(b []byte) ([]byte, error) {
	if len(b) == 0 {
		return nil, errPackedForm
	}
	switch b[0] {
	case '{':
		return b, nil
	case packed1:
		return unpackWith(words(), b[1:])
	case packed2:
		return unpackWith(words2(), b[1:])
	default:
		return nil, errPackedForm
	}
}

func unpackWith(words *s2.Dict, b []byte) ([]byte, error) {
	n, err := s2.DecodedLen(b)
	if err != nil || n > mostUnpacked {
		return nil, errPackedForm
	}
	statement, err := words.Decode(nil, b)
	if err != nil {
		return nil, errPackedForm
	}
	return statement, nil
}
