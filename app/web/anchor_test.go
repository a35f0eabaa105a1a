package web

import (
	"context"
	"strings"
	"testing"
	"time"
)

// How old the newest cosigned checkpoint is, is for auditors; the checkpoint
// itself is for everybody.
func TestWitnessed(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	if r := d.send(t, "GET", "/ledger/checkpoint/witnessed", "", ""); r.status != 404 {
		t.Errorf("nobody cosigned: %d %s", r.status, r.body)
	}
	if r := d.send(t, "GET", "/readyz", "o", ""); r.status != 200 || strings.Contains(string(r.body), "witnessed") {
		t.Errorf("nobody cosigned: %d %s", r.status, r.body)
	}
	d = newDoor(t, func(deps *Deps) {
		deps.Witnessed = func(context.Context) ([]byte, error) { return []byte("origin\n17\nhash\n"), nil }
		deps.WitnessedAt = func() (int64, time.Time, bool) { return 17, deps.Now().Add(-90 * time.Second), true }
	})
	r := d.send(t, "GET", "/ledger/checkpoint/witnessed", "", "")
	if r.status != 200 || string(r.body) != "origin\n17\nhash\n" || r.header.Get("Cache-Control") != "no-cache" {
		t.Errorf("cosigned: %d %v %s", r.status, r.header, r.body)
	}
	for key, want := range map[string]bool{"": false, "m": false, "o": true} {
		r := d.send(t, "GET", "/readyz", key, "")
		if told := strings.Contains(string(r.body), `"witnessed":{"size":17,"age_seconds":90}`); r.status != 200 || told != want {
			t.Errorf("key %q: %d %s", key, r.status, r.body)
		}
	}
}
