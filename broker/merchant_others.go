package broker

import (
	"bytes"
	"context"
	"slices"

	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/merchants/identifiers"
	"bauta.dev/bauta/broker/states"
)

// Who was suspended or rejected and registers again, as the same party or with one of
// the same numbers, is found, and goes to a second person. So does who was rejected, or
// suspended by people, and changes what it gave, and whoever comes with a number that
// another one has. None of it is told to whoever registers.

// mostOthers is how many of them staff are shown. Anybody can register with a number
// that everybody may read, so there can be any number of them.
const mostOthers = 20

// Why a second person is needed, beside the outcomes of fields and the flags of a party.
const (
	secondDuplicate   = "duplicate"
	secondSuspended   = "suspended_before"
	secondRejected    = "rejected_before"
	secondEnding      = "ends_elsewhere"
	secondResidential = "residential_public"
)

// What a registration is marked with until it is public again.
const (
	marksSuspended = "suspended"
	marksRejected  = "rejected"
)

// SecondReasons are the codes of why a second person is needed.
func SecondReasons() []string {
	all := []string{
		string(identifiers.Suspect), string(identifiers.Unsupported), secondDuplicate, secondSuspended, secondRejected, secondEnding, secondResidential, fearsSomebody,
	}
	for _, f := range Flags() {
		all = append(all, string(f))
	}
	return all
}

// othersOf finds other registrations: those with one of these numbers, and those of the
// same party that were ended by others or are about to end. For each number it says how
// many others have it or had it.
func (c *merchantCourse) othersOf(ctx context.Context, tags []NumberTag) (counts []int, err error) {
	counts = make([]int, len(tags))
	var found []TaggedMerchant
	if len(tags) > 0 {
		raw := make([][]byte, len(tags))
		for i := range tags {
			raw[i] = tags[i].Tag
		}
		if found, counts, err = c.b.Store.MerchantsWith(ctx, raw, c.f.Row, mostOthers); err != nil {
			return nil, err
		}
	}
	for i := range found {
		x := &found[i]
		var at []merchants.Pointer
		for _, t := range tags {
			if slices.ContainsFunc(x.Tags, func(tag []byte) bool { return bytes.Equal(tag, t.Tag) }) {
				at = append(at, t.Pointer)
			}
		}
		c.another(&x.MerchantRecord, x.Name, at)
	}
	c.more = max(0, slices.Max(append(counts, 0))-len(found))
	own, err := c.b.Store.MarkedOf(ctx, c.f.Party, c.f.Row, mostOthers)
	for i := range own {
		if !slices.ContainsFunc(c.others, func(d MerchantDuplicate) bool { return d.Merchant == own[i].ID }) {
			c.another(&own[i], c.f.Of.ID, nil)
		}
	}
	return counts, err
}

func (c *merchantCourse) another(r *MerchantRecord, of PartyID, at []merchants.Pointer) {
	d := MerchantDuplicate{Merchant: r.ID, Party: of, State: r.At(c.now).State, Marked: r.Marked, Reason: r.Reason, Pointers: at}
	if d.State == merchants.Suspended {
		d.Marked = marksSuspended // by time, and nobody has written that down yet
	}
	over := slices.Contains([]states.State{merchants.Draft, merchants.Lapsed, merchants.Closed, merchants.Erased}, d.State)
	if d.Marked == "" && (over || at == nil && !d.ending()) {
		return
	}
	c.others = append(c.others, d)
}

// look finds the version that counts, and the others that have its numbers now.
func (c *merchantCourse) look(ctx context.Context) (err error) {
	if c.r.State == merchants.Erased {
		return nil
	}
	if c.current, err = c.b.Store.MerchantVersion(ctx, &c.f.MerchantRecord, c.r.Current); err != nil {
		return err
	}
	_, err = c.othersOf(ctx, c.current.Tags)
	return err
}

func (d *MerchantDuplicate) ending() bool {
	return d.State == merchants.Closing || d.State == merchants.Appealed
}

// because is what needs a second person.
func (c *merchantCourse) because() []string { return c.r.secondFor(&c.f.Of, c.ofOthers()) }

// ofOthers is what needs one because of other registrations.
func (c *merchantCourse) ofOthers() (why []string) {
	for i := range c.others {
		d := &c.others[i]
		if len(d.Pointers) > 0 {
			why = append(why, secondDuplicate)
		}
		switch {
		case d.Marked == marksSuspended:
			why = append(why, secondSuspended)
		case d.Marked == marksRejected:
			why = append(why, secondRejected)
		case d.ending():
			why = append(why, secondEnding)
		}
	}
	return oneOfEach(why)
}

func (r *MerchantRecord) secondFor(of *PartyRecord, ofOthers []string) []string {
	why := slices.Concat(of.cautions(), ofOthers)
	if r.Blamed {
		why = append(why, secondSuspended)
	}
	if r.Marked == marksRejected { // by people: time rejects nobody
		why = append(why, secondRejected)
	}
	for _, o := range r.Assessed.Fields {
		if o.Outcome == identifiers.Suspect || o.Outcome == identifiers.Unsupported {
			why = append(why, string(o.Outcome))
		}
	}
	if r.Assessed.ResidentialPublic {
		why = append(why, secondResidential)
	}
	return oneOfEach(why)
}

// oneOfEach has each word once, in their order.
func oneOfEach(words []string) []string {
	slices.Sort(words)
	return slices.Compact(words)
}

func (c *merchantCourse) otherIDs() []string {
	var ids []string
	for _, d := range c.others {
		ids = append(ids, string(d.Merchant))
	}
	return ids
}
