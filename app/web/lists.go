package web

import (
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/masking/fault"
)

// page is how lists are answered.
type page[T any] struct {
	Data []T     `json:"data" validate:"required"`
	Next *string `json:"next" validate:"required" description:"pass it as after; null at the end"`
}

const defaultLimit, mostLimit = 50, 200

var errCursor = atParameter("", "not_a_cursor", "after is what next said; take it as it is")

// paging reads limit and after.
func paging(q map[string]string) (limit int, after string, err error) {
	limit = defaultLimit
	if s, ok := q["limit"]; ok {
		if limit, err = strconv.Atoi(s); err != nil || limit < 1 || limit > mostLimit || s[0] == '+' {
			return 0, "", atParameter("", "out_of_range", "limit is a number from 1 to 200")
		}
	}
	if s, ok := q["after"]; ok {
		if after, ok = parseCursor(s); !ok {
			return 0, "", errCursor
		}
	}
	return limit, after, nil
}

// A cursor is the store's own, wrapped: callers take it as it is.
const cursorMark = "1"

func cursor(next string) *string {
	if next == "" {
		return nil
	}
	s := base64.RawURLEncoding.EncodeToString([]byte(cursorMark + next))
	return &s
}

func parseCursor(s string) (string, bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	next, ok := strings.CutPrefix(string(raw), cursorMark)
	printable := !strings.ContainsFunc(next, func(r rune) bool { return r < 0x21 || r > 0x7e })
	return next, err == nil && ok && printable && next != "" && len(next) <= 128
}

// getDisclosures answers GET /v1/disclosures.
func (s *Server) getDisclosures(c *call) error {
	f, err := filterOf(c.params)
	if err != nil {
		return err
	}
	vs, next, err := s.Broker.Disclosures(c.ctx, f)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, pageOf(vs, next))
}

func filterOf(q map[string]string) (broker.Filter, error) {
	limit, after, err := paging(q)
	if err != nil {
		return broker.Filter{}, err
	}
	f := broker.Filter{
		Transaction: broker.TransactionID(q["transaction"]), Requester: broker.PartyID(q["requester"]),
		Subject: broker.PartyID(q["subject"]), Decision: q["decision"], After: after, Limit: limit,
	}
	for _, name := range []string{"transaction", "requester", "subject"} {
		if _, err := ask(q, name); err != nil {
			return f, err
		}
	}
	if _, ok := q["decision"]; ok && !slices.Contains([]string{"granted", "pending", "refused"}, f.Decision) {
		return f, atParameter("", "not_one_of", "decision has to be one of: granted, pending, refused")
	}
	return f, nil
}

// getPartyDisclosures answers GET /v1/parties/{id}/disclosures.
func (s *Server) getPartyDisclosures(c *call) error {
	id, err := c.pathID()
	if err != nil {
		return err
	}
	limit, after, err := paging(c.params)
	if err != nil {
		return err
	}
	vs, next, err := s.Broker.DisclosuresOf(c.ctx, broker.PartyID(id), after, limit)
	if err != nil {
		return err
	}
	a := partyDisclosures{page: *pageOf(vs, next)}
	if after == "" {
		looks, err := s.Broker.LooksInCases(c.ctx, broker.PartyID(id))
		if err != nil {
			return err
		}
		a.Cases = each(looks, showCaseLook)
	}
	return c.answer(http.StatusOK, &a)
}

func pageOf(vs []broker.DisclosureView, next string) *page[*disclosureAnswer] {
	return &page[*disclosureAnswer]{Data: each(vs, showDisclosure), Next: cursor(next)}
}

// ask reads a parameter that is an id; empty where it is not given.
func ask(q map[string]string, name string) (string, error) {
	id, ok := q[name]
	if !ok {
		return "", nil
	}
	return id, placed(identify(id, ""), inQuery)
}

// chosen reads a parameter that is 1, or left out.
func (c *call) chosen(name, pointer string) (bool, error) {
	s, ok := c.params[name]
	if ok && s != "1" {
		return false, atParameter(pointer, "not_one_of", name+" is 1, or left out")
	}
	return ok, nil
}

// reasonOf checks the reason of a request against a list of the broker's.
func reasonOf(word string, words []string, wrong *mistakes) {
	if !slices.Contains(words, word) {
		wrong.add("/reason", "not_one_of", "this has to be one of: "+strings.Join(words, ", "))
	}
}

func itoa(i int) string { return strconv.Itoa(i) }

var errIdempotencyKey = placed(fault.At("", "malformed_idempotency_key", "Idempotency-Key is 1 to 255 visible characters of ASCII, without spaces"), inHeader)

// once names this request by its Idempotency-Key, if it has one. The id in the
// path is part of the name: one key may serve several.
func (c *call) once(id string) (*broker.Outcome, error) {
	k, err := c.keyed(id)
	if k == nil || err != nil {
		return nil, err
	}
	return c.server.Broker.NewOutcome(broker.Caller{Key: c.who(), Word: c.word}, k.Route, k.Key, k.Body), nil
}

// onceSaying is once for what a form says: what stands between its parts is another
// thing each time that it is sent.
func (c *call) onceSaying(id string, parts ...[]byte) (*broker.Outcome, error) {
	k, err := c.keyed(id)
	if k == nil || err != nil {
		return nil, err
	}
	var said []byte
	for _, p := range parts {
		said = append(binary.BigEndian.AppendUint64(said, uint64(len(p))), p...)
	}
	return c.server.Broker.NewOutcome(broker.Caller{Key: c.who(), Word: c.word}, k.Route, k.Key, said), nil
}

// keyed is the same where neither a key nor a session says who sends it.
func (c *call) keyed(id string) (*broker.Keyed, error) {
	many := c.Request().Header.PeekAll("Idempotency-Key")
	if len(many) == 0 {
		return nil, nil //nolint:nilnil // no key is no error
	}
	key := string(many[0])
	visible := !strings.ContainsFunc(key, func(r rune) bool { return r < 0x21 || r > 0x7e })
	if len(many) > 1 || key == "" || len(key) > 255 || !visible {
		return nil, errIdempotencyKey
	}
	route := c.route.method + " " + c.route.template + " " + id
	return &broker.Keyed{Route: route, Key: key, Body: c.Request().Body()}, nil
}

// answerOnce says when an answer is the first one given again.
func (c *call) answerOnce(status int, v any, replayed bool) error {
	if replayed {
		c.Set("Idempotent-Replayed", "true")
	}
	return c.answer(status, v)
}
