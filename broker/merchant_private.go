package broker

import (
	"context"
	"slices"

	"bauta.dev/bauta/broker/merchants"
)

// What a merchant makes private is not public any more from the commit in which it says
// so, whatever becomes of that version: it waits, it is rejected, it lapses. New values
// wait for people; hiding waits for nobody. Only the approval of a version that says
// otherwise shows anything of it again.

// hide notes what a new version hides of the one that is approved, beside what others
// before it have. Facts that are not there yet count as if they were: what may become
// public by them stays hidden as well.
func (c *merchantCourse) hide(ctx context.Context, next *merchants.Registration, a merchants.Assessment) error {
	r := &c.r
	if c.hidden = r.Hidden; r.Approved == 0 {
		return nil
	}
	v, err := c.b.Store.MerchantVersion(ctx, r, r.Approved)
	if err != nil {
		return err
	}
	approved, err := c.b.openVersion(c.f, v)
	if err != nil {
		return err
	}
	pack, err := c.b.packNamed(v.Assessed.Pack)
	if err != nil {
		return err
	}
	approved.Facts = []merchants.Condition{merchants.HighVolume, merchants.Turnover20k}
	c.hidden = slices.Clone(r.Hidden)
	for _, at := range c.pack.Hides(next, a, approved, pack.Public(approved, v.Assessed)) {
		if !slices.Contains(c.hidden, at) {
			c.hidden = append(c.hidden, at)
		}
	}
	return nil
}

// begins is what the next version of a registration is made from: the one that counts.
// Where a newer one was dropped, what that one made private is private in it.
func (c *merchantCourse) begins(ctx context.Context, v *MerchantVersion) (*merchants.Registration, error) {
	r, err := c.b.openVersion(c.f, v)
	if err != nil || c.r.Given == v.Version {
		return r, err
	}
	dropped, err := c.b.Store.MerchantVersion(ctx, &c.r, c.r.Given)
	if err != nil {
		return nil, err
	}
	later, err := c.b.openVersion(c.f, dropped)
	if err != nil {
		return nil, err
	}
	return r.Keeping(later), nil
}

// unhidden are public fields of the approved version without what is hidden.
func (r *MerchantRecord) unhidden(fields []merchants.PublicField) []merchants.PublicField {
	return slices.DeleteFunc(fields, func(f merchants.PublicField) bool { return slices.Contains(r.Hidden, f.Pointer) })
}

// hide says of the outcomes of the approved version what is private of it.
func hide(fields []merchants.FieldOutcome, hidden []merchants.Pointer) {
	for i := range fields {
		if slices.Contains(hidden, fields[i].Pointer) {
			fields[i].Visibility = merchants.Private
		}
	}
}
