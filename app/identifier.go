package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"bauta.dev/bauta/broker/merchants/identifiers"
)

type identifierCommand struct {
	Why bool `help:"Also say why, by a code and a sentence, and whether the number may be a person's."`
}

// Help of identifier.
func (*identifierCommand) Help() string {
	return `Reads a JSON object a line and answers each in a line: can this be the number of a business? It needs no broker and no
database, and asks nobody: valid never means that somebody has the number. What is suspect or unsupported is for a person to look at.
Kinds are uscc, ric, lei, iban, gln, eori, ein and vat, which has a country. A line that is not understood is reported with its number
(never its value), the others are answered all the same, and the exit status is 1.

    echo '{"kind": "uscc", "value": "91330100MA00000740"}' | bauta identifier
    echo '{"kind": "vat", "country": "DE", "value": "111111125"}' | bauta identifier --why`
}

// identifierLine is one question.
type identifierLine struct {
	Kind    *string `json:"kind"`
	Value   *string `json:"value"`
	Country string  `json:"country"`
}

// identifierAnswer is one answer; the number is not in it.
type identifierAnswer struct {
	Kind     string              `json:"kind"`
	Outcome  identifiers.Outcome `json:"outcome"`
	Code     identifiers.Code    `json:"code,omitzero"`
	Detail   string              `json:"detail,omitzero"`
	Personal *bool               `json:"personal,omitzero"`
}

var (
	errLines      = errors.New("some lines were not understood; the others are answered")
	errNotJSON    = errors.New("this is not one JSON object")
	errNoQuestion = errors.New(`want an object with "kind" and "value", and "country" of a VAT number, all of them strings`)
	errLongLine   = errors.New("the line is longer than 64 KiB")
)

// Run answers line by line, each as soon as there is no other one to read.
func (c *identifierCommand) Run(p *program) error {
	in, out := bufio.NewReaderSize(p.stdin, longestLine), bufio.NewWriter(p.stdout)
	bad := false
	for n := 1; ; n++ {
		line, more, err := nextLine(in)
		if err == nil && len(bytes.TrimSpace(line)) > 0 {
			err = c.answer(out, line)
		}
		if err != nil && !isQuestion(err) {
			return errors.Join(fmt.Errorf("identifier: %w", err), out.Flush())
		}
		if err != nil {
			bad = true
			_, _ = fmt.Fprintf(p.stderr, "line %d: %v\n", n, err)
		}
		if !more || in.Buffered() == 0 {
			if err := out.Flush(); err != nil {
				return fmt.Errorf("identifier: %w", err)
			}
		}
		if !more {
			break
		}
	}
	if bad {
		return errLines
	}
	return nil
}

func isQuestion(err error) bool {
	return errors.Is(err, errNotJSON) || errors.Is(err, errNoQuestion) || errors.Is(err, errLongLine)
}

const longestLine = 64 << 10

// nextLine is the next line without its end, and whether there may be another. One
// that is too long is passed over.
func nextLine(in *bufio.Reader) (line []byte, more bool, err error) {
	line, err = in.ReadSlice('\n')
	tooLong := false
	for errors.Is(err, bufio.ErrBufferFull) {
		tooLong = true
		_, err = in.ReadSlice('\n')
	}
	more = err == nil
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if tooLong && err == nil {
		return nil, more, errLongLine
	}
	return line, more, err
}

// answer checks one number. What is wrong with a line is said without its text.
func (c *identifierCommand) answer(out io.Writer, line []byte) error {
	var q identifierLine
	if err := jsonv2.Unmarshal(line, &q, jsonv2.RejectUnknownMembers(true)); err != nil {
		if _, semantic := errors.AsType[*jsonv2.SemanticError](err); semantic {
			return errNoQuestion
		}
		return errNotJSON
	}
	if q.Kind == nil || q.Value == nil {
		return errNoQuestion
	}
	r := identifiers.Check(identifiers.Kind(*q.Kind), q.Country, *q.Value)
	a := identifierAnswer{Kind: *q.Kind, Outcome: r.Outcome}
	if c.Why {
		a.Code, a.Detail, a.Personal = r.Code, r.Code.Detail(), &r.Personal
	}
	if err := jsonv2.MarshalWrite(out, a, jsontext.EscapeForHTML(false)); err != nil {
		return err
	}
	_, err := io.WriteString(out, "\n")
	return err
}
