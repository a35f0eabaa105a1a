package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"bauta.dev/bauta/broker/ledger"
)

// What an outcome can be. Only verified says that somebody is known to have
// signed it.
const (
	verified   = "verified"
	unanchored = "unanchored"
	failed     = "failed"
)

// outcome is all that the page shows. It holds opened values, and so is only
// ever handed to the page of whoever holds the receipt.
type outcome struct {
	State    string   `json:"state"`
	Reason   string   `json:"reason,omitempty"` // why it failed, by name
	Headline string   `json:"headline"`
	Sentence string   `json:"sentence"`
	Detail   string   `json:"detail,omitempty"` // what bauta verify prints
	Sum      string   `json:"sum,omitempty"`    // SHA-256 of the file
	Trusted  []string `json:"trusted,omitempty"`
	Entries  []entry  `json:"entries,omitempty"` // none of a file that failed
}

// String keeps values out of whatever prints an outcome.
func (o outcome) String() string { return o.State + " " + o.Reason }

// entry is one proven entry, in words.
type entry struct {
	Index  string   `json:"index"`
	What   string   `json:"what"`
	Hour   string   `json:"hour"`
	Origin string   `json:"origin"`
	Size   string   `json:"size"`
	Said   []said   `json:"said"`
	Opened []opened `json:"opened,omitempty"`
}

// said is what an entry says to one audience: in words, and as it was signed.
type said struct {
	To     string `json:"to"`
	Rows   []row  `json:"rows"`
	Signed string `json:"signed"`
}

// row is one member of a statement. It has a text, texts, or parts.
type row struct {
	Name  string   `json:"name"`
	Text  string   `json:"text,omitempty"`
	Texts []string `json:"texts,omitempty"`
	Parts [][]row  `json:"parts,omitempty"`
	Code  bool     `json:"code,omitempty"` // it is for machines
}

// opened is a value that is proven to be the one committed to.
type opened struct {
	Field string   `json:"field"`
	Lines []string `json:"lines"`
}

// verify proves a receipt, or a bundle of them, by the keys or the policy in trust, and always comes
// to an outcome: whatever goes wrong in between is failed.
func verify(file []byte, trust string) (o outcome) {
	defer func() {
		if recover() != nil {
			o = failure(errBroken)
		}
		o.Trusted = texts(trustLines(trust))
		if len(file) <= ledger.MaxReceiptSize {
			sum := sha256.Sum256(file)
			o.Sum = hex.EncodeToString(sum[:])
		}
	}()
	if len(file) > ledger.MaxReceiptSize {
		return failure(errTooLarge)
	}
	t, err := readTrust(trust)
	if err != nil {
		return failure(err)
	}
	prove := ledger.Verify
	if bytes.HasPrefix(file, []byte("PK")) {
		prove = ledger.VerifyArchive
	}
	p, err := prove(file, t)
	if err != nil {
		return failure(err)
	}
	return success(p)
}

func success(p ledger.Proven) outcome {
	entries, say := "The entry is", "says"
	if n := len(p.Entries); n != 1 {
		entries, say = "The "+strconv.Itoa(n)+" entries are", "say"
	}
	o := outcome{
		State: verified, Headline: "Verified",
		Sentence: entries + " in a log that is signed as you asked for, and " + say + " exactly what is shown here.",
	}
	if !p.Anchored {
		o.State, o.Headline = unanchored, "Verified, but unanchored"
		o.Sentence = "Everything in the file fits together, but nobody is known to have signed it: no key was given. " +
			"Whoever made the file could have made the log as well. Take the log’s key from somewhere else, and verify again."
	}
	for _, e := range p.Entries {
		o.Entries = append(o.Entries, describe(e))
	}
	return o
}

