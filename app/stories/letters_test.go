package stories

import (
	"strings"
	"testing"
)

// written: both sides read their letters, each in its language or in the one that it
// asks for, the same each time; the staff read them with what was found sealed.
func (c *court) written(t *testing.T, path string) {
	t.Helper()
	read := func(who, query string) reply {
		return c.do(t, who, "GET "+path+"/letters"+query, "")
	}
	r := read("disputes", "?viewer=b-1").want(t, 200, "letters.0.for", "b-1", "letters.0.kind", "evidence_requested", "letters.1.kind", "decision_refund", "letters.1.version", "1", "letters.1.language", "pt")
	text := r.at("letters.1.text")
	for _, want := range []string{"100.00 BRL", "CPL 44", "Nada mostra que houve entrega", "Você obteve tudo"} {
		if !strings.Contains(text, want) {
			t.Errorf("the letter does not say %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "•••") || strings.Contains(text, "{{") || strings.Contains(text, "hnd_") {
		t.Errorf("%s", text)
	}
	if again := read("disputes", "?viewer=b-1"); again.at("letters.1.text") != text {
		t.Error("the letter reads otherwise the second time")
	}
	lost := read("disputes", "?viewer=s-1&language=zh").want(t, 200, "letters.1.language", "zh")
	if s := lost.at("letters.1.text"); !strings.Contains(s, "申诉一次") || strings.Contains(s, "您在本纠纷中的请求已全部得到满足") {
		t.Errorf("%s", s)
	}
	staff := read("lena", "?language=en").want(t, 200, "letters.3.for", "s-1")
	if s := staff.at("letters.3.text"); !strings.Contains(s, "•••") || !strings.Contains(s, "You may appeal once, until ") {
		t.Errorf("%s", s)
	}
	read("disputes", "?viewer=b-9").want(t, 404)
	read("disputes", "?viewer=b-1&language=fr").want(t, 422)
	read("disputes", "").want(t, 422)
	read("market", "?viewer=b-1").want(t, 403)
}

// previews: what would be decided is read as each side would, before anything is stored.
func (c *court) previews(t *testing.T, hanna *clerk, here string) {
	t.Helper()
	size := c.size(t)
	hanna.Visit(here)
	hanna.folded("preview")
	hanna.Choose("#propose-outcome", "part_refund")
	hanna.Choose("#propose-reason_code", "not_delivered")
	hanna.Type("#propose-clause", "CPL 44")
	hanna.Type("#propose-findings", crafty)
	hanna.does("preview")
	hanna.Says("main", "The amount is more than what this is about")
	hanna.Type("#propose-amount", "40.00")
	hanna.does("preview")
	hanna.Says("[aria-labelledby=letters]", "This is a preview", "To the buyer b-1", "To the seller s-1", "40.00 BRL", "CPL 44", crafty)
	if hanna.Count(`document.querySelector("#propose-clause").value === "CPL 44" && document.querySelector("#propose-findings").value.includes("ליאה") ? 1 : 0`) != 1 || c.size(t) != size {
		t.Error("what was typed is lost, or something was stored")
	}
	hanna.look("5-letters")
}
