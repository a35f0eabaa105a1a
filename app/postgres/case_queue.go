package postgres

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"

	"bauta.dev/bauta/broker"
)

// Cases lists those that a filter selects: the queue by what is due first, what a
// transaction or a party has, and all there are, by the newest first.
func (s *Store) Cases(ctx context.Context, f broker.CaseFilter) ([]broker.CaseLine, string, error) {
	q, args, err := caseList(&f)
	if err != nil {
		return nil, "", err
	}
	var all []broker.CaseLine
	err = s.each(ctx, "list cases", func(rows *sql.Rows) error {
		var l broker.CaseLine
		c, _, err := s.scanCase(rows, &l.Transaction, &l.Buyer, &l.Seller)
		if err == nil {
			l.CaseRecord = *c
			all = append(all, l)
		}
		return err
	}, q, args...)
	if err != nil || len(all) <= f.Limit {
		return all, "", err
	}
	all = all[:f.Limit]
	return all, caseCursor(&f, &all[f.Limit-1].CaseRecord), nil
}

// caseList is the query of a filter. Which they are comes first, by an index alone;
// then those few are read.
func caseList(f *broker.CaseFilter) (string, []any, error) {
	c := caseConditions(f)
	order := `id DESC`
	if isQueue(f) {
		order = `due_at, id`
	}
	if err := c.after(f); err != nil {
		return "", nil, err
	}
	which := c.of(f, order)
	return `SELECT ` + caseColumns + `, t.name, b.name, s.name FROM (` + which + `) q JOIN cases c ON c.id = q.id
		JOIN transactions t ON t.id = c.transaction_id JOIN parties b ON b.id = c.buyer JOIN parties s ON s.id = c.seller
		ORDER BY c.` + strings.ReplaceAll(order, `, `, `, c.`), c.args, nil
}

// isQueue: they are of nobody in particular, and somebody is to do something.
func isQueue(f *broker.CaseFilter) bool {
	return f.Transaction == "" && f.Party == "" &&
		(len(f.States) > 0 || f.Assigned != "" || f.Unassigned || f.Waiting || f.Second || f.OpenOnly || f.Overdue)
}

// second is the condition of the index cases_second, byte for byte.
const second = `c.state IN ('proposed', 'appeal_proposed')`

// caseConditions are those of a filter but for whose the cases are, and in which state.
// What an account works on is open.
func caseConditions(f *broker.CaseFilter) *conditions {
	c := &conditions{}
	waits := f.Waiting || f.Unassigned
	if waits {
		c.all = append(c.all, `c.waits`)
	}
	if f.Second {
		c.all = append(c.all, second)
	}
	if f.NotBy != "" { // whoever has proposed something in a case has it
		c.all = append(c.all, `c.assigned <> `+c.arg(f.NotBy))
	}
	his := f.Assigned != ""
	for _, s := range f.States {
		r := broker.CaseRecord{CaseFacts: broker.CaseFacts{State: s}}
		his = his && r.IsOpen()
	}
	if open := f.OpenOnly || f.Overdue || his; open && !waits && !f.Second { // what waits is open
		c.all = append(c.all, `c.open`)
	}
	if f.Unassigned {
		c.all = append(c.all, `c.assigned = ''`)
	}
	if f.Assigned != "" {
		c.all = append(c.all, `c.assigned = `+c.arg(f.Assigned))
	}
	if f.Overdue {
		c.all = append(c.all, `c.due_at < `+c.arg(f.Now))
	}
	return c
}

// of is the query for which cases they are, one more than are asked for. An index has
// those of one side, or of one state, in the order of the list: of more than one, the
// first of each are taken together. A state that is told may be two.
func (c *conditions) of(f *broker.CaseFilter, order string) string {
	limit := ` ORDER BY ` + order + ` LIMIT ` + c.arg(f.Limit+1)
	if f.Transaction != "" {
		c.all = append(c.all, `c.transaction_id = (SELECT id FROM transactions WHERE name = `+c.arg(string(f.Transaction))+`)`)
	}
	are := make([]string, len(f.States))
	for i, state := range f.States {
		are[i] = c.arg(string(state))
	}
	if !isQueue(f) {
		if len(are) > 0 {
			c.all = append(c.all, `c.state IN (`+strings.Join(are, `, `)+`)`)
		}
		var sides []string
		if f.Party != "" {
			party := `(SELECT id FROM parties WHERE name = ` + c.arg(string(f.Party)) + `)`
			sides = []string{`c.buyer = ` + party, `c.seller = ` + party}
		}
		return c.each(`id`, sides, limit)
	}
	for i := range are {
		are[i] = `c.state = ` + are[i]
	}
	return c.each(`id, due_at`, are, limit)
}

// each takes together what each of some more conditions selects; no two of them select
// the same case.
func (c *conditions) each(columns string, more []string, limit string) string {
	from := func(all []string) string {
		q := `SELECT ` + columns + ` FROM cases c`
		if len(all) > 0 {
			q += ` WHERE ` + strings.Join(all, ` AND `)
		}
		return q + limit
	}
	if len(more) < 2 {
		return from(slices.Concat(more, c.all))
	}
	parts := make([]string, len(more))
	for i, m := range more {
		parts[i] = `(` + from(slices.Concat([]string{m}, c.all)) + `)`
	}
	return `SELECT id FROM (` + strings.Join(parts, ` UNION ALL `) + `) parts` + limit
}

// after goes on behind the last one seen: the cursor is its number, in a queue with
// when it was due before it.
func (c *conditions) after(f *broker.CaseFilter) error {
	if f.After == "" {
		return nil
	}
	due, row, queue := strings.Cut(f.After, ".")
	if !queue {
		row = due
	}
	id, err := strconv.ParseInt(row, 36, 64)
	if err != nil || queue != isQueue(f) {
		return broker.ErrCursor.Pointing("")
	}
	if !queue {
		c.all = append(c.all, `c.id < `+c.arg(id))
		return nil
	}
	at := `infinity`
	if due != "" {
		micros, err := strconv.ParseInt(due, 36, 64)
		if err != nil {
			return broker.ErrCursor.Pointing("")
		}
		at = time.UnixMicro(micros).UTC().Format(time.RFC3339Nano)
	}
	c.all = append(c.all, `(c.due_at, c.id) > (`+c.arg(at)+`::timestamptz, `+c.arg(id)+`)`)
	return nil
}

func caseCursor(f *broker.CaseFilter, last *broker.CaseRecord) string {
	row := strconv.FormatInt(int64(last.Row), 36)
	if !isQueue(f) {
		return row
	}
	if due := last.DueAt(); !due.IsZero() {
		return strconv.FormatInt(due.UnixMicro(), 36) + "." + row
	}
	return "." + row
}
