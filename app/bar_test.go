package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// On a terminal a bar says how far it is, each state once, and leaves nothing
// behind; what is said meanwhile stands on a line of its own.
func TestBar(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	b := &bar{w: &out, what: "entries"}
	const clear = "\r\033[K"
	for _, x := range []struct {
		done, total int64
		want        string
	}{
		{0, 200, "[" + strings.Repeat(" ", 30) + "]   0% of 200 entries"},
		{50, 200, "[" + strings.Repeat("=", 7) + strings.Repeat(" ", 23) + "]  25% of 200 entries"},
		{50, 200, ""},
		{200, 200, "[" + strings.Repeat("=", 30) + "] 100% of 200 entries"},
		{900, 200, ""}, // it grew meanwhile, and is drawn as full
		{7, 0, "7 entries"},
	} {
		out.Reset()
		b.set(x.done, x.total)
		want := ""
		if x.want != "" {
			want = clear + x.want
		}
		if out.String() != want {
			t.Errorf("%d of %d: %q, want %q", x.done, x.total, out.String(), want)
		}
	}
	out.Reset()
	if _, err := b.above(&out).Write([]byte("a line\n")); err != nil || out.String() != clear+"a line\n" {
		t.Errorf("above it: %q, %v", out.String(), err)
	}
	out.Reset()
	b.end()
	if out.Len() > 0 {
		t.Errorf("cleared twice: %q", out.String())
	}
	b.set(1, 2)
	out.Reset()
	b.end()
	if out.String() != clear {
		t.Errorf("at its end: %q", out.String())
	}
}

// Where nobody watches, nothing is drawn.
func TestBarUnwatched(t *testing.T) {
	t.Parallel()
	f, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var buffer bytes.Buffer
	for _, b := range []*bar{newBar(f, "entries"), newBar(&buffer, "entries")} {
		b.set(1, 2)
		b.end()
	}
	if info, err := f.Stat(); err != nil || info.Size() > 0 || buffer.Len() > 0 {
		t.Errorf("%d and %d bytes, %v", info.Size(), buffer.Len(), err)
	}
}
