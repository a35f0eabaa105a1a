package web

import (
	"encoding/hex"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/masking"
)

// exportMerchant is a registration on its way to whom it belongs: all that was ever
// given, and what happened to it.
type exportMerchant struct {
	ID           string                   `json:"id" validate:"required"`
	Jurisdiction string                   `json:"jurisdiction" validate:"required"`
	Type         string                   `json:"type" validate:"required"`
	State        string                   `json:"state" validate:"required"`
	Version      int                      `json:"version" validate:"required" description:"the one that counts"`
	Published    int                      `json:"published" validate:"required" description:"the one that is public; 0: none is"`
	CreatedAt    time.Time                `json:"created_at" validate:"required"`
	UpdatedAt    time.Time                `json:"updated_at" validate:"required"`
	Versions     []exportRegistration     `json:"versions" validate:"required" description:"in clear, the newest first; none of one that is erased"`
	Documents    []exportDocument         `json:"documents" validate:"required"`
	Events       []exportMerchantEvent    `json:"events" validate:"required" description:"what happened, who opened what was given among it, oldest first"`
	Fields       []merchants.FieldOutcome `json:"fields" validate:"required" description:"what the law of its market says of the version that counts"`
}

type exportRegistration struct {
	Version        int                     `json:"version" validate:"required"`
	At             time.Time               `json:"at" validate:"required"`
	Type           string                  `json:"type" validate:"required"`
	Residential    bool                    `json:"residential" validate:"required"`
	Certifications []string                `json:"certifications" validate:"required"`
	Values         map[string]*valueAnswer `json:"values" validate:"required" description:"by where they stand in POST /v1/merchants"`
}

type exportDocument struct {
	Number     int       `json:"number" validate:"required"`
	Kind       string    `json:"kind" validate:"required"`
	Media      string    `json:"media" validate:"required"`
	Bytes      int       `json:"bytes" validate:"required"`
	Original   string    `json:"original_sha256" validate:"required"`
	Derivative string    `json:"derivative_sha256" validate:"required"`
	Expires    time.Time `json:"expires,omitzero"`
	At         time.Time `json:"at" validate:"required"`
}

type exportMerchantEvent struct {
	Index    int64     `json:"index" validate:"required" description:"of the entry"`
	At       time.Time `json:"at" validate:"required"`
	What     string    `json:"what" validate:"required" description:"the type of the entry"`
	State    string    `json:"state,omitempty" description:"where it stood then"`
	By       string    `json:"by,omitempty"`
	Role     string    `json:"role,omitempty" description:"of who opened something: a role, never a name"`
	Purpose  string    `json:"purpose,omitempty" description:"what staff opened it for"`
	Reason   string    `json:"reason,omitempty"`
	Version  int       `json:"version,omitzero"`
	Document int       `json:"document,omitzero"`
}

func exportRegistered(m *broker.OwnMerchant) exportMerchant {
	return exportMerchant{
		ID: string(m.ID), Jurisdiction: string(m.Jurisdiction), Type: string(m.Type), State: string(m.State), Version: m.Version, Published: m.Published,
		CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt, Versions: each(m.Versions, exportVersionOf), Fields: append([]merchants.FieldOutcome{}, m.Fields...),
		Documents: each(m.Documents, func(d *broker.MerchantDocument) exportDocument {
			return exportDocument{d.N, d.Kind, d.Media, d.Bytes, hex.EncodeToString(d.Original), hex.EncodeToString(d.Derivative), d.Expires, d.At}
		}),
		Events: each(m.Events, func(e *broker.OwnMerchantEvent) exportMerchantEvent {
			return exportMerchantEvent{e.Index, e.At, e.What, string(e.State), string(e.By), e.Role, e.Purpose, e.Reason, e.Version, e.Document}
		}),
	}
}

func exportVersionOf(r *broker.OwnRegistration) exportRegistration {
	v := exportRegistration{
		Version: r.Version, At: r.At, Type: string(r.Type), Residential: r.Residential, Certifications: append([]string{}, r.Certifications...),
		Values: map[string]*valueAnswer{},
	}
	for at, text := range r.Values {
		v.Values[string(at)] = &valueAnswer{masking.Value{Text: text}}
	}
	return v
}
