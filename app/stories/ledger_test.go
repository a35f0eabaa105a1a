package stories

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/broker/ledger"
)

// fill makes entries until the log has so many, in commits of many sizes.
func (h *house) fill(t *testing.T, size int64) {
	t.Helper()
	var wait sync.WaitGroup
	for caller := range 8 {
		wait.Go(func() {
			for i := 0; h.head(t).Size < size && !t.Failed(); i++ {
				path := fmt.Sprintf("PUT /v1/parties/p-%d-%d-%d", size, caller, i)
				h.do(t, "market", path, `{"kind":"person","contact":{"name":"Ana"},"source":{"kind":"registration"}}`).want(t, 201)
			}
		})
	}
	wait.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

// head is the newest checkpoint over HTTP, by the log's own key.
func (d *desk) head(t *testing.T) ledger.Checkpoint {
	t.Helper()
	r := d.do(t, "", "GET /ledger/checkpoint", "").want(t, http.StatusOK)
	_, v := d.store.Verifier()
	c, err := ledger.OpenCheckpoint(v, r.raw)
	if err != nil {
		t.Error(err)
	}
	return c
}

// fetch asks for what the document has no path for: the slashes of a tile's
// number. The answer is held against that of a tile without.
func (d *desk) fetch(t *testing.T, method, key, path string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, d.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if secret := d.house.keys[key]; secret != "" {
		req.Header.Set("Authorization", "Bearer "+secret)
	}
	resp, err := d.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	r := reply{request: method + " " + path, status: resp.StatusCode, header: resp.Header}
	if r.raw, err = io.ReadAll(resp.Body); err != nil {
		t.Fatal(err)
	}
	if method == http.MethodGet {
		documented := "/ledger/tile/0/000"
		if strings.HasPrefix(path, "/ledger/tile/entries/") {
			documented = "/ledger/tile/entries/000"
		}
		d.inspect(t, &r, method, documented, "")
	}
	return r
}

// tile reads one tile, as wide as the log of that size has it.
func (d *desk) tile(t *testing.T, level int, index, size int64) []byte {
	t.Helper()
	p := ledger.TilePath{Level: level, Index: index}
	if width := size>>(8*max(level, 0)) - index*256; width < 256 {
		p.Width = int(width)
	}
	r := d.fetch(t, http.MethodGet, "audit", "/ledger/"+p.String()).want(t, http.StatusOK)
	return r.raw
}

// rebuild reads all bundles of the log of a size, and compares each tile on the
// way with what the entries give.
func (d *desk) rebuild(t *testing.T, size int64) (leaves []tlog.Hash, root tlog.Hash) {
	t.Helper()
	edge := ledger.NewEdge()
	for index := int64(0); index*256 < size; index++ {
		entries, err := ledger.ParseBundle(d.tile(t, ledger.EntriesLevel, index, size))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			leaf, full := edge.Append(e)
			leaves = append(leaves, leaf)
			for _, x := range full {
				if !bytes.Equal(d.tile(t, x.Level, x.Index, size), x.Hashes) {
					t.Errorf("tile %d/%d is another", x.Level, x.Index)
				}
			}
		}
	}
	if edge.Size() != size {
		t.Fatalf("%d entries in the bundles of %d", edge.Size(), size)
	}
	for level := range 2 {
		if want := edge.Partial(level); len(want) > 0 && !bytes.Equal(d.tile(t, level, size>>(8*(level+1)), size), want) {
			t.Errorf("partial tile of level %d is another", level)
		}
	}
	return leaves, edge.Root()
}

// Whoever has a key with scope audit makes the tree himself, at every size that
// was signed, and finds each proof and each pair of trees right.
func TestAuditorMakesTheTreeHimself(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	heads := []ledger.Checkpoint{h.head(t)}
	for _, size := range []int64{100, 257, 520} {
		h.fill(t, size)
		heads = append(heads, h.head(t))
	}
	var leaves []tlog.Hash
	for _, head := range heads {
		var root tlog.Hash
		if leaves, root = h.rebuild(t, head.Size); root != head.Root {
			t.Fatalf("the bundles of %d give another root", head.Size)
		}
	}
	for _, head := range heads {
		for _, index := range []int64{0, 1, head.Size / 2, head.Size - 2, head.Size - 1} {
			h.included(t, index, head, leaves[index])
		}
		for _, older := range heads {
			if older.Size <= head.Size {
				h.extends(t, older, head)
			}
		}
	}
	last := heads[len(heads)-1]
	for from := int64(1); from < last.Size; from += 37 { // sizes that nobody signed, too
		edge := ledger.NewEdge()
		for _, leaf := range leaves[:from] {
			edge.AppendLeaf(leaf)
		}
		h.extends(t, ledger.Checkpoint{Size: from, Root: edge.Root()}, last)
	}
}

