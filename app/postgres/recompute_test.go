package postgres_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking"
)

// forgery is what an adversary puts under the heads that he made anew: he has no
// key of the folder, so it is none of the log's.
type forgery func(tb testing.TB, origin string, size int64, root [32]byte, old []byte) []byte

// keepLine leaves the old signature under the new head.
func keepLine(_ testing.TB, origin string, size int64, root [32]byte, old []byte) []byte {
	_, line, _ := bytes.Cut(old, []byte("\n\n"))
	return fmt.Appendf(nil, "%s\n%d\n%s\n\n%s", origin, size, base64.StdEncoding.EncodeToString(root[:]), line)
}

// signAnew signs it with a key of his own, under the log's name.
func signAnew(tb testing.TB, origin string, size int64, root [32]byte, _ []byte) []byte {
	tb.Helper()
	skey, _, err := ledger.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{9}, 32)), origin)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := ledger.NewSigner(skey)
	if err != nil {
		tb.Fatal(err)
	}
	c, err := s.Sign(size, root)
	if err != nil {
		tb.Fatal(err)
	}
	return c.Note
}

// leaveNotes leaves the notes as they were, over roots that they do not sign.
func leaveNotes(_ testing.TB, _ string, _ int64, _ [32]byte, old []byte) []byte { return old }

