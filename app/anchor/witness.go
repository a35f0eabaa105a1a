package anchor

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/broker/ledger"
)

// Witness cosigns checkpoints, by C2SP tlog-witness.
type Witness struct {
	Name     string // as the policy file calls it
	Verifier note.Verifier
	url      string
}

// mostWitnesses bounds a policy file.
const mostWitnesses = 32

// ParseWitnesses reads the witness lines of a C2SP tlog-policy; each needs its
// URL here. What the policy demands of others, its logs and its quorum, is for
// them. Errors name the line and never what it holds.
func ParseWitnesses(policy []byte) ([]Witness, error) {
	var all []Witness
	for i, line := range strings.Split(string(policy), "\n") {
		if strings.HasSuffix(line, "\r") {
			return nil, fmt.Errorf("read witnesses: line %d: it ends with a carriage return: save the file with LF line ends", i+1)
		}
		words := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' })
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		switch words[0] {
		case "log", "group", "quorum":
			continue
		case "witness":
		default:
			return nil, fmt.Errorf("read witnesses: line %d: it is none of witness, group, quorum and log", i+1)
		}
		w, err := parseWitness(words[1:])
		if err != nil {
			return nil, fmt.Errorf("read witnesses: line %d: %w", i+1, err)
		}
		if slices.ContainsFunc(all, func(o Witness) bool {
			return o.Name == w.Name || o.Verifier.Name() == w.Verifier.Name() && o.Verifier.KeyHash() == w.Verifier.KeyHash()
		}) {
			return nil, fmt.Errorf("read witnesses: line %d: this name or key is there already", i+1)
		}
		all = append(all, w)
	}
	if len(all) == 0 || len(all) > mostWitnesses {
		return nil, fmt.Errorf("read witnesses: there are %d of them, and 1 to %d are wanted, a line each: witness NAME VKEY URL", len(all), mostWitnesses)
	}
	return all, nil
}

func parseWitness(words []string) (Witness, error) {
	if len(words) != 3 {
		return Witness{}, errors.New("want witness NAME VKEY URL")
	}
	v, err := cosignature.NewVerifierForCosignatureV1(words[1])
	if err != nil {
		return Witness{}, errors.New("its key is not a vkey that cosigns")
	}
	u, err := url.Parse(words[2])
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return Witness{}, errors.New("its URL is not of the form https://HOST/PATH")
	}
	ip := net.ParseIP(u.Hostname())
	if u.Scheme != "https" && (u.Scheme != "http" || u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback())) {
		return Witness{}, errors.New("its URL has to begin with https, for whoever stands in between could answer in its place")
	}
	return Witness{Name: words[0], Verifier: v, url: u.JoinPath("add-checkpoint").String()}, nil
}

// What a witness answers that is no cosignature.
var (
	errAnswer    = errors.New("the witness's answer is not one that the protocol has")
	errSignature = errors.New("the witness's answer holds no cosignature of its key")
)

// objection is a witness's word that this log is not what it has cosigned: it
// knows more entries, or another history. The number is its own, and not signed.
type objection struct{ size int64 }

func (o *objection) Error() string {
	if o.size == math.MaxInt64 {
		return "the witness has cosigned another history of this log"
	}
	return fmt.Sprintf("the witness has cosigned %d entries, more than this log has", o.size)
}

// mostAnswer is the most of an answer that is read: some lines, of which the
// longest kind takes 3.5 kB.
const mostAnswer = 16 << 10

// prover gives consistency proofs.
type prover interface {
	Consistency(ctx context.Context, from, to int64) ([]tlog.Hash, error)
}

// ask asks for a cosignature of head; old is the size that the witness is known
// to have, and what is known of it afterwards comes back.
func (w Witness) ask(ctx context.Context, client *http.Client, p prover, head ledger.Checkpoint, old int64) (line string, known int64, err error) {
	for range 2 { // a second time with the size that it said
		status, body, err := w.post(ctx, client, p, head, old)
		if err != nil {
			return "", old, err
		}
		switch status {
		case http.StatusOK:
			line, err = w.cosignature(head, body)
			if err != nil {
				return "", old, err
			}
			return line, head.Size, nil
		case http.StatusConflict:
			size, err := conflict(body, head, old)
			if err != nil {
				return "", old, err
			}
			old = size
		case http.StatusUnprocessableEntity:
			return "", 0, &objection{math.MaxInt64}
		default:
			return "", old, fmt.Errorf("%w: status %d", errAnswer, status)
		}
	}
	return "", old, fmt.Errorf("%w: its size moves", errAnswer)
}

// history is what this log has signed.
type history interface {
	prover
	// SignedAt is the checkpoint that was signed for a size; the zero one where no
	// commit ended there.
	SignedAt(ctx context.Context, size int64) (ledger.Checkpoint, error)
}

