package outbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"bauta.dev/bauta/broker"
)

// Of one attempt: how long it may take, and how much of an answer is read.
const (
	patience   = 10 * time.Second
	mostAnswer = 16 << 10
)

// errURL says what a URL has to be, and not what it was: it may hold a token.
var errURL = errors.New("the URL of an endpoint is https://HOST/…, without a fragment and without a user; http is for this machine alone (localhost, 127.0.0.1, ::1)")

// CheckURL refuses a URL that what is said would cross the network in clear to.
func CheckURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return errURL
	}
	ip := net.ParseIP(u.Hostname())
	here := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	if u.Scheme != "https" && (u.Scheme != "http" || !here) {
		return errURL
	}
	return nil
}

// NewClient follows no redirect and heeds no proxy of the environment: a message
// goes to the URL that the operator gave, or nowhere.
func NewClient() *http.Client {
	return &http.Client{
		Timeout: patience,
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			TLSHandshakeTimeout: 5 * time.Second, MaxIdleConnsPerHost: atOnce, IdleConnTimeout: 90 * time.Second,
			MaxResponseHeaderBytes: mostAnswer, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// post sends one message, signed as of now, and gives the status of the answer;
// 0 where there was none. The answer itself is read and thrown away.
func post(ctx context.Context, client *http.Client, e *broker.Endpoint, id string, now time.Time, m any) (status int, err error) {
	body, err := json.Marshal(m)
	if err != nil {
		return 0, fmt.Errorf("write message: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader(body))
	if err != nil {
		return 0, errURL
	}
	for name, value := range map[string]string{
		"Content-Type": "application/json", "User-Agent": "bauta",
		"webhook-id": id, "webhook-timestamp": strconv.FormatInt(now.Unix(), 10), "webhook-signature": sign(e.Secrets, id, now, body),
	} {
		req.Header.Set(name, value)
	}
	resp, err := client.Do(req)
	if err != nil {
		if inner, ok := errors.AsType[*url.Error](err); ok {
			err = inner.Err // the outer one repeats the URL
		}
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.CopyN(io.Discard, resp.Body, mostAnswer) // so that the connection can be used again; what it says decides nothing
	return resp.StatusCode, nil
}

// ping is what bauta webhooks test sends.
type ping struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      struct{}  `json:"data"`
}

// Ping sends an endpoint a message that is about nothing.
func Ping(ctx context.Context, client *http.Client, e *broker.Endpoint, id string, now time.Time) (status int, err error) {
	return post(ctx, client, e, id, now, ping{Type: "ping", Timestamp: now.UTC()})
}

// accepted are the statuses by which an endpoint has taken a message over.
func accepted(status int) bool { return status >= 200 && status < 300 }
