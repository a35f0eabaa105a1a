package web

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/valyala/fasthttp"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking/fault"
)

// A body is read into memory before anything is known of who sends it but what stands
// in the headers. So it is the headers that say how much is read: a document is, from
// whoever has a key that may send one, and a few at a time; a long body is, from whoever
// has a key; of all others together no more is held than a few megabytes.
const (
	shortBody       = 64 << 10 // that anybody may send
	roomOfStrangers = 16 << 20
	roomOfDocuments = 3 * maxUpload
	mostOfOne       = 2               // documents of one registration, or one case
	askedFor        = 2 * time.Second // whose key it is
)

var errNoRoom = fault.New(fault.Unavailable, "unavailable", "too many long requests are under way; try again in a moment")

// rooms count what is being read. A request is known by its header, which is another
// one's only once it is over.
type rooms struct {
	mu    sync.Mutex
	held  map[*fasthttp.RequestHeader]room
	total [2]int // of strangers, and of documents
}

type room struct {
	of    int    // strangers or documents
	by    string // what a document is of
	bytes int    // 0: it was turned away
	why   error  // it was
	until time.Time
}

const (
	ofStrangers = iota
	ofDocuments
)

// take says whether there is room, and holds it until the request is over; it is over
// for certain when its time is.
func (r *rooms) take(h *fasthttp.RequestHeader, x room, most int, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.held == nil {
		r.held = map[*fasthttp.RequestHeader]room{}
	}
	r.drop(h)
	if !r.fits(x, most) {
		for other, x := range r.held {
			if now.After(x.until) {
				r.drop(other)
			}
		}
	}
	if !r.fits(x, most) {
		why := errNoRoom
		if r.enough(x) {
			why = errDocumentsAtOnce
		}
		r.held[h] = room{of: x.of, why: why.After(time.Second), until: x.until}
		return false
	}
	r.total[x.of] += x.bytes
	r.held[h] = x
	return true
}

// fits says whether there is room for it, and whether what it is of has not enough
// already.
func (r *rooms) fits(x room, most int) bool {
	return r.total[x.of]+x.bytes <= most && !r.enough(x)
}

// enough says whether as many are being read of what it is of as may be.
func (r *rooms) enough(x room) bool {
	same := 0
	for _, other := range r.held {
		if x.by != "" && other.by == x.by {
			same++
		}
	}
	return same >= mostOfOne
}

// turnAway keeps why a request is refused, until it is.
func (r *rooms) turnAway(h *fasthttp.RequestHeader, why error, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.held == nil {
		r.held = map[*fasthttp.RequestHeader]room{}
	}
	r.drop(h)
	r.held[h] = room{why: why, until: until}
}

func (r *rooms) drop(h *fasthttp.RequestHeader) {
	r.total[r.held[h].of] -= r.held[h].bytes
	delete(r.held, h)
}

// leave ends what a request held, and says why it was turned away, if it was.
func (r *rooms) leave(h *fasthttp.RequestHeader) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	why := r.held[h].why
	r.drop(h)
	return why
}

// roomFor is asked when the headers of a request have arrived, before its body.
func (s *Server) roomFor(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
	now, length := s.Now(), h.ContentLength()
	if length == -1 {
		length = maxRead // it comes in parts, and nobody says how long it is
	}
	if length <= shortBody {
		return fasthttp.RequestConfig{}
	}
	if most := ofDocument(h); most > 0 {
		switch by, err := s.mayUpload(h); {
		case err != nil:
			s.rooms.turnAway(h, err, now.Add(readTime))
		case s.rooms.take(h, room{of: ofDocuments, by: by, bytes: most, until: now.Add(2 * documentTime)}, roomOfDocuments, now):
			return fasthttp.RequestConfig{MaxRequestBodySize: most, ReadTimeout: documentTime}
		}
		return fasthttp.RequestConfig{MaxRequestBodySize: shortBody}
	}
	if length > maxRead || s.known(h) {
		return fasthttp.RequestConfig{} // what is longer than any is not read at all
	}
	if !s.rooms.take(h, room{of: ofStrangers, bytes: length, until: now.Add(2 * readTime)}, roomOfStrangers, now) {
		return fasthttp.RequestConfig{MaxRequestBodySize: shortBody}
	}
	return fasthttp.RequestConfig{}
}

// ofDocument is how long the body may be, where it is to be a document; 0: it is none.
func ofDocument(h *fasthttp.RequestHeader) int {
	path, _, _ := bytes.Cut(h.RequestURI(), []byte("?"))
	switch {
	case !h.IsPost():
	case string(path) == registerDocuments:
		return maxUpload
	case bytes.HasPrefix(path, []byte("/v1/merchants/")) && bytes.HasSuffix(path, []byte("/documents")):
		return maxDocument
	case isEvidence(path):
		return maxEvidence
	}
	return 0
}

// mayUpload says what a document is of, and refuses whoever may not send it. That is
// asked again when the document is there.
func (s *Server) mayUpload(h *fasthttp.RequestHeader) (of string, err error) {
	path, _, _ := bytes.Cut(h.RequestURI(), []byte("?"))
	if string(path) == registerDocuments {
		p := s.formIn(h)
		if p == nil || p.Merchant == "" {
			return "", accounts.ErrNoSession
		}
		return string(p.Merchant), nil
	}
	key, err := s.keyIn(h)
	scope := registering
	if isEvidence(path) {
		scope = disputing
	}
	if err == nil && !slices.Contains(key.Scopes, scope) {
		err = errScope
	}
	return string(path), err
}

// known says whether the headers have a key of this broker, or a session with the form.
func (s *Server) known(h *fasthttp.RequestHeader) bool {
	_, err := s.keyIn(h)
	return err == nil || s.formIn(h) != nil
}

func (s *Server) keyIn(h *fasthttp.RequestHeader) (*broker.APIKey, error) {
	scheme, token, ok := strings.Cut(string(h.Peek("Authorization")), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return nil, errUnauthenticated
	}
	ctx, cancel := context.WithTimeout(context.Background(), askedFor)
	defer cancel()
	return s.keys.find(ctx, strings.TrimSpace(token), s.Now())
}

func (s *Server) formIn(h *fasthttp.RequestHeader) *formPass {
	for _, name := range []string{secureCookie, plainCookie} {
		if p, ok := s.openPass(forSession, string(h.Cookie(name+formCookieEnding))); ok {
			return p
		}
	}
	return nil
}
