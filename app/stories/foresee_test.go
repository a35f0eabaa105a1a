package stories

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker/budget"
)

// foreseen is the body of a dry run.
func foreseen(transaction, who, purpose string, fields ...string) string {
	return strings.TrimSuffix(request(transaction, who, purpose, fields...), "}") + `,"dry_run":true}`
}

// rows is what a dry run could leave behind.
func (h *house) rows(t *testing.T) string {
	t.Helper()
	return h.ask(t, `SELECT concat_ws(' ', (SELECT count(*) FROM ledger_entries), (SELECT count(*) FROM disclosures),
		(SELECT count(*) FROM outcomes), (SELECT count(*) FROM views), (SELECT count(*) FROM notes))`)
}

// requests bounds what one requester asks for in a day, and nothing else.
func requests(n int) *budget.Limits {
	return &budget.Limits{Requests: n, Person: 1000, Floor: 1000, FloorDay: 10_000}
}

// A dry run decides, and leaves nothing but that it was counted.
func TestDryRun(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{budgets: requests(5)})
	before := h.rows(t)
	r := h.do(t, "market", disclosures, foreseen("t-1", "s-1", "deliver")).want(t, 200, "dry_run", "true", "decision", "refused",
		"subject", "b-1", "purpose", "deliver")
	if r.because() != "no_performance" || r.missing() != "accept 1 0, pay 221.65 0.00" {
		t.Errorf("%s, %s", r.because(), r.missing())
	}
	h.attest(t, "t-1", "pay 221.65, accept 1")
	after := h.rows(t)
	if before == after {
		t.Error("rows are not counted")
	}
	r = h.do(t, "market", disclosures, foreseen("t-1", "s-1", "deliver")).want(t, 200, "decision", "granted", "fields.0.field", "name", "fields.0.outcome", "granted")
	if found := findValue(string(r.raw)); found != "" || r.opens() != "" || r.at("id")+r.at("ledger")+r.at("views_left") != "" {
		t.Errorf("a dry run gave %s", r.short())
	}
	h.do(t, "market", disclosures, foreseen("t-1", "s-1", "deliver", "email", "phone")).want(t, 200, "fields.0.reason", "not_necessary")
	h.do(t, "market", disclosures, strings.TrimSuffix(foreseen("t-1", "s-1", "deliver"), "}")+`,"note":"segredo do bilhete"}`).want(t, 422, "errors.0.pointer", "/note")
	h.do(t, "market", disclosures+"?proof=1", foreseen("t-1", "s-1", "deliver")).want(t, 422, "errors.0.code", "no_entry")
	if got := h.rows(t); got != after {
		t.Errorf("a dry run left something: %s, was %s", got, after)
	}
	stranger := h.do(t, "market", disclosures, foreseen("t-1", "s-2", "deliver")).want(t, 404)
	unknown := h.do(t, "market", disclosures, foreseen("t-9", "s-2", "deliver")).want(t, 404)
	if stranger.unnumbered() != unknown.unnumbered() {
		t.Errorf("a stranger can tell: %s, %s", stranger.short(), unknown.short())
	}
	// Three were counted.
	h.do(t, "market", disclosures, request("t-1", "s-1", "deliver"), keyed("k")...).want(t, 201, "decision", "granted")
	h.do(t, "market", disclosures, foreseen("t-1", "s-1", "deliver")).want(t, 200)
	for _, body := range []string{foreseen("t-1", "s-1", "deliver"), request("t-1", "s-1", "deliver")} {
		r := h.do(t, "market", disclosures, body).want(t, 429, "code", "rate_limited")
		if got := r.header.Get("Retry-After"); got != itoa(int((12 * time.Hour).Seconds())) {
			t.Errorf("Retry-After = %s", got)
		}
	}
}

