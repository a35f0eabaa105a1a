package web

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
)

// promises begins a request with a long body, and sends a byte of it.
func promises(t *testing.T, addr, path, key string, length int) net.Conn {
	t.Helper()
	var dialer net.Dialer
	conn, err := dialer.DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	authorization := ""
	if key != "" {
		authorization = "Authorization: Bearer bauta_" + key + "_secret\r\n"
	}
	if _, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\n%sContent-Type: image/png\r\nContent-Length: %d\r\n\r\nx", path, authorization, length); err != nil {
		t.Fatal(err)
	}
	return conn
}

func saidBack(t *testing.T, conn net.Conn) string {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Who has no key makes the broker read no document, and nobody without one makes it hold
// more than a little, however many connections there are.
func TestStrangersHoldLittle(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	addr := listen(t, d)
	const document = "/v1/merchants/mer_05wq0e9m2r6a1b7c3d4e5f6g7g/documents?kind=licence"
	for key, code := range map[string]string{"": "unauthenticated", "m": "scope_missing", "nobody": "unauthenticated"} {
		if got := saidBack(t, promises(t, addr, document, key, maxDocument)); !strings.Contains(got, code) {
			t.Errorf("key %q: %.40s", key, got)
		}
	}
	if got := saidBack(t, promises(t, addr, registerDocuments, "", maxDocument)); !strings.Contains(got, "401") {
		t.Errorf("without a session: %.40s", got)
	}
	var open []net.Conn
	for range roomOfStrangers / maxBody {
		open = append(open, promises(t, addr, "/v1/merchants", "", maxBody))
	}
	d.until(t, func(r *rooms) bool { return r.total[ofStrangers] == roomOfStrangers })
	if got := saidBack(t, promises(t, addr, "/v1/merchants", "", maxBody)); !strings.Contains(got, "503") || !strings.Contains(got, "Retry-After") {
		t.Errorf("one more: %.40s", got)
	}
	if r := d.send(t, http.MethodPost, "/v1/disclosures", "m", strings.Repeat("x", maxBody)); r.status == http.StatusServiceUnavailable {
		t.Errorf("who has a key: %d", r.status)
	}
	for _, conn := range open {
		_ = conn.Close()
	}
	d.until(t, func(r *rooms) bool { return r.total[ofStrangers] == 0 && len(r.held) == 0 })
}

// Who may send documents sends a few at a time.
func TestDocumentsComeAFewAtATime(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	addr := listen(t, d)
	of := func(i int) string {
		return fmt.Sprintf("/v1/merchants/mer_05wq0e9m2r6a1b7c3d4e5f6g7%d/documents?kind=licence", i)
	}
	for range mostOfOne {
		promises(t, addr, of(0), "r", maxDocument)
	}
	d.until(t, func(r *rooms) bool { return r.total[ofDocuments] == mostOfOne*maxDocument })
	if got := saidBack(t, promises(t, addr, of(0), "r", maxDocument)); !strings.Contains(got, "429") || !strings.Contains(got, "Retry-After: 1") {
		t.Errorf("one more of the same registration: %.40s", got)
	}
	for i := range roomOfDocuments/maxUpload - mostOfOne {
		promises(t, addr, of(1+i), "r", maxDocument)
	}
	d.until(t, func(r *rooms) bool { return r.total[ofDocuments] == roomOfDocuments/maxUpload*maxDocument })
	document := of(9)
	if got := saidBack(t, promises(t, addr, document, "r", maxDocument)); !strings.Contains(got, "503") {
		t.Errorf("one more: %.40s", got)
	}
}

// A request that never ended is over when its time is.
func TestRoomsAreLeft(t *testing.T) {
	t.Parallel()
	var r rooms
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	headers := newHeaders(3)
	of := func(bytes int, until time.Time) room { return room{of: ofDocuments, bytes: bytes, until: until} }
	if !r.take(headers[0], of(10, now.Add(time.Minute)), 10, now) || r.take(headers[1], of(1, now.Add(time.Minute)), 10, now) {
		t.Error("there was room for eleven of ten")
	}
	if r.leave(headers[1]) == nil || !r.take(headers[2], of(1, now.Add(2*time.Hour)), 10, now.Add(time.Hour)) || r.total[ofDocuments] != 1 {
		t.Errorf("%+v", r.total)
	}
	if r.leave(headers[2]) != nil || r.total[ofDocuments] != 0 {
		t.Errorf("%+v", r.total)
	}
}

// until waits for what is being read to be so.
func (d *door) until(t *testing.T, is func(*rooms) bool) {
	t.Helper()
	for range 2000 {
		d.rooms.mu.Lock()
		done := is(&d.rooms)
		d.rooms.mu.Unlock()
		if done {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Errorf("strangers hold %d, documents %d", d.rooms.total[ofStrangers], d.rooms.total[ofDocuments])
}

func newHeaders(n int) []*fasthttp.RequestHeader {
	all := make([]*fasthttp.RequestHeader, n)
	for i := range all {
		all[i] = &fasthttp.RequestHeader{}
	}
	return all
}