func unhex(tb testing.TB, text string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// recompute makes anew whatever hashes say of the entries as they now are: tiles
// of all levels with their middles, and of each checkpoint row that has so many
// entries root, frontier, note and, with a key of his own, the MAC.
func (a *adversary) recompute(tb testing.TB, forge forgery) {
	tb.Helper()
	key, err := masking.NewKey(rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	type row struct {
		prev int64
		note []byte
	}
	rows, sizes := map[int64]row{}, []int64{}
	for _, r := range a.list(tb, `SELECT size, prev, encode(note, 'hex') FROM ledger_checkpoints ORDER BY size`) {
		size, _ := strconv.ParseInt(r[0], 10, 64)
		prev, _ := strconv.ParseInt(r[1], 10, 64)
		rows[size], sizes = row{prev, unhex(tb, r[2])}, append(sizes, size)
	}
	q := []string{`DELETE FROM ledger_tiles`}
	edge := ledger.NewEdge()
	for _, e := range a.list(tb, `SELECT encode(entry, 'hex') FROM ledger_entries ORDER BY idx`) {
		_, full := edge.Append(unhex(tb, e[0]))
		for _, t := range full {
			q = append(q, fmt.Sprintf(`INSERT INTO ledger_tiles (level, idx, hashes, middle) VALUES (%d, %d, '\x%x', '\x%x')`, t.Level, t.Index, t.Hashes, t.Middle()))
		}
		if r, is := rows[edge.Size()]; is {
			root := edge.Root()
			mac := key.MAC("checkpoint/v1", root[:])
			q = append(q, fmt.Sprintf(`UPDATE ledger_checkpoints SET root = '\x%x', frontier = '\x%x', note = '\x%x', mac = CASE WHEN root = '\x%[1]x' THEN mac ELSE '\x%[4]x' END WHERE size = %[5]d`,
				root[:], edge.Frontier(), forge(tb, a.store.Origin(), edge.Size(), root, r.note), mac, edge.Size()))
		}
	}
	if last := sizes[len(sizes)-1]; edge.Size() < last { // the newest head is beyond what is left
		q = append(q, fmt.Sprintf(`DELETE FROM ledger_checkpoints WHERE size > %d`, edge.Size()))
	}
	a.sql(tb, strings.Join(q, ";\n"))
}

// Somebody changes the past and makes all that follows from it anew, as far as it
// takes no key: the check finds it, and so does the audit of the newest entries,
// however few, for all older ones are under the head by the tiles.
func TestPastMadeAnew(t *testing.T) {
	t.Parallel()
	a := ransacked(t)
	for name, change := range map[string]string{
		"an old entry":                `UPDATE ledger_entries SET entry = set_byte(entry, 10, get_byte(entry, 10) # 1) WHERE idx = 7`,
		"an entry's type":             `UPDATE ledger_entries SET entry = set_byte(entry, 1, 3) WHERE idx = (SELECT min(idx) FROM ledger_entries WHERE get_byte(entry, 1) = 4)`,
		"two entries, each other's":   `UPDATE ledger_entries x SET entry = y.entry, statement = y.statement, owner = y.owner FROM ledger_entries y WHERE (x.idx = 7 AND y.idx = 8) OR (x.idx = 8 AND y.idx = 7)`,
		"one entry's copy in another": `UPDATE ledger_entries x SET entry = y.entry, statement = y.statement, owner = y.owner FROM ledger_entries y WHERE x.idx = 7 AND y.idx = 6`,
		"an entry taken out, and moved up": `DELETE FROM ledger_entries WHERE idx = 7; UPDATE ledger_entries SET idx = idx - 1 WHERE idx > 7;
			UPDATE views SET entry = entry - 1 WHERE entry > 7; UPDATE disclosures SET entry = entry - 1 WHERE entry > 7; UPDATE notes SET entry = entry - 1 WHERE entry > 7;
			UPDATE performances SET entry = entry - 1 WHERE entry > 7`,
		"its row of the log as well": `DELETE FROM ledger_entries WHERE idx = 7; UPDATE ledger_entries SET idx = idx - 1 WHERE idx > 7;
			DELETE FROM ledger_checkpoints WHERE size = (SELECT min(size) FROM ledger_checkpoints WHERE size > 7);
			UPDATE ledger_checkpoints SET size = size - 1, prev = greatest(prev - 1, 0) WHERE size > 7`,
		"an entry put in between": `UPDATE ledger_entries SET idx = idx + 1 WHERE idx > 7; INSERT INTO ledger_entries SELECT 8, entry, statement, owner FROM ledger_entries WHERE idx = 7;
			UPDATE ledger_checkpoints SET size = size + 1, prev = prev + 1 WHERE prev > 7`,
	} {
		for how, forge := range map[string]forgery{"old signatures": keepLine, "a key of his own": signAnew, "notes left": leaveNotes} {
			a.sql(t, change)
			a.recompute(t, forge)
			if _, err := a.store.Check(t.Context(), nil); !isFinding(err) {
				t.Errorf("%s, %s: the check says %v", name, how, err)
			}
			for _, newest := range []int64{1, 100_000} {
				if _, err := a.store.CheckTail(t.Context(), newest); !isFinding(err) {
					t.Errorf("%s, %s: the audit of %d says %v", name, how, newest, err)
				}
			}
			for _, table := range []string{"ledger_entries", "ledger_tiles", "ledger_checkpoints", "views", "disclosures", "notes", "performances"} {
				a.undo(t, table)
			}
		}
	}
	if err := a.found(t, ""); err != nil {
		t.Errorf("after everything was put back: %v", err)
	}
}

// What no hash covers is held by keys that he has not: statements and rows. And an
// entry that is gone is missing, with nothing moved.
func TestPastUnderKeys(t *testing.T) {
	t.Parallel()
	a := ransacked(t)
	for name, x := range map[string]struct{ table, change string }{
		"a statement":            {"ledger_entries", `UPDATE ledger_entries SET statement = set_byte(statement, 20, get_byte(statement, 20) # 1) WHERE idx = 7`},
		"another's statement":    {"ledger_entries", `UPDATE ledger_entries x SET statement = y.statement FROM ledger_entries y WHERE x.idx = 7 AND y.idx = 8`},
		"statement and owner":    {"ledger_entries", `UPDATE ledger_entries x SET statement = y.statement, owner = y.owner FROM ledger_entries y WHERE x.idx = 7 AND y.idx = 8`},
		"an entry without trace": {"ledger_entries", `DELETE FROM ledger_entries WHERE idx = 7`},
		"a grant given views":    {"disclosures", `UPDATE disclosures SET views_left = 20 WHERE views_left BETWEEN 1 AND 19`},
		"a grant given life":     {"disclosures", `UPDATE disclosures SET state = 0 WHERE state = 2`},
		"a decision moved":       {"disclosures", `UPDATE disclosures SET entry = entry - 1 WHERE ctid = (SELECT max(ctid) FROM disclosures)`},
		"a decision taken out":   {"disclosures", `DELETE FROM disclosures WHERE ctid = (SELECT max(ctid) FROM disclosures)`},
	} {
		a.sql(t, x.change)
		if x.table != "ledger_entries" {
			a.recompute(t, keepLine) // which changes nothing: no hash knows of rows
		}
		if err := a.found(t, x.table); !isFinding(err) {
			t.Errorf("%s: %v", name, err)
		}
		a.undo(t, x.table)
	}
	if err := a.found(t, ""); err != nil {
		t.Errorf("after everything was put back: %v", err)
	}
}

func isFinding(err error) bool {
	_, is := errors.AsType[ledger.Finding](err)
	return is
}
