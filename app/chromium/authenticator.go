package chromium

import (
	"context"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
)

// Authenticator puts one into the visitor's device, which makes passkeys and lets its
// person use them without a word.
func (v *Tab) Authenticator() {
	v.Helper()
	v.Do(v.call(func(ctx context.Context, s cdp.Session) error {
		if _, err := cdp.Call(ctx, s, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, s, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
		}})
		return err
	}))
}

// Awaits waits until a JavaScript expression is true.
func (v *Tab) Awaits(js string) {
	v.Helper()
	for range looks {
		if v.Count(`(`+js+`) ? 1 : 0`) == 1 {
			return
		}
		time.Sleep(pause)
	}
	v.Fatalf("it does not come true: %s", js)
}
