package disputes

import (
	"slices"
	"time"
)

// Side is one side of a transaction.
type Side string

// The two sides.
const (
	Buyer  Side = "buyer"
	Seller Side = "seller"
)

// Other is the other one.
func (s Side) Other() Side {
	if s == Buyer {
		return Seller
	}
	return Buyer
}

// Reason is why a case is opened.
type Reason string

// Reasons of the API.
const (
	NotReceived    Reason = "not_received"
	NotAsDescribed Reason = "not_as_described"
	Damaged        Reason = "damaged"
	WrongItem      Reason = "wrong_item"
	NotPaid        Reason = "not_paid"
	NotReturned    Reason = "not_returned"
	ServiceFailed  Reason = "service_failed"
	OtherReason    Reason = "other"
)

// EvidenceType says what an item of evidence is.
type EvidenceType string

// Types of evidence.
const (
	PhotoItem      EvidenceType = "photo_item"
	PhotoPackaging EvidenceType = "photo_packaging"
	Description    EvidenceType = "item_description"
	PackingList    EvidenceType = "packing_list"
	Tracking       EvidenceType = "carrier_tracking"
	DeliveryProof  EvidenceType = "delivery_proof"
	PaymentProof   EvidenceType = "payment_proof"
	Invoice        EvidenceType = "invoice"
	ReturnProof    EvidenceType = "return_proof"
	HandoverRecord EvidenceType = "handover_record"
	ServiceReport  EvidenceType = "service_report"
	ExpertReport   EvidenceType = "expert_report"
	Correspondence EvidenceType = "correspondence"
	OtherEvidence  EvidenceType = "other"
)

// EvidenceTypes are all of them.
func EvidenceTypes() []EvidenceType {
	return []EvidenceType{
		PhotoItem, PhotoPackaging, Description, PackingList, Tracking, DeliveryProof, PaymentProof, Invoice, ReturnProof, HandoverRecord, ServiceReport,
		ExpertReport, Correspondence, OtherEvidence,
	}
}

// Point is one line of a checklist: what a side has to show, or may. What a handler has
// asked for has a round that it was asked in, and a time of its own.
type Point struct {
	By       Side
	Type     EvidenceType
	Required bool
	Due      time.Time `json:",omitzero"`
	Round    int       `json:",omitzero"`
}

// DueOf is until when a side can hand in what it was asked for in a round: the latest of
// all that was. Zero: it was asked for nothing.
func DueOf(asked []Point, round int, s Side) time.Time {
	var due time.Time
	for i := range asked {
		if p := &asked[i]; p.By == s && p.Round == round && p.Due.After(due) {
			due = p.Due
		}
	}
	return due
}

// DueFor is until when an item of one type is in time: what it was asked for until, or
// else what its side was.
func DueFor(asked []Point, round int, s Side, t EvidenceType) time.Time {
	i := slices.IndexFunc(asked, func(p Point) bool { return p.By == s && p.Round == round && p.Type == t })
	if i >= 0 {
		return asked[i].Due
	}
	return DueOf(asked, round, s)
}

// ground is all that tells one reason from another.
type ground struct {
	reason Reason
	// lines are the obligations that it can be about: those that the other side owes.
	// Without any: each.
	lines  []string
	points []Point
}

