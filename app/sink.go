package main

import (
	"bufio"
	"io"
	"sync"
	"time"
)

// sink is where the log goes: in memory first, so that no request waits for
// whoever reads stderr, and on its way a moment later. Close writes the rest; a
// process that is killed loses the last moment of its log, and nothing else.
type sink struct {
	mu   sync.Mutex
	w    *bufio.Writer
	once sync.Once
	stop chan struct{}
	done sync.WaitGroup
}

// moment is the longest that a line stays in memory.
const moment = 100 * time.Millisecond

func newSink(w io.Writer) *sink {
	s := &sink{w: bufio.NewWriterSize(w, 64<<10), stop: make(chan struct{})}
	s.done.Go(s.run)
	return s
}

func (s *sink) Write(line []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(line)
}

func (s *sink) run() {
	tick := time.NewTicker(moment)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.flush()
		case <-s.stop:
			s.flush()
			return
		}
	}
}

// flush has nobody to complain to: stderr is where complaints go.
func (s *sink) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.w.Flush()
}

// Close may be called again. What is written after it waits for nobody and may
// be lost.
func (s *sink) Close() {
	s.once.Do(func() { close(s.stop) })
	s.done.Wait()
}
