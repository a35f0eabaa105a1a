package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// permitPage is where a party chooses what it permits. What it chose is shown in
// whole sentences before anything is permitted, and those are what is recorded.
const permitPage = ownPage + "/permit"

// fieldPrefix is before a field's name in the form.
const fieldPrefix = "field_"

// monthAhead is what the form proposes.
const monthAhead = 30 * 24 * time.Hour

var errPermit = fault.New(fault.Invalid, "validation_failed", "something has to be chosen anew")

// permitForm is what a party has chosen, and what is wrong with it.
type permitForm struct {
	broker.Consent

	until  string // as it was written
	wrongs pages.Wrongs
}

// lastDay is the last one that a permission may be in force: the whole of it is
// within a year.
func lastDay(now time.Time) time.Time {
	return now.UTC().AddDate(1, 0, -1).Truncate(24 * time.Hour)
}

// readPermit reads the form. What it names is held against whom the party deals
// with; everything else has the same rules as the API has.
func (s *Server) readPermit(c *call, w *pages.PermitWords, others []broker.PartyID, more ...string) (*permitForm, map[string]masking.Text, error) {
	names := append([]string{"recipient", "purpose", "until"}, more...)
	for _, f := range masking.Fields() {
		names = append(names, fieldPrefix+string(f))
	}
	given, err := c.form(names...)
	if err != nil {
		return nil, nil, err
	}
	f := &permitForm{until: given["until"].Reveal(), wrongs: pages.Wrongs{}}
	f.Recipient, f.Purpose = broker.PartyID(given["recipient"].Reveal()), necessity.Purpose(given["purpose"].Reveal())
	for _, field := range masking.Fields() {
		if _, chosen := given[fieldPrefix+string(field)]; chosen {
			f.Fields = append(f.Fields, field)
		}
	}
	day, err := time.Parse(time.DateOnly, f.until)
	f.ExpiresAt = day.AddDate(0, 0, 1)
	for at, wrong := range map[string]struct {
		so   bool
		text string
	}{
		"recipient": {!slices.Contains(others, f.Recipient), w.WrongWho},
		"purpose":   {!slices.Contains(necessity.Purposes(), f.Purpose), w.WrongFor},
		"fields":    {len(f.Fields) == 0, w.WrongWhat},
		"until":     {err != nil || !f.ExpiresAt.After(s.Now()) || day.After(lastDay(s.Now())), w.WrongUntil},
	} {
		if wrong.so {
			f.wrongs[at] = wrong.text
		}
	}
	return f, given, nil
}

// onPermit runs what needs a session and whom its party deals with.
func (s *Server) onPermit(c *call, do func(speech, *pages.PermitWords, *broker.Pass, []broker.PartyID) (sight, error)) (sight, error) {
	return s.onPage(c, func(x speech, p *broker.Pass) (sight, error) {
		others, err := s.Broker.Counterparties(c.ctx, p.Name)
		if err != nil {
			return sight{}, err
		}
		w := pages.PermitWordsIn(x.lang)
		return do(x, &w, p, others)
	})
}

// showPermit answers GET /me/permit.
func (s *Server) showPermit(c *call) (sight, error) {
	return s.onPermit(c, func(x speech, w *pages.PermitWords, _ *broker.Pass, others []broker.PartyID) (sight, error) {
		return seen(s.permit(x, w, others, &permitForm{until: s.Now().UTC().Add(monthAhead).Format(time.DateOnly)}))
	})
}

// sendPermit answers POST /me/permit. It permits nothing yet.
func (s *Server) sendPermit(c *call) (sight, error) {
	return s.onPermit(c, func(x speech, w *pages.PermitWords, p *broker.Pass, others []broker.PartyID) (sight, error) {
		f, _, err := s.readPermit(c, w, others)
		if err != nil {
			return sight{}, err
		}
		if len(f.wrongs) > 0 {
			return c.refused(errPermit, s.permit(x, w, others, f))
		}
		return seen(x.permission(w, p.Name, f, ""))
	})
}

