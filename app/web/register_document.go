package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"slices"
	"strings"
	"time"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// registerDocuments is where the page sends documents.
const registerDocuments = registerPage + "/documents"

// maxUpload is the longest form with a document: the document, and what stands
// around it.
const maxUpload = maxDocument + maxHeaders

// documentFields are those of the form.
func documentFields(w pages.RegisterWords) []pages.ActField {
	kind := pages.ActField{Name: "kind", Label: w.Named("on", "document_kind"), Kind: "select", Needed: true, Options: []pages.Choice{{Text: w.Choose}}}
	for _, code := range broker.DocumentKinds() {
		kind.Options = append(kind.Options, pages.Choice{Code: code, Text: w.Named("document", code)})
	}
	return []pages.ActField{
		{Name: "document", Label: w.Named("on", "document_file"), Hint: w.Named("on", "document_file_hint"), Kind: "file", Needed: true},
		kind,
		{Name: "expires", Label: w.Named("on", "document_expires"), Hint: w.Named("on", "document_expires_hint"), Kind: "date"},
	}
}

// uploaded is what a form with a document has sent. The file's name is not read.
type uploaded struct {
	texts map[string]masking.Text
	file  []byte
}

// Format hides what was sent, whatever prints it.
func (u *uploaded) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, masking.Hidden) }

// upload reads a form with a file: each part once, none that is not known, and
// nothing of it touches a disk.
func (c *call) upload() (*uploaded, error) {
	kind, params, err := mime.ParseMediaType(string(c.Request().Header.ContentType()))
	if err != nil || kind != "multipart/form-data" || len(c.Request().Header.ContentEncoding()) > 0 {
		return nil, errMedia
	}
	u := &uploaded{texts: map[string]masking.Text{}}
	parts := multipart.NewReader(bytes.NewReader(c.Request().Body()), params["boundary"])
	seen := map[string]bool{}
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return u, nil
		}
		if err != nil {
			return nil, errRequest
		}
		name := part.FormName()
		if seen[name] || !slices.Contains([]string{"document", "kind", "expires", "once"}, name) || part.Header.Get("Content-Transfer-Encoding") != "" {
			return nil, errRequest
		}
		seen[name] = true
		content, err := io.ReadAll(part)
		switch {
		case err != nil:
			return nil, errRequest
		case name == "document":
			u.file = content
		case len(content) > maxHeaders:
			return nil, errTooLarge
		default:
			u.texts[name] = masking.NewText(string(content))
		}
	}
}

// sendDocument answers POST /merchants/register/documents. What is taken is what the
// API takes.
func (s *Server) sendDocument(c *call) (sight, error) {
	return s.onBegun(c, func(x speech, p *formPass) (sight, error) {
		u, err := c.upload()
		if err != nil {
			return sight{}, err
		}
		err = s.storeUpload(c, p, u)
		return s.actDone(c, x, p, &said{act: "document", texts: u.texts}, err)
	})
}

func (s *Server) storeUpload(c *call, p *formPass, u *uploaded) error {
	in := broker.DocumentInput{Kind: u.texts["kind"].Reveal()}
	var wrong mistakes
	if !slices.Contains(broker.DocumentKinds(), in.Kind) {
		wrong.add("/kind", "kind_missing", "choose one")
	}
	if day := strings.TrimSpace(u.texts["expires"].Reveal()); day != "" {
		var err error
		if in.Expires, err = time.Parse(time.DateOnly, day); err != nil || in.Expires.Year() < firstYear || in.Expires.Year() > lastYear {
			wrong.add("/expires", "not_a_date", "a day")
		}
	}
	if len(u.file) == 0 {
		wrong.add("/document", "document_empty", "choose one")
	}
	if err := wrong.err(); err != nil {
		return err
	}
	hash := sha256.Sum256(u.file)
	once := s.onceOnForm(c, p, u.texts["once"], in.Kind, u.texts["expires"].Reveal(), string(hash[:]))
	if err := s.Broker.TakesDocument(c.ctx, p.Merchant, once); err != nil {
		return err // before anything is drawn
	}
	d, err := s.redraw(c.ctx, string(p.Merchant), u.file)
	if err != nil {
		return atDocument(err)
	}
	in.Media, in.Original = string(d.Kind), d.Original.Reveal()
	in.Shows, in.Derivative = string(d.Kind), d.Derivative.Reveal()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), s.Deadline) // drawing took a part of the first one
	defer cancel()
	_, _, err = s.Broker.StoreDocument(ctx, broker.OnPage(p.Party), p.Merchant, in, once)
	return err
}

// atDocument says of a refusal of the document that it is about that field.
func atDocument(err error) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Kind == fault.Unavailable || f.Kind == fault.Limited {
		return err
	}
	return f.Pointing("/document")
}
