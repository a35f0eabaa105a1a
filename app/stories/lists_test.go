package stories

import (
	"slices"
	"testing"
	"time"
)

// listing has two orders of two sellers, and eleven disclosures: four of s-1
// about b-1 on t-1, two of b-1 about s-1, five of s-2 about b-1 on t-2.
func listing(t *testing.T) (h *house, ids []string) {
	t.Helper()
	h = shop(t, terms{})
	h.agree(t, deal{id: "t-2", kind: "shipped_goods", seller: "s-2"})
	ask := func(id, who, purpose string, times int) {
		for range times {
			h.clock.forward(time.Second)
			r := h.disclose(t, id, who, purpose)
			ids = append(ids, r.at("id"))
		}
	}
	ask("t-1", "s-1", "deliver", 2)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	ask("t-1", "s-1", "deliver", 2)
	ask("t-1", "b-1", "return", 2)
	ask("t-2", "s-2", "deliver", 5)
	slices.Reverse(ids)
	return h, ids
}

// walk reads a list to its end, so many at a time.
func (h *house) walk(t *testing.T, list, limit string) (ids []string) {
	t.Helper()
	after := ""
	for range 20 {
		r := h.do(t, "market", "GET "+list+"limit="+limit+after, "").want(t, 200)
		for _, x := range r.list("data") {
			m, _ := x.(map[string]any)
			id, _ := m["id"].(string)
			ids = append(ids, id)
		}
		if r.at("next") == "" {
			return ids
		}
		after = "&after=" + r.at("next")
	}
	t.Errorf("%s never ends", list)
	return ids
}

func TestLists(t *testing.T) {
	t.Parallel()
	h, all := listing(t)
	for list, want := range map[string][]string{
		"/v1/disclosures?":                                            all,
		"/v1/disclosures?transaction=t-1&":                            all[5:],
		"/v1/disclosures?transaction=t-1&requester=s-1&":              all[7:],
		"/v1/disclosures?subject=b-1&decision=granted&":               all[7:9],
		"/v1/disclosures?requester=b-1&decision=refused&":             all[5:7],
		"/v1/disclosures?decision=pending&":                           nil,
		"/v1/disclosures?transaction=t-9&":                            nil,
		"/v1/disclosures?requester=nobody&":                           nil,
		"/v1/parties/b-1/disclosures?":                                slices.Concat(all[:5], all[7:]),
		"/v1/parties/s-1/disclosures?":                                all[5:7],
		"/v1/parties/s-2/disclosures?":                                nil,
		"/v1/disclosures?requester=s-2&subject=b-1&decision=refused&": all[:5],
	} {
		for _, limit := range []string{"1", "2", "5", "200"} {
			if got := h.walk(t, list, limit); !slices.Equal(got, want) {
				t.Errorf("%s by %s: %d, want %d: %v", list, limit, len(got), len(want), got)
			}
		}
	}
}

// A list for nobody in particular has no fields; the subject's own says what
// was shown of him, to whom, why and on which ground, and no value.
func TestListsSayWhat(t *testing.T) {
	t.Parallel()
	h, _ := listing(t)
	r := h.do(t, "market", "GET /v1/disclosures?decision=granted", "").want(t, 200, "data.0.state", "live", "data.0.fields", "")
	if findValue(string(r.raw)) != "" {
		t.Errorf("values in a list: %s", r.short())
	}
	r = h.do(t, "market", "GET /v1/parties/b-1/disclosures", "").want(t, 200,
		"data.5.requester", "s-1", "data.5.purpose", "deliver", "data.5.ground", "3b", "data.5.fields.0.field", "name",
		"data.5.fields.0.outcome", "granted", "data.0.decision", "refused", "next", "")
	if findValue(string(r.raw)) != "" || r.at("data.5.fields.0.value") != "" {
		t.Errorf("values in the subject's list: %s", r.short())
	}
	id := r.at("data.5.id")
	r = h.do(t, "market", "GET /v1/disclosures/"+id+"?viewer=b-1", "").want(t, 200, "fields.0.outcome", "granted", "fields.0.value", "")
	if findValue(string(r.raw)) != "" {
		t.Errorf("values without a view: %s", r.short())
	}
	h.do(t, "market", "GET /v1/disclosures/"+id, "").want(t, 200, "fields", "", "state", "live", "reasons", "")
}
