package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"bauta.dev/bauta/app/identity"
	"bauta.dev/bauta/app/web"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/budget"
	"bauta.dev/bauta/broker/necessity"
)

// serveCommand runs the broker until it is told to end.
type serveCommand struct {
	Addr            string   `env:"BAUTA_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where to listen (${default}); port 0 takes a free one. Other than loopback it needs TLS files or --behind-proxy."`
	TLSCert         string   `name:"tls-cert" env:"BAUTA_TLS_CERT" placeholder:"FILE" help:"Certificate chain, PEM."`
	TLSKey          string   `name:"tls-key" env:"BAUTA_TLS_KEY" placeholder:"FILE" help:"Its private key, PEM."`
	BehindProxy     bool     `name:"behind-proxy" env:"BAUTA_BEHIND_PROXY" help:"A reverse proxy of yours ends TLS, and tells callers' addresses in X-Forwarded-For."`
	PublicURL       string   `name:"public-url" env:"BAUTA_PUBLIC_URL" placeholder:"URL" help:"The URL by which people and callers know the broker (default: where it listens, on loopback without --behind-proxy). Links to a party's page are built from it; elsewhere there are none without it."`
	EmbedOrigin     []string `name:"embed-origin" env:"BAUTA_EMBED_ORIGIN" placeholder:"ORIGIN" help:"A site, like https://shop.example.com, that may show the registration form of merchants in a frame; more of them with commas (default: none)."`
	ReportURL       string   `name:"report-url" env:"BAUTA_REPORT_URL" placeholder:"URL" help:"Where buyers report what is suspicious about a merchant: its public profile in the United States leads there, with merchant=mer_… behind it (default: nowhere)."`
	MetricsAddr     string   `name:"metrics-addr" env:"BAUTA_METRICS_ADDR" placeholder:"HOST:PORT" help:"Serve /metrics there too, without a key."`
	RateLimit       int      `name:"rate-limit" env:"BAUTA_RATE_LIMIT" default:"200" placeholder:"N" help:"Requests a second and key (${default}); 0 is no limit."`
	DisclosureLimit int      `name:"disclosure-limit" env:"BAUTA_DISCLOSURE_LIMIT" default:"500" placeholder:"N" help:"Disclosures a day and requester (${default}); 0 is no limit, and turns the budgets below off as well."`
	SubjectLimit    int      `name:"subject-limit" env:"BAUTA_SUBJECT_LIMIT" default:"20" placeholder:"N" help:"Grants a day on one person (${default}); more of them wait for a person to decide."`
	ReachFloor      int      `name:"reach-floor" env:"BAUTA_REACH_FLOOR" default:"50" placeholder:"N" help:"People that may be reached in an hour whatever the hour before was (${default}), and ten times as many in a day; beyond, at most twice the people of the hour, or day, before."`
	RevealLimit     int      `name:"reveal-limit" env:"BAUTA_REVEAL_LIMIT" default:"20" placeholder:"N" help:"Reveals in cases a day and account of the staff (${default}); 0 is no limit, and so is --disclosure-limit 0."`
	LargeCase       string   `name:"large-case" env:"BAUTA_LARGE_CASE" default:"500.00" placeholder:"AMOUNT" help:"From this amount on, in whatever currency, a lead or a privacy officer approves what is decided in a case (${default})."`
	OfficeCalendar  string   `name:"office-calendar" env:"BAUTA_OFFICE_CALENDAR" placeholder:"FILE" help:"When the people who decide cases are at work: JSON with zone, hours and off, see docs/disputes.md (default: always)."`
	AuditRate       int      `name:"audit-rate" env:"BAUTA_AUDIT_RATE" default:"0" placeholder:"N" help:"Entries a second at which the ledger is audited while the broker runs; 0 is what covers all of it within a day."`
	PeerMasks       string   `name:"peer-masks" env:"BAUTA_PEER_MASKS" enum:"none,hint" default:"none" placeholder:"none|hint" help:"What the other side sees of a masked value: none is •••, hint is the owner's own mask (${default})."`
	PublicLedger    bool     `name:"public-ledger" env:"BAUTA_PUBLIC_LEDGER" help:"Everybody may read the ledger's hash tiles, not only keys with scope audit; entries stay with them."`
	Demo            bool     `env:"BAUTA_DEMO" help:"A demonstration marketplace with keys to try it with; on loopback only."`
	OIDCIssuer      string   `name:"oidc-issuer" env:"BAUTA_OIDC_ISSUER" placeholder:"URL" help:"An OpenID Connect provider that your people may sign in by as well, once they have bound it to their account, like https://id.example.com (default: none). It needs --public-url, unless the broker listens on loopback."`
	OIDCClientID    string   `name:"oidc-client-id" env:"BAUTA_OIDC_CLIENT_ID" placeholder:"ID" help:"How that provider calls this broker."`
	OIDCSecretFile  string   `name:"oidc-client-secret-file" env:"BAUTA_OIDC_CLIENT_SECRET_FILE" placeholder:"FILE" help:"The secret that goes with it; the file's first line, read at the start."`
	PartyKeys       string   `name:"party-keys" env:"BAUTA_PARTY_KEYS" placeholder:"FILE" help:"A JWKS of your identity provider: whoever acts for a party then sends that party's own token. Read again when it changes."`
}