// sendPermission answers POST /me/permission: the party has read the text, and
// permits what it says. Of another text than the one that it would be now nothing
// is permitted.
func (s *Server) sendPermission(c *call) (sight, error) {
	return s.onPermit(c, func(x speech, w *pages.PermitWords, p *broker.Pass, others []broker.PartyID) (sight, error) {
		f, given, err := s.readPermit(c, w, others, "text")
		if err != nil {
			return sight{}, err
		}
		if len(f.wrongs) > 0 {
			return c.refused(errPermit, s.permit(x, w, others, f))
		}
		f.Locale, f.Text = x.lang, sha256.Sum256([]byte(x.consentText(w, p.Name, f)))
		if given["text"].Reveal() != hex.EncodeToString(f.Text[:]) {
			return c.refused(broker.ErrConflict, x.permission(w, p.Name, f, w.Other))
		}
		_, _, err = s.Broker.GiveConsent(c.ctx, broker.OnPage(p.Name), p.Name, f.Consent)
		switch {
		case errors.Is(err, broker.ErrTooManyConsents):
			f.wrongs[""] = w.TooMany
		case fault.Of(err).Kind == fault.Invalid: // who it was for is gone, or the day is over, since it was read
			f.wrongs["recipient"], f.wrongs["until"] = w.WrongWho, w.WrongUntil
		case err != nil:
			return sight{}, err
		default:
			return goTo(x.home("permitted"))
		}
		return c.refused(err, s.permit(x, w, others, f))
	})
}

// permit is the form, with what was chosen and what is wrong with it.
func (s *Server) permit(x speech, w *pages.PermitWords, others []broker.PartyID, f *permitForm) pages.Permit {
	shell := pages.SubjectWordsIn(x.lang)
	title := w.Title
	if len(f.wrongs) > 0 {
		title = shell.Error + ": " + title
	}
	last := lastDay(s.Now())
	p := pages.Permit{
		SubjectShell: pages.NewSubjectShell(shell, title), P: *w, Until: f.until, Wrongs: f.wrongs,
		From: s.Now().UTC().Format(time.DateOnly), To: last.Format(time.DateOnly), Last: pages.Dated{At: last, Text: last.Format(time.DateOnly)},
		Who: pages.Select{Name: "recipient", Label: w.Who, Hint: w.WhoHint, Wrong: f.wrongs["recipient"], Chosen: string(f.Recipient)},
		For: pages.Select{
			Name: "purpose", Label: w.For, Wrong: f.wrongs["purpose"], Chosen: string(f.Purpose), Options: []pages.Choice{{Text: w.Choose}},
		},
	}
	if len(others) > 0 {
		p.Who.Options = []pages.Choice{{Text: w.Choose}}
	}
	for _, id := range others {
		p.Who.Options = append(p.Who.Options, pages.Choice{Code: string(id), Text: string(id)})
	}
	for _, purpose := range necessity.Purposes() {
		p.For.Options = append(p.For.Options, pages.Choice{Code: string(purpose), Text: x.Named(x.lang, "purpose", string(purpose))})
	}
	for _, field := range masking.Fields() {
		p.Fields = append(p.Fields, pages.Pick{
			Choice: pages.Choice{Code: fieldPrefix + string(field), Text: x.Named(x.lang, "field", string(field))}, Chosen: slices.Contains(f.Fields, field),
		})
	}
	return p
}

// consentText is what the party reads, in its language.
func (x speech) consentText(w *pages.PermitWords, party broker.PartyID, f *permitForm) string {
	return w.Text(string(party), string(f.Recipient), x.Named(x.lang, "field", words(f.Fields)...), x.Named(x.lang, "purpose", string(f.Purpose)), x.When(x.lang, f.ExpiresAt))
}

// permission is the page that shows it.
func (x speech) permission(w *pages.PermitWords, party broker.PartyID, f *permitForm, wrong string) pages.Permission {
	shell := pages.SubjectWordsIn(x.lang)
	title := w.ReadTitle
	if wrong != "" {
		title = shell.Error + ": " + title
	}
	text := x.consentText(w, party, f)
	hash := sha256.Sum256([]byte(text))
	p := pages.Permission{SubjectShell: pages.NewSubjectShell(shell, title), P: *w, Text: text, Wrong: wrong, Hidden: []pages.Choice{
		{Code: "recipient", Text: string(f.Recipient)}, {Code: "purpose", Text: string(f.Purpose)}, {Code: "until", Text: f.until}, {Code: "text", Text: hex.EncodeToString(hash[:])},
	}}
	for _, field := range f.Fields {
		p.Hidden = append(p.Hidden, pages.Choice{Code: fieldPrefix + string(field), Text: "yes"})
	}
	return p
}
