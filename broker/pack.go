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
	packed1 = 1

	// mostUnpacked bounds what a packed statement may become, in bytes.
	mostUnpacked = 1 << 20
)

var errPackedForm = errors.New("a sealed statement has a form that this broker does not know")

// statementWords belongs to packed1 for ever: what was packed with it is
// unpacked with it, byte for byte. Another one is another form.
//
//go:embed statement.words
var statementWords string

// words are made once: their tables take 32 KiB.
var words = sync.OnceValue(func() *s2.Dict { //nolint:gochecknoglobals // a table
	return s2.MakeDictManual([]byte(strings.ReplaceAll(statementWords, "\n", "")), 0)
})

func pack(statement []byte) []byte {
	room := make([]byte, 1+s2.MaxEncodedLen(len(statement)))
	room[0] = packed1
	return room[:1+len(words().Encode(room[1:], statement))]
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
		n, err := s2.DecodedLen(b[1:])
		if err != nil || n > mostUnpacked {
			return nil, errPackedForm
		}
		statement, err := words().Decode(nil, b[1:])
		if err != nil {
			return nil, errPackedForm
		}
		return statement, nil
	default:
		return nil, errPackedForm
	}
}
