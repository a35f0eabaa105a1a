package postgres_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/hindsight"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// replay replays what a house has under a set, knowing the sets before.
func (h *house) replay(tb testing.TB, e *necessity.Engine, since time.Time, before ...*necessity.Engine) *hindsight.Tally {
	tb.Helper()
	known := map[string]*necessity.Engine{}
	for _, b := range before {
		known[b.Version()] = b
	}
	t, err := h.store.ReplayRequests(context.Background(), since, func() *hindsight.Tally {
		return hindsight.New(e, func(v string) *necessity.Engine { return known[v] })
	}, func(int64, int64) {})
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// differences as "kind role purpose field from>to rule ×n".
func differences(t *hindsight.Tally) (lines []string) {
	for _, d := range t.Differences() {
		lines = append(lines, fmt.Sprintf("%s %s %s %s>%s %s ×%d", d.Role, d.Purpose, d.Field, d.From, d.To, d.Rule, d.Requests))
	}
	return lines
}

// Past requests under other policies: what would have been withheld, or revealed
// besides, is known to the field.
func TestReplay(t *testing.T) {
	t.Parallel()
	h := due(t)
	shipped, strict := h.Engine, permitting(t, "delivered+14d")
	h.ask(t, "t-1", "s-1", necessity.Deliver)
	h.ask(t, "t-1", "b-1", necessity.Delay) // refused, whatever the set
	if _, _, err := h.Disclose(t.Context(), market, broker.DisclosureInput{
		Transaction: "t-1", Requester: "s-1", Purpose: necessity.Deliver, Fields: []masking.Field{masking.Phone},
	}, nil); err != nil {
		t.Fatal(err)
	}
	if r := h.replay(t, shipped, time.Time{}, shipped); r.Requests != 3 || r.Changed != 0 || r.Was != r.Is {
		t.Errorf("under the same set: %+v", r)
	}
	r := h.replay(t, strict, time.Time{}, shipped)
	if got := differences(r); !slices.Equal(got, []string{
		"seller deliver phone granted>withheld deliver-shipped-goods ×2", "seller deliver address granted>withheld deliver-shipped-goods ×1",
	}) {
		t.Errorf("under a stricter set: %q", got)
	}
	if r.Changed != 2 || r.Was != (hindsight.Decisions{Granted: 2, Refused: 1}) || r.Is != (hindsight.Decisions{Granted: 1, Refused: 2}) {
		t.Errorf("%+v", r)
	}
	for _, d := range r.Differences() {
		if len(d.Examples) == 0 || !strings.HasPrefix(d.Examples[0], "dsc_") {
			t.Errorf("examples: %v", d.Examples)
		}
	}
	h.at(noon.Add(time.Hour))
	if _, err := h.Offer(t.Context(), strict); err != nil {
		t.Fatal(err)
	}
	h.ask(t, "t-1", "s-1", necessity.Deliver) // for all that is necessary: the name alone
	if got := differences(h.replay(t, shipped, h.clock(), shipped, strict)); !slices.Equal(got, []string{
		"seller deliver phone withheld>granted deliver-shipped-goods ×1", "seller deliver address withheld>granted deliver-shipped-goods ×1",
	}) && !slices.Equal(got, []string{
		"seller deliver address withheld>granted deliver-shipped-goods ×1", "seller deliver phone withheld>granted deliver-shipped-goods ×1",
	}) {
		t.Errorf("since then, under the set before: %q", got)
	}
	if got := h.replay(t, shipped, h.clock(), strict); got.Requests != 1 {
		t.Errorf("%d requests since then", got.Requests)
	}
}

// What was not held then can't be known under a set that would take it from
// elsewhere, and is not claimed.
func TestReplayOfWhatWasNotHeld(t *testing.T) {
	t.Parallel()
	h := due(t)
	shipped := h.Engine
	if _, _, err := h.PutParty(t.Context(), market, "b-1", broker.PartyInput{Contact: broker.Contact{Removed: []masking.Field{masking.Name}}}); err != nil {
		t.Fatal(err)
	}
	if v := h.ask(t, "t-1", "s-1", necessity.Deliver); given(v) != 2 {
		t.Fatalf("%d fields", given(v))
	}
	if got := differences(h.replay(t, shipped, time.Time{}, shipped)); len(got) != 0 {
		t.Errorf("under the same set: %q", got)
	}
	got := differences(h.replay(t, permitting(t, "delivered+14d"), time.Time{}, shipped))
	if len(got) != 2 { // phone and address; the name is from the same contact, and not held either
		t.Errorf("from the same contact: %q", got)
	}
	if got := differences(h.replay(t, shipped, time.Time{})); !slices.Contains(got, "seller deliver name withheld>unknown deliver-shipped-goods ×1") {
		t.Errorf("where the set that decided is not known: %q", got)
	}
}

// The tables are read by index and by ranges, and nothing is forgotten or read
// twice: more requests than a batch, by two brokers at once.
func TestReplayReadsAll(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	other := enter(t, h.db, h.keys)
	h.market(t, 20)
	var wait sync.WaitGroup
	for i := range 1100 {
		if i%44 == 0 {
			wait.Wait()
		}
		wait.Go(func() {
			_, _, err := []*house{h, other}[i%2].Disclose(context.Background(), market, broker.DisclosureInput{
				Transaction: broker.TransactionID(fmt.Sprintf("t-%d", i%20)), Requester: broker.PartyID(fmt.Sprintf("s-%d", i%20)), Purpose: necessity.Deliver,
			}, nil)
			if err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	made, _, err := h.store.Disclosures(t.Context(), broker.Filter{Limit: 5000})
	if err != nil {
		t.Fatal(err)
	}
	r := h.replay(t, permitting(t, "delivered+14d"), time.Time{}, h.Engine)
	if r.Requests != int64(len(made)) || r.Changed != r.Requests || r.Unread != 0 {
		t.Errorf("%d requests, %d replayed, %d changed, %d unread", len(made), r.Requests, r.Changed, r.Unread)
	}
}

// Requests whose key was destroyed, or whose transaction somebody changed, are
// counted: that they can't be read is no reason to leave them out.
func TestReplayCountsWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.market(t, 3)
	for i := range 3 {
		for range 2 {
			h.ask(t, broker.TransactionID(fmt.Sprintf("t-%d", i)), broker.PartyID(fmt.Sprintf("s-%d", i)), necessity.Deliver)
		}
	}
	h.exec(t, `DELETE FROM keys.owners WHERE id = (SELECT id FROM transactions WHERE name = 't-0')`)
	h.exec(t, `UPDATE transactions SET facts = facts || '\x00' WHERE name = 't-1'`)
	if r := h.replay(t, h.Engine, time.Time{}, h.Engine); r.Requests != 2 || r.Unread != 4 {
		t.Errorf("%d requests, %d unread; want 2 and 4", r.Requests, r.Unread)
	}
}

// BenchmarkReplay is per past request; cpu-µs/request is this process's part,
// without PostgreSQL's.
func BenchmarkReplay(b *testing.B) {
	h := newHouse(b)
	h.market(b, 300)
	var wait sync.WaitGroup
	for i := range 3000 {
		if i%64 == 0 {
			wait.Wait()
		}
		wait.Go(func() {
			if _, _, err := h.Disclose(context.Background(), market, broker.DisclosureInput{
				Transaction: broker.TransactionID(fmt.Sprintf("t-%d", i%300)), Requester: broker.PartyID(fmt.Sprintf("s-%d", i%300)), Purpose: necessity.Deliver,
			}, nil); err != nil {
				b.Error(err)
			}
		})
	}
	wait.Wait()
	strict := permitting(b, "delivered+14d")
	h.replay(b, strict, time.Time{}, h.Engine)
	var before, after syscall.Rusage
	requests := int64(0)
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &before)
	for b.Loop() {
		requests += h.replay(b, strict, time.Time{}, h.Engine).Requests
	}
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &after)
	spent := time.Duration(after.Utime.Nano()+after.Stime.Nano()-before.Utime.Nano()-before.Stime.Nano()) * time.Nanosecond
	b.ReportMetric(float64(requests)/b.Elapsed().Seconds(), "requests/s")
	b.ReportMetric(float64(spent.Microseconds())/float64(requests), "cpu-µs/request")
}
