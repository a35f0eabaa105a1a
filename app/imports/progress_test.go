package imports

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestBar(t *testing.T) {
	t.Parallel()
	now, width := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC), 80
	var screen bytes.Buffer
	b := newBar(&screen, func() time.Time { return now }, func() int { return width })
	now = now.Add(2 * time.Second)
	half := Progress{File: "/secret/folder/parties.csv.gz", Done: 50, Total: 100, Rows: 1000}
	b.Show(half)
	b.Show(Progress{File: "x", Done: 51, Total: 100}) // too soon
	want := "\r\x1b[Kparties.csv.gz  [=================                 ]   50%  500 rows/s  2s left"
	if got := screen.String(); got != want || len(want)-4 >= width {
		t.Errorf("drew %q, want %q", got, want)
	}
	screen.Reset()
	if _, err := io.WriteString(b.Over(&screen), "a line\n"); err != nil || screen.String() != "\r\x1b[Ka line\n" {
		t.Errorf("a line over the bar: %q, %v", screen.String(), err)
	}
	for _, w := range []int{120, 45, 30, 12, 1, 0} {
		width, now = w, now.Add(time.Second)
		screen.Reset()
		b.Show(half)
		if line := strings.TrimPrefix(screen.String(), "\r\x1b[K"); len(line) >= max(w, 1) {
			t.Errorf("at width %d it draws %d: %q", w, len(line), line)
		}
	}
	for _, p := range []Progress{{}, {Total: 10}, {Done: 10, Total: 10, Checking: true}} { // no division by nothing
		now = now.Add(time.Second)
		b.Show(p)
	}
	b.Clear()
}

// What is no terminal gets nothing, and a Bar that is none may be used.
func TestBarWithoutTerminal(t *testing.T) {
	t.Parallel()
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	b := NewBar(f, time.Now)
	if b != nil {
		t.Fatal("a file is no terminal")
	}
	b.Show(Progress{Done: 1, Total: 2})
	b.Clear()
	if b.Over(f) != io.Writer(f) {
		t.Error("lines go another way")
	}
}

// FuzzSplit: whatever the bytes, records use them up one after the other, and a
// record that was written as RFC 4180 says is read as it was.
func FuzzSplit(f *testing.F) {
	for _, s := range []string{"a,b\n", "\"a\"\"b\",c\r\n", "\"a\nb\"", "a\"b,", ",,\n", "\r\n", "\"a\"x", "\"", ""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		fields, n, err := split(b, true)
		if err == nil && (n < 0 || n > len(b) || n == 0 && len(b) > 0 || len(fields) == 0) {
			t.Fatalf("%d fields from %d of %d bytes", len(fields), n, len(b))
		}
		s := string(b)
		row := `"` + strings.ReplaceAll(s, `"`, `""`) + `",x` + "\nnext"
		fields, n, err = split([]byte(row), true)
		if err != nil || n != len(row)-4 || len(fields) != 2 || fields[0] != s || fields[1] != "x" {
			t.Fatalf("a quoted field is read as something else: %v", err)
		}
	})
}
