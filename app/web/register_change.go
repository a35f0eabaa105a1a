package web

import (
	"maps"
	"slices"
	"strconv"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// sendChange answers POST /merchants/register/change: what was given is opened, which
// is an entry, in the form that it was given with. Of a draft that is all; of what was
// handed in only what is public.
func (s *Server) sendChange(c *call) (sight, error) {
	return s.onBegun(c, func(x speech, p *formPass) (sight, error) {
		v, err := s.Broker.OpenOwn(c.ctx, broker.OnPage(p.Party), p.Merchant)
		if kind := fault.Of(err).Kind; kind == fault.NotFound || kind == fault.Gone { // nothing can be changed any more
			return goTo(registerHome(x))
		}
		if err != nil {
			return sight{}, err
		}
		pack, err := s.packFor(v.Jurisdiction)
		if err != nil {
			return sight{}, err
		}
		now, err := s.Broker.Merchant(c.ctx, p.Merchant)
		if err != nil {
			return sight{}, err
		}
		f := &filled{Registration: &v.Registration}
		if now.State != merchants.Draft {
			if now.Version != v.Version {
				return goTo(registerHome(x))
			}
			f.changes, f.kept = strconv.Itoa(v.Version), keptOf(&now)
			maps.DeleteFunc(f.Values, func(at merchants.Pointer, _ masking.Text) bool { return f.kept[at] })
		}
		return s.showForm(x, p, pack, f)
	})
}

// keptOf is what a form that changes a registration does not show again: whoever has
// a link of the marketplace, or its key, reads nothing there that everybody may not.
func keptOf(v *broker.MerchantView) map[merchants.Pointer]bool {
	kept := map[merchants.Pointer]bool{}
	if v.State == merchants.Draft {
		return kept
	}
	for _, o := range v.Fields {
		kept[o.Pointer] = o.Visibility != merchants.Public
	}
	return kept
}

// errChanged: what was changed is not what there is.
var errChanged = fault.New(fault.Conflict, "other_version", "the registration has changed meanwhile")

// changeForm hands a change in. Where the merchant was asked something, it is the
// answer.
func (s *Server) changeForm(c *call, x speech, p *formPass, f *filled, v *broker.MerchantView) (sight, error) {
	if f.do != "submit" || f.Jurisdiction != v.Jurisdiction || f.Type != v.Type {
		return sight{}, errRequest
	}
	err := error(errChanged)
	done := registerHome(x)
	if f.changes == strconv.Itoa(v.Version) {
		by, once, change := broker.OnPage(p.Party), s.onceOnForm(c, p, masking.NewText(f.once), string(c.Request().Body())), f.change()
		var next broker.MerchantView
		if slices.Contains(v.Allowed, merchants.Answer) {
			next, _, err = s.Broker.AnswerMerchant(c.ctx, by, p.Merchant, change, masking.Text{}, once)
		} else {
			next, _, err = s.Broker.AmendMerchant(c.ctx, by, p.Merchant, change, once)
		}
		if next.Version != v.Version {
			done += "&done=change"
		}
	}
	if err != nil {
		return s.formRefused(c, x, p, f, err)
	}
	return goTo(done)
}

// change is what the form says of the fields that it has; what it does not have
// stays as it is.
func (f *filled) change() broker.MerchantPatch {
	m := &former{pack: f.pack, f: f}
	patch := broker.MerchantPatch{Values: f.Values, Residential: &f.Residential, Certifications: &f.Certifications}
	for i := range f.pack.Fields {
		x := &f.pack.Fields[i]
		if !m.asks(x) {
			continue
		}
		rows := 1
		if listOf(x.Pointer) != "" {
			rows = mostRows
		}
		for row := range rows {
			at := rowOf(x.Pointer, row)
			if _, filled := f.Values[at]; filled || !f.kept[at] || f.gone[at] {
				patch.Removed = append(patch.Removed, at)
			}
		}
	}
	return patch
}