// A retry of a dry run is counted once, like a retry of anything else, and its key is
// taken for what was asked with it. Of the day's last one too: what it was is told
// when nothing more may be asked.
func TestDryRunIsCountedOnce(t *testing.T) {
	t.Parallel()
	const daily = 3
	h := shop(t, terms{budgets: requests(daily)})
	other := h.second(t)
	dry := foreseen("t-1", "s-1", "deliver")
	used := func(want int) {
		t.Helper()
		if got := h.ask(t, `SELECT used FROM budgets`); got != itoa(want) {
			t.Errorf("%s are counted, want %d", got, want)
		}
	}
	first := h.do(t, "market", disclosures, dry, keyed("k")...).want(t, 200, "decision", "refused")
	again := h.do(t, "market", disclosures, dry, keyed("k")...).want(t, 200)
	if first.header.Get("Idempotent-Replayed") != "" || again.header.Get("Idempotent-Replayed") != "true" || again.unnumbered() != first.unnumbered() {
		t.Errorf("again: %s, was %s", again.short(), first.short())
	}
	used(1)
	for _, body := range []string{request("t-1", "s-1", "deliver"), foreseen("t-1", "s-1", "deliver", "name")} {
		h.do(t, "market", disclosures, body, keyed("k")...).want(t, 409, "code", "idempotency_mismatch")
	}
	replies := together(16, func(i int) reply {
		return []*desk{h.desk, other}[i%2].do(t, "market", disclosures, dry, keyed("many")...)
	})
	if got := tally(replies); got[200] != len(replies) {
		t.Errorf("sixteen with one key: %v", got)
	}
	used(2)
	h.do(t, "market", disclosures, dry, keyed("last")...).want(t, 200)
	h.do(t, "market", disclosures, dry, keyed("more")...).want(t, 429, "code", "rate_limited")
	other.do(t, "market", disclosures, dry, keyed("last")...).want(t, 200)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	h.do(t, "market", disclosures, dry, keyed("k")...).want(t, 200, "decision", "granted") // as it would be decided now
	used(daily)
	h.clock.forward(24 * time.Hour)
	h.do(t, "market", disclosures, dry, keyed("more")...).want(t, 200)
	if n := h.ask(t, `SELECT count(*) FROM outcomes`); n != "4" {
		t.Errorf("%s keys are remembered", n)
	}
}

// Dry runs and disclosures at once: the day has as many as it has, and not one
// more.
func TestDryRunsCountExactly(t *testing.T) {
	t.Parallel()
	const daily = 15
	h := shop(t, terms{budgets: requests(daily)})
	for range 3 {
		replies := together(40, func(i int) reply {
			if i%2 == 0 {
				return h.do(t, "market", disclosures, foreseen("t-1", "s-1", "deliver"))
			}
			return h.do(t, "market", disclosures, request("t-1", "s-1", "deliver"))
		})
		got := tally(replies)
		if got[200]+got[201] != daily || got[200]+got[201]+got[429] != len(replies) {
			t.Errorf("%v, want %d answered and the rest limited", got, daily)
		}
		if used := h.ask(t, `SELECT max(used) FROM budgets WHERE day = '`+h.clock.now().Format(time.DateOnly)+`'`); used != itoa(daily) {
			t.Errorf("%s are counted", used)
		}
		h.clock.forward(24 * time.Hour)
	}
}

