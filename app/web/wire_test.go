package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// listen serves a door on a real socket.
func listen(t *testing.T, d *door) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- d.Serve(l, "", "") }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := d.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return l.Addr().String()
}

// raw sends bytes and reads one answer's status and body.
func raw(t *testing.T, addr, request string) (int, string) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // it has been read
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	go io.WriteString(conn, request) //nolint:errcheck // the answer says it
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // it has been read
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestOnTheWire(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	addr := listen(t, d)
	head := "POST /v1/disclosures HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer bauta_m_secret\r\nContent-Type: application/json\r\n"
	for name, x := range map[string]struct {
		request string
		status  int
	}{
		"both lengths":    {head + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
		"two lengths":     {head + "Content-Length: 3\r\nContent-Length: 4\r\n\r\n{}  ", 400},
		"no host":         {"GET /giovana HTTP/1.1\r\n\r\n", 400},
		"no request":      {"giovana giovana\r\n\r\n", 400},
		"large headers":   {"GET / HTTP/1.1\r\nHost: x\r\nCookie: " + strings.Repeat("giovana", 4000) + "\r\n\r\n", 400},
		"2 MiB":           {head + fmt.Sprintf("Content-Length: %d\r\n\r\n", 2<<20) + strings.Repeat("g", 2<<20), 413},
		"8 MiB":           {head + fmt.Sprintf("Content-Length: %d\r\n\r\n", 8<<20) + strings.Repeat("g", 8<<20), 413},
		"20 MiB promised": {head + fmt.Sprintf("Content-Length: %d\r\n\r\n", 20<<20), 413},
		"chunked":         {head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 422},
	} {
		status, body := raw(t, addr, x.request)
		if status != x.status || strings.Contains(body, "giovana") || !strings.Contains(body, "urn:bauta:problem:") {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	if strings.Contains(d.log.String(), "giovana") {
		t.Errorf("the log tells: %s", d.log)
	}
}

// An idle connection does not hold a shutdown up.
func TestShutdownWithIdleConnection(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	addr := listen(t, d)
	client := &http.Client{}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+addr+"/healthz", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil { // kept alive; the cleanup of listen must be done in time
		t.Fatal(err)
	}
}