// Help of serve.
func (*serveCommand) Help() string {
	return `Prints "ready http://ADDR" to stdout when it accepts requests, and logs to stderr. SIGTERM or Ctrl-C drains and stops.
Several brokers may serve one data directory of one machine, or one --database-url with one key folder.

    bauta serve --demo
    bauta serve --data-dir /var/lib/bauta --tls-cert cert.pem --tls-key key.pem --addr :8443
    BAUTA_DATABASE_URL=postgres://bauta:…@db/bauta bauta serve --keys /etc/bauta/keys --behind-proxy --addr :8080`
}

// Run serves. A start that was interrupted is no failure.
func (c *serveCommand) Run(ctx context.Context, p *program) error {
	e, err := c.check(p)
	if err != nil {
		return err
	}
	s, err := c.start(ctx, p, e)
	if err == nil {
		return s.run(ctx)
	}
	if ctx.Err() != nil {
		p.log.Info("told to end before it was ready", "error", explain(err))
		return nil
	}
	return err
}

// check refuses what can be refused before anything is touched.
func (c *serveCommand) check(p *program) (*necessity.Engine, error) {
	if err := errors.Join(c.checkPartyKeys(p), c.checkPublicURL(), c.checkEmbedOrigins(), c.checkReportURL(), c.checkProvider(p)); err != nil {
		return nil, err
	}
	if c.DisclosureLimit > 0 && (c.SubjectLimit < 1 || c.ReachFloor < 1) {
		return nil, errors.New("--subject-limit and --reach-floor are 1 or more; --disclosure-limit 0 turns all budgets off")
	}
	if c.RateLimit < 0 || c.DisclosureLimit < 0 || c.AuditRate < 0 || c.RevealLimit < 0 {
		return nil, errors.New("--rate-limit, --disclosure-limit, --reveal-limit and --audit-rate are 0 or more")
	}
	if err := c.checkCases(); err != nil {
		return nil, err
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return nil, errors.New("--tls-cert and --tls-key go together")
	}
	if c.TLSCert != "" {
		if _, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey); err != nil {
			return nil, fmt.Errorf("read --tls-cert and --tls-key: %w", err)
		}
	}
	private, err := loopback(c.Addr)
	switch {
	case err != nil:
		return nil, err
	case !private && c.Demo:
		return nil, fmt.Errorf("%s is not loopback, and --demo makes keys that everybody may know: serve the demonstration on 127.0.0.1", c.Addr)
	case !private && c.TLSCert == "" && !c.BehindProxy:
		return nil, fmt.Errorf("%s is not loopback, and contact data would cross the network in clear: give --tls-cert and --tls-key, or --behind-proxy if a proxy of yours ends TLS", c.Addr)
	}
	return p.engine()
}

// hostCharacters are those of a host with its port; a name in another script is
// written as DNS has it.
const hostCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]"

// checkCases: what cases go by is read once, at the start.
func (c *serveCommand) checkCases() error {
	if _, err := broker.ParseQuantity(c.LargeCase, 2); err != nil {
		return errors.New("--large-case is an amount like 500.00")
	}
	_, err := readOffice(c.OfficeCalendar)
	return err
}

