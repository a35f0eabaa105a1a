package stories

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/broker/ledger"
)

// ?proof=1: the answer to a disclosure proves by itself that it is in the log.
func TestDisclosureWithProof(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	body := request("t-1", "s-1", "deliver")
	r := h.do(t, "market", "POST /v1/disclosures?proof=1", body, "Idempotency-Key", "k-1").want(t, 201, "decision", "granted")
	first := h.proven(t, r)
	if again := h.do(t, "market", "POST /v1/disclosures?proof=1", body, "Idempotency-Key", "k-1"); again.header.Get("Idempotent-Replayed") != "true" ||
		h.proven(t, again) != first {
		t.Errorf("again: %s", again.short())
	}
	id := r.at("id")
	h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "ledger.proof", "")
	for _, path := range []string{"?proof=1", "?viewer=s-1&proof=1", "?proof=1&viewer=b-1"} {
		r := h.do(t, "market", "GET /v1/disclosures/"+id+path, "").want(t, 200)
		if h.proven(t, r) != first {
			t.Errorf("%s: another proof than at first", path)
		}
	}
	h.do(t, "market", "GET /v1/disclosures/"+id, "").want(t, 200, "ledger.proof", "")
	size := h.size(t)
	for _, value := range []string{"0", "", "true", "01", "2"} {
		h.do(t, "market", "POST /v1/disclosures?proof="+value, body).want(t, 422, "errors.0.pointer", "/proof", "errors.0.code", "not_one_of")
		h.do(t, "market", "GET /v1/disclosures/"+id+"?proof="+value, "").want(t, 422, "errors.0.pointer", "/proof")
	}
	h.do(t, "market", "POST /v1/disclosures?proof=1&proof=1", body).want(t, 422)
	if h.size(t) != size {
		t.Error("a refused parameter is an entry")
	}
	h.do(t, "market", "GET /v1/disclosures/"+id+"?viewer=s-2&proof=1", "").want(t, 404)
}

// proven checks a disclosure's proof against its own place, and gives it.
func (h *house) proven(t *testing.T, r reply) string {
	t.Helper()
	text := r.at("ledger.proof")
	p, err := ledger.ParseProof([]byte(text))
	if err != nil {
		t.Fatalf("%v: %s", err, r.short())
	}
	_, v := h.store.Verifier()
	c, err := ledger.OpenCheckpoint(v, p.Checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := tlog.ParseHash(r.at("ledger.leaf_hash"))
	if err != nil {
		t.Fatal(err)
	}
	if err := ledger.CheckInclusion(p.Hashes, p.Index, leaf, c.Size, c.Root); err != nil {
		t.Error(err)
	}
	if fmt.Sprint(p.Index) != r.at("ledger.index") || fmt.Sprint(c.Size) != r.at("ledger.tree_size") || c.Root.String() != r.at("ledger.root_hash") {
		t.Errorf("the proof is of another place: %s", r.short())
	}
	return text
}

// Of a log that was changed behind the broker's back, nothing is proven that
// the change touches, neither by a proof nor with a disclosure.
func TestChangedLogProvesNothing(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	r := h.do(t, "market", "POST /v1/disclosures?proof=1", request("t-1", "s-1", "deliver")).want(t, 201)
	size := h.size(t)
	h.forged = true
	h.sql(t, `ALTER TABLE ledger_entries DISABLE TRIGGER USER`)
	h.sql(t, `UPDATE ledger_entries SET entry = set_byte(entry, 8, get_byte(entry, 8) # 1) WHERE idx = `+r.at("ledger.index"))
	fresh := h.second(t) // it remembers nothing of before
	for _, x := range []struct{ key, path string }{
		{"market", "/v1/disclosures/" + r.at("id") + "?proof=1"},
		{"audit", "/v1/ledger/proof?index=" + r.at("ledger.index") + "&size=" + size},
	} {
		if got := fresh.do(t, x.key, "GET "+x.path, ""); got.status < 500 || strings.Contains(string(got.raw), "hashes") {
			t.Errorf("%s: %d %s", x.path, got.status, got.short())
		}
	}
	for _, path := range []string{
		"/v1/ledger/proof?index=0&size=" + size, "/v1/ledger/consistency?from=2&to=" + size, "/v1/ledger/consistency?from=1&to=" + size,
		"/ledger/tile/0/000.p/" + size, "/ledger/tile/entries/000.p/" + size, "/ledger/tile/0/000.p/2",
	} {
		got := fresh.fetch(t, http.MethodGet, "audit", path).want(t, 503, "code", "unavailable")
		if cache := got.header.Get("Cache-Control"); cache != "no-store" {
			t.Errorf("%s: Cache-Control %q", path, cache)
		}
	}
}

// Tools that others wrote take the log as it is: a module of its own runs
// Tessera's client and its check against this broker.
func TestToolsOfOthersTakeTheLog(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	h.fill(t, 270)
	older := h.do(t, "", "GET /ledger/checkpoint", "").want(t, 200)
	h.fill(t, 530)
	vkey, _ := h.store.Verifier()
	run := func(vkey string) ([]byte, error) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		c := exec.CommandContext(ctx, "go", "test", "-count=1", "./...")
		c.Dir = filepath.Join("..", "..", ".ci", "interop")
		c.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "GOFLAGS=") || strings.HasPrefix(v, "GOCOVERDIR=") }),
			"BAUTA_LOG_URL="+h.url+"/ledger/", "BAUTA_LOG_TOKEN="+h.keys["audit"], "BAUTA_LOG_KEY="+vkey, "BAUTA_LOG_OLDER="+string(older.raw))
		return c.CombinedOutput()
	}
	if out, err := run(vkey); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	// A successor is a log like any other to them.
	h.succeed(t, "market.example/log")
	vkey, _ = h.store.Verifier()
	older = h.do(t, "", "GET /ledger/checkpoint", "").want(t, 200)
	h.fill(t, 560)
	if out, err := run(vkey); err != nil {
		t.Errorf("after a succession: %v\n%s", err, out)
	}
	_, other, err := ledger.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{7}, 64)), h.store.Origin())
	if err != nil {
		t.Fatal(err)
	}
	if out, err := run(other); err == nil {
		t.Errorf("with the key of another log it passes too\n%s", out)
	}
}
