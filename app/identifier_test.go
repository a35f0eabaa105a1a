package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// A line of any length is passed over; those around it are answered.
func TestIdentifierPassesOverLongLines(t *testing.T) {
	t.Parallel()
	const good = `{"kind": "gln", "value": "9501101530003"}`
	long := `{"kind": "gln", "value": "` + strings.Repeat("1", 3*longestLine) + `"}`
	var out, said bytes.Buffer
	p := &program{stdin: strings.NewReader(strings.Join([]string{good, long, good, long}, "\n")), stdout: &out, stderr: &said}
	err := new(identifierCommand).Run(p)
	if !errors.Is(err, errLines) || strings.Count(out.String(), `"valid"`) != 2 || said.String() != "line 2: the line is longer than 64 KiB\nline 4: the line is longer than 64 KiB\n" {
		t.Errorf("%v: %s%s", err, out.String(), said.String())
	}
}

type pipe struct{ broken error }

func (p pipe) Read([]byte) (int, error)  { return 0, p.broken }
func (p pipe) Write([]byte) (int, error) { return 0, p.broken }

// Where reading or writing fails, that is what is said.
func TestIdentifierSaysWhatFails(t *testing.T) {
	t.Parallel()
	broken := pipe{errors.New("broken")}
	for _, p := range []*program{
		{stdin: broken, stdout: &bytes.Buffer{}},
		{stdin: strings.NewReader(`{"kind": "gln", "value": "9501101530003"}`), stdout: broken},
	} {
		if err := new(identifierCommand).Run(p); !errors.Is(err, broken.broken) {
			t.Errorf("%v", err)
		}
	}
}
