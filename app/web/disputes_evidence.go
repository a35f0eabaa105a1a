package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/bundle"
	"bauta.dev/bauta/broker/merchants/documents"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// A form with a file is larger than the file: by its other parts, and their headers.
const (
	maxPart     = 32 << 10
	maxEvidence = maxDocument + 4*maxPart
)

const mediaForm, mediaZip = "multipart/form-data", "application/zip"

var (
	errEvidenceBody = fault.New(fault.Media, "unsupported_media_type", "the body is multipart/form-data with the parts by, type, note and file, not encoded any further")
	errWhichSide    = atParameter("/viewer", "required", "say who looks: viewer is one of the two sides")
	errEvidenceForm = fault.New(fault.Malformed, "malformed", "the form cannot be read: parts with a name each, each of them once")
)

// isEvidence says whether a path is where evidence is handed in.
func isEvidence(path []byte) bool {
	return bytes.HasPrefix(path, []byte("/v1/disputes/")) && bytes.HasSuffix(path, []byte("/evidence"))
}

// evidenceForm is evidence as it was sent. What the sender calls the file, and says
// of its type, is not asked.
type evidenceForm struct {
	by, kind string
	note     masking.Text
	file     []byte
}

// evidence reads the form of a body.
func (c *call) evidence() (f evidenceForm, err error) {
	kind, params, err := mime.ParseMediaType(string(c.Request().Header.ContentType()))
	if err != nil || kind != mediaForm || params["boundary"] == "" || len(c.Request().Header.ContentEncoding()) > 0 {
		return f, errEvidenceBody
	}
	parts := map[string][]byte{}
	r := multipart.NewReader(bytes.NewReader(c.Request().Body()), params["boundary"])
	for {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return f, errEvidenceForm
		}
		name := p.FormName()
		if _, again := parts[name]; again || name == "" {
			return f, errEvidenceForm
		}
		if parts[name], err = readPart(p, name); err != nil {
			return f, err
		}
	}
	return formOf(parts)
}

// readPart reads one part: one of those that are known, and not more than it may have.
func readPart(p *multipart.Part, name string) ([]byte, error) {
	most := int64(maxPart)
	switch name {
	case "file":
		most = maxDocument
	case "by", "type", "note":
	default:
		return nil, errUnknown.Pointing(speakable("/" + name))
	}
	content, err := io.ReadAll(io.LimitReader(p, most+1))
	switch {
	case err != nil:
		return nil, errEvidenceForm
	case int64(len(content)) > most && name == "file":
		return nil, documents.ErrTooLarge
	case int64(len(content)) > most:
		return nil, fault.At("/"+name, "too_long", "this is too long")
	}
	return content, nil
}

func formOf(parts map[string][]byte) (evidenceForm, error) {
	var wrong mistakes
	for _, name := range []string{"by", "type", "file"} {
		if _, ok := parts[name]; !ok {
			wrong.add("/"+name, "required", "this is missing")
		}
	}
	f := evidenceForm{by: string(parts["by"]), kind: string(parts["type"]), file: parts["file"]}
	oneOf("/type", f.kind, disputes.EvidenceTypes(), &wrong)
	f.note = prose(masking.NewText(string(parts["note"])), "/note", false, &wrong)
	if err := wrong.err(); err != nil {
		return f, err
	}
	return f, identify(f.by, "/by")
}

