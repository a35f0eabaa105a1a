package web

import (
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// merchantAnswer is a registration without any value.
type merchantAnswer struct {
	ID           string           `json:"id" validate:"required"`
	Party        string           `json:"party" validate:"required" docs:"id"`
	Jurisdiction string           `json:"jurisdiction" validate:"required,oneof=CN EU US UK"`
	Type         string           `json:"type" validate:"required,oneof=company sole_trader exempt"`
	State        string           `json:"state" validate:"required" description:"docs/states.md lists them"`
	Allowed      []string         `json:"allowed" validate:"required" description:"what this caller could do now, as events of docs/states.md"`
	Version      int              `json:"version" validate:"required" description:"of the registration"`
	Published    int              `json:"published_version,omitzero" description:"the version that is public; left out: none is"`
	Hidden       []string         `json:"hidden,omitempty" description:"pointers into the version that is public: what the merchant has made private since, and is not shown until a version that says otherwise is approved"`
	Pack         string           `json:"pack" validate:"required" description:"jurisdiction and version of the law that it was judged by; docs/merchants.md has it"`
	Fields       []merchantField  `json:"fields" validate:"required" description:"of the newest version, without their values"`
	Question     string           `json:"question,omitempty" description:"what the merchant is asked for, a code"`
	Asks         *valueAnswer     `json:"question_text,omitempty" description:"the same in the words of who asks; staff read it among the notes"`
	Reason       string           `json:"reason,omitempty" description:"of the last decision, a code"`
	Reasons      *valueAnswer     `json:"reason_text,omitempty" description:"the same in the words of who decided, where that was against the merchant; staff read it among the notes"`
	Deadline     time.Time        `json:"ends_at,omitzero" description:"when this state ends by itself"`
	Timer        string           `json:"timer,omitempty" description:"and which deadline that is"`
	Documents    []documentAnswer `json:"documents" validate:"required"`
	CreatedAt    time.Time        `json:"created_at" validate:"required"`
	UpdatedAt    time.Time        `json:"updated_at" validate:"required"`
	Ledger       *ledgerAnswer    `json:"ledger,omitempty" description:"the place of the entry that was just written; left out in a read"`
}

// merchantField is what a pack says of one field.
type merchantField struct {
	Pointer    string `json:"pointer" validate:"required" description:"RFC 6901, into the body of POST /v1/merchants"`
	Visibility string `json:"visibility" validate:"required,oneof=public private conditional"`
	Outcome    string `json:"outcome" validate:"required,oneof=valid suspect invalid unsupported" description:"valid never means that the number exists"`
	Code       string `json:"code,omitempty" description:"why"`
	Detail     string `json:"detail,omitempty" description:"the same as a sentence"`
	Law        string `json:"law,omitempty" description:"as cited"`
}

func showMerchant(v *broker.MerchantView) *merchantAnswer {
	a := &merchantAnswer{
		ID: string(v.ID), Party: string(v.Party), Jurisdiction: string(v.Jurisdiction), Type: string(v.Type), State: string(v.State),
		Allowed: words(v.Allowed), Version: v.Version, Published: v.Published, Hidden: words(v.Hidden), Pack: v.Pack, Fields: each(v.Fields, showMerchantField),
		Question: v.Question, Reason: v.Reason, Deadline: v.Deadline, Timer: string(v.Timer), Documents: each(v.Documents, showDocument),
		CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt,
	}
	if !v.Asks.IsZero() {
		a.Asks = &valueAnswer{masking.Value{Text: v.Asks}}
	}
	if !v.Reasons.IsZero() {
		a.Reasons = &valueAnswer{masking.Value{Text: v.Reasons}}
	}
	if v.Place.Size > 0 {
		place := showPlace(&v.Place)
		a.Ledger = &place
	}
	return a
}

func showMerchantField(o *merchants.FieldOutcome) merchantField {
	f := merchantField{Pointer: string(o.Pointer), Visibility: string(o.Visibility), Outcome: string(o.Outcome), Code: o.Code, Law: o.Law}
	if o.Code != "" {
		f.Detail = broker.MerchantDetail(o.Code)
	}
	return f
}

// documentAnswer is a document without its bytes.
type documentAnswer struct {
	N          int       `json:"n" validate:"required,min=1"`
	Kind       string    `json:"kind" validate:"required"`
	Media      string    `json:"media" validate:"required" description:"of the original, by its bytes"`
	Bytes      int       `json:"bytes" validate:"required" description:"of the original"`
	Original   string    `json:"original_sha256" validate:"required" docs:"sha256" description:"of what was given, byte for byte"`
	Derivative string    `json:"derivative_sha256" validate:"required" docs:"sha256" description:"of what a reviewer opens: drawn anew, with nothing else in it"`
	Shows      string    `json:"derivative_media" validate:"required"`
	Expires    string    `json:"expires,omitempty" description:"a day, as 2026-03-04"`
	At         time.Time `json:"at" validate:"required"`
}

func showDocument(d *broker.MerchantDocument) documentAnswer {
	a := documentAnswer{
		N: d.N, Kind: d.Kind, Media: d.Media, Bytes: d.Bytes, Original: hex.EncodeToString(d.Original),
		Derivative: hex.EncodeToString(d.Derivative), Shows: d.Shows, At: d.At,
	}
	if !d.Expires.IsZero() {
		a.Expires = d.Expires.Format(time.DateOnly)
	}
	return a
}

// rawBody is a part of a body that is read by itself.
type rawBody struct{ json []byte }

// UnmarshalJSONFrom keeps the part.
func (r *rawBody) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	v, err := d.ReadValue()
	r.json = slices.Clone(v)
	return err
}

// under moves the pointers of a refusal below a member.
func under(at string, err error) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || len(f.Fields) == 0 {
		return err
	}
	moved := *f
	moved.Fields = slices.Clone(f.Fields)
	for i := range moved.Fields {
		moved.Fields[i].Pointer = at + moved.Fields[i].Pointer
	}
	return &moved
}
