package imports

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-playground/validator/v10"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// The columns of contract.md, section 4.
var (
	partyColumns       = []string{"party_id", "kind", "name", "email", "phone", "street", "city", "region", "postal_code", "country", "locale"}
	transactionColumns = []string{"transaction_id", "kind", "buyer_id", "seller_id", "currency", "amount", "items", "created_at", "state"}
	performanceColumns = []string{"transaction_id", "obligation", "done", "attested_by", "performed_at", "reference"}
)

// Reasons. They say what would be right, never what is there.
const (
	needed     = "this is missing"
	notAnID    = "an id is 1 to 128 of A-Z, a-z, 0-9, dot, underscore, colon and hyphen"
	personalID = "an id must not be an e-mail address, a telephone number or the number of a person; put a prefix before numeric ids, like b-"
	notALocale = "give a language tag of BCP 47, like pt-BR"
	notAMoney  = "give the three letters of ISO 4217, like EUR"
	notACount  = "give a whole number from 1 to 1000000"
	notATime   = "a time is RFC 3339 with its zone, like 2017-01-05T13:34:00-03:00"
	farTime    = "the time is before 1970 or after 2199"
	tooLong    = "at most 128 characters"
	notALine   = "this has to be printable text in one line, in UTF-8"
)

// rules are the door's: contract.md, section 2.
var rules = validator.New() //nolint:gochecknoglobals // made once: it reads struct tags

type party struct {
	id    broker.PartyID
	input broker.PartyInput
}

func readParty(r *row) *party {
	f := r.fields
	locale, country := f[10], strings.ToUpper(f[9])
	p := &party{id: broker.PartyID(r.id("party_id", f[0])), input: broker.PartyInput{
		Kind: broker.PartyKind(r.oneOf("kind", f[1], "person", "merchant")), Locale: locale, Residency: country,
		Contact: broker.Contact{Values: map[masking.Field]masking.Value{}},
	}}
	if locale != "" && (len(locale) > 35 || rules.Var(locale, "bcp47_strict_language_tag") != nil) {
		r.mistake("locale", notALocale)
	}
	for _, x := range []struct {
		field masking.Field
		text  string
	}{{masking.Name, f[2]}, {masking.Email, f[3]}, {masking.Phone, f[4]}} {
		if x.text == "" {
			continue // what the file does not know stays as it is
		}
		t, err := masking.Normalize(x.field, masking.NewText(x.text), regionOf(country, locale))
		r.fold(string(x.field), err)
		p.input.Contact.Values[x.field] = masking.Value{Text: t}
	}
	// Where only the country is known there is no address, but a residency.
	if f[5] != "" || f[6] != "" || f[7] != "" || f[8] != "" {
		a, err := masking.NormalizeAddress(masking.Address{
			Street: masking.NewText(f[5]), City: masking.NewText(f[6]), Region: masking.NewText(f[7]),
			PostalCode: masking.NewText(f[8]), Country: country,
		})
		r.fold("street", err)
		p.input.Contact.Values[masking.FullAddress] = masking.Value{Address: a}
	} else if country != "" && !masking.ValidCountry(country) {
		r.fold("country", masking.ErrNotACountry)
	}
	return p
}

// regionOf is where a telephone number without a country code is read as one of.
func regionOf(country, locale string) string {
	if country != "" {
		return country
	}
	for i, part := range strings.Split(locale, "-") {
		if i > 0 && len(part) == 1 {
			break // extensions say nothing of a place
		}
		if part = strings.ToUpper(part); i > 0 && masking.ValidCountry(part) {
			return part
		}
	}
	return ""
}

type transaction struct {
	id    broker.TransactionID
	terms broker.Transaction
	state string
}

