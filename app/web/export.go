package web

import (
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/masking"
)

// exportVersion is the form of an export: docs/export.md.
const exportVersion = 1

type exportAnswer struct {
	Version       int                `json:"version" validate:"required" description:"of this form: docs/export.md"`
	ExportedAt    time.Time          `json:"exported_at" validate:"required"`
	Party         exportParty        `json:"party" validate:"required"`
	Provenance    []exportProvenance `json:"provenance" validate:"required" description:"each time that data was given or taken away: where it came from and what it was, earlier values among it; the newest first"`
	Consents      []consentAnswer    `json:"consents" validate:"required" description:"that are in force"`
	EndedConsents []exportConsent    `json:"ended_consents" validate:"required" description:"the newest first"`
	Exclusions    []exportExclusion  `json:"exclusions" validate:"required" description:"that this party's agreement was ended for misuse (clause 2b), or let live again; the newest first"`
	Accesses      []exportAccess     `json:"accesses" validate:"required" description:"links to the party's page that were made, openings of it, and exports; the newest first"`
	Disclosures   []exportDisclosure `json:"disclosures" validate:"required" description:"of this party's data: who asked, got or saw what; the newest first"`
	Requests      []exportDisclosure `json:"requests" validate:"required" description:"that this party made, without any value"`
	Transactions  []exportDeal       `json:"transactions" validate:"required" description:"the newest first"`
	Merchants     []exportMerchant   `json:"merchants" validate:"required" description:"this party's registrations as a merchant, oldest first"`
	Cases         []exportCase       `json:"cases" validate:"required" description:"disputes that this party was a side of, oldest first"`
	CaseLooks     []caseLookAnswer   `json:"case_looks" validate:"required" description:"each moment that one of the operator's staff opened this party's values to decide a dispute, or in an emergency, the newest first"`
	Complete      bool               `json:"complete" validate:"required" description:"false: a list has more than 2000, and the oldest are left out"`
	LeftOut       []exportLeftOut    `json:"left_out" validate:"required" description:"what is held and is not in here"`
}

type exportParty struct {
	ID        string        `json:"id" validate:"required"`
	Kind      string        `json:"kind" validate:"required,oneof=person merchant"`
	Locale    string        `json:"locale,omitempty"`
	Residency string        `json:"residency,omitempty"`
	Contact   exportContact `json:"contact" validate:"required" description:"in clear: it is the party's own"`
	CreatedAt time.Time     `json:"created_at" validate:"required"`
	UpdatedAt time.Time     `json:"updated_at" validate:"required"`
}

// exportContact are values on their way to whom they belong.
type exportContact struct {
	FirstName    *valueAnswer `json:"first_name,omitempty"`
	Name         *valueAnswer `json:"name,omitempty"`
	Email        *valueAnswer `json:"email,omitempty"`
	Phone        *valueAnswer `json:"phone,omitempty"`
	Locality     *valueAnswer `json:"locality,omitempty"`
	Address      *valueAnswer `json:"address,omitempty"`
	Instructions *valueAnswer `json:"instructions,omitempty"`
}

type exportProvenance struct {
	At          time.Time     `json:"at" validate:"required"`
	Source      string        `json:"source,omitempty" description:"registration, partner or import"`
	Partner     string        `json:"partner,omitempty"`
	CollectedAt time.Time     `json:"collected_at,omitzero"`
	LawfulBasis string        `json:"lawful_basis,omitempty"`
	AssertedBy  string        `json:"asserted_by,omitempty"`
	Contact     exportContact `json:"contact" validate:"required" description:"the values that came then"`
	Removed     []string      `json:"removed,omitempty"`
}

type exportConsent struct {
	consentAnswer

	EndedAt time.Time `json:"ended_at" validate:"required"`
	How     string    `json:"how" validate:"required,oneof=withdrawn replaced expired"`
	Grants  []string  `json:"ended_disclosures" validate:"required" description:"disclosures whose grants ended with it"`
}

type exportExclusion struct {
	At        time.Time    `json:"at" validate:"required"`
	Standing  string       `json:"standing" validate:"required,oneof=excluded reinstatement_proposed reinstatement_rejected reinstated"`
	Reason    string       `json:"reason,omitempty"`
	Statement *valueAnswer `json:"statement,omitempty" description:"of the reasons, as it was given to the party"`
}

type exportAccess struct {
	At    time.Time `json:"at" validate:"required"`
	Event string    `json:"event" validate:"required,oneof=link_made page_opened exported"`
	Until time.Time `json:"until" validate:"required"`
}

