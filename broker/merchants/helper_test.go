package merchants_test

import (
	"maps"
	"testing"
	"time"

	. "bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// today is a day on which all packs are in force.
var today = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func packs(tb testing.TB) *Packs {
	tb.Helper()
	p, err := Load()
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

func pack(tb testing.TB, j Jurisdiction) *Pack {
	tb.Helper()
	p, err := packs(tb).For(j, today)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// values are those of somebody, with some changed; an empty one is taken out.
type values map[Pointer]string

func (v values) but(with values) values {
	all := maps.Clone(v)
	maps.Copy(all, with)
	return all
}

func registration(j Jurisdiction, t Type, v values, certifications ...string) *Registration {
	r := &Registration{Jurisdiction: j, Type: t, Values: map[Pointer]masking.Text{}, Certifications: certifications}
	for at, s := range v {
		if s != "" {
			r.Values[at] = masking.NewText(s)
		}
	}
	return r
}

// chinese, german, american and british are companies of which nothing is wrong.
var (
	chinese = values{
		"/legal_name": "杭州蓝湖贸易有限公司", "/trade_name": "Blue Lake", "/registration/kind": "uscc", "/registration/number": "91330100MA00000740",
		"/registration/register": "杭州市市场监督管理局", "/representative/name": "王小明", "/representative/id/kind": "ric", "/representative/id/number": "11010119900307002X",
		"/contact/email": "shop@example.com", "/contact/phone": "+8657188880000",
		"/address/street": "文三路 1 号", "/address/city": "杭州", "/address/region": "浙江", "/address/postal_code": "310012", "/address/country": "CN",
		"/payout/iban": "DE89370400440532013000", "/tax/0/kind": "vat", "/tax/0/country": "DE", "/tax/0/number": "111111125", "/lei": "5493001KJTIIGC8Y1R12",
	}
	german = values{
		"/legal_name": "Nordlicht Handels GmbH", "/registration/kind": "register", "/registration/country": "DE", "/registration/register": "Amtsgericht Hamburg", "/registration/number": "HRB 12345",
		"/representative/name": "Anna Schmidt", "/contact/email": "laden@example.de", "/contact/phone": "+494012345678",
		"/address/street": "Große Straße 1", "/address/city": "Hamburg", "/address/postal_code": "20095", "/address/country": "DE",
		"/payout/iban": "DE89370400440532013000", "/tax/0/kind": "vat", "/tax/0/country": "DE", "/tax/0/number": "111111125",
	}
	american = values{
		"/legal_name": "Prairie Goods LLC", "/contact/email": "sales@example.com", "/contact/phone": "+13125550100",
		"/address/street": "1 Main St", "/address/city": "Chicago", "/address/region": "IL", "/address/postal_code": "60601", "/address/country": "US",
		"/payout/account": "000123456789", "/tax/0/kind": "ein", "/tax/0/country": "US", "/tax/0/number": "12-3456789",
	}
	british = values{
		"/legal_name": "Thames Trading Ltd", "/registration/number": "01234567", "/contact/email": "hello@example.co.uk", "/contact/phone": "+442079460000",
		"/address/street": "1 High Street", "/address/city": "London", "/address/postal_code": "EC1A 1BB", "/address/country": "GB",
		"/tax/0/kind": "vat", "/tax/0/country": "GB", "/tax/0/number": "844281425",
	}
)

// outcomes are those of an assessment, by pointer: outcome, code and visibility.
func outcomes(a Assessment) map[Pointer]string {
	all := map[Pointer]string{}
	for _, o := range a.Fields {
		all[o.Pointer] = string(o.Outcome) + " " + o.Code + " " + string(o.Visibility)
	}
	return all
}

// refusals are the codes of a refusal, by pointer, with its own at the root.
func refusals(err error) map[string]string {
	all := map[string]string{}
	if err == nil {
		return all
	}
	e := fault.Of(err)
	all[""] = e.Code
	for _, f := range e.Fields {
		all[f.Pointer] = f.Code
	}
	return all
}

func public(p *Pack, r *Registration) map[Pointer]string {
	a, err := p.Assess(r)
	if err != nil {
		return map[Pointer]string{"": err.Error()}
	}
	all := map[Pointer]string{}
	for _, f := range p.Public(r, a) {
		all[f.Pointer] = f.Value.Reveal()
	}
	return all
}
