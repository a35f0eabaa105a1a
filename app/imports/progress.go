package imports

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

// progress adds up what has been read of all files.
type progress struct {
	show     func(Progress)
	done     *int64 // of the files before this one
	total    int64
	rows     int64
	checking bool
}

func (p *progress) step(path string, at int64, rows int) {
	p.rows += int64(rows)
	if p.show != nil {
		p.show(Progress{File: path, Checking: p.checking, Done: min(*p.done+at, p.total), Total: p.total, Rows: p.rows})
	}
}

func (p *progress) finished(bytes int64) { *p.done += bytes }

func sizes(files Files) (total int64, err error) {
	for _, path := range []string{files.Parties, files.Transactions, files.Performances} {
		if path == "" {
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return 0, fmt.Errorf("open import file: %w", err)
		}
		total += info.Size() // 0 for a pipe
	}
	return total, nil
}

// Bar draws progress in one line of a terminal. A nil Bar draws nothing.
type Bar struct {
	to    io.Writer
	width func() int
	now   func() time.Time

	mu          sync.Mutex
	begun, last time.Time
	drawn       bool
}

// NewBar is nil when f is no terminal: what is written to a file or a pipe is
// read by programs.
func NewBar(f *os.File, now func() time.Time) *Bar {
	fd := int(f.Fd()) //nolint:gosec // a file descriptor is small
	if !term.IsTerminal(fd) {
		return nil
	}
	return newBar(f, now, func() int {
		width, _, err := term.GetSize(fd)
		if err != nil {
			return 80
		}
		return width
	})
}

func newBar(to io.Writer, now func() time.Time, width func() int) *Bar {
	return &Bar{to: to, width: width, now: now, begun: now()}
}

const redraw = 100 * time.Millisecond

// Show draws, at most ten times a second.
func (b *Bar) Show(p Progress) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if now.Sub(b.last) < redraw {
		return
	}
	b.last, b.drawn = now, true
	_, _ = io.WriteString(b.to, "\r\x1b[K"+b.draw(p, now.Sub(b.begun))) // a terminal that is gone misses nothing
}

// draw leaves out first the bar, then the file, when the terminal is narrow.
func (b *Bar) draw(p Progress, since time.Duration) string {
	name, share := filepath.Base(p.File), 0.0
	if p.Checking {
		name = "checking " + name
	}
	if p.Total > 0 {
		share = float64(p.Done) / float64(p.Total)
	}
	rate := 0.0
	if since > 0 {
		rate = float64(p.Rows) / since.Seconds()
	}
	figures := fmt.Sprintf("%3.0f%%  %.0f rows/s  %s left", 100*share, rate, left(share, since))
	room := b.width() - 1 - len(figures) - len(name) - 6
	switch {
	case room >= 8:
		full := int(share * float64(min(room, 40)))
		return name + "  [" + strings.Repeat("=", full) + strings.Repeat(" ", min(room, 40)-full) + "]  " + figures
	case room >= -4:
		return name + "  " + figures
	}
	return figures[:min(len(figures), max(b.width()-1, 0))]
}

func left(share float64, since time.Duration) string {
	if share <= 0 {
		return "-"
	}
	return time.Duration(float64(since) * (1 - share) / share).Round(time.Second).String()
}

// Clear takes the bar off the terminal.
func (b *Bar) Clear() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.erase()
}

func (b *Bar) erase() {
	if b.drawn {
		_, _ = io.WriteString(b.to, "\r\x1b[K")
		b.drawn = false
	}
}

// Over gives a writer to the same terminal whose lines do not run into the bar.
func (b *Bar) Over(w io.Writer) io.Writer {
	if b == nil {
		return w
	}
	return over{b, w}
}

type over struct {
	bar *Bar
	w   io.Writer
}

func (o over) Write(p []byte) (int, error) {
	o.bar.mu.Lock()
	defer o.bar.mu.Unlock()
	o.bar.erase()
	return o.w.Write(p)
}
