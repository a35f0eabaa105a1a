package web

import (
	"context"
	"strings"
	"testing"
	"time"
)

// How old the newest cosigned checkpoint is, is for auditors, also where there is
// none; the checkpoint itself is for everybody.
func TestWitnessed(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	if r := d.send(t, "GET", "/ledger/checkpoint/witnessed", "", ""); r.status != 404 {
		t.Errorf("nobody cosigned: %d %s", r.status, r.body)
	}
	if r := d.send(t, "GET", "/readyz", "o", ""); r.status != 200 || strings.Contains(string(r.body), "witnessed") || strings.Contains(string(r.body), "file") {
		t.Errorf("neither witnesses nor a file: %d %s", r.status, r.body)
	}
	d = newDoor(t, func(deps *Deps) {
		deps.Witnessed = func(context.Context) ([]byte, error) { return []byte("origin\n17\nhash\n"), nil }
	})
	r := d.send(t, "GET", "/ledger/checkpoint/witnessed", "", "")
	if r.status != 200 || string(r.body) != "origin\n17\nhash\n" || r.header.Get("Cache-Control") != "no-cache" {
		t.Errorf("cosigned: %d %v %s", r.status, r.header, r.body)
	}
	for _, x := range []struct {
		known Outside
		want  string
	}{
		{Outside{Witnesses: 1}, `"witnessed":{"state":"never","size":0,"age_seconds":null}`},
		{Outside{Witnesses: 1, Witnessed: 17}, `"witnessed":{"state":"newest","size":17,"age_seconds":0}`},
		{Outside{Witnesses: 2, Witnessed: 17, Age: 90 * time.Second}, `"witnessed":{"state":"older","size":17,"age_seconds":90}`},
		{Outside{File: true, Kept: 17}, `"checkpoint_file":{"state":"current","size":17,"behind_seconds":0}`},
		{
			Outside{File: true, Kept: 17, Behind: 5 * time.Second, Trouble: "no space left on device"},
			`"checkpoint_file":{"state":"failing","size":17,"behind_seconds":5,"trouble":"no space left on device"}`,
		},
	} {
		d := newDoor(t, func(deps *Deps) { deps.Outside = func() Outside { return x.known } })
		for key, told := range map[string]bool{"": false, "m": false, "o": true} {
			r := d.send(t, "GET", "/readyz", key, "")
			if strings.Contains(string(r.body), x.want) != told || r.status != 200 || !told && string(r.body) != `{"status":"ready"}` {
				t.Errorf("key %q: %d %s, want %s", key, r.status, r.body, x.want)
			}
		}
	}
}