func readTransaction(r *row) *transaction {
	f := r.fields
	t := &transaction{id: broker.TransactionID(r.id("transaction_id", f[0])), terms: broker.Transaction{
		Kind: necessity.Kind(r.oneOf("kind", f[1], "shipped_goods", "business_supply", "local_pickup", "digital_goods",
			"service_at_home", "rental", "used_goods")),
		Buyer: broker.PartyID(r.id("buyer_id", f[2])), Seller: broker.PartyID(r.id("seller_id", f[3])),
		Currency: broker.Currency(f[4]), Payment: broker.Prepaid, Handover: broker.Post, Rental: broker.Stay,
	}}
	if f[4] == "" {
		r.mistake("currency", needed)
	} else if rules.Var(f[4], "iso4217") != nil {
		r.mistake("currency", notAMoney)
	}
	var err error
	if f[5] == "" {
		r.mistake("amount", needed)
	} else if t.terms.Amount, err = broker.ParseQuantity(f[5], t.terms.Currency.Digits()); err != nil {
		r.fold("amount", err)
	}
	if t.terms.Items, err = strconv.Atoi(f[6]); err != nil || t.terms.Items < 1 || t.terms.Items > 1_000_000 {
		r.mistake("items", notACount)
	}
	t.terms.CreatedAt = r.time("created_at", f[7])
	t.state = r.oneOf("state", f[8], "open", "partly_performed", "performed", "completed", "cancelled")
	return t
}

type performance struct {
	transaction string
	past        broker.Past
}

func readPerformance(r *row) *performance {
	f := r.fields
	p := &performance{transaction: r.id("transaction_id", f[0]), past: broker.Past{
		Obligation: broker.Obligation(r.oneOf("obligation", f[1], obligations...)), Done: f[2],
		AttestedBy: r.oneOf("attested_by", f[3], attesters...), PerformedAt: r.time("performed_at", f[4]), Reference: f[5],
	}}
	// Which decimals are right depends on the transaction; what no currency has
	// is refused here.
	if f[2] == "" {
		r.mistake("done", needed)
	} else if _, err := broker.ParseQuantity(f[2], mostDigits); err != nil {
		r.fold("done", err)
	}
	r.oneLine("reference", f[5])
	return p
}

// mostDigits after the point that any currency has.
const mostDigits = 4

func (r *row) id(column, s string) string {
	switch {
	case s == "":
		r.mistake(column, needed)
	case masking.PersonalID(s):
		r.mistake(column, personalID)
	case !masking.ValidID(s):
		r.mistake(column, notAnID)
	}
	return s
}

func (r *row) oneOf(column, s string, words ...string) string {
	for _, w := range words {
		if s == w {
			return w // the table's own: the row's text need not be kept for it
		}
	}
	if s == "" {
		r.mistake(column, needed)
	} else {
		r.mistake(column, "this has to be one of: "+strings.Join(words, ", "))
	}
	return ""
}

func (r *row) time(column, s string) time.Time {
	var at time.Time
	if s == "" {
		r.mistake(column, needed)
	} else if at.UnmarshalText([]byte(s)) != nil {
		r.mistake(column, notATime)
	} else if at = at.UTC().Truncate(time.Microsecond); at.Year() < 1970 || at.Year() > 2199 {
		r.mistake(column, farTime)
	}
	return at
}

func (r *row) oneLine(column, s string) {
	switch {
	case s == "":
		r.mistake(column, needed)
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(c rune) bool { return c < 0x20 || c == 0x7f }):
		r.mistake(column, notALine)
	case utf8.RuneCountInString(s) > 128:
		r.mistake(column, tooLong)
	}
}

// fold takes a fault over. Its pointers, where it has any, are into an address,
// and named like the columns.
func (r *row) fold(column string, err error) {
	if err == nil {
		return
	}
	e := fault.Of(err)
	if len(e.Fields) == 0 {
		r.mistake(column, e.Detail)
	}
	for _, x := range e.Fields {
		r.mistake(strings.TrimPrefix(x.Pointer, "/"), x.Detail)
	}
}
