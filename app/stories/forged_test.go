package stories

import (
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"
)

// granted has an order whose address may be seen, and one view of it.
func grantedHouse(t *testing.T) (h *house, id string) {
	t.Helper()
	h = shop(t, terms{})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	r := h.do(t, "market", disclosures, request("t-1", "s-1", "deliver"), keyed("first")...).want(t, 201, "decision", "granted")
	return h, r.at("id")
}

// nothingShown: whoever can write to the database sees no more for it.
func (r reply) nothingShown(t *testing.T, what string) {
	t.Helper()
	if found := findValue(string(r.raw)); found != "" || r.status != http.StatusUnauthorized && r.status < 500 {
		t.Errorf("%s: %s: %d shows %q: %s", what, r.request, r.status, found, r.short())
	}
}

// Who writes to the database himself is shown nothing for it: rows that grant
// power carry a MAC, and sealed values know whose they are.
func TestForgedRows(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		forge string
		try   []string // ID is a grant's
	}{
		"facts of a transaction": {
			`UPDATE transactions SET facts = set_byte(facts, 1, 7)`,
			[]string{"POST /v1/disclosures/ID/views", "GET /v1/transactions/t-1?viewer=s-1", "GET /v1/disclosures/ID", disclosures, performances},
		},
		"version of a transaction": {`UPDATE transactions SET version = version + 1`, []string{disclosures, "POST /v1/disclosures/ID/views"}},
		"seller of a transaction": {
			`UPDATE transactions SET seller = (SELECT id FROM parties WHERE name = 's-2')`,
			[]string{"GET /v1/transactions/t-1?viewer=s-2", "POST /v1/disclosures/ID/views"},
		},
		"facts of a party":        {`UPDATE parties SET facts = set_byte(facts, 1, 2)`, []string{"GET /v1/parties/b-1", disclosures, "POST /v1/disclosures/ID/views"}},
		"name of a party":         {`UPDATE parties SET name = 's-x' WHERE name = 's-1'`, []string{disclosures, "POST /v1/disclosures/ID/views"}},
		"masks of another":        {`UPDATE parties SET masks = (SELECT masks FROM parties WHERE name = 'b-1') WHERE name = 's-1'`, []string{"GET /v1/parties/s-1"}},
		"views of a grant":        {`UPDATE disclosures SET views_left = 90`, []string{"POST /v1/disclosures/ID/views", "GET /v1/disclosures/ID"}},
		"transaction of a grant":  {`UPDATE disclosures SET version = version - 1`, []string{"POST /v1/disclosures/ID/views"}},
		"a card of another":       {`UPDATE cards SET sealed = (SELECT c.sealed FROM cards c JOIN parties p ON p.id = c.owner WHERE p.name = 's-2') WHERE owner = (SELECT id FROM parties WHERE name = 'b-1')`, []string{"POST /v1/disclosures/ID/views"}},
		"a key of another":        {`UPDATE keys.owners SET wrapped = (SELECT o.wrapped FROM keys.owners o JOIN parties p ON p.id = o.id WHERE p.name = 's-2') WHERE id = (SELECT id FROM parties WHERE name = 'b-1')`, []string{"POST /v1/disclosures/ID/views"}},
		"scopes of a key":         {`UPDATE api_keys SET scopes = '{marketplace,attest,privacy,audit}' WHERE scopes = '{marketplace}'`, []string{"GET /v1/parties/b-1", "POST /v1/disclosures/ID/views", "PUT /v1/parties/b-1/flags"}},
		"secret of a key":         {`UPDATE api_keys SET secret = (SELECT secret FROM api_keys WHERE scopes = '{audit}') WHERE scopes = '{marketplace}'`, []string{"GET /v1/parties/b-1"}},
		"requester of a decision": {`UPDATE disclosures SET subject = (SELECT id FROM parties WHERE name = 's-2'), requester = subject`, []string{"POST /v1/disclosures/ID/views"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, id := grantedHouse(t)
			h.forgedRows = true
			h.sql(t, x.forge)
			h.clock.forward(2 * time.Second) // a key that was just verified is believed for one
			for _, request := range x.try {
				h.attempt(t, strings.Replace(request, "ID", id, 1)).nothingShown(t, name)
			}
		})
	}
}

