package stories

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// What stories do again and again, each one request and its answer.

// people registers Giovana as b-1, Úrsula as s-1 and Tomás as s-2.
func (h *house) people(t *testing.T) {
	t.Helper()
	people := [][2]string{{"b-1", giovana}, {"s-1", ursula}, {"s-2", tomas}}
	together(len(people), func(i int) reply {
		id, body := people[i][0], people[i][1]
		return h.do(t, "market", "PUT /v1/parties/"+id, body).want(t, http.StatusCreated, "id", id)
	})
}

// deal is a transaction as a story puts it.
type deal struct {
	id, kind, seller string
	amount           string    // 221.65 where nothing is said
	items            int       // 1
	more             string    // other members, each with a comma before it
	created          time.Time // 2026-03-04T11:00:00Z
}

func (d deal) body() string {
	if d.seller == "" {
		d.seller = "s-1"
	}
	if d.amount == "" {
		d.amount = "221.65"
	}
	created := "2026-03-04T08:00:00-03:00"
	if !d.created.IsZero() {
		created = d.created.Format(time.RFC3339)
	}
	return fmt.Sprintf(`{"kind":%q,"buyer":"b-1","seller":%q,"amount":{"currency":"BRL","value":%q},"items":%d,"created_at":%q%s}`,
		d.kind, d.seller, d.amount, max(d.items, 1), created, d.more)
}

func (h *house) agree(t *testing.T, d deal) {
	t.Helper()
	h.do(t, "market", "PUT /v1/transactions/"+d.id, d.body()).want(t, http.StatusCreated, "id", d.id, "state", "open")
}

// shop has everybody and one order of shipped goods, t-1.
func shop(t *testing.T, terms terms) *house {
	t.Helper()
	h := newHouse(t, terms)
	h.people(t)
	h.agree(t, deal{id: "t-1", kind: "shipped_goods"})
	return h
}

// word is one performance as it is told; by is whose word, empty the platform's.
type word struct {
	obligation, done, reference, by string
	at                              time.Time
}

func (w word) body() string {
	m := map[string]string{
		"obligation": w.obligation, "done": w.done, "reference": w.reference, "performed_at": w.at.Format(time.RFC3339Nano),
	}
	if w.by != "" {
		m["by"] = w.by
	}
	b, _ := json.Marshal(m) // texts alone
	return string(b)
}

func (h *house) told(obligation, done, reference string) word {
	return word{obligation: obligation, done: done, reference: reference, at: h.clock.now()}
}

// attest tells what the platform has seen: "pay 221.65, accept 1".
func (h *house) attest(t *testing.T, id, all string) {
	t.Helper()
	for one := range strings.SplitSeq(all, ", ") {
		obligation, done, _ := strings.Cut(one, " ")
		reference := fmt.Sprintf("%s/%s/%d", obligation, done, h.clock.now().Unix())
		h.do(t, "payment", "POST /v1/transactions/"+id+"/performances", h.told(obligation, done, reference).body()).
			want(t, http.StatusCreated, "id", obligation)
	}
}

func (h *house) reverse(t *testing.T, id, obligation, done, reference string) {
	t.Helper()
	h.do(t, "payment", "POST /v1/transactions/"+id+"/reversals", h.told(obligation, done, reference).body()).
		want(t, http.StatusCreated, "id", obligation)
}

// request is the body of a disclosure; without fields it asks for what is necessary.
func request(transaction, who, purpose string, fields ...string) string {
	m := map[string]any{"transaction": transaction, "requester": who, "purpose": purpose}
	if len(fields) > 0 {
		m["fields"] = fields
	}
	b, _ := json.Marshal(m) // texts alone
	return string(b)
}

// disclose asks, and gets a decision whatever it is.
func (d *desk) disclose(t *testing.T, transaction, who, purpose string, fields ...string) reply {
	t.Helper()
	return d.do(t, "market", "POST /v1/disclosures", request(transaction, who, purpose, fields...)).want(t, http.StatusCreated)
}

// view looks at a grant once more.
func (d *desk) view(t *testing.T, id, viewer string, headers ...string) reply {
	t.Helper()
	return d.do(t, "market", "POST /v1/disclosures/"+id+"/views", `{"viewer":"`+viewer+`"}`, headers...)
}

// size is how many entries the ledger has, as the signed checkpoint says.
func (h *house) size(t *testing.T) string {
	t.Helper()
	r := h.do(t, "", "GET /ledger/checkpoint", "").want(t, http.StatusOK)
	lines := strings.Split(string(r.raw), "\n")
	if len(lines) < 3 {
		t.Errorf("checkpoint of %d lines", len(lines))
		return ""
	}
	return lines[1]
}

// line is one request as a story writes it down: METHOD /path {body}.
func (d *desk) line(t *testing.T, key, line string, headers ...string) reply {
	t.Helper()
	parts := strings.SplitN(line, " ", 3)
	body := ""
	if len(parts) == 3 {
		body = parts[2]
	}
	return d.do(t, key, parts[0]+" "+parts[1], body, headers...)
}

func itoa(n int) string { return strconv.Itoa(n) }

func repeat(s string, n int) string { return strings.Repeat(s, n) }
