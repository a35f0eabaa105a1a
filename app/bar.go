package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"
)

// bar is a progress bar on a terminal, and nothing anywhere else.
type bar struct {
	w    io.Writer // nil: nobody watches
	what string
	mu   sync.Mutex
	last string
}

func newBar(w io.Writer, what string) *bar {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return &bar{what: what}
	}
	return &bar{w: w, what: what}
}

const barWidth = 30

// set draws how far it is, when that can be seen; a total of 0 is not known.
func (b *bar) set(done, total int64) {
	if b.w == nil {
		return
	}
	line := fmt.Sprintf("%d %s", done, b.what)
	if total > 0 {
		full := int(min(done, total) * barWidth / total)
		line = fmt.Sprintf("[%s%s] %3d%% of %d %s", strings.Repeat("=", full), strings.Repeat(" ", barWidth-full),
			min(done, total)*100/total, total, b.what)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if line != b.last {
		b.last = line
		_, _ = fmt.Fprint(b.w, "\r\033[K"+line)
	}
}

// end clears the line for what is said next.
func (b *bar) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.last != "" {
		b.last = ""
		_, _ = fmt.Fprint(b.w, "\r\033[K")
	}
}

// above is for lines that are said while the bar is there.
func (b *bar) above(w io.Writer) io.Writer { return above{b, w} }

type above struct {
	bar *bar
	w   io.Writer
}

func (a above) Write(line []byte) (int, error) {
	a.bar.end()
	return a.w.Write(line)
}
