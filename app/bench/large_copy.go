package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os/exec"
)

// stream is a COPY into one table, in PostgreSQL's binary format (its
// documentation, COPY, "Binary Format"), through psql.
type stream struct {
	table string
	psql  *exec.Cmd
	in    io.Closer
	out   *bufio.Writer
	said  bytes.Buffer
	buf   []byte
	wrong error // the first thing that went wrong; nothing is written after it
}

// copyInto opens a COPY; columns stand behind the table.
func copyInto(ctx context.Context, url, table string) (*stream, error) {
	psql, err := serverProgram("psql")
	if err != nil {
		return nil, err
	}
	s := &stream{table: table}
	s.psql = exec.CommandContext(ctx, psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", "COPY "+table+" FROM STDIN (FORMAT binary)", url) //nolint:gosec // our own arguments
	s.psql.Stdout, s.psql.Stderr = &s.said, &s.said
	in, err := s.psql.StdinPipe()
	if err == nil {
		err = s.psql.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("copy into %s: %w", table, err)
	}
	s.in, s.out = in, bufio.NewWriterSize(in, 1<<18)
	_, s.wrong = s.out.WriteString("PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	return s, nil
}

// row writes one row; a value is an int64, an int16 or bytes.
func (s *stream) row(values ...any) {
	if s.wrong != nil {
		return
	}
	b := binary.BigEndian.AppendUint16(s.buf[:0], uint16(len(values))) //nolint:gosec // tables are narrow
	for _, v := range values {
		switch v := v.(type) {
		case int64:
			b = binary.BigEndian.AppendUint32(b, 8)
			b = binary.BigEndian.AppendUint64(b, uint64(v)) //nolint:gosec // the same bits
		case int16:
			b = binary.BigEndian.AppendUint32(b, 2)
			b = binary.BigEndian.AppendUint16(b, uint16(v)) //nolint:gosec // the same bits
		case []byte:
			b = binary.BigEndian.AppendUint32(b, uint32(len(v))) //nolint:gosec // values are short
			b = append(b, v...)
		default:
			s.wrong = fmt.Errorf("copy into %s: a %T has no form", s.table, v)
			return
		}
	}
	s.buf = b
	_, s.wrong = s.out.Write(b)
}

// end commits, unless something went wrong.
func (s *stream) end() error {
	if s.wrong == nil {
		if _, s.wrong = s.out.WriteString("\xff\xff"); s.wrong == nil {
			s.wrong = s.out.Flush()
		}
	}
	_ = s.in.Close()
	if err := s.psql.Wait(); err != nil {
		return fmt.Errorf("copy into %s: %w: %s", s.table, err, s.said.Bytes())
	}
	return s.wrong
}
