package imports

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
)

// longest is the longest row that is taken. Ours have well under 4 KiB.
const longest = 64 << 10

var errRead = errors.New("the file can't be read to its end")

// file reads CSV as RFC 4180 has it. encoding/csv would take a quote that is
// never closed for a field that goes on to the end of the file; here such a row
// is one bad line, and reading goes on in the next.
type file struct {
	f      *os.File
	b      *bufio.Reader
	zipped *gzip.Reader
	read   *counted
	line   int // of the next row
}

// counted counts the bytes of the file as it is stored.
type counted struct {
	io.Reader
	n atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n.Add(int64(n))
	return n, err
}

func open(path string) (*file, error) {
	f, err := os.Open(path) //nolint:gosec // the operator's own file
	if err != nil {
		return nil, fmt.Errorf("open import file: %w", err)
	}
	r := &file{f: f, read: &counted{Reader: f}, line: 1}
	raw := bufio.NewReaderSize(r.read, 4*longest)
	r.b = raw
	if magic, _ := raw.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) { // a name may lie
		if r.zipped, err = gzip.NewReader(raw); err != nil {
			_ = f.Close()
			return nil, fmt.Errorf("%s: %w: it is not whole gzip", path, errRead)
		}
		r.b = bufio.NewReaderSize(r.zipped, 4*longest)
	}
	if mark, _ := r.b.Peek(3); bytes.Equal(mark, []byte{0xef, 0xbb, 0xbf}) {
		_, _ = r.b.Discard(3)
	}
	return r, nil
}

func (r *file) close() { _ = r.f.Close() }

// record gives the fields of the next row, and io.EOF after the last one. A
// *malformed row is its first line; reading can go on after it.
func (r *file) record() (fields []string, line int, err error) {
	for {
		b, whole, err := r.ahead()
		if err != nil {
			return nil, r.line, err
		}
		if len(b) == 0 {
			return nil, r.line, io.EOF
		}
		line = r.line
		fields, n, err := split(b, whole)
		if err != nil {
			return fields, line, errors.Join(err, r.skipLine())
		}
		r.line += bytes.Count(b[:n], []byte{'\n'})
		_, _ = r.b.Discard(n) // at most what was peeked at
		if len(fields) > 1 || fields[0] != "" {
			return fields, line, nil
		} // an empty line is none
	}
}

// ahead gives at least the next row, if it is no longer than it may be. What
// is in the buffer is looked at first, because asking for more moves it.
func (r *file) ahead() (b []byte, whole bool, err error) {
	b, _ = r.b.Peek(min(r.b.Buffered(), longest)) // there is so much
	if i := bytes.IndexByte(b, '\n'); i >= 0 && bytes.IndexByte(b[:i], '"') < 0 {
		return b, false, nil // an end that no quote can hide
	}
	b, err = r.b.Peek(longest)
	if whole = errors.Is(err, io.EOF); err != nil && !whole {
		return nil, false, errRead // its own words may quote
	}
	return b, whole, nil
}

func (r *file) skipLine() error {
	r.line++
	for {
		_, err := r.b.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err == nil, errors.Is(err, io.EOF):
			return nil
		default:
			return errRead
		}
	}
}

// malformed is a row that can't be cut into fields; what is said is said about
// the field that could not be read, after those that could.
type malformed struct{ reason string }

func (m *malformed) Error() string { return m.reason }

// split cuts the first record off b. whole says that b goes on to the end of
// the file. On error fields are those before the one that is wrong.
func split(b []byte, whole bool) (fields []string, n int, err error) {
	for {
		var field string
		var m int
		if n < len(b) && b[n] == '"' {
			field, m, err = quoted(b[n:], whole)
		} else {
			field, m, err = unquoted(b[n:], whole)
		}
		if err != nil {
			return fields, 0, err
		}
		fields = append(fields, field)
		if n += m; n == len(b) || b[n] == '\n' {
			return fields, min(n+1, len(b)), nil
		}
		n++ // the comma
	}
}

func unquoted(b []byte, whole bool) (field string, n int, err error) {
	n = bytes.IndexAny(b, ",\n")
	if n < 0 {
		if n = len(b); !whole {
			return "", 0, &malformed{"the row is too long"}
		}
	}
	raw := b[:n]
	if n == len(b) || b[n] == '\n' {
		raw = bytes.TrimSuffix(raw, []byte{'\r'})
	}
	if bytes.IndexByte(raw, '"') >= 0 {
		return "", 0, &malformed{`a field with a quote in it has to be in quotes, and the quote doubled`}
	}
	return string(raw), n, nil
}

func quoted(b []byte, whole bool) (field string, n int, err error) {
	var unescaped []byte
	start := 1
	for {
		i := bytes.IndexByte(b[start:], '"')
		if i < 0 {
			if whole {
				return "", 0, &malformed{"the quote at its beginning is never closed"}
			}
			return "", 0, &malformed{"the row is too long, or the quote at its beginning is never closed"}
		}
		n = start + i + 1
		if n < len(b) && b[n] == '"' {
			unescaped = append(unescaped, b[start:n]...)
			start = n + 1
			continue
		}
		field = string(append(unescaped, b[start:n-1]...))
		rest := b[n:]
		if len(rest) > 1 && rest[0] == '\r' && rest[1] == '\n' || whole && len(rest) == 1 && rest[0] == '\r' {
			n++
		}
		if n == len(b) && whole || n < len(b) && (b[n] == ',' || b[n] == '\n') {
			return field, n, nil
		}
		if n >= len(b) {
			return "", 0, &malformed{"the row is too long"}
		}
		return "", 0, &malformed{"there is something after the closing quote"}
	}
}