type exportDisclosure struct {
	*disclosureAnswer

	Standing  string `json:"standing" validate:"required" description:"where it stands: docs/states.md"`
	Objection string `json:"objection,omitempty" description:"why this party objected, a code"`
}

type exportDeal struct {
	ID            string              `json:"id" validate:"required"`
	Kind          string              `json:"kind" validate:"required"`
	Role          string              `json:"role" validate:"required,oneof=buyer seller"`
	Other         string              `json:"other" validate:"required" description:"the other side, by its id alone"`
	State         string              `json:"state" validate:"required"`
	CreatedAt     time.Time           `json:"created_at" validate:"required"`
	Amount        amountAnswer        `json:"amount" validate:"required"`
	Items         int                 `json:"items" validate:"required"`
	PromisedAt    time.Time           `json:"promised_at,omitzero"`
	Slot          *slotAnswer         `json:"slot,omitempty"`
	Payment       string              `json:"payment" validate:"required"`
	Deposit       string              `json:"deposit,omitempty" docs:"decimal"`
	TaxInvoice    bool                `json:"tax_invoice" validate:"required"`
	BusinessBuyer bool                `json:"business_buyer" validate:"required"`
	Handover      string              `json:"handover" validate:"required"`
	Rental        string              `json:"rental" validate:"required"`
	EndedAt       time.Time           `json:"ended_at,omitzero"`
	EndedFor      string              `json:"ended_for,omitempty" description:"why it was completed or cancelled, a code"`
	Obligations   []obligationAnswer  `json:"obligations" validate:"required"`
	Performances  []exportPerformance `json:"performances" validate:"required" description:"as they were recorded, without their references"`
	Contacts      []exportUsed        `json:"contacts" validate:"required" description:"this party's own, for this transaction"`
	Earlier       []exportUsed        `json:"earlier_contacts" validate:"required" description:"that others have taken the place of, the newest first"`
}

type exportPerformance struct {
	Obligation  string    `json:"obligation" validate:"required" docs:"obligation"`
	Done        string    `json:"done" validate:"required" docs:"decimal"`
	Reversed    bool      `json:"reversed" validate:"required" description:"it took back so much of what was performed"`
	PerformedAt time.Time `json:"performed_at" validate:"required"`
	By          string    `json:"by" validate:"required" description:"whose word it is: platform, or a party's id"`
	Source      string    `json:"source,omitempty" description:"of what the platform attests"`
}

type exportUsed struct {
	Use     string        `json:"use" validate:"required"`
	Contact exportContact `json:"contact" validate:"required"`
}

type exportLeftOut struct {
	What string `json:"what" validate:"required" description:"stable, for programs"`
	Why  string `json:"why" validate:"required"`
}

// leftOut is what is held of a party and is in no export, with the reason. A
// test holds it, and the rest of an export, against every table that there is.
func leftOut() []exportLeftOut {
	return []exportLeftOut{
		{"safety_flags", "the staff's, for somebody's protection: telling them could endanger whom they protect"},
		{"notes", "free text that came with requests, objections and the ends of transactions, and what the other side of a dispute wrote: it can be about others, and is kept sealed for those who decide"},
		{"staff_records", "how the staff came to a decision, and who of them: what came of it is in disclosures and requests"},
		{"earlier_terms", "what a transaction's amount, items or slot were before: they are as much the other side's, and stand in the ledger's sealed entries"},
		{"references", "the marketplace's own numbers of payments and parcels: kept as hashes, and in sealed entries"},
		{"ledger", "the entries that all this is read from: hashes and sealed statements, which receipts prove one by one"},
		{"masks", "what is shown in place of values: made of the values that are in here"},
		{"index", "keyed hashes of e-mail addresses and telephone numbers, cut short, which find whose they are when somebody reports a leak, and of a merchant's numbers, which find another with the same ones"},
		{"counters", "how often this party asked, or was asked about, on one of the last days: numbers that stop a thief"},
		{"retries", "hashes by which a request that comes twice is known again, for three days at most"},
		{"tokens", "hashes of links, sessions and signed requests, for three days at most: that they were used is in accesses and the rest"},
		{"messages", "which entries the marketplace is still to be told of, or was in the last 30 days: numbers, no content"},
		{"documents", "scans as a merchant gave them, evidence as a side handed it in, and what others open of them: only their hashes are in here, for whoever gave them has them; one is given out on request"},
		{"keys", "under which all this is sealed: whoever has them needs no export"},
	}
}

