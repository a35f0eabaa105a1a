package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/disputes/letters"
	"bauta.dev/bauta/masking"
)

// previewLetters is what the button beside a proposal sends.
const previewLetters = "preview"

// lettersAnswer are the letters of a case.
type lettersAnswer struct {
	Dispute string         `json:"dispute" validate:"required"`
	Letters []letterAnswer `json:"letters" validate:"required" description:"of each side the oldest first"`
}

type letterAnswer struct {
	For      string      `json:"for" validate:"required" docs:"id"`
	Kind     string      `json:"kind" validate:"required" docs:"letter_kind"`
	Version  int         `json:"version" validate:"required,min=1" description:"of the template, as its entry names it"`
	Language string      `json:"language" validate:"required,oneof=en zh pt"`
	At       time.Time   `json:"at" validate:"required"`
	Index    int64       `json:"index" validate:"required" description:"of the entry that it tells of"`
	Text     valueAnswer `json:"text" validate:"required"`
}

func showLetter(l *broker.CaseLetter) letterAnswer {
	return letterAnswer{string(l.For), string(l.Kind), l.Version, l.Language, l.At, l.Index, valueAnswer{masking.Value{Text: l.Text}}}
}

// getLetters answers GET /v1/disputes/{id}/letters.
func (s *Server) getLetters(c *call) error {
	lang := c.params["language"]
	if _, named := c.params["language"]; named && !slices.Contains(letters.Languages(), lang) {
		return atParameter("", "not_one_of", "language is one of "+strings.Join(letters.Languages(), ", "))
	}
	viewer, id, err := c.opener()
	if err != nil {
		return err
	}
	var all []broker.CaseLetter
	if c.person != nil {
		var v broker.CaseView
		if v, err = s.Broker.StaffCase(c.ctx, c.staff(), id); err == nil {
			all, err = s.Broker.StaffLetters(c.ctx, &v, lang)
		}
	} else {
		all, err = s.Broker.Letters(c.ctx, viewer, id, lang)
	}
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, lettersAnswer{string(id), each(all, showLetter)})
}

func doGetLetters() operation {
	return operation{
		id: "getDisputeLetters", acts: "`viewer`", tag: "disputes", summary: "The letters to a side: of each decision, and of each question for evidence", people: those(disputeReaders()...),
		description: "Written from a versioned template and from what the entry says; the same each time. In the side's language, or in the one that is asked for. " +
			"The staff read those to both sides, with what was found left sealed.",
		answers: []answered{{status: http.StatusOK, body: lettersAnswer{}, example: `{"dispute":"dsp_05wq0e9m2r6a1b7c3d4e5f6g7g","letters":[{"for":"b-1","kind":"decision_refund","version":1,
"language":"en","at":"2026-03-04T12:00:00Z","index":17,"text":"Case dsp_05wq0e9m2r6a1b7c3d4e5f6g7g, about transaction t-1 …"}]}`}},
	}
}

// pageLetters are letters on a case's page.
func pageLetters(all []broker.CaseLetter, buyer broker.PartyID) (shown []pages.CaseLetter) {
	for i := range all {
		l := &all[i]
		x := pages.CaseLetter{Party: string(l.For), Role: string(disputes.Seller), What: headWords(string(l.Kind)), Lang: l.Language, Version: l.Version, At: l.At, Text: l.Text}
		if l.For == buyer {
			x.Role = string(disputes.Buyer)
		}
		shown = append(shown, x)
	}
	return shown
}

// previewOnPage shows what both sides would read, with all that was typed still in its
// form. Nothing is stored.
func (s *Server) previewOnPage(c *call, f *caseSent) (sight, error) {
	f.event = string(disputes.Propose)
	m, err := s.caseMove(f)
	if err != nil {
		return s.caseAgain(c, f, err)
	}
	id, err := c.disputeID()
	if err != nil {
		return sight{}, err
	}
	all, err := s.Broker.PreviewLetters(c.ctx, c.staff(), id, m)
	if err != nil {
		return s.caseAgain(c, f, err)
	}
	p, err := s.casePage(c, f, nil)
	if err != nil {
		return sight{}, err
	}
	p.Letters, p.Preview = pageLetters(all, broker.PartyID(p.Buyer)), true
	return seen(*p)
}

// besideCase puts onto a case's page the letters that were sent, and where a break-glass
// session about it is opened.
func (s *Server) besideCase(c *call, p *pages.Case, v *broker.CaseView) error {
	if !p.Reads {
		p.Glass = glassDesk + "?case=" + string(v.ID)
	}
	told, err := s.Broker.StaffLetters(c.ctx, v, "")
	p.Letters = pageLetters(told, v.Buyer)
	return err
}