func (h *house) included(t *testing.T, index int64, head ledger.Checkpoint, leaf tlog.Hash) {
	t.Helper()
	r := h.do(t, "audit", fmt.Sprintf("GET /v1/ledger/proof?index=%d&size=%d", index, head.Size), "").want(t, 200,
		"index", fmt.Sprint(index), "size", fmt.Sprint(head.Size), "leaf_hash", base64.StdEncoding.EncodeToString(leaf[:]))
	if err := ledger.CheckInclusion(r.hashes(t), index, leaf, head.Size, head.Root); err != nil {
		t.Error(err)
	}
	var raw [][]byte
	for _, x := range r.hashes(t) {
		raw = append(raw, x[:])
	}
	if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(index), uint64(head.Size), leaf[:], raw, head.Root[:]); err != nil { //nolint:gosec // not negative
		t.Errorf("a library of others: %v", err)
	}
}

func (h *house) extends(t *testing.T, older, newer ledger.Checkpoint) {
	t.Helper()
	r := h.do(t, "audit", fmt.Sprintf("GET /v1/ledger/consistency?from=%d&to=%d", older.Size, newer.Size), "").want(t, 200,
		"from", fmt.Sprint(older.Size), "to", fmt.Sprint(newer.Size))
	if err := ledger.CheckConsistency(r.hashes(t), older.Size, older.Root, newer.Size, newer.Root); err != nil {
		t.Error(err)
	}
}

// hashes of a proof; an empty one is a list all the same.
func (r *reply) hashes(t *testing.T) (hashes []tlog.Hash) {
	t.Helper()
	list := r.list("hashes")
	if list == nil {
		t.Errorf("%s: no list of hashes: %s", r.request, r.short())
	}
	for _, x := range list {
		s, _ := x.(string)
		b, err := base64.StdEncoding.DecodeString(s)
		if err != nil || len(b) != tlog.HashSize {
			t.Fatalf("%s: not a hash", r.request)
		}
		hashes = append(hashes, tlog.Hash(b))
	}
	return hashes
}