// checkEmbedOrigins: each is written into a policy that browsers keep to.
func (c *serveCommand) checkEmbedOrigins() error {
	for _, origin := range c.EmbedOrigin {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.Scheme+"://"+u.Host != origin || strings.Trim(u.Host, hostCharacters) != "" {
			return errors.New("--embed-origin is like https://shop.example.com: a scheme and a host, perhaps a port, and nothing behind it")
		}
	}
	return nil
}

// checkReportURL: everybody is led there.
func (c *serveCommand) checkReportURL() error {
	u, err := url.Parse(c.ReportURL)
	if c.ReportURL != "" && (err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "") {
		return errors.New("--report-url is like https://shop.example.com/report, without anything behind ? or #")
	}
	return nil
}

// checkPublicURL: a link begins with it, and a code is added behind a #.
func (c *serveCommand) checkPublicURL() error {
	if c.PublicURL == "" {
		return nil
	}
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || strings.ContainsAny(c.PublicURL, "?#") {
		return errors.New("--public-url is like https://broker.example.com: a scheme and a host, perhaps a path, and nothing behind it")
	}
	return nil
}

// checkPartyKeys: keys that can't be used are found before anything is touched.
func (c *serveCommand) checkPartyKeys(p *program) error {
	switch {
	case c.PartyKeys == "":
		return nil
	case strings.Contains(c.PartyKeys, "://"):
		return errors.New("--party-keys is a file: fetch the JWKS yourself and put it there whenever it changes; a broker does not fetch the keys that it trusts")
	case c.Demo:
		return errors.New("--demo asks in the name of invented people, who sign nothing: leave --party-keys out of a demonstration")
	}
	if _, err := identity.Open(c.PartyKeys, "", p.now); err != nil {
		return fmt.Errorf("--party-keys %s: %w", c.PartyKeys, err)
	}
	return nil
}

// partyTokens checks what parties sign; nil without --party-keys.
func (c *serveCommand) partyTokens(p *program, origin string) (web.PartyTokens, error) {
	if c.PartyKeys == "" {
		return nil, nil //nolint:nilnil // parties do not sign for themselves then
	}
	provider, err := identity.Open(c.PartyKeys, origin, p.now)
	if err != nil {
		return nil, fmt.Errorf("--party-keys %s: %w", c.PartyKeys, err)
	}
	return provider, nil
}

func (c *serveCommand) intent() intent {
	if c.Demo {
		return demonstrating
	}
	return serving
}

func (c *serveCommand) terms() (terms, error) {
	t := terms{hints: c.PeerMasks == "hint", large: c.LargeCase}
	var err error
	if t.office, err = readOffice(c.OfficeCalendar); err != nil {
		return t, err
	}
	if c.DisclosureLimit > 0 {
		t.reveals = c.RevealLimit
		l := budget.Default().WithFloor(c.ReachFloor)
		l.Requests, l.Person = c.DisclosureLimit, c.SubjectLimit
		t.budgets = &l
	}
	return t, nil
}

func (c *serveCommand) scheme() string {
	if c.TLSCert != "" {
		return "https://"
	}
	return "http://"
}

// doors are the addresses; they are taken before the database is touched, for a
// port in use is the commonest mistake. Who connects already, waits.
type doors struct{ main, metrics net.Listener }

func (c *serveCommand) listen(ctx context.Context) (d doors, err error) {
	var l net.ListenConfig
	if d.main, err = l.Listen(ctx, "tcp", c.Addr); err != nil {
		return d, fmt.Errorf("listen on --addr: %w", err)
	}
	if c.MetricsAddr == "" {
		return d, nil
	}
	if d.metrics, err = l.Listen(ctx, "tcp", c.MetricsAddr); err != nil {
		return d, errors.Join(fmt.Errorf("listen on --metrics-addr: %w", err), d.close())
	}
	return d, nil
}

// close may come after whoever served on them has closed them.
func (d doors) close() error {
	var errs []error
	for _, l := range []net.Listener{d.main, d.metrics} {
		if l == nil {
			continue
		}
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
