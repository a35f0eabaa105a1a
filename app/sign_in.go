package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"bauta.dev/bauta/app/oidc"
	"bauta.dev/bauta/app/passkeys"
	"bauta.dev/bauta/app/web"
	"bauta.dev/bauta/masking"
)

// checkProvider: what can't work is said before anything is touched. The provider
// itself is asked when somebody needs it, for it may be away when we start.
func (c *serveCommand) checkProvider(p *program) error {
	given := 0
	for _, s := range []string{c.OIDCIssuer, c.OIDCClientID, c.OIDCSecretFile} {
		if s != "" {
			given++
		}
	}
	switch given {
	case 0:
		return nil
	case 3:
	default:
		return errors.New("--oidc-issuer, --oidc-client-id and --oidc-client-secret-file go together")
	}
	if private, err := loopback(c.Addr); c.PublicURL == "" && (err != nil || !private || c.BehindProxy) {
		return errors.New("--oidc-issuer needs --public-url: the provider sends people back to it")
	}
	_, err := c.provider(p, c.PublicURL)
	return err
}

// mostSecret is longer than any provider's secret.
const mostSecret = 4 << 10

// provider is the one of the settings, for a broker that people find at this URL.
func (c *serveCommand) provider(p *program, publicURL string) (*oidc.Provider, error) {
	raw, err := os.ReadFile(c.OIDCSecretFile)
	if err != nil {
		return nil, fmt.Errorf("--oidc-client-secret-file: %w", err)
	}
	line, _, _ := strings.Cut(string(raw), "\n")
	if line = strings.TrimSpace(line); line == "" || len(line) > mostSecret {
		return nil, fmt.Errorf("--oidc-client-secret-file %s: its first line is not a secret", c.OIDCSecretFile)
	}
	provider, err := oidc.New(oidc.Config{
		Issuer: c.OIDCIssuer, ClientID: c.OIDCClientID, Secret: masking.NewText(line), Return: web.ReturnAddress(publicURL), Now: p.now,
	})
	if err != nil {
		return nil, fmt.Errorf("--oidc-issuer: %w", err)
	}
	return provider, nil
}

// believes says by what else than passwords and keys somebody is known: parties by
// what they sign; people by passkeys, where browsers make them for the address by
// which people find the broker, and by the provider of the settings.
func (c *serveCommand) believes(p *program, origin string, d *web.Deps) (err error) {
	if d.PartyTokens, err = c.partyTokens(p, origin); err != nil {
		return err
	}
	if d.Passkeys, err = passkeys.At(d.PublicURL); errors.Is(err, passkeys.ErrNoSite) {
		d.Passkeys, err = nil, nil
	}
	if err == nil && c.OIDCIssuer != "" {
		d.Provider, err = c.provider(p, d.PublicURL)
	}
	return err
}