// postEvidence answers POST /v1/disputes/{id}/evidence.
func (s *Server) postEvidence(c *call) error {
	f, err := c.evidence()
	if err != nil {
		return err
	}
	if err = c.speaks(f.by); err != nil {
		return err
	}
	id, err := c.disputeID()
	if err != nil {
		return err
	}
	once, err := c.onceSaying(string(id), []byte(f.by), []byte(f.kind), []byte(f.note.Reveal()), f.file)
	if err != nil {
		return err
	}
	by := broker.PartyID(f.by)
	v, err := s.Broker.CaseFacts(c.ctx, id) // before anything is drawn
	if err == nil && by != v.Buyer && by != v.Seller {
		err = broker.ErrNotFound
	}
	if err != nil {
		return err
	}
	d, err := s.redraw(c.ctx, string(id)+"/"+f.by, f.file)
	if err != nil {
		return err
	}
	in := broker.EvidenceInput{
		Type: disputes.EvidenceType(f.kind), Note: f.note, Media: string(d.Kind), Original: d.Original.Reveal(), Shows: string(d.Kind), Derivative: d.Derivative.Reveal(),
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), s.Deadline) // drawing took a part of the first one
	defer cancel()
	v, replayed, err := s.Broker.AddEvidence(ctx, c.caller(disputing), by, id, in, once)
	if err != nil {
		return err
	}
	return c.answerDispute(http.StatusCreated, &v, replayed)
}

// opener is the case in the path, and who opens something of it: a side that the query
// names, or a person. It leaves an entry, so no other site may send a browser here.
func (c *call) opener() (viewer broker.PartyID, id broker.CaseID, err error) {
	name, named := c.params["viewer"]
	switch from := c.Get("Sec-Fetch-Site"); {
	case c.person != nil && (from == "cross-site" || from == "same-site"):
		return "", "", errForeign
	case c.person != nil && named:
		return "", "", errPersonViews
	case c.person == nil && !named:
		return "", "", errWhichSide
	case named:
		if err := placed(identify(name, "/viewer"), inQuery); err != nil {
			return "", "", err
		}
		if err := c.speaks(name); err != nil {
			return "", "", err
		}
	}
	id, err = c.disputeID()
	return broker.PartyID(name), id, err
}

// getEvidence answers GET /v1/disputes/{id}/evidence/{n}.
func (s *Server) getEvidence(c *call) error {
	viewer, id, err := c.opener()
	if err != nil {
		return err
	}
	n, err := c.number()
	if err != nil {
		return err
	}
	var d broker.OpenedEvidence
	if c.person != nil {
		d, err = s.Broker.OpenStaffEvidence(c.ctx, c.staff(), id, n)
	} else {
		d, err = s.Broker.OpenEvidence(c.ctx, c.caller(disputing), viewer, id, n)
	}
	if err != nil {
		return err
	}
	if c.person != nil {
		s.metrics.byStaff.WithLabelValues(opensCase).Inc()
	}
	return c.handOver(string(id), d.N, d.Shows, d.Content)
}

// getBundle answers GET /v1/disputes/{id}/bundle.
func (s *Server) getBundle(c *call) error {
	viewer, id, err := c.opener()
	if err != nil {
		return err
	}
	to, named := c.params["recipient"]
	switch {
	case c.person == nil && named:
		return atParameter("", "not_wanted", "a side has its own bundle: leave recipient out")
	case c.person != nil && !slices.Contains(bundle.Recipients(), bundle.Recipient(to)):
		return atParameter("", "not_one_of", "recipient is one of "+strings.Join(words(bundle.Recipients()), ", "))
	}
	var content []byte
	if c.person != nil {
		content, err = s.Broker.StaffBundle(c.ctx, c.staff(), id, bundle.Recipient(to))
	} else {
		content, err = s.Broker.CaseBundle(c.ctx, c.caller(disputing), viewer, id)
	}
	if err != nil {
		return err
	}
	if c.person != nil {
		s.metrics.byStaff.WithLabelValues(opensCase).Inc()
	}
	c.Set("Content-Disposition", `attachment; filename="`+string(id)+`.zip"`)
	c.Set("Content-Security-Policy", documentPolicy)
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
	c.Response().Header.SetContentType(mediaZip)
	return c.Send(content)
}

// handOver sends what was drawn anew, to be saved.
func (c *call) handOver(id string, n int, media string, content []byte) error {
	ending := map[string]string{string(documents.JPEG): ".jpg", string(documents.PNG): ".png", string(documents.PDF): ".pdf"}[media]
	return c.save(&savedFile{id + "-" + itoa(n) + ending, media, content})
}
