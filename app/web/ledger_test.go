package web

import (
	"net/http"
	"testing"
)

// A door without a log has nothing to show.
func TestDoorWithoutLog(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	for _, path := range []string{
		"/ledger/tile/0/000", "/ledger/tile/entries/000", "/v1/ledger/proof?index=1&size=2", "/v1/ledger/consistency?from=1&to=2",
	} {
		if r := d.send(t, http.MethodGet, path, "o", ""); r.status != http.StatusNotFound || r.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d, %q, %s", path, r.status, r.header.Get("Cache-Control"), r.body)
		}
	}
}

// With --public-ledger the document asks for no key either.
func TestPublicLedgerIsDocumented(t *testing.T) {
	t.Parallel()
	for open, keys := range map[bool]int{false: 1, true: 0} {
		d := newDoor(t, func(d *Deps) { d.PublicLedger = open })
		for _, r := range d.routes() {
			if want := keys; r.template == "/ledger/tile/{level}/{tile}" && len(r.scopes) != want ||
				r.template == "/ledger/tile/entries/{tile}" && len(r.scopes) != 1 {
				t.Errorf("public %v: %s is for %v", open, r.template, r.scopes)
			}
		}
	}
}
