package web

import (
	"bytes"
	"context"
	"net/http"
	"time"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking/fault"
)

type statusAnswer struct {
	Status string `json:"status" validate:"required"`
}

// getHealth answers GET /healthz: the process is there.
func (s *Server) getHealth(c *call) error {
	return c.answer(http.StatusOK, statusAnswer{"ok"})
}

// Outside is what is known of the log outside of its database, by now.
type Outside struct {
	Witnesses int           // that the settings name
	Witnessed int64         // entries of the newest checkpoint that one of them cosigned; 0 before the first
	Age       time.Duration // since then; 0 while that is the newest checkpoint of all
	File      bool          // a checkpoint file is kept
	Kept      int64         // entries of its newest checkpoint
	Behind    time.Duration // for how long the newest checkpoint could not be put into it; 0 while all is well
	Trouble   string        // why; never a value, nor a path
}

// readyAnswer says, to a key with scope audit, what is known of the log outside:
// whoever configured witnesses or a file sees the gap, also where it is all that
// there is. None of it makes anybody unready.
type readyAnswer struct {
	Status    string           `json:"status" validate:"required"`
	Witnessed *witnessedAnswer `json:"witnessed,omitempty"`
	File      *fileAnswer      `json:"checkpoint_file,omitempty"`
}

type witnessedAnswer struct {
	State string `json:"state" description:"newest: the newest checkpoint is cosigned; older: an older one is; never: none is"`
	Size  int64  `json:"size"`
	Age   *int64 `json:"age_seconds" validate:"required" description:"since the newest cosignature; 0 while it is of the newest checkpoint; null before the first"`
}

type fileAnswer struct {
	State   string `json:"state" description:"current, or failing: the newest checkpoint could not be put into it"`
	Size    int64  `json:"size"`
	Behind  int64  `json:"behind_seconds" description:"for how long"`
	Trouble string `json:"trouble,omitempty" description:"why"`
}

func (o *Outside) show(a *readyAnswer) {
	if o.Witnesses > 0 {
		w := &witnessedAnswer{State: "never", Size: o.Witnessed}
		if o.Witnessed > 0 {
			age := int64(o.Age.Seconds())
			if w.State, w.Age = "newest", &age; o.Age > 0 {
				w.State = "older"
			}
		}
		a.Witnessed = w
	}
	if o.File {
		a.File = &fileAnswer{State: "current", Size: o.Kept, Behind: int64(o.Behind.Seconds()), Trouble: o.Trouble}
		if o.Trouble != "" {
			a.File.State = "failing"
		}
	}
}

var errNotReady = fault.New(fault.Unavailable, "unavailable", "not ready; a key with scope audit is told why")

// getReady answers GET /readyz. Reasons are for those who may read them.
func (s *Server) getReady(c *call) error {
	reasons := s.Ready(c.ctx)
	_, presented := c.presented()
	told := presented && c.authenticate() == nil && c.has(audit)
	if len(reasons) == 0 {
		a := readyAnswer{Status: "ready"}
		if told {
			known := s.Outside()
			known.show(&a)
		}
		return c.answer(http.StatusOK, a)
	}
	e := *errNotReady
	if told {
		for _, r := range reasons {
			e.Fields = append(e.Fields, fault.Field{Code: "not_ready", Detail: r})
		}
	}
	return &e
}

// getCheckpoint answers GET /ledger/checkpoint with the newest signed note, and
// the cosignatures that are known of it.
func (s *Server) getCheckpoint(c *call) error { return c.answerNote(s.Checkpoint(c.ctx)) }

// getWitnessed answers GET /ledger/checkpoint/witnessed with the newest note
// that a witness cosigned: what a policy with a quorum takes.
func (s *Server) getWitnessed(c *call) error { return c.answerNote(s.Witnessed(c.ctx)) }

func (c *call) answerNote(signed []byte, err error) error {
	if err != nil {
		return err
	}
	if len(signed) == 0 {
		return broker.ErrNotFound
	}
	c.Set("Cache-Control", "no-cache")
	c.Response().Header.SetContentType("text/plain; charset=utf-8")
	return c.Send(signed)
}

// getMetrics answers GET /metrics.
func (s *Server) getMetrics(c *call) error {
	return s.metrics.page(c.Ctx)
}

// getDocument answers GET /openapi.json.
func (s *Server) getDocument(c *call) error {
	doc, err := s.document()
	if err != nil {
		return err
	}
	c.Response().Header.SetContentType("application/json")
	return c.Send(doc)
}

// getHome answers GET / with what this is: a page that never changes.
func (s *Server) getHome(c *call) error {
	page, err := s.home()
	if err != nil {
		return err
	}
	c.Set("Content-Security-Policy", pages.Policy)
	c.Response().Header.SetContentType("text/html; charset=utf-8")
	return c.Send(page)
}

// home is made once.
func home() ([]byte, error) {
	var b bytes.Buffer
	err := pages.Render(&b, pages.NewHome())
	return b.Bytes(), err
}

// complete puts in what can be left out.
func (d *Deps) complete() {
	if d.Ready == nil {
		d.Ready = func(context.Context) []string { return nil }
	}
	if d.Checkpoint == nil {
		d.Checkpoint = func(context.Context) ([]byte, error) { return nil, broker.ErrNotFound }
	}
	if d.Witnessed == nil {
		d.Witnessed = func(context.Context) ([]byte, error) { return nil, broker.ErrNotFound }
	}
	if d.Outside == nil {
		d.Outside = func() Outside { return Outside{} }
	}
	if d.Found == nil {
		d.Found = func(ledger.Finding) {}
	}
}