func describe(p ledger.ProvenEntry) entry {
	e := entry{
		Index: strconv.FormatInt(p.Index, 10), What: sentence(p.Type.String()), Hour: hour(p.Hour),
		Origin: visible(p.Origin), Size: strconv.FormatInt(p.Size, 10),
	}
	for i, a := range p.Said {
		s := said{To: audienceWords(a), Rows: append([]row{{Name: "at", Text: moment(p.Says[i].At)}}, rows(p.Says[i].Members)...)}
		if b, err := p.Says[i].Canonical(); err == nil { // it was read from these very bytes
			s.Signed = visible(string(b))
		}
		e.Said = append(e.Said, s)
	}
	for _, o := range p.Opened {
		e.Opened = append(e.Opened, opened{Field: sentence(o.Field), Lines: lines(o)})
	}
	return e
}

func audienceWords(a ledger.Audience) string {
	switch a {
	case ledger.Parties:
		return "both parties"
	case ledger.Requester:
		return "the requester"
	case ledger.Subject:
		return "the subject"
	default:
		return a.String()
	}
}

func rows(o ledger.Object) []row {
	all := make([]row, 0, len(o))
	for _, m := range o {
		r := row{Name: words(m.Name)}
		switch v := m.Value.(type) {
		case string:
			r.Text, r.Code = visible(v), encoded(v)
		case int64:
			r.Text = strconv.FormatInt(v, 10)
		case bool:
			r.Text = map[bool]string{true: "yes", false: "no"}[v]
		case time.Time:
			r.Text = moment(v)
		case []string:
			r.Texts = texts(v)
		case ledger.Object:
			r.Parts = [][]row{rows(v)}
		case []ledger.Object:
			for _, part := range v {
				r.Parts = append(r.Parts, rows(part))
			}
		default:
			r.Text = visible(fmt.Sprint(v))
		}
		all = append(all, r)
	}
	slices.SortStableFunc(all, func(x, y row) int { return cmp.Compare(rank(x), rank(y)) })
	return all
}

// first are the members that people look for, in the order of telling.
var first = []string{"field", "code", "obligation", "use", "decision", "purpose", "ground", "outcome", "reason", "requester", "subject", "transaction", "disclosure"}

// rank puts what people look for first, and what machines need last.
func rank(r row) int {
	if r.Code {
		return len(first) + 1
	}
	if i := slices.Index(first, r.Name); i >= 0 {
		return i
	}
	return len(first)
}

// encoded says whether a text is 32 bytes in base64, as commitments are.
func encoded(s string) bool {
	b, err := base64.StdEncoding.DecodeString(s)
	return err == nil && len(b) == sha256.Size
}

// lines are those of a value: a text is one, an address has some.
func lines(o ledger.Opening) []string {
	var address struct {
		Street     string `json:"street"`
		City       string `json:"city"`
		Region     string `json:"region"`
		PostalCode string `json:"postal_code"`
		Country    string `json:"country"`
	}
	whole := []string{visible(string(o.Value))}
	read := json.NewDecoder(bytes.NewReader(o.Value))
	read.DisallowUnknownFields() // or something of the value would not be seen
	if (o.Field != "address" && o.Field != "locality") || read.Decode(&address) != nil || read.More() {
		return whole
	}
	var all []string
	for _, s := range []string{address.Street, strings.TrimSpace(address.PostalCode + " " + address.City), address.Region, address.Country} {
		if s != "" {
			all = append(all, visible(s))
		}
	}
	if len(all) == 0 {
		return whole
	}
	return all
}

// hour is all that an entry itself says of its time.
func hour(t time.Time) string {
	return t.UTC().Format("2006-01-02, 15:04 to ") + t.Add(time.Hour).UTC().Format("15:04 UTC")
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// words turns a code into words.
func words(code string) string { return strings.ReplaceAll(visible(code), "_", " ") }

func sentence(code string) string {
	w := words(code)
	return strings.ToUpper(w[:1]) + w[1:]
}

func texts(all []string) []string {
	shown := make([]string, len(all))
	for i, s := range all {
		shown[i] = visible(s)
	}
	return shown
}

// visible shows what would not be seen, or would turn around what is seen: a
// text from elsewhere must not look like another one.
func visible(s string) string {
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
			fmt.Fprintf(&b, `\u{%04x}`, r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