// What a dry run says, the transaction says of itself; and whether a value is
// held it does not say.
func TestDryRunSaysNoMoreThanDisclosable(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.agree(t, deal{id: "t-2", kind: "shipped_goods"})
	compare := func(when, id string) {
		t.Helper()
		for _, who := range []string{"s-1", "b-1"} {
			r := h.do(t, "market", "GET /v1/transactions/"+id+"?viewer="+who, "").want(t, 200)
			for _, x := range r.list("disclosable") {
				m, _ := x.(map[string]any)
				purpose, _ := m["purpose"].(string)
				d := h.do(t, "market", disclosures, foreseen(id, who, purpose)).want(t, 200)
				want, _ := json.Marshal([]any{m["decision"], m["fields"], m["missing"]})
				if got := d.disclosable(); got != string(want) {
					t.Errorf("%s: %s asks to %s: %s, and the transaction says %s", when, who, purpose, got, want)
				}
				h.saysNoMore(t, when, &d, m)
				for _, code := range []string{"not_held", "not_available", "transaction_closed"} {
					if strings.Contains(string(d.raw), code) {
						t.Errorf("%s: a dry run says %s", when, code)
					}
				}
			}
		}
	}
	compare("at the beginning", "t-1")
	h.attest(t, "t-1", "pay 21.65")
	compare("partly paid", "t-1")
	h.attest(t, "t-1", "pay 200, accept 1")
	compare("paid and accepted", "t-1")
	held := h.do(t, "market", disclosures, foreseen("t-1", "s-1", "deliver")).want(t, 200)
	h.do(t, "market", "PUT /v1/parties/b-1", `{"kind":"person","contact":{"name":null,"phone":null},"source":{"kind":"registration"}}`).want(t, 200)
	if gone := h.do(t, "market", disclosures, foreseen("t-1", "s-1", "deliver")).want(t, 200); gone.unnumbered() != held.unnumbered() {
		t.Errorf("whether values are held can be told: %s, was %s", gone.short(), held.short())
	}
	for _, flags := range []string{`["minor"]`, `["at_risk"]`, `["restricted"]`, `[]`} {
		h.do(t, "privacy", "PUT /v1/parties/b-1/flags", flags).want(t, 200)
		compare("with flags "+flags, "t-1")
	}
	h.attest(t, "t-1", "ship 1, deliver 1")
	compare("delivered", "t-1")
	h.clock.forward(60 * 24 * time.Hour)
	compare("long ago", "t-1")
	h.do(t, "market", "POST /v1/transactions/t-2/cancellation", `{"reason":"agreed"}`).want(t, 200)
	compare("cancelled", "t-2")
}

// saysNoMore: a dry run names a field that is not granted only where the purpose has
// no use for it, or where all is refused; and of none a rule or ground.
func (h *house) saysNoMore(t *testing.T, when string, d *reply, says map[string]any) {
	t.Helper()
	granted, _ := says["fields"].([]any)
	for _, x := range d.list("fields") {
		f, _ := x.(map[string]any)
		if f["rule"] != nil || f["outcome"] == "pending" || f["outcome"] == "withheld" && says["decision"] != "refused" || f["outcome"] == "granted" && !slices.Contains(granted, f["field"]) {
			t.Errorf("%s: a dry run says %v, and the transaction says %v", when, f, says)
		}
	}
	if d.at("ground") != "" {
		t.Errorf("%s: a dry run says the ground", when)
	}
}

// disclosable is a dry run's answer as a transaction puts it.
func (r *reply) disclosable() string {
	fields, missing := []any{}, []any{}
	for _, x := range r.list("fields") {
		if m, _ := x.(map[string]any); m["outcome"] == "granted" {
			fields = append(fields, m["field"])
		}
	}
	for _, x := range r.list("reasons") {
		m, _ := x.(map[string]any)
		list, _ := m["missing"].([]any)
		for _, y := range list {
			if !slices.ContainsFunc(missing, func(z any) bool { return fmt.Sprint(z) == fmt.Sprint(y) }) {
				missing = append(missing, y)
			}
		}
	}
	b, _ := json.Marshal([]any{r.at("decision"), fields, missing})
	return string(b)
}

