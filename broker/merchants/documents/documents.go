// Package documents decides what of an uploaded document anybody may be shown:
// a copy that is made anew, of nothing but what draws it.
package documents

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"bauta.dev/bauta/masking"
)

// MaxBytes is the largest document; a scan of a page at 600 dpi has less.
const MaxBytes = 20 << 20

// Kind is what a document is by its bytes, as a media type. Neither its name
// nor what the sender called it is asked.
type Kind string

// The kinds that are taken.
const (
	JPEG Kind = "image/jpeg"
	PNG  Kind = "image/png"
	PDF  Kind = "application/pdf"
)

// Document is a document that was taken. Original are the bytes that came, for
// the seal and nobody's eyes; Derivative, of the same kind, is what a person
// may open. The same original makes the same derivative in the same release.
type Document struct {
	Kind                         Kind
	Original, Derivative         Bytes
	OriginalHash, DerivativeHash [sha256.Size]byte
}

// Bytes are a document's content. Every way Go prints a value prints the mask;
// Reveal is the only way out, and a test counts each use of it.
//
// It is a pointer to a pointer: in an unexported field fmt skips methods, and
// with a verb that does not fit it follows one pointer to a slice, not two.
type Bytes struct{ b **[]byte }

func newBytes(b []byte) Bytes {
	p := &b
	return Bytes{b: &p}
}

// Reveal is the content itself, not a copy: nobody writes into it.
func (b Bytes) Reveal() []byte {
	if b.b == nil {
		return nil
	}
	return **b.b
}

// Len is the number of bytes.
func (b Bytes) Len() int {
	if b.b == nil {
		return 0
	}
	return len(**b.b)
}

func (b Bytes) String() string               { return masking.Hidden }
func (b Bytes) GoString() string             { return masking.Hidden }
func (b Bytes) LogValue() slog.Value         { return slog.StringValue(masking.Hidden) }
func (b Bytes) MarshalJSON() ([]byte, error) { return []byte(`"` + masking.Hidden + `"`), nil }
func (b Bytes) MarshalText() ([]byte, error) { return []byte(masking.Hidden), nil }

// Read takes a document from a reader. What is too large is refused as soon as
// that is known: no more than MaxBytes and one byte are ever read.
func Read(r io.Reader) (Document, error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return Document{}, fmt.Errorf("read a document: %w", err)
	}
	return New(b)
}

// New takes a document, however long it takes.
func New(b []byte) (Document, error) { return NewWithin(context.Background(), b) }

// NewWithin takes a document. It keeps b, which nobody may write into afterwards.
// What is refused is a fault of errors.go, and says nothing of the content; what
// is not drawn when ctx is over is refused as too complex.
func NewWithin(ctx context.Context, b []byte) (d Document, err error) {
	defer func() {
		if recover() != nil { // what a decoder panics with may quote what it read
			d, err = Document{}, ErrDamaged
		}
	}()
	return take(b, func() bool { return ctx.Err() != nil })
}

// take is New where a panic is one, which the tests are to see.
func take(b []byte, over func() bool) (Document, error) {
	kind, err := sniff(b)
	if err != nil {
		return Document{}, err
	}
	var derivative []byte
	if kind == PDF {
		derivative, err = rewrite(b, over)
	} else {
		derivative, err = redraw(b, kind, over)
	}
	if err != nil {
		return Document{}, err
	}
	return Document{
		Kind:     kind,
		Original: newBytes(b), OriginalHash: sha256.Sum256(b),
		Derivative: newBytes(derivative), DerivativeHash: sha256.Sum256(derivative),
	}, nil
}

// broken says which fault an error of a decoder is; its text is dropped.
func broken(err error) error {
	if errors.Is(err, ErrTooComplex) {
		return ErrTooComplex // the time was over
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return ErrTruncated
	}
	return ErrDamaged
}
