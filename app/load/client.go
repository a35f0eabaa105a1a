package load

import (
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/valyala/fasthttp"
)

// Client is one marketplace at the broker's door. It is safe for concurrent use.
type Client struct {
	Market, Attest string // API keys
	base           string
	http           *fasthttp.HostClient
}

// Dial makes a client with at most conns connections.
func Dial(base string, conns int) *Client {
	u, _ := url.Parse(base) // it comes from the broker's own ready line
	return &Client{base: base, http: &fasthttp.HostClient{
		Addr: u.Host, MaxConns: conns,
		MaxIdemponentCallAttempts: 1, NoDefaultUserAgentHeader: true,
	}}
}

// StatusError is an answer that was not the one hoped for.
type StatusError struct {
	Status int
	Code   string
}

func (e *StatusError) Error() string { return fmt.Sprintf("answer %d %s", e.Status, e.Code) }

// Do sends a request and reads a JSON answer; into may be nil.
func (c *Client) Do(method, path, key, body string, into any) error {
	_, err := c.do(method, path, key, "", body, into)
	return err
}

// do says of a request with an idempotency key whether its answer is the first
// one given again.
func (c *Client) do(method, path, key, once, body string, into any) (replayed bool, err error) {
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)
	req.Header.SetMethod(method)
	req.Header.SetRequestURI(path)
	req.Header.SetHost(c.http.Addr)
	req.Header.Set("Authorization", "Bearer "+key)
	if once != "" {
		req.Header.Set("Idempotency-Key", once)
	}
	if body != "" {
		req.Header.SetContentType("application/json")
		req.SetBodyString(body)
	}
	if err := c.http.Do(req, resp); err != nil {
		return false, fmt.Errorf("%s: %w", method, err)
	}
	if s := resp.StatusCode(); s >= 300 {
		var p struct {
			Code string `json:"code"`
		}
		_ = json.Unmarshal(resp.Body(), &p) // an answer without a code is told by its status
		return false, &StatusError{s, p.Code}
	}
	replayed = string(resp.Header.Peek("Idempotent-Replayed")) == "true"
	if into == nil {
		return replayed, nil
	}
	return replayed, json.Unmarshal(resp.Body(), into)
}

// Disclosure is what a client keeps of an answer.
type Disclosure struct {
	ID     string `json:"id"`
	Fields []struct {
		Field string          `json:"field"`
		Value json.RawMessage `json:"value"`
	} `json:"fields"`
	Ledger struct {
		Index    int64  `json:"index"`
		LeafHash string `json:"leaf_hash"`
		TreeSize int64  `json:"tree_size"`
		RootHash string `json:"root_hash"`
	} `json:"ledger"`
}

// opened says whether a value came with it.
func (d *Disclosure) opened() bool {
	for _, f := range d.Fields {
		if len(f.Value) > 0 {
			return true
		}
	}
	return false
}

// Fill makes n orders that are paid and accepted.
func (c *Client) Fill(n int) error {
	yesterday := yesterday()
	return parallel(32, n, func(i int) error {
		for _, who := range []struct{ id, kind string }{{"b", "person"}, {"s", "merchant"}} {
			err := c.Do("PUT", fmt.Sprintf("/v1/parties/%s-%d", who.id, i), c.Market, fmt.Sprintf(
				`{"kind":%q,"locale":"pt-BR","residency":"BR","contact":{"name":"Giovana Teixeira %d","email":"giovana%d@example.com","phone":"+55879919%05d",
				"address":{"street":"Estrada do Coco, %d","city":"Recife","region":"PE","postal_code":"51190-321","country":"BR"}},
				"source":{"kind":"registration"}}`, who.kind, i, i, i%100000, i), nil)
			if err != nil {
				return err
			}
		}
		err := c.Do("PUT", fmt.Sprintf("/v1/transactions/t-%d", i), c.Market, fmt.Sprintf(
			`{"kind":"shipped_goods","buyer":"b-%d","seller":"s-%d","amount":{"currency":"BRL","value":"221.65"},"items":1,
			"created_at":%q}`, i, i, yesterday), nil)
		if err != nil {
			return err
		}
		for _, p := range []struct{ obligation, done string }{{"pay", "221.65"}, {"accept", "1"}} {
			err := c.Do("POST", fmt.Sprintf("/v1/transactions/t-%d/performances", i), c.Attest, fmt.Sprintf(
				`{"obligation":%q,"done":%q,"performed_at":%q,"reference":"r"}`, p.obligation, p.done, yesterday), nil)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func yesterday() string { return time.Now().Add(-24 * time.Hour).UTC().Format(time.RFC3339) }

// Rate is what a run of many clients reached.
type Rate struct {
	PerSecond float64
	Median    time.Duration
	Errors    int
}
