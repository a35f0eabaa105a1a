package ledger

// String is a member's text, or "" if it has none.
func (o Object) String(name string) string {
	v, _ := o.Lookup(name)
	s, _ := v.(string)
	return s
}

// Int is a member's number, or 0.
func (o Object) Int(name string) int64 {
	switch v, _ := o.Lookup(name); n := v.(type) {
	case int64:
		return n
	case int:
		return int64(n)
	}
	return 0
}

// Bool is a member's truth, or false.
func (o Object) Bool(name string) bool {
	v, _ := o.Lookup(name)
	b, _ := v.(bool)
	return b
}

// Objects are a member's parts, or none.
func (o Object) Objects(name string) []Object {
	v, _ := o.Lookup(name)
	os, _ := v.([]Object)
	return os
}
