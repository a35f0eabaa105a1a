package postgres

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"bauta.dev/bauta/broker"
)

// What is written is read again, and bytes that are cut short are refused.
func TestPartyFacts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		micros := rapid.Int64Range(0, 4e15)
		p := broker.Party{
			Kind:   rapid.SampledFrom(kindCodes).Draw(t, "kind"),
			Locale: rapid.String().Draw(t, "locale"), Residency: rapid.String().Draw(t, "residency"),
			Newest: rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "newest"), Values: broker.Versions{},
			Masked:    rapid.IntRange(0, 1e6).Draw(t, "masked"),
			CreatedAt: time.UnixMicro(micros.Draw(t, "created")).UTC(), UpdatedAt: time.UnixMicro(micros.Draw(t, "updated")).UTC(),
		}
		for _, f := range fieldCodes {
			if n := rapid.IntRange(0, 1e6).Draw(t, string(f)); n > 0 {
				p.Values[f] = n
			}
		}
		for _, f := range flagCodes {
			if rapid.Bool().Draw(t, string(f)) {
				p.Flags = append(p.Flags, f)
			}
		}
		b, err := encodeParty(&p)
		if err != nil {
			t.Fatal(err)
		}
		var got broker.Party
		if err := decodeParty(b, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p, got); diff != "" {
			t.Fatal(diff)
		}
		if err := decodeParty(b[:rapid.IntRange(0, len(b)-1).Draw(t, "cut")], &got); err == nil {
			t.Fatal("cut short, and read")
		}
	})
}
