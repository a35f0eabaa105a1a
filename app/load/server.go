// Package load drives a real broker over HTTP: it starts the binary, fills a
// marketplace through the API, and discloses from many clients at once, for
// benchmarks and for the tests that kill the broker under load.
package load

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Server is a broker in a process of its own.
type Server struct {
	Binary string
	Args   []string // after "serve"
	Env    []string
	Log    io.Writer // what it writes to stderr; nil discards it

	URL string
	cmd *exec.Cmd
}

var errNotReady = errors.New("the broker ended before it was ready")

// Start runs the broker and waits for its "ready" line, or for ctx.
func (s *Server) Start(ctx context.Context) error {
	s.cmd = exec.Command(s.Binary, append([]string{"serve"}, s.Args...)...) //nolint:gosec,noctx // our own binary; it must outlive ctx
	s.cmd.Env = append(os.Environ(), s.Env...)
	s.cmd.Stderr = s.Log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("start broker: %w", err)
	}
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("start broker: %w", err)
	}
	ready := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if url, ok := strings.CutPrefix(lines.Text(), "ready "); ok {
				ready <- url
			}
		}
		close(ready)
	}()
	select {
	case url, ok := <-ready:
		if !ok {
			_ = s.cmd.Wait()
			return errNotReady
		}
		s.URL = url
		return nil
	case <-ctx.Done():
		_ = s.Kill()
		return fmt.Errorf("start broker: %w", ctx.Err())
	}
}

// Pid of the broker.
func (s *Server) Pid() int { return s.cmd.Process.Pid }

// Kill ends the broker as a power cut would.
func (s *Server) Kill() error {
	err := s.cmd.Process.Kill()
	_ = s.cmd.Wait()
	return err
}

// Stop ends it as an operator would, and says how long that took.
func (s *Server) Stop() (time.Duration, error) {
	began := time.Now()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return 0, fmt.Errorf("stop broker: %w", err)
	}
	err := s.cmd.Wait()
	return time.Since(began), err
}

// BuildJumping builds a broker whose clock can be set; in nothing else is it another
// one than what is released.
func BuildJumping(ctx context.Context, to string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", "jumping", "-o", to, "bauta.dev/bauta/app") //nolint:gosec // a path of ours
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w: %s", err, out)
	}
	return nil
}

// Run runs another command of the binary with the same settings.
func (s *Server) Run(ctx context.Context, args ...string) (stdout string, err error) {
	cmd := exec.CommandContext(ctx, s.Binary, args...) //nolint:gosec // our own binary
	cmd.Env = append(os.Environ(), s.Env...)
	var out, diagnostics bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &diagnostics
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("bauta %s: %w: %s", args[0], err, strings.TrimSpace(diagnostics.String()))
	}
	return strings.TrimSpace(out.String()), nil
}

// check has the whole log checked, and gives the last line of what that says.
func (s *Server) check(ctx context.Context) (string, error) {
	out, err := s.Run(ctx, "ledger", "check")
	return out[strings.LastIndexByte(out, '\n')+1:], err
}

// parallel runs work on n goroutines over the numbers from 0 to count.
func parallel(n, count int, work func(i int) error) error {
	var wg sync.WaitGroup
	var once sync.Once
	var first error
	next := make(chan int)
	stop := make(chan struct{})
	for range n {
		wg.Go(func() {
			for i := range next {
				if err := work(i); err != nil {
					once.Do(func() { first = err; close(stop) })
					return
				}
			}
		})
	}
feed:
	for i := range count {
		select {
		case next <- i:
		case <-stop:
			break feed
		}
	}
	close(next)
	wg.Wait()
	return first
}