// A decision explains itself in the language of whoever asks, on demand.
func TestExplanations(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.attest(t, "t-1", "pay 21.65")
	r := h.do(t, "market", disclosures+"?explain=1", request("t-1", "s-1", "deliver", "name"), "Accept-Language", "pt-BR,pt;q=0.9").want(t, 201,
		"explanation.0", "Recusado: para fazer a entrega, o vendedor não pode ver os seguintes dados do comprador: nome.",
		"explanation.1", "Motivo: o que foi cumprido até agora é menos do que o necessário.")
	if !strings.Contains(r.at("explanation"), "por parte do comprador: pagamento, 21,65 de 221,65 BRL.") {
		t.Errorf("what is missing: %s", r.at("explanation"))
	}
	if r.header.Get("Content-Language") != "pt" || !strings.Contains(r.header.Get("Vary"), "Accept-Language") {
		t.Errorf("headers: %v", r.header)
	}
	h.attest(t, "t-1", "pay 200, accept 1")
	r = h.do(t, "market", disclosures+"?explain=1&proof=1", request("t-1", "s-1", "deliver", "name", "email")).want(t, 201,
		"explanation.0", "Granted: to deliver, the seller may see this of the buyer: name.",
		"explanation.3", "Withheld (e-mail address): this purpose does not need it, or not now.")
	id := r.at("id")
	if r.at("ledger.proof") == "" || r.header.Get("Content-Language") != "en" || findValue(r.at("explanation")) != "" {
		t.Errorf("%s", r.short())
	}
	h.do(t, "market", "POST /v1/disclosures/"+id+"/views?explain=1", `{"viewer":"s-1"}`, "Accept-Language", "zh-CN").want(t, 200,
		"explanation.0", "已同意：卖方可为履行交付查看买方的以下信息：姓名。")
	h.do(t, "market", "GET /v1/disclosures/"+id+"?explain=1&viewer=b-1", "", "Accept-Language", "de").want(t, 200,
		"explanation.0", "Granted: to deliver, the seller may see this of the buyer: name.")
	h.do(t, "market", "GET /v1/disclosures/"+id+"?explain=1", "").want(t, 200, "explanation.0", "Granted: to deliver, the seller may see what is necessary of the buyer.")
	h.do(t, "market", disclosures+"?explain=1", foreseen("t-1", "s-1", "deliver", "name")).want(t, 200, "explanation.1",
		"This was a dry run: nothing was decided, recorded or shown, and whether each value is held was not looked at.")
	h.do(t, "market", disclosures+"?explain=yes", request("t-1", "s-1", "deliver")).want(t, 422, "errors.0.pointer", "/explain")
	if r := h.do(t, "market", "GET /v1/disclosures/"+id, "", "Accept-Language", "pt").want(t, 200); r.at("explanation") != "" || r.header.Get("Vary") != "" {
		t.Errorf("not asked for, and explained: %s", r.short())
	}
}

// What a dry run counts at one broker is felt at another, though it has no entry, and
// after a start.
func TestDryRunsCountEverywhere(t *testing.T) {
	t.Parallel()
	const daily = 6
	h := shop(t, terms{budgets: requests(daily)})
	other := h.second(t)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	dry, real := foreseen("t-1", "s-1", "deliver"), request("t-1", "s-1", "deliver")
	other.do(t, "market", disclosures, real).want(t, 201, "decision", "granted") // it knows the day now
	for range daily - 2 {
		h.do(t, "market", disclosures, dry).want(t, 200, "decision", "granted")
	}
	other.do(t, "market", disclosures, real).want(t, 201, "decision", "granted")
	third := h.second(t)
	for _, d := range []*desk{other, h.desk, third} {
		for _, body := range []string{real, dry} { // a dry run of its own would let it look
			d.do(t, "market", disclosures, body).want(t, 429, "code", "rate_limited")
		}
	}
	h.clock.forward(24 * time.Hour)
	other.do(t, "market", disclosures, real).want(t, 201)
	got := tally(together(40, func(i int) reply {
		if i%2 == 0 {
			return h.do(t, "market", disclosures, dry)
		}
		return other.do(t, "market", disclosures, real)
	}))
	used := h.ask(t, `SELECT used FROM budgets WHERE day = '`+h.clock.now().Format(time.DateOnly)+`'`)
	if got[200]+got[201] != daily-1 || used != itoa(daily) {
		t.Errorf("one, and %v at once; %s are counted, want %d", got, used, daily)
	}
}
