package load

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"strconv"
)

// Wire is one connection of a benchmark's client. It writes requests as bytes
// and reads of an answer its status, its length and whether a value is in it:
// the load generator shares its cores with what it measures, and a client
// library took a tenth of them. It belongs to one goroutine.
type Wire struct {
	client *Client
	conn   net.Conn
	out    []byte
	in     []byte
}

// Wires opens n connections.
func (c *Client) Wires(n int) ([]*Wire, error) {
	wires := make([]*Wire, n)
	for i := range wires {
		conn, err := net.Dial("tcp", c.http.Addr) //nolint:noctx // to this machine, and bounded by the run
		if err != nil {
			return nil, fmt.Errorf("connect: %w", err)
		}
		wires[i] = &Wire{client: c, conn: conn, in: make([]byte, 64<<10)}
	}
	return wires, nil
}

// Close ends the connection.
func (w *Wire) Close() { _ = w.conn.Close() }

// Ask discloses order i's delivery data; an answer without a value is an error.
func (w *Wire) Ask(i int) error { return w.AskOnce(i, "") }

// AskOnce is Ask with an idempotency key.
func (w *Wire) AskOnce(i int, once string) error {
	n := strconv.Itoa(i)
	body, err := w.round("POST", "/v1/disclosures", w.client.Market, once, `{"transaction":"t-`+n+`","requester":"s-`+n+`","purpose":"deliver"}`)
	if err == nil && !bytes.Contains(body, []byte(`"value":`)) {
		err = errNothingOpened
	}
	return err
}

// Party reads buyer i, masked.
func (w *Wire) Party(i int) error {
	_, err := w.Get("/v1/parties/b-"+strconv.Itoa(i), w.client.Market)
	return err
}

// Get reads a path with a key of the caller's choice, and gives the answer's
// body, which lasts until the next request.
func (w *Wire) Get(path, key string) ([]byte, error) { return w.round("GET", path, key, "", "") }

var errAnswer = errors.New("an answer that is no HTTP")

func (w *Wire) round(method, path, key, once, body string) ([]byte, error) {
	w.out = append(w.out[:0], method...)
	for _, s := range []string{" ", path, " HTTP/1.1\r\nHost: ", w.client.http.Addr, "\r\nAuthorization: Bearer ", key} {
		w.out = append(w.out, s...)
	}
	if once != "" {
		w.out = append(append(w.out, "\r\nIdempotency-Key: "...), once...)
	}
	if body != "" {
		w.out = append(w.out, "\r\nContent-Type: application/json\r\nContent-Length: "...)
		w.out = strconv.AppendInt(w.out, int64(len(body)), 10)
	}
	w.out = append(append(w.out, "\r\n\r\n"...), body...)
	if _, err := w.conn.Write(w.out); err != nil {
		return nil, fmt.Errorf("%s: %w", method, err)
	}
	return w.read()
}

// read takes one answer; the broker says how long each is.
func (w *Wire) read() ([]byte, error) {
	got, begin, size := 0, -1, 0
	for begin < 0 || got < begin+size {
		n, err := w.conn.Read(w.in[got:])
		if err != nil {
			return nil, fmt.Errorf("read answer: %w", err)
		}
		got += n
		if begin >= 0 {
			continue
		}
		head, _, whole := bytes.Cut(w.in[:got], []byte("\r\n\r\n"))
		if !whole {
			continue
		}
		begin = len(head) + 4
		_, after, _ := bytes.Cut(head, []byte("\r\nContent-Length: "))
		length, _, _ := bytes.Cut(after, []byte("\r\n"))
		if size, err = strconv.Atoi(string(length)); err != nil || len(head) < 12 {
			return nil, errAnswer
		}
		if more := begin + size - len(w.in); more > 0 { // what is long is read into more room, which stays
			w.in = append(w.in, make([]byte, more)...)
		}
	}
	if status, err := strconv.Atoi(string(w.in[9:12])); err != nil || status >= 300 {
		return nil, &StatusError{Status: status}
	}
	return w.in[begin : begin+size], nil
}