func ownContact(values map[masking.Field]masking.Value) exportContact {
	one := func(f masking.Field) *valueAnswer {
		if v, ok := values[f]; ok {
			return &valueAnswer{v}
		}
		return nil
	}
	return exportContact{
		one(masking.FirstName), one(masking.Name), one(masking.Email), one(masking.Phone), one(masking.Locality), one(masking.FullAddress),
		one(masking.Instructions),
	}
}

func showExport(x *broker.Export) *exportAnswer {
	p := &x.Party
	return &exportAnswer{
		Version: exportVersion, ExportedAt: x.At, Complete: !x.More, LeftOut: leftOut(),
		Party: exportParty{
			ID: string(p.ID), Kind: string(p.Kind), Locale: p.Locale, Residency: p.Residency, Contact: ownContact(x.Values),
			CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt,
		},
		Provenance: each(x.History.Provenance, exportSource), Consents: each(x.Consents, showConsent),
		EndedConsents: each(x.History.Consents, exportEnded), Exclusions: each(x.History.Exclusions, exportExcluded),
		Accesses:    each(x.History.Accesses, func(a *broker.Access) exportAccess { return exportAccess{a.At, a.Event, a.Until} }),
		Disclosures: each(x.About, exportTold), Requests: each(x.Requests, exportTold), Transactions: each(x.Transactions, exportTransaction),
		Merchants: each(x.Merchants, exportRegistered), Cases: each(x.Cases, exportCaseOf), CaseLooks: each(x.CaseLooks, showCaseLook),
	}
}

func exportSource(p *broker.Provenance) exportProvenance {
	return exportProvenance{
		At: p.At, Source: p.Source.Kind, Partner: p.Source.Partner, CollectedAt: p.Source.CollectedAt, LawfulBasis: p.Source.LawfulBasis,
		AssertedBy: p.AssertedBy, Contact: ownContact(p.Values), Removed: words(p.Removed),
	}
}

func exportEnded(c *broker.EndedConsent) exportConsent {
	return exportConsent{showConsent(&c.Consent), c.EndedAt, c.How, words(c.Grants)}
}

func exportExcluded(x *broker.Exclusion) exportExclusion {
	a := exportExclusion{At: x.At, Standing: x.Standing, Reason: x.Reason}
	if !x.Statement.IsZero() {
		a.Statement = &valueAnswer{masking.Value{Text: x.Statement}}
	}
	return a
}

func exportTold(t *broker.Told) exportDisclosure {
	return exportDisclosure{showDisclosure(&t.DisclosureView), string(t.Standing), t.Objection}
}

func exportTransaction(t *broker.OwnTransaction) exportDeal {
	digits := t.Currency.Digits()
	d := exportDeal{
		ID: string(t.ID), Kind: string(t.Kind), Role: string(t.Role), Other: string(t.Other(t.Role)), State: t.State(), CreatedAt: t.CreatedAt,
		Amount: amountAnswer{string(t.Currency), t.Amount.Format(digits)}, Items: t.Items, PromisedAt: t.PromisedAt,
		Payment: string(t.Payment), TaxInvoice: t.TaxInvoice, BusinessBuyer: t.BusinessBuyer, Handover: string(t.Handover), Rental: string(t.Rental),
		EndedAt: t.CompletedAt, EndedFor: t.Reason, Obligations: each(t.Obligations(), showObligation),
		Performances: each(t.Performed, exportPerformed), Contacts: []exportUsed{},
		Earlier: each(t.Earlier, func(e *broker.EarlierContact) exportUsed { return exportUsed{string(e.Use), ownContact(e.Values)} }),
	}
	if t.Deposit > 0 {
		d.Deposit = t.Deposit.Format(digits)
	}
	if t.Slot != (broker.Slot{}) {
		d.Slot = &slotAnswer{t.Slot.Start, t.Slot.End}
	}
	if !t.CancelledAt.IsZero() {
		d.EndedAt = t.CancelledAt
	}
	for _, use := range broker.Uses() {
		if values, ok := t.Contacts[use]; ok {
			d.Contacts = append(d.Contacts, exportUsed{string(use), ownContact(values)})
		}
	}
	return d
}

func exportPerformed(p *broker.OwnPerformance) exportPerformance {
	return exportPerformance{string(p.Obligation), p.Done, p.Reversal, p.PerformedAt, or(string(p.By), "platform"), p.Source}
}
