package ledger

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"filippo.io/mldsa"
)

// TestWorkedReceiptBySecondVerifier reads the receipt and the keys out of the
// document, and verifies it by what the two documents say: nothing of the package
// is used. It is what a stranger would write, and short for that it knows one type.
func TestWorkedReceiptBySecondVerifier(t *testing.T) {
	doc, err := os.ReadFile(receiptDocument)
	if err != nil {
		t.Fatal(err)
	}
	_, part, _ := strings.Cut(string(doc), "<!-- generated: receipt -->")
	shown := func(after string) string {
		_, rest, _ := strings.Cut(part, after)
		var b strings.Builder
		for line := range strings.Lines(strings.TrimLeft(rest, "\n")) {
			if !strings.HasPrefix(line, "    ") && line != "\n" {
				break
			}
			b.WriteString(strings.TrimPrefix(line, "    "))
		}
		return strings.TrimRight(b.String(), "\n") + "\n"
	}
	file, keys := shown("The receipt:\n"), strings.Fields(shown("ML-DSA-44:\n"))
	for _, trusted := range [][]string{keys, keys[:1], keys[1:]} {
		opened, err := (&stranger{keys: trusted}).verify(file)
		if err != nil || opened != "name="+exampleValue {
			t.Errorf("by %d keys: %q, %v", len(trusted), opened, err)
		}
	}
	// That it is not one that says yes to everything.
	for name, x := range map[string]struct{ old, new string }{
		"sum": {"\nsha256 ", "\nsha257 "}, "content": {`"views":20`, `"views":21`}, "value": {" QWRh", " QWRi"},
		"salt": {"said parties D", "said parties E"}, "entry": {"entry AQ", "entry AA"}, "proof": {"proof Yz", "proof Yy"},
	} {
		changed := strings.Replace(file, x.old, x.new, 1)
		if body, _, found := strings.Cut(changed, "sha256 "); found {
			sum := sha256.Sum256([]byte(body))
			changed = body + "sha256 " + base64.StdEncoding.EncodeToString(sum[:]) + "\n"
		}
		if _, err := (&stranger{keys: keys}).verify(changed); err == nil || changed == file {
			t.Errorf("%s changed: %v", name, err)
		}
	}
	for _, other := range [][]string{nil, {strings.Replace(keys[0], "d95f20c4", "d95f20c5", 1)}} {
		if _, err := (&stranger{keys: other}).verify(file); err == nil {
			t.Errorf("by %v", other)
		}
	}
}

// stranger is a second verifier. It keeps the first thing that was wrong.
type stranger struct {
	keys  []string
	wrong error
}

func (s *stranger) must(ok bool, format string, args ...any) {
	if !ok && s.wrong == nil {
		s.wrong = fmt.Errorf(format, args...)
	}
}

func (s *stranger) base64(text string) []byte {
	b, err := base64.StdEncoding.DecodeString(text)
	s.must(err == nil && base64.StdEncoding.EncodeToString(b) == text, "base64 %q", text)
	return b
}

// verify is sections 1 and 3, of a receipt of one item. It gives what is opened.
func (s *stranger) verify(file string) (string, error) {
	body, last, found := strings.Cut(file, "\nsha256 ")
	sum := sha256.Sum256([]byte(body + "\n"))
	s.must(found && last == base64.StdEncoding.EncodeToString(sum[:])+"\n", "the sum")
	item, found := strings.CutPrefix(body, "bauta.dev/receipt@v1\n\n")
	item, ended := strings.CutSuffix(item, "\n")
	s.must(found && ended, "the header")
	var entry []byte
	var said []map[string]any
	opened := ""
	for i, line := range strings.Split(item, "\n") {
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case i == 0 && word == "entry":
			entry = s.base64(rest)
			s.must(len(entry) == 22+4*32 && entry[0] == 1 && entry[1] == 9, "the entry")
		case i == 1 && word == "proof" && s.wrong == nil:
			s.proof(string(s.base64(rest)), entry)
		case i > 1 && word == "said" && opened == "" && s.wrong == nil:
			said = append(said, s.said(rest, entry))
		case i > 1 && word == "opening":
			opened += s.opening(strings.Split(rest, " "), said)
		default:
			s.must(false, "line %d", i)
		}
	}
	s.must(len(said) > 0, "nothing is said")
	return opened, s.wrong
}

// proof is RFC 6962, section 2.1.1, from the entry to the root of the checkpoint.
func (s *stranger) proof(text string, entry []byte) {
	proof, signed, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(proof, "\n")
	s.must(lines[0] == "c2sp.org/tlog-proof@v1", "the proof's header")
	index, err := strconv.ParseUint(strings.TrimPrefix(lines[1], "index "), 10, 63)
	s.must(err == nil, "the index")
	size, root := s.checkpoint(signed)
	s.must(index < size, "the index is beyond the size")
	if s.wrong != nil {
		return
	}
	node := func(x, y []byte) []byte {
		h := sha256.Sum256(slices.Concat([]byte{1}, x, y))
		return h[:]
	}
	leaf := sha256.Sum256(append([]byte{0}, entry...))
	at, n, most := leaf[:], index, size-1
	for _, line := range lines[2:] {
		beside := s.base64(line)
		s.must(len(beside) == 32 && most > 0, "a hash too much")
		if n&1 == 1 || n == most {
			at = node(beside, at)
			for n&1 == 0 && n > 0 {
				n, most = n>>1, most>>1
			}
		} else {
			at = node(at, beside)
		}
		n, most = n>>1, most>>1
	}
	s.must(most == 0 && bytes.Equal(at, root), "the proof does not lead to the root")
}

