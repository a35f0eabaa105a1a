package disputes

import "slices"

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

// Point is one line of a checklist: what a side has to show, or may.
type Point struct {
	By       Side
	Type     EvidenceType
	Required bool
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
		{Seller, Tracking, true}, {Seller, DeliveryProof, true}, {Seller, Correspondence, false}, {Buyer, Correspondence, false},
	}},
	{NotAsDescribed, []string{"deliver", "hand_over", "grant_access"}, []Point{
		{Buyer, PhotoItem, true}, {Buyer, Description, false}, {Seller, Description, true}, {Seller, PhotoItem, false}, {Buyer, ExpertReport, false},
	}},
	{Damaged, []string{"deliver", "hand_over"}, []Point{
		{Buyer, PhotoItem, true}, {Buyer, PhotoPackaging, true}, {Seller, PhotoPackaging, false}, {Seller, Tracking, false}, {Seller, ExpertReport, false},
	}},
	{WrongItem, []string{"deliver", "hand_over", "grant_access"}, []Point{
		{Buyer, PhotoItem, true}, {Seller, PackingList, true}, {Seller, Description, false},
	}},
	{NotPaid, []string{"pay", "refund"}, []Point{
		{Seller, Invoice, false}, {Seller, DeliveryProof, false}, {Buyer, PaymentProof, false}, {Seller, PaymentProof, false},
	}},
	{NotReturned, []string{"return", "give_back"}, []Point{
		{Seller, HandoverRecord, false}, {Buyer, ReturnProof, true},
	}},
	{ServiceFailed, []string{"serve", "grant_access", "deliver"}, []Point{
		{Seller, ServiceReport, true}, {Buyer, PhotoItem, false}, {Buyer, Correspondence, false},
	}},
	{OtherReason, nil, []Point{{Buyer, OtherEvidence, false}, {Seller, OtherEvidence, false}}},
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
			points[i].Required = true
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
