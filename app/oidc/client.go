package oidc

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
)

// client asks a provider, and nobody else: the issuer where the operator says that it
// is or, where its document names other addresses, what is out in the open and over
// TLS. So no document leads us to a machine of our own network. It follows nothing.
type client struct {
	issuer *url.URL
	own    http.RoundTripper // to the issuer
	open   http.RoundTripper // to whoever is on the public network
}

var (
	errElsewhere = errors.New("oidc: the provider's document leads where nobody should be asked")
	errTooLong   = errors.New("oidc: the provider's answer is too long")
)

func newClient(issuer *url.URL) *http.Client {
	return &http.Client{
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return errElsewhere },
		Transport:     &client{issuer: issuer, own: transport(nil), open: transport(onlyPublic)},
	}
}

func transport(control func(network, address string, c syscall.RawConn) error) http.RoundTripper {
	d := &net.Dialer{Timeout: patience, Control: control}
	return &http.Transport{
		DialContext: d.DialContext, TLSHandshakeTimeout: patience, ResponseHeaderTimeout: patience, MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConnsPerHost: 2, IdleConnTimeout: 10 * patience, ForceAttemptHTTP2: true,
	}
}

// onlyPublic looks at the address that a name has come to, so that no name comes to
// another one afterwards.
func onlyPublic(_, address string, _ syscall.RawConn) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil || !public(a.Addr().Unmap()) {
		return errElsewhere
	}
	return nil
}

// carriers is what providers of access share among their customers (RFC 6598).
func public(a netip.Addr) bool {
	carriers := netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64}), 10)
	return a.IsGlobalUnicast() && !a.IsPrivate() && !a.IsLoopback() && !a.IsLinkLocalUnicast() && !carriers.Contains(a)
}

// RoundTrip asks, and reads no more than so much.
func (c *client) RoundTrip(r *http.Request) (*http.Response, error) {
	by := c.own
	if r.URL.Scheme != c.issuer.Scheme || r.URL.Host != c.issuer.Host {
		if by = c.open; r.URL.Scheme != "https" {
			return nil, errElsewhere
		}
	}
	resp, err := by.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = &bounded{resp.Body, mostBytes}
	return resp, nil
}

// bounded fails where it would be cut short.
type bounded struct {
	io.ReadCloser

	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLong
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