// checkpoint is section 5: one signature at least is by a key that is trusted, and
// none is by such a key and wrong.
func (s *stranger) checkpoint(signed string) (size uint64, root []byte) {
	text, signatures, _ := strings.Cut(signed, "\n\n")
	lines := strings.Split(text, "\n")
	if s.must(len(lines) == 3, "the checkpoint"); s.wrong != nil {
		return 0, nil
	}
	size, err := strconv.ParseUint(lines[1], 10, 63)
	s.must(err == nil, "the size")
	root = s.base64(lines[2])
	trusted, before := 0, ""
	for line := range strings.SplitSeq(strings.TrimSuffix(signatures, "\n"), "\n") {
		name, encoded, _ := strings.Cut(strings.TrimPrefix(line, "— "), " ")
		raw := s.base64(encoded)
		s.must(name == lines[0] && len(raw) > 4 && len(line) > len(before), "the order of signatures") // no witness is in the example
		before = line
		for _, key := range s.keys {
			if !strings.HasPrefix(key, fmt.Sprintf("%s+%x+", name, raw[:4])) {
				continue
			}
			trusted++
			public := s.base64(strings.SplitN(key, "+", 3)[2])
			s.must(signedBy(public, raw[4:], lines[0], text+"\n", size, root), "a signature is wrong")
		}
	}
	s.must(trusted > 0, "nobody who is trusted has signed")
	return size, root
}

// signedBy is C2SP signed-note for keys of type 01, and tlog-cosignature for 06.
func signedBy(public, sig []byte, origin, text string, size uint64, root []byte) bool {
	switch public[0] {
	case 1:
		return ed25519.Verify(public[1:], []byte(text), sig)
	case 6:
		name := append([]byte{byte(len(origin))}, origin...)
		message := slices.Concat([]byte("subtree/v1\n\x00"), name, sig[:8], name, make([]byte, 8), binary.BigEndian.AppendUint64(nil, size), root)
		key, err := mldsa.NewPublicKey(mldsa.MLDSA44(), public[1:])
		return err == nil && mldsa.Verify(key, message, sig[8:], nil) == nil
	}
	return false
}

// said is entry-format.md, section 6, as far as it goes without the table of types.
func (s *stranger) said(rest string, entry []byte) map[string]any {
	words := strings.SplitN(rest, " ", 3)
	place := map[string][2]byte{"parties": {1, 0}, "requester": {2, 1}}[words[0]]
	if s.must(len(words) == 3 && place[0] > 0, "the audience"); s.wrong != nil {
		return nil
	}
	salt, content := s.base64(words[1]), words[2]
	digest := sha256.Sum256(slices.Concat([]byte("bauta/digest/v1"), []byte{entry[1], place[0]}, salt, []byte(content)))
	from := 22 + 32*int(place[1])
	s.must(len(salt) == 16 && bytes.Equal(digest[:], entry[from:from+32]), "what is said to %s", words[0])
	var members map[string]any
	s.must(json.Unmarshal([]byte(content), &members) == nil && members["type"] == "disclosure_decided", "the content")
	moment, _ := members["at"].(string)
	at, err := time.Parse("2006-01-02T15:04:05.000000Z", moment)
	s.must(err == nil && at.Unix()/3600 == int64(binary.BigEndian.Uint32(entry[2:])), "the hour")
	return members
}

// opening is section 4.
func (s *stranger) opening(words []string, said []map[string]any) string {
	if s.must(len(words) == 5, "the opening"); s.wrong != nil {
		return ""
	}
	version, err := strconv.ParseUint(words[2], 10, 31)
	key, value := s.base64(words[3]), s.base64(words[4])
	s.must(err == nil && len(key) == 32, "the version, or the key")
	part := func(x string) string { return string(binary.BigEndian.AppendUint32(nil, uint32(len(x)))) + x }
	err = errors.New("no commitment fits")
	for _, members := range said {
		list, _ := members["fields"].([]any)
		for _, o := range list {
			field, _ := o.(map[string]any)
			label := part(words[0]) + part(fmt.Sprintf("party/%s", members["subject"])) + part(words[1]) + string(binary.BigEndian.AppendUint32(nil, uint32(version)))
			m := hmac.New(sha256.New, key)
			m.Write([]byte(part("bauta/commitment/v1") + part(label) + part(string(value))))
			if field["field"] == words[1] && field["version"] == float64(version) && field["commitment"] == base64.StdEncoding.EncodeToString(m.Sum(nil)) {
				err = nil
			}
		}
	}
	s.must(err == nil, "%v", err)
	return words[1] + "=" + string(value)
}