// attempt is a request with a good body.
func (h *house) attempt(t *testing.T, line string) reply {
	t.Helper()
	switch {
	case strings.HasSuffix(line, "/views"):
		return h.do(t, "market", line, `{"viewer":"s-1"}`)
	case line == disclosures:
		return h.do(t, "market", line, request("t-1", "s-1", "deliver"))
	case line == performances:
		return h.do(t, "payment", line, h.told("ship", "1", "forged").body())
	case strings.HasSuffix(line, "/flags"):
		return h.do(t, "market", line, `[]`)
	}
	return h.do(t, "market", line, "")
}

// Remembered outcomes are rows that grant power too: pointed at another
// decision, and kept young, they would show its values for ever, and no entry
// would say so.
func TestForgedOutcome(t *testing.T) {
	t.Parallel()
	h, id := grantedHouse(t)
	h.forgedRows = true
	for range 19 {
		h.view(t, id, "s-1").want(t, 200)
	}
	h.view(t, id, "s-1").want(t, 410)
	h.clock.forward(time.Hour)
	h.do(t, "market", disclosures, request("t-1", "b-1", "return"), keyed("mine")...).want(t, 201, "decision", "refused")
	h.sql(t, `UPDATE outcomes SET at = '`+h.clock.now().Format(time.RFC3339)+`'`,
		`UPDATE outcomes SET id = (SELECT id FROM outcomes ORDER BY entry LIMIT 1)`)
	for key, body := range map[string]string{"mine": request("t-1", "b-1", "return"), "first": request("t-1", "s-1", "deliver")} {
		r := h.do(t, "market", disclosures, body, keyed(key)...)
		if found := findValue(string(r.raw)); found != "" {
			t.Errorf("a forged outcome, after all views are used up, shows %s to %s: %d", found, key, r.status)
		}
	}
}

// ledgerTables are the log.
var ledgerTables = []string{"ledger_checkpoints", "ledger_entries", "ledger_tiles"}

// Any change to an entry, tile or checkpoint is found (I6).
func TestChangedLedger(t *testing.T) {
	t.Parallel()
	h, _ := grantedHouse(t)
	together(256, func(i int) reply { // longer than one tile
		return h.do(t, "market", "PUT /v1/parties/m-"+itoa(i), `{"kind":"merchant","contact":{},"source":{"kind":"registration"}}`).want(t, 201)
	})
	if tiles := h.ask(t, `SELECT count(*) FROM ledger_tiles`); tiles != "1" {
		t.Fatalf("%s tiles", tiles)
	}
	for _, table := range ledgerTables {
		h.sql(t, `CREATE TABLE kept_`+table+` AS SELECT * FROM `+table)
	}
	for name, change := range map[string]string{
		"an entry":              `UPDATE ledger_entries SET entry = set_byte(entry, 3, get_byte(entry, 3) # 1) WHERE idx = 5`,
		"two entries exchanged": `UPDATE ledger_entries a SET entry = b.entry FROM ledger_entries b WHERE a.idx = 5 AND b.idx = 6`,
		"an entry taken out":    `DELETE FROM ledger_entries WHERE idx = 7`,
		"the last entry out":    `DELETE FROM ledger_entries WHERE idx = (SELECT max(idx) FROM ledger_entries)`,
		"an entry too many":     `INSERT INTO ledger_entries SELECT max(idx) + 1, '\x00', '\x00' FROM ledger_entries`,
		"a root":                `UPDATE ledger_checkpoints SET root = sha256('x') WHERE size = (SELECT size FROM ledger_checkpoints ORDER BY size OFFSET 3 LIMIT 1)`,
		"a note":                `UPDATE ledger_checkpoints SET note = set_byte(note, octet_length(note) - 9, 65) WHERE size = (SELECT max(size) FROM ledger_checkpoints)`,
		"another size's note":   `UPDATE ledger_checkpoints a SET note = b.note FROM ledger_checkpoints b WHERE a.size = (SELECT size FROM ledger_checkpoints ORDER BY size OFFSET 3 LIMIT 1) AND b.size = (SELECT size FROM ledger_checkpoints ORDER BY size OFFSET 4 LIMIT 1)`,
		"a frontier":            `UPDATE ledger_checkpoints SET frontier = sha256('x') WHERE size = (SELECT size FROM ledger_checkpoints ORDER BY size OFFSET 4 LIMIT 1)`,
		"a tile":                `UPDATE ledger_tiles SET hashes = set_byte(hashes, 100, get_byte(hashes, 100) # 1)`,
		"a middle":              `UPDATE ledger_tiles SET middle = set_byte(middle, 100, get_byte(middle, 100) # 1)`,
		"a tile taken out":      `DELETE FROM ledger_tiles`,
		"a tile too many":       `INSERT INTO ledger_tiles SELECT level, idx + 1, hashes, middle FROM ledger_tiles`,
		"the newest checkpoint": `DELETE FROM ledger_checkpoints WHERE size = (SELECT max(size) FROM ledger_checkpoints)`,
		"a whole commit":        `DELETE FROM ledger_checkpoints WHERE size = (SELECT size FROM ledger_checkpoints ORDER BY size OFFSET 4 LIMIT 1)`,
	} {
		h.refuses(t, change)
		for _, table := range ledgerTables {
			h.sql(t, `ALTER TABLE `+table+` DISABLE TRIGGER ALL`)
		}
		h.sql(t, change)
		if _, err := h.store.Check(t.Context(), nil); err == nil {
			t.Errorf("%s is not found", name)
		}
		for _, table := range ledgerTables {
			h.sql(t, `TRUNCATE `+table, `INSERT INTO `+table+` SELECT * FROM kept_`+table, `ALTER TABLE `+table+` ENABLE TRIGGER ALL`)
		}
	}
}