// sound asks how large the witness knows the log to be, and whether what it knows is
// of this history, and for no cosignature: of a size that is not its own, and with no
// proof, it gives none. Where it has cosigned this very head before, it may say so again.
func (w Witness) sound(ctx context.Context, client *http.Client, h history, head ledger.Checkpoint) (line string, known int64, err error) {
	status, body, err := w.post(ctx, client, h, head, head.Size)
	if err != nil {
		return "", 0, err
	}
	switch status {
	case http.StatusOK:
		line, err = w.cosignature(head, body)
		return line, head.Size, err
	case http.StatusConflict:
		known, err = conflict(body, head, head.Size)
		if err != nil || known == 0 {
			return "", known, err
		}
		return "", known, w.knows(ctx, client, h, head, known)
	default:
		return "", 0, fmt.Errorf("%w: status %d", errAnswer, status)
	}
}

// knows asks about the checkpoint that this log has signed for the very size that the
// witness has: it says the same of that one again, or has another root for it. What
// it has cosigned was signed, so a log that has signed none of that size is another.
func (w Witness) knows(ctx context.Context, client *http.Client, h history, head ledger.Checkpoint, size int64) error {
	signed, err := h.SignedAt(ctx, size)
	switch {
	case err != nil:
		return fmt.Errorf("read what was signed for %d: %w", size, err)
	case signed.Size != size || signed.Origin != head.Origin:
		return &objection{math.MaxInt64}
	}
	status, body, err := w.post(ctx, client, h, signed, size)
	if err != nil {
		return err
	}
	switch status {
	case http.StatusOK:
		return nil
	case http.StatusUnprocessableEntity:
		return &objection{math.MaxInt64}
	case http.StatusConflict:
		now, err := parseSize(body)
		if err != nil {
			return err
		}
		if now == size {
			return &objection{math.MaxInt64}
		}
		return fmt.Errorf("%w: its size moves", errAnswer)
	default:
		return fmt.Errorf("%w: status %d", errAnswer, status)
	}
}

// conflict is the size that a witness has, as it says where it was asked about
// another one; an objection if that cannot be of this log.
func conflict(body []byte, head ledger.Checkpoint, old int64) (int64, error) {
	size, err := parseSize(body)
	switch {
	case err != nil:
		return 0, err
	case size > head.Size:
		return 0, &objection{size}
	case size == old && old == head.Size:
		return 0, &objection{math.MaxInt64}
	}
	return size, nil
}

func (w Witness) post(ctx context.Context, client *http.Client, p prover, head ledger.Checkpoint, old int64) (int, []byte, error) {
	body := fmt.Appendf(nil, "old %d\n", old)
	if old > 0 && old < head.Size {
		hashes, err := p.Consistency(ctx, old, head.Size)
		if err != nil {
			return 0, nil, fmt.Errorf("prove consistency from %d: %w", old, err)
		}
		for _, h := range hashes {
			body = append(base64.StdEncoding.AppendEncode(body, h[:]), '\n')
		}
	}
	body = append(append(body, '\n'), head.Note...)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, fmt.Errorf("ask witness: %w", err)
	}
	req.Header.Set("Content-Type", "text/plain; charset=utf-8")
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil, fmt.Errorf("ask witness: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, mostAnswer+1))
	if err != nil {
		return 0, nil, fmt.Errorf("read witness's answer: %w", err)
	}
	if len(answer) > mostAnswer {
		return 0, nil, errAnswer
	}
	return resp.StatusCode, answer, nil
}

// parseSize reads a decimal number and a newline, in its one form.
func parseSize(b []byte) (int64, error) {
	text, ended := strings.CutSuffix(string(b), "\n")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || !ended || n < 0 || strconv.FormatInt(n, 10) != text {
		return 0, errAnswer
	}
	return n, nil
}

// cosignature takes the witness's own line out of an answer; lines of keys that
// nobody here knows are ignored. It is given in its one form: base64 has spare bits,
// and a line in another form would be kept and could never be handed out.
func (w Witness) cosignature(head ledger.Checkpoint, body []byte) (string, error) {
	text, _, found := bytes.Cut(head.Note, []byte("\n\n"))
	if !found {
		return "", errAnswer
	}
	n, err := note.Open(slices.Concat(text, []byte("\n\n"), body), note.VerifierList(w.Verifier))
	if err != nil || len(n.Sigs) != 1 {
		return "", errSignature
	}
	raw, err := base64.StdEncoding.DecodeString(n.Sigs[0].Base64)
	if err != nil {
		return "", errSignature
	}
	return "— " + n.Sigs[0].Name + " " + base64.StdEncoding.EncodeToString(raw), nil
}
