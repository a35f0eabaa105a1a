package stories

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
)

// While the record is known not to be what was signed, no value leaves by any way,
// no view is spent and no entry is written for one; masked data can be read, and
// what reveals nothing goes on. When it is sound again, all is as it was.
func TestUnsoundRecordRevealsNothing(t *testing.T) {
	t.Parallel()
	var unsound atomic.Bool
	h := shop(t, terms{sound: func() error {
		if unsound.Load() {
			return broker.ErrTampered.After(time.Minute)
		}
		return nil
	}})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	granted := h.do(t, "market", disclosures, request("t-1", "s-1", "deliver"), keyed("first")...).want(t, 201, "decision", "granted")
	id := granted.at("id")
	size := h.size(t)
	unsound.Store(true)
	for what, r := range map[string]reply{
		"a disclosure": h.do(t, "market", disclosures, request("t-1", "s-1", "deliver")),
		"a view":       h.view(t, id, "s-1"),
		"openings":     h.do(t, "market", "POST /v1/disclosures/"+id+"/openings", `{"viewer":"s-1"}`),
		"a replay":     h.do(t, "market", disclosures, request("t-1", "s-1", "deliver"), keyed("first")...),
	} {
		r.want(t, 503, "code", "unavailable")
		r.nothingShown(t, what)
		r.agrees(t, "is not what was signed", "/readyz")
	}
	if h.size(t) != size {
		t.Error("an entry was written for what was not revealed")
	}
	h.do(t, "market", "GET /v1/parties/b-1", "").want(t, 200)
	h.do(t, "market", "GET /v1/transactions/t-1?viewer=s-1", "").want(t, 200)
	h.do(t, "market", "GET /v1/disclosures/"+id+"?viewer=s-1", "").want(t, 200, "views_left", "19")
	h.attest(t, "t-1", "ship 1")
	unsound.Store(false)
	if r := h.view(t, id, "s-1").want(t, 200, "views_left", "18"); r.opens() == "" {
		t.Errorf("sound again: %s", r.short())
	}
}

// agrees holds the words of a refusal that a person has to end against its header,
// which says how soon another try can be of use.
func (r reply) agrees(t *testing.T, says ...string) {
	t.Helper()
	detail := r.at("detail")
	for _, s := range append(says, "trying again helps no sooner than that, nor than Retry-After says") {
		if !strings.Contains(detail, s) {
			t.Errorf("%s: %q does not say %q", r.request, detail, s)
		}
	}
	if wait := r.header.Get("Retry-After"); wait != "60" || strings.Contains(detail, "in a moment") || strings.Contains(detail, "does not help") {
		t.Errorf("%s: Retry-After %q beside %q", r.request, wait, detail)
	}
}

// A log that is another than what is known of it outside is refused in words that
// agree with the header.
func TestRefusedLogSaysWhenToTryAgain(t *testing.T) {
	t.Parallel()
	var refused atomic.Bool
	h := shop(t, terms{sound: func() error {
		if refused.Load() {
			return broker.ErrRefused.After(time.Minute)
		}
		return nil
	}})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	refused.Store(true)
	h.do(t, "market", disclosures, request("t-1", "s-1", "deliver")).want(t, 503, "code", "unavailable").agrees(t, "bauta ledger succeed")
}

// What a request comes upon is named for whoever runs the broker, with its place
// and without a value; its caller hears that it is not to be tried again.
func TestTamperedReadsAreNamed(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct{ change, found string }{
		"an entry":       {`UPDATE ledger_entries SET entry = set_byte(entry, 8, get_byte(entry, 8) # 1) WHERE idx = INDEX`, "entry INDEX: "},
		"a statement":    {`UPDATE ledger_entries SET statement = set_byte(statement, 40, get_byte(statement, 40) # 1) WHERE idx = INDEX`, "entry INDEX: its statement does not open"},
		"a party's row":  {`UPDATE parties SET facts = set_byte(facts, 1, 2) WHERE name = 'b-1'`, "party rows: one of them does not carry this broker's MAC"},
		"a sealed value": {`UPDATE cards SET sealed = set_byte(sealed, 90, get_byte(sealed, 90) # 1) WHERE owner = (SELECT id FROM parties WHERE name = 'b-1')`, "cards: the sealed "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, id := grantedHouse(t)
			decided := h.do(t, "market", "GET /v1/disclosures/"+id+"?viewer=s-1", "")
			index := decided.at("ledger.index")
			h.forged, h.forgedRows = true, true
			h.sql(t, `ALTER TABLE ledger_entries DISABLE TRIGGER USER`)
			h.sql(t, strings.ReplaceAll(x.change, "INDEX", index))
			fresh := h.second(t) // it remembers nothing of before
			h.come.upon()
			met := 0
			for _, r := range []reply{
				fresh.do(t, "market", "POST /v1/disclosures/"+id+"/views", `{"viewer":"s-1"}`),
				fresh.do(t, "market", "GET /v1/disclosures/"+id+"/receipt?viewer=s-1", ""),
				fresh.do(t, "audit", "GET /v1/ledger/proof?index="+index+"&size="+h.size(t), ""),
			} {
				if r.status < 500 {
					continue
				}
				met++
				r.want(t, 503, "code", "unavailable")
				r.nothingShown(t, name)
			}
			all := strings.Join(h.come.upon(), "\n")
			if want := strings.ReplaceAll(x.found, "INDEX", index); met == 0 || !strings.Contains(all, want) || findValue(all) != "" {
				t.Errorf("%d met, and found: %q, want %q", met, all, want)
			}
			if said := h.log.String(); !strings.Contains(said, strings.ReplaceAll(x.found, "INDEX", index)) || findValue(said) != "" {
				t.Errorf("the log does not name it")
			}
		})
	}
}

// Whoever has a browser comes upon it as well: the pages answer with what can be done,
// and whoever runs the broker is told as of any other request.
func TestTamperedPagesAreNamed(t *testing.T) {
	t.Parallel()
	h, _ := grantedHouse(t)
	v := h.comes(t, "en")
	p := h.employ(t, "hanna", helena, accounts.Handler)
	desk := h.visitor(t)
	h.clock.forward(time.Minute)
	desk.page(desk.form("/sign-in", "email", helena, "password", phrase, "code", p.shows(t, h.clock.now())), 200, "Unassigned")
	h.forged, h.forgedRows = true, true
	h.sql(t, `UPDATE cards SET sealed = set_byte(sealed, 90, get_byte(sealed, 90) # 1) WHERE owner = (SELECT id FROM parties WHERE name = 'b-1')`)
	h.sql(t, `UPDATE accounts SET facts = set_byte(facts, 1, get_byte(facts, 1) # 1)`)
	h.come.upon()
	for _, x := range []struct {
		page  *visitor
		req   *http.Request
		found string
	}{
		{v, v.form("/me/export?lang=en"), "cards: the sealed "},
		{desk, desk.address("/desk"), "MAC"},
	} {
		status, header, text := x.page.take(x.req)
		if status != http.StatusServiceUnavailable || header.Get("Retry-After") != "60" || findValue(text) != "" {
			t.Errorf("%s: %d, Retry-After %q: %s", x.req.URL.Path, status, header.Get("Retry-After"), text)
		}
		if all := strings.Join(h.come.upon(), "\n"); !strings.Contains(all, x.found) || findValue(all) != "" {
			t.Errorf("%s: found %q", x.req.URL.Path, all)
		}
	}
}
