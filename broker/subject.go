package broker

import (
	"context"
	"crypto/sha256"
	"errors"
	"strings"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// A party looks at what is held and was said of it on a page of its own, without
// a password: by a link that opens once, and a session that is short.

// PassKind says what a pass is.
type PassKind int16

// A link is spent on a session.
const (
	LinkPass    PassKind = 1
	SessionPass PassKind = 2
	FormPass    PassKind = 3 // a session with the registration form
)

// How long each lives. Nothing makes either longer.
const (
	linkTime        = 15 * time.Minute
	subjectSession  = 30 * time.Minute
	passBytes       = 32
	linkPrefix      = "bml_"
	subjectPrefix   = "bms_"
	formPrefix      = "bmv_"
	accessLinkMade  = "link_made"
	accessPageOpen  = "page_opened"
	accessExported  = "exported"
	accessLinkTaken = "access_link"
)

// Pass is a link or a session of a party, as it is kept: the token itself is not
// here, only its hash under a key that the database does not have.
type Pass struct {
	ID     []byte
	Kind   PassKind
	Party  Row
	Name   PartyID // of the party, as it is now
	EndsAt time.Time
}

// SubjectStore is what the subject's page needs of a store, beside Store. Passes
// are no history, so they do not go through the committer; that one was made and
// spent does.
type SubjectStore interface {
	// KeepPass keeps a pass. One that is there already gets the later end.
	KeepPass(ctx context.Context, p *Pass) error
	// Pass finds one; ErrNotFound for what is not there.
	Pass(ctx context.Context, id []byte) (*Pass, error)
	// DropPass takes one away, if it is there.
	DropPass(ctx context.Context, id []byte) error
	// PartyAt is whose row this is.
	PartyAt(ctx context.Context, r Row) (PartyID, error)
	// TransactionsOf lists those of a party, newest first; after is the row of the last one seen.
	TransactionsOf(ctx context.Context, party, after Row, limit int) ([]TransactionRecord, error)
}

// Refusals of the subject's page. A link that nobody made, that was spent and
// that is too old are not told apart.
var (
	ErrLink    = fault.New(fault.Unauthenticated, "access_link_invalid", "this link was used, is older than 15 minutes, or never was one: ask the marketplace for a new one")
	ErrNoVisit = fault.New(fault.Unauthenticated, "no_subject_session", "open the page with a new link")
)

// AccessLink is a link that opens a party's page once.
type AccessLink struct {
	Token     masking.Text // zero when it is told again too late
	ExpiresAt time.Time
}

// MakeLink makes one. Whose link it is has been reached with the key that asks,
// as by a view: ErrLimited past the budgets. The same request again is told the same link, for as long
// as it could open anything.
func (b *Broker) MakeLink(ctx context.Context, c Caller, id PartyID, once *Outcome) (AccessLink, bool, error) {
	return replayable(ctx, b, once, func(ctx context.Context) (AccessLink, error) {
		return again(ctx, func(ctx context.Context) (AccessLink, error) { return b.makeLink(ctx, c, id, once) })
	}, func(_ context.Context, o *Outcome) (AccessLink, error) {
		l := AccessLink{ExpiresAt: o.At.Add(linkTime)}
		if !b.now().Before(l.ExpiresAt) {
			return l, nil
		}
		raw, err := b.linkSecret(id, o)
		l.Token = passToken(linkPrefix, raw)
		return l, err
	})
}

// makeLink keeps the pass before its entry: a crash between the two leaves a pass
// whose token nobody was told, and never an entry of a link that does not open.
func (b *Broker) makeLink(ctx context.Context, c Caller, id PartyID, once *Outcome) (AccessLink, error) {
	p, _, err := b.Store.Party(ctx, id, MasksOnly)
	if err != nil {
		return AccessLink{}, err
	}
	now := b.now()
	once = once.led(accessLinkTaken, string(id), now)
	raw, err := b.linkSecret(id, once)
	if err != nil {
		return AccessLink{}, err
	}
	pass := &Pass{ID: b.hashPass(LinkPass, raw), Kind: LinkPass, Party: p.Row, EndsAt: now.Add(linkTime)}
	if err := b.Store.KeepPass(ctx, pass); err != nil {
		return AccessLink{}, err
	}
	w, err := b.accessed(p, accessLinkMade, c.Key, pass.EndsAt, now)
	if err != nil {
		return AccessLink{}, err
	}
	w.Once, w.Word = once, c.spends()
	w.Notices = []Notice{{Kind: AccessLinkMade, Transaction: p.Row}}
	b.chargeReach(w, c, p.Row)
	if _, err := b.Store.Commit(ctx, w); err != nil {
		return AccessLink{}, b.refuseReach(ctx, c, err)
	}
	return AccessLink{Token: passToken(linkPrefix, raw), ExpiresAt: pass.EndsAt}, nil
}

// linkSecret is chance, or follows from an idempotency key and the moment at which
// it led to a link: a retry is told the same one, and the same key, once it is
// forgotten, makes another.
func (b *Broker) linkSecret(id PartyID, once *Outcome) ([]byte, error) {
	if once != nil {
		return b.pepper().MAC("bauta/subject/link/v2", once.Key[:], []byte(id), once.moment()), nil
	}
	return b.randomBytes(passBytes)
}

func (b *Broker) hashPass(k PassKind, raw []byte) []byte {
	return b.pepper().MAC("bauta/subject/pass/v1", []byte{byte(k)}, raw)
}

func passToken(prefix string, raw []byte) masking.Text {
	return masking.NewText(prefix + idEncoding.EncodeToString(raw))
}

// pass finds what a token opens now.
func (b *Broker) pass(ctx context.Context, k PassKind, token string) (*Pass, []byte, error) {
	prefix := map[PassKind]string{LinkPass: linkPrefix, SessionPass: subjectPrefix, FormPass: formPrefix}[k]
	raw, err := idEncoding.DecodeString(strings.TrimPrefix(token, prefix))
	if err != nil || !strings.HasPrefix(token, prefix) || len(raw) != passBytes {
		return nil, nil, ErrNotFound
	}
	p, err := b.Store.Pass(ctx, b.hashPass(k, raw))
	if err != nil {
		return nil, nil, err
	}
	if p.Kind != k || !b.now().Before(p.EndsAt) {
		return nil, nil, ErrNotFound
	}
	return p, raw, nil
}

// OpenPage spends a link on a session. That the link is spent and that the page
// was opened is one commit, as with a party's token: of two brokers that are
// given one link at the same moment one finds it spent. After a crash before the
// session is kept the link is spent, and nothing was shown.
func (b *Broker) OpenPage(ctx context.Context, token string) (session masking.Text, p *Pass, err error) {
	link, raw, err := b.pass(ctx, LinkPass, token)
	if err == nil {
		_, err = again(ctx, func(ctx context.Context) (struct{}, error) { return struct{}{}, b.spend(ctx, link, raw) })
	}
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrTokenUsed) {
		return masking.Text{}, nil, ErrLink
	}
	if err != nil {
		return masking.Text{}, nil, err
	}
	secret, err := b.randomBytes(passBytes)
	if err != nil {
		return masking.Text{}, nil, err
	}
	s := &Pass{ID: b.hashPass(SessionPass, secret), Kind: SessionPass, Party: link.Party, Name: link.Name, EndsAt: b.now().Add(subjectSession)}
	return passToken(subjectPrefix, secret), s, b.Store.KeepPass(ctx, s)
}

