package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Errors about a receipt as a file.
var (
	ErrReceipt    = errors.New("the bytes are not a receipt of version 1")
	ErrReceiptSum = errors.New("the receipt was cut or changed after it was made: its sum does not fit")
)

const (
	// MaxReceiptSize bounds a receipt in bytes.
	MaxReceiptSize = 16 << 20

	maxOpenings   = 64 // of one entry; there are seven fields
	receiptHeader = "bauta.dev/receipt@v1\n\n"
	sumPrefix     = "sha256 "
	sumSize       = len(sumPrefix) + 44 + 1
)

// Receipt is what one side may show to anybody of what the log says:
// docs/receipt-format.md. It holds no key; who reads it has to know the log's.
type Receipt struct{ Items []Item }

// Item is one entry, its place, and what it says to those audiences whom the
// owner of the receipt belongs to.
type Item struct {
	Entry    []byte
	Proof    Proof // without Extra
	Said     []Said
	Openings []Opening // none, unless they were asked for
}

// Said is what an entry says to one audience, and the salt that proves it.
type Said struct {
	Audience Audience
	Salt     []byte
	Content  []byte
}

// Opening shows that a commitment is to this very value: Key is what the
// commitment was made with. Whose value it is follows from what the entry says.
// It does not print.
type Opening struct {
	Origin  string // of the log for which the value was sealed
	Field   string
	Version int64
	Key     []byte
	Value   []byte // canonical: a text, or an address as JSON
}

// String keeps the value out of whatever prints an opening.
func (o Opening) String() string { return "opening of " + printable(o.Field) }

// GoString is String.
func (o Opening) GoString() string { return o.String() }

// Marshal gives the file. Items that Verify would refuse are written all the same.
func (r Receipt) Marshal() []byte {
	b := []byte(receiptHeader)
	for i := range r.Items {
		b = r.Items[i].append(b)
	}
	return appendSum(b)
}

func (it *Item) append(b []byte) []byte {
	b = appendLine(b, "entry", encoded64(it.Entry))
	b = appendLine(b, "proof", encoded64(it.Proof.Marshal()))
	for _, s := range it.Said {
		b = appendLine(b, "said", s.Audience.String(), encoded64(s.Salt), string(s.Content))
	}
	for _, o := range it.Openings {
		b = appendLine(b, "opening", o.Origin, o.Field, strconv.FormatInt(o.Version, 10), encoded64(o.Key), encoded64(o.Value))
	}
	return append(b, '\n')
}

func appendLine(b []byte, words ...string) []byte {
	return append(append(b, strings.Join(words, " ")...), '\n')
}

// appendSum adds the last line. It finds accidents; people are found by the signature.
func appendSum(b []byte) []byte {
	sum := sha256.Sum256(b)
	return append(append(append(b, sumPrefix...), encoded64(sum[:])...), '\n')
}

func encoded64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// ParseReceipt is the strict inverse of Marshal: what Marshal would not write byte
// for byte, an item that says nothing, or more than MaxReceiptSize bytes is
// ErrReceipt, and what was cut or changed on its way ErrReceiptSum. It proves
// nothing yet: Verify does.
func ParseReceipt(b []byte) (Receipt, error) {
	if len(b) > MaxReceiptSize || !bytes.HasPrefix(b, []byte(receiptHeader)) {
		return Receipt{}, fmt.Errorf("read receipt: %w", ErrReceipt)
	}
	body := b[:max(0, len(b)-sumSize)]
	if !bytes.Equal(appendSum(bytes.Clone(body)), b) {
		return Receipt{}, fmt.Errorf("read receipt: %w", ErrReceiptSum)
	}
	var r Receipt
	items, found := strings.CutSuffix(strings.TrimPrefix(string(body), receiptHeader), "\n\n")
	if !found {
		return Receipt{}, fmt.Errorf("read receipt: %w", ErrReceipt)
	}
	for i, text := range strings.Split(items, "\n\n") {
		it, err := parseItem(strings.Split(text, "\n"))
		if err != nil {
			return Receipt{}, fmt.Errorf("read item %d: %w", i+1, err)
		}
		r.Items = append(r.Items, it)
	}
	if !bytes.Equal(r.Marshal(), b) {
		return Receipt{}, fmt.Errorf("read receipt: %w", ErrReceipt)
	}
	return r, nil
}

// parseItem need not be strict about form: ParseReceipt writes it again and compares.
func parseItem(lines []string) (Item, error) {
	var it Item
	for _, line := range lines {
		word, rest, _ := strings.Cut(line, " ")
		var err error
		switch word {
		case "entry":
			it.Entry, err = decode64(rest)
		case "proof":
			it.Proof, err = parseProof64(rest)
		case "said":
			var s Said
			s, err = parseSaid(rest)
			it.Said = append(it.Said, s)
		case "opening":
			var o Opening
			o, err = parseOpening(strings.Split(rest, " "))
			it.Openings = append(it.Openings, o)
		default:
			err = ErrReceipt
		}
		if err != nil {
			return Item{}, err
		}
	}
	if len(it.Said) == 0 || len(it.Openings) > maxOpenings {
		return Item{}, ErrReceipt
	}
	return it, nil
}

func decode64(text string) ([]byte, error) {
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, ErrReceipt // the cause would tell what stands there
	}
	return b, nil
}

func parseProof64(text string) (Proof, error) {
	b, err := decode64(text)
	if err != nil {
		return Proof{}, err
	}
	p, err := ParseProof(b)
	if err == nil && len(p.Extra) > 0 { // it would be under no signature
		err = ErrReceipt
	}
	return p, err
}

func parseSaid(rest string) (Said, error) {
	name, rest, _ := strings.Cut(rest, " ")
	salt, content, _ := strings.Cut(rest, " ")
	a, err := ParseAudience(name)
	if err != nil {
		return Said{}, err
	}
	raw, err := decode64(salt)
	return Said{Audience: a, Salt: raw, Content: []byte(content)}, err
}

func parseOpening(words []string) (Opening, error) {
	if len(words) != 5 || words[0] == "" {
		return Opening{}, ErrReceipt
	}
	o := Opening{Origin: words[0], Field: words[1]}
	var err error
	if o.Version, err = strconv.ParseInt(words[2], 10, 32); err != nil || o.Version < 1 || !validName(o.Field) {
		return Opening{}, ErrReceipt
	}
	if o.Key, err = decode64(words[3]); err != nil {
		return Opening{}, err
	}
	o.Value, err = decode64(words[4])
	return o, err
}