// What cannot be asked for is refused by name, and repeats nothing.
func TestLedgerRefusals(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	size := h.head(t).Size
	for _, x := range []struct {
		path          string
		status        int
		pointer, code string
	}{
		{"proof?index=0", 422, "/size", "required"},
		{"proof?size=1", 422, "/index", "required"},
		{"proof", 422, "/index", "required"},
		{"proof?index=0&size=0", 422, "/size", "size_zero"},
		{"proof?index=7&size=7", 422, "/index", "index_beyond_size"},
		{fmt.Sprintf("proof?index=0&size=%d", size+1), 422, "/size", "size_beyond_head"},
		{"proof?index=0&size=9223372036854775807", 422, "/size", "size_beyond_head"},
		{"proof?index=9223372036854775806&size=9223372036854775807", 422, "/size", "size_beyond_head"},
		{"proof?index=-1&size=2", 422, "/index", "not_a_number"},
		{"proof?index=1&size=9223372036854775808", 422, "/size", "not_a_number"},
		{"proof?index=01&size=2", 422, "/index", "not_a_number"},
		{"proof?index=%2B1&size=2", 422, "/index", "not_a_number"},
		{"proof?index=&size=2", 422, "/index", "not_a_number"},
		{"proof?index=1e0&size=2", 422, "/index", "not_a_number"},
		{"proof?index=0&size=0x2", 422, "/size", "not_a_number"},
		{"proof?index=Teixeira&size=2", 422, "/index", "not_a_number"},
		{"proof?index=" + repeat("9", 4000) + "&size=2", 422, "/index", "not_a_number"},
		{"proof?index=0&index=1&size=2", 422, "", "repeated"},
		{"proof?index=0&size=2&leaf=1", 422, "", "unknown_parameter"},
		{"consistency?from=0&to=2", 422, "/from", "size_zero"},
		{"consistency?from=2&to=1", 422, "/from", "from_beyond_to"},
		{fmt.Sprintf("consistency?from=1&to=%d", size+1), 422, "/to", "size_beyond_head"},
		{"consistency?from=1", 422, "/to", "required"},
		{"consistency?from=1&to=-2", 422, "/to", "not_a_number"},
		{"consistency?from=1.0&to=2", 422, "/from", "not_a_number"},
	} {
		h.do(t, "audit", "GET /v1/ledger/"+x.path, "").want(t, x.status, "errors.0.pointer", x.pointer, "errors.0.code", x.code)
	}
	for path, status := range map[string]int{
		"0/000": 404, "0/001.p/1": 404, fmt.Sprintf("0/000.p/%d", size+1): 404, "1/000.p/1": 404, "63/000": 404, "9/x001/000.p/3": 404,
		"0/x009/x223/x372/x036/x854/x775/807": 404, "entries/000": 404, fmt.Sprintf("entries/000.p/%d", size+1): 404,
		"0/0": 400, "0/0000": 400, "0/000.p/0": 400, "0/000.p/256": 400, "0/000.p/01": 400, "0/000.p/": 400, "0/000.p/1/": 400, "64/000": 400,
		"-1/000": 400, "00/000": 400, "0/x000/000": 400, "0/x001/1": 400, "0/x009/x223/x372/x036/x854/x775/808": 400, "entries/": 404, "0/": 404,
		"0/000.p/1%20": 400, "0/%30%30%30": 400, "data/000": 400, "0/..%2f..%2fetc": 400, "entries/x": 400, "0/" + repeat("x001/", 500) + "000": 400,
	} {
		h.fetch(t, http.MethodGet, "audit", "/ledger/tile/"+path).want(t, status)
	}
	if logged := h.log.String(); strings.Contains(logged, "/000") || strings.Contains(logged, "x001") || !strings.Contains(logged, `"/ledger/tile/{level}/{tile}"`) {
		t.Error("the log has other paths than templates")
	}
}

// Who may read what, and for how long it may be kept.
func TestLedgerKeysAndCaches(t *testing.T) {
	t.Parallel()
	const private, public = "private, max-age=31536000, immutable", "public, max-age=31536000, immutable"
	for _, open := range []bool{false, true} {
		h := newHouse(t, terms{public: open})
		for _, x := range []struct {
			path, cache string
			everybody   bool
		}{
			{"/ledger/checkpoint", "no-cache", true},
			{"/ledger/tile/0/000.p/2", map[bool]string{false: private, true: public}[open], open},
			{"/ledger/tile/entries/000.p/2", private, false},
			{"/v1/ledger/proof?index=0&size=1", "no-store", false},
			{"/v1/ledger/consistency?from=1&to=1", "no-store", false},
		} {
			for key, status := range map[string]int{"": 401, "market": 403, "payment": 403, "privacy": 403, "disputes": 403, "audit": 200} {
				r := h.raw(t, key, x.path)
				if x.everybody {
					status = 200
				}
				if r.status != status {
					t.Errorf("open %v, %s, key %q: %d, want %d", open, x.path, key, r.status, status)
				}
				if got := r.header.Get("Cache-Control"); status == 200 && got != x.cache || status != 200 && got != "no-store" {
					t.Errorf("open %v, %s, key %q: Cache-Control %q", open, x.path, key, got)
				}
			}
		}
		r := h.raw(t, "audit", "/ledger/tile/0/000.p/2")
		head := h.fetch(t, http.MethodHead, "audit", "/ledger/tile/0/000.p/2").want(t, 200)
		if len(r.raw) != 64 || len(head.raw) != 0 || head.header.Get("Content-Length") != "64" ||
			r.header.Get("Content-Type") != "application/octet-stream" || r.header.Get("Content-Encoding") != "" {
			t.Errorf("%d bytes, HEAD %d, %v", len(r.raw), len(head.raw), r.header)
		}
	}
}

// raw is an answer that the document says nothing of: it is that of a house
// without --public-ledger.
func (d *desk) raw(t *testing.T, key, path string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, d.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if secret := d.house.keys[key]; secret != "" {
		req.Header.Set("Authorization", "Bearer "+secret)
	}
	resp, err := d.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	r := reply{request: path, status: resp.StatusCode, header: resp.Header}
	if r.raw, err = io.ReadAll(resp.Body); err != nil {
		t.Fatal(err)
	}
	return r
}
