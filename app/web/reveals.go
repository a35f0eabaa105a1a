package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/masking"
)

// revealBody is what one of the staff wants to open of a request that he works on.
type revealBody struct {
	Purpose string    `json:"purpose" validate:"required,max=64" description:"what the request is before a person for: decide_request, decide_objection or decide_appeal"`
	Reason  string    `json:"reason" validate:"required,max=64" description:"one of a list; see the operation"`
	Fields  *[]string `json:"fields" docs:"fields" description:"of the subject, each by its name"`
	Notes   *[]string `json:"notes" description:"whose free text about this request: requester, subject"`
}

func (b *revealBody) glance() (broker.Glance, error) {
	wrong := rules(b)
	g := broker.Glance{Purpose: b.Purpose, Reason: b.Reason}
	if len(wrong) == 0 {
		reasonOf(b.Reason, broker.ReasonsFor(broker.LookInto), &wrong)
	}
	if b.Fields == nil && b.Notes == nil {
		wrong.add("/fields", "required", "name fields, or whose notes")
	}
	if b.Notes != nil {
		g.Notes = notesNamed(*b.Notes, &wrong)
	}
	if err := wrong.err(); err != nil {
		return g, err
	}
	if !slices.Contains(broker.StaffPurposes(), b.Purpose) {
		return g, broker.ErrUnknownStaffPurpose.Pointing("/purpose")
	}
	var err error
	if b.Fields != nil {
		g.Fields, err = fieldsOf(*b.Fields)
	}
	return g, err
}

func notesNamed(names []string, wrong *mistakes) []string {
	if len(names) == 0 {
		wrong.add("/notes", "wrong_number", "name at least one side, or leave the member out")
	}
	for i, name := range names {
		switch {
		case !slices.Contains(broker.NoteSides(), name):
			wrong.add("/notes/"+itoa(i), "not_one_of", "this has to be one of: "+strings.Join(broker.NoteSides(), ", "))
		case slices.Contains(names[:i], name):
			wrong.add("/notes/"+itoa(i), "repeated", "each side once")
		}
	}
	return names
}

// revealAnswer is what was opened.
type revealAnswer struct {
	Disclosure string           `json:"disclosure" validate:"required"`
	Purpose    string           `json:"purpose" validate:"required,oneof=decide_request decide_objection decide_appeal"`
	Reason     string           `json:"reason" validate:"required"`
	View       int              `json:"view" validate:"required" description:"how often staff have opened something of this request, this time included"`
	Fields     []revealedAnswer `json:"fields" validate:"required"`
	Notes      []noteAnswer     `json:"notes" validate:"required"`
	Ledger     ledgerAnswer     `json:"ledger" validate:"required" description:"the place of the entry that says so; it was there before anything was opened"`
}

type revealedAnswer struct {
	Field string      `json:"field" validate:"required" docs:"field"`
	Value valueAnswer `json:"value" validate:"required"`
}

type noteAnswer struct {
	From string      `json:"from" validate:"required,oneof=requester subject"`
	On   string      `json:"event" validate:"required" description:"what it was said with, an event of docs/states.md"`
	At   time.Time   `json:"at" validate:"required"`
	Text valueAnswer `json:"text" validate:"required"`
}

func showGlanced(g *broker.Glanced) revealAnswer {
	a := revealAnswer{
		Disclosure: string(g.Request.Disclosure), Purpose: g.Glance.Purpose, Reason: g.Glance.Reason, View: g.View,
		Fields: []revealedAnswer{}, Notes: []noteAnswer{}, Ledger: showPlace(&g.Place),
	}
	for _, f := range masking.Fields() {
		if v, ok := g.Values[f]; ok {
			a.Fields = append(a.Fields, revealedAnswer{string(f), valueAnswer{v}})
		}
	}
	for _, n := range g.Notes {
		a.Notes = append(a.Notes, noteAnswer{n.From, string(n.On), n.At, valueAnswer{masking.Value{Text: n.Text}}})
	}
	return a
}

// postReveal answers POST /v1/requests/{id}/reveals.
func (s *Server) postReveal(c *call) error {
	body, err := decode[revealBody](c)
	if err != nil {
		return err
	}
	g, err := body.glance()
	if err != nil {
		return err
	}
	id, err := c.disclosureID()
	if err != nil {
		return err
	}
	once, err := c.once(string(id))
	if err != nil {
		return err
	}
	seen, replayed, err := s.Broker.Look(c.ctx, c.staff(), id, g, once)
	if err != nil {
		return err
	}
	if !replayed {
		s.metrics.byStaff.WithLabelValues(g.Purpose).Inc()
	}
	return c.answerOnce(http.StatusOK, showGlanced(&seen), replayed)
}

// staffViewAnswer is a moment at which one of the staff opened something.
type staffViewAnswer struct {
	At      time.Time `json:"at" validate:"required"`
	Index   int64     `json:"index" validate:"required" description:"of the entry"`
	Role    string    `json:"role" validate:"required" description:"of who it was; nobody is told the name"`
	Purpose string    `json:"purpose" validate:"required"`
	Reason  string    `json:"reason" validate:"required" description:"a code; not_available where it would say something of somebody's safety"`
	Fields  []string  `json:"fields,omitempty" description:"of the subject"`
	Notes   []string  `json:"notes,omitempty" description:"whose free text: requester, subject"`
}

func showStaffViews(vs []broker.StaffView) (all []staffViewAnswer) {
	for _, v := range vs {
		all = append(all, staffViewAnswer{v.At, v.Index, v.Role, v.Purpose, v.Reason, words(v.Fields), v.Notes})
	}
	return all
}

func doPostReveal() operation {
	return operation{
		id: "postReveal", tag: "requests", summary: "Open fields, or what a side has written, of a request that one works on", once: true,
		people: those(deciders()...).justConfirmed(),
		description: "For who has taken the request, while it waits for him. A field opens only where the policies would give it to the requester, or leave it to a person. " +
			"The entry names the fields, the purpose and the reason; it is durable before anything is opened. Both sides are told, and the subject can see it. " +
			"A replay shows the values again for 10 minutes, while the same could be opened anew. Reasons: " + strings.Join(broker.ReasonsFor(broker.LookInto), ", ") + ".",
		request: revealBody{}, example: `{"purpose":"decide_request","reason":"identity_unclear","fields":["phone"],"notes":["requester"]}`,
		refuses: []int{http.StatusConflict, http.StatusGone},
		answers: []answered{{status: http.StatusOK, body: revealAnswer{}, example: `{"disclosure":"dsc_05wq0e9m2r6a1b7c3d4e5f6g7g","purpose":"decide_request","reason":"identity_unclear","view":1,
"fields":[{"field":"phone","value":"+5511912345678"}],"notes":[{"from":"requester","event":"submit","at":"2017-01-06T10:00:00Z","text":"The parcel came back."}],
"ledger":{"index":17,"leaf_hash":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=","tree_size":18,"root_hash":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}}`}},
	}
}