// grounds is the list, in the order of the API.
var grounds = []ground{
	{NotReceived, []string{"ship", "deliver", "hand_over", "grant_access"}, []Point{
		{By: Seller, Type: Tracking, Required: true}, {By: Seller, Type: DeliveryProof, Required: true}, {By: Seller, Type: Correspondence}, {By: Buyer, Type: Correspondence},
	}},
	{NotAsDescribed, []string{"deliver", "hand_over", "grant_access"}, []Point{
		{By: Buyer, Type: PhotoItem, Required: true}, {By: Buyer, Type: Description}, {By: Seller, Type: Description, Required: true}, {By: Seller, Type: PhotoItem}, {By: Buyer, Type: ExpertReport},
	}},
	{Damaged, []string{"deliver", "hand_over"}, []Point{
		{By: Buyer, Type: PhotoItem, Required: true}, {By: Buyer, Type: PhotoPackaging, Required: true}, {By: Seller, Type: PhotoPackaging}, {By: Seller, Type: Tracking}, {By: Seller, Type: ExpertReport},
	}},
	{WrongItem, []string{"deliver", "hand_over", "grant_access"}, []Point{
		{By: Buyer, Type: PhotoItem, Required: true}, {By: Seller, Type: PackingList, Required: true}, {By: Seller, Type: Description},
	}},
	{NotPaid, []string{"pay", "refund"}, []Point{
		{By: Seller, Type: Invoice}, {By: Seller, Type: DeliveryProof}, {By: Buyer, Type: PaymentProof}, {By: Seller, Type: PaymentProof},
	}},
	{NotReturned, []string{"return", "give_back"}, []Point{
		{By: Seller, Type: HandoverRecord}, {By: Buyer, Type: ReturnProof, Required: true},
	}},
	{ServiceFailed, []string{"serve", "grant_access", "deliver"}, []Point{
		{By: Seller, Type: ServiceReport, Required: true}, {By: Buyer, Type: PhotoItem}, {By: Buyer, Type: Correspondence},
	}},
	{OtherReason, nil, []Point{{By: Buyer, Type: OtherEvidence}, {By: Seller, Type: OtherEvidence}}},
}

// Reasons are all of them, in the order of the API.
func Reasons() []Reason {
	var all []Reason
	for _, g := range grounds {
		all = append(all, g.reason)
	}
	return all
}

func (r Reason) ground() (ground, bool) {
	i := slices.IndexFunc(grounds, func(g ground) bool { return g.reason == r })
	if i < 0 {
		return ground{}, false
	}
	return grounds[i], true
}

// About says whether a case for this reason can be about an obligation.
func (r Reason) About(obligation string) bool {
	g, ok := r.ground()
	return ok && (len(g.lines) == 0 || slices.Contains(g.lines, obligation))
}

// Points is the checklist of a reason.
func (r Reason) Points() []Point {
	g, _ := r.ground()
	return slices.Clone(g.points)
}

// Standing is how an item, or a line of a checklist, stands.
type Standing string

// Standings. What is staged is handed in, and not yet frozen; what is late came
// after that, and counts once it is admitted.
const (
	Missing   Standing = "missing"
	Staged    Standing = "staged"
	Submitted Standing = "submitted"
	Late      Standing = "past_due"
	Admitted  Standing = "admitted"
)

// Item is one piece of evidence, without its content.
type Item struct {
	N          int          `json:"n"`
	By         Side         `json:"by"`
	Type       EvidenceType `json:"type"`
	Standing   Standing     `json:"standing"`
	Original   []byte       `json:"original"` // SHA-256 of the bytes as they were given
	Derivative []byte       `json:"derivative"`
	Anew       bool         `json:"anew,omitzero"` // it came, or was late, when there was an appeal
}

// Counts says whether a decision may rest on it.
func (i *Item) Counts() bool { return i.Standing == Submitted || i.Standing == Admitted }

// Line is a point of the checklist with how it stands.
type Line struct {
	Point

	Standing Standing
	Items    []int
}

// Checklist is how the points of a reason stand with these items, then what was
// asked for besides, in the order asked; an item that no point asks for is in no line.
func Checklist(r Reason, asked []Point, items []Item) []Line {
	points := r.Points()
	for _, p := range asked {
		if i := slices.IndexFunc(points, func(x Point) bool { return x.By == p.By && x.Type == p.Type }); i >= 0 {
			points[i].Required, points[i].Due, points[i].Round = true, p.Due, p.Round
			continue
		}
		points = append(points, p)
	}
	lines := make([]Line, 0, len(points))
	for _, p := range points {
		l := Line{Point: p, Standing: Missing}
		for i := range items {
			if x := &items[i]; x.By == p.By && x.Type == p.Type {
				l.Items = append(l.Items, x.N)
				l.Standing = better(l.Standing, x.Standing)
			}
		}
		lines = append(lines, l)
	}
	return lines
}

// better is the standing that says more for a line.
func better(a, b Standing) Standing {
	order := []Standing{Missing, Late, Staged, Admitted, Submitted}
	if slices.Index(order, b) > slices.Index(order, a) {
		return b
	}
	return a
}
