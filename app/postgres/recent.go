package postgres

// recent is what this broker has written since nobody else appended. A guard on
// what was read within that time is answered from here, not by PostgreSQL: the
// commit's one condition, that the head is still the one this broker knows,
// makes sure that there were no other writes. A guard that memory can't answer,
// or that it says has moved, is PostgreSQL's to judge.
type recent struct {
	since int64           // size of the log from which on every entry was this broker's
	wrote map[place]int64 // size after the newest commit that wrote there
}

// mostRecent bounds recent's memory: 65,536 places of about 100 bytes.
const mostRecent = 1 << 16

// place names what a write reads or changes.
type place struct {
	what int16
	id   string
}

// forget starts over: others may have written up to this size.
func (r *recent) forget(size int64) { r.since, r.wrote = size, map[place]int64{} }

// note keeps what a commit wrote that made the log so large.
func (r *recent) note(batch []*job, size int64) {
	for _, j := range batch {
		for _, f := range j.footprints {
			if f.write {
				r.wrote[f.place] = size
			}
		}
	}
	if len(r.wrote) > mostRecent {
		r.forget(size)
	}
}

// holds says that what a guard watches is certainly as it was read.
func (r *recent) holds(g *guard) bool {
	return g.seen > 0 && g.seen >= r.since && r.wrote[g.at] <= g.seen
}