// A log that is cut off is right in itself: a checkpoint from outside would
// tell. The broker that saw more of it does too, as soon as it appends.
func TestLogCutOff(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"the whole log": `TRUNCATE ledger_entries, ledger_checkpoints, ledger_tiles`,
		"the end of it": `DELETE FROM ledger_checkpoints WHERE size > 5; DELETE FROM ledger_entries WHERE idx >= 5`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, _ := grantedHouse(t)
			h.forged = true
			for _, table := range ledgerTables {
				h.sql(t, `ALTER TABLE `+table+` DISABLE TRIGGER ALL`)
			}
			h.sql(t, change)
			h.do(t, "market", "PUT /v1/parties/x-1", giovana)
			if _, err := h.store.Check(t.Context(), nil); err == nil {
				t.Error("not found")
			}
		})
	}
}

// refuses: as long as the triggers stand, not even the owner changes the log.
func (h *house) refuses(t *testing.T, change string) {
	t.Helper()
	if strings.HasPrefix(change, "INSERT") {
		return
	}
	db := h.owner(t)
	defer func() { _ = db.Close() }()
	first, _, _ := strings.Cut(change, ";")
	if _, err := db.ExecContext(t.Context(), first); err == nil || !strings.Contains(err.Error(), "the ledger only grows") {
		t.Errorf("the owner changes the log: %v", err)
	}
}

// A statement changed or exchanged opens nothing, though its leaf is right.
func TestChangedStatement(t *testing.T) {
	t.Parallel()
	h, id := grantedHouse(t)
	h.forgedRows = true
	h.sql(t, `ALTER TABLE ledger_entries DISABLE TRIGGER ALL`,
		`UPDATE ledger_entries a SET statement = (SELECT statement FROM ledger_entries ORDER BY idx DESC OFFSET 1 LIMIT 1)
			WHERE idx = (SELECT max(idx) FROM ledger_entries)`)
	h.view(t, id, "s-1").nothingShown(t, "statement")
	if raw, err := hex.DecodeString(h.ask(t, `SELECT encode(statement, 'hex') FROM ledger_entries LIMIT 1`)); err != nil || findValue(string(raw)) != "" {
		t.Error("a statement in clear")
	}
}