func (b *Broker) spend(ctx context.Context, link *Pass, raw []byte) error {
	p, _, err := b.Store.Party(ctx, link.Name, MasksOnly)
	if err != nil {
		return err
	}
	now := b.now()
	w, err := b.accessed(p, accessPageOpen, "", now.Add(subjectSession), now)
	if err != nil {
		return err
	}
	digest := sha256.Sum256(raw)
	w.Word = &Word{Party: p.ID, Token: digest[:], ID: accessLinkTaken + "/" + encode(link.ID), Expires: link.EndsAt}
	_, err = b.Store.Commit(ctx, w)
	return err
}

// accessed is the entry that says who was let look at all that is held of a party.
func (b *Broker) accessed(p *PartyRecord, event, key string, until, now time.Time) (*Write, error) {
	r, err := b.record(ledger.Statement{Type: ledger.SubjectAccessed, At: now, Members: ledger.Object{
		{Name: "party", Value: string(p.ID)},
		{Name: "event", Value: event},
		{Name: "until", Value: until},
		{Name: "key", Value: key},
	}}, p.Key, keys{subject: p.Key})
	return &Write{Record: r, About: p}, err
}

// Visit finds whose page a session's token opens.
func (b *Broker) Visit(ctx context.Context, token string) (*Pass, error) {
	p, _, err := b.pass(ctx, SessionPass, token)
	if errors.Is(err, ErrNotFound) {
		return nil, ErrNoVisit
	}
	return p, err
}

// EndVisit ends a session.
func (b *Broker) EndVisit(ctx context.Context, p *Pass) error { return b.Store.DropPass(ctx, p.ID) }

// OnPage is who calls when a party speaks on its own page.
func OnPage(p PartyID) Caller { return Caller{Word: &Word{Party: p}} }
