package ledger

import (
	"context"
	"errors"
	"testing"
)

func TestCheckTail(t *testing.T) {
	t.Parallel()
	whole := newLog(t, 1, 1, 10, 288, 1, 700, 69_000, 2)
	for name, x := range map[string]struct {
		n    int64
		want int64
	}{
		"all": {1 << 40, 70_003}, "a tile": {256, 256 + 70_003%256}, "none": {0, 70_003 % 256},
	} {
		if got, err := CheckTail(context.Background(), whole, UnderKey(whole.verifier(t)), x.n); err != nil || got != x.want {
			t.Errorf("%s: %d entries, %v; want %d", name, got, err, x.want)
		}
	}
	if got, err := CheckTail(context.Background(), newLog(t), UnderKey(whole.verifier(t)), 10); err != nil || got != 0 {
		t.Errorf("empty: %d entries, %v", got, err)
	}
	for name, change := range map[string]func(*memoryLog){
		"a new entry":          func(l *memoryLog) { l.entries[70_001][40] ^= 1 },
		"an entry of the tail": func(l *memoryLog) { l.entries[69_700][40] ^= 1 },
		"a missing entry":      func(l *memoryLog) { delete(l.entries, 70_000) },
		"a tile of the tail":   func(l *memoryLog) { l.tiles[tileKey{0, 272}][40] ^= 1 },
		"an older tile":        func(l *memoryLog) { l.tiles[tileKey{0, 258}][40] ^= 1 },
		"the oldest tiles":     func(l *memoryLog) { l.tiles[tileKey{1, 0}][40] ^= 1 },
		"a missing tile":       func(l *memoryLog) { delete(l.tiles, tileKey{1, 0}) },
		"the head":             func(l *memoryLog) { l.rows[len(l.rows)-1].Root[0] ^= 1 },
	} {
		l := whole.clone()
		change(l)
		_, err := CheckTail(context.Background(), l, UnderKey(l.verifier(t)), 1000)
		if _, ok := errors.AsType[Finding](err); !ok {
			t.Errorf("%s: %v is no finding", name, err)
		}
	}
}

// One entry of the last tile is named by the signed row that it does not fit, though
// a check of the newest entries looks at no other row than the head.
func TestCheckTailNamesTheEntry(t *testing.T) {
	t.Parallel()
	whole := newLog(t, onesAnd(600, 3)...)
	for index, want := range map[int64]string{
		520: "entry 520: is not what checkpoint 521 signs", 512: "entry 512: is not what checkpoint 513 signs", 300: "entry 300: is not what checkpoint 603 signs",
		601: "entry 600: it, or one up to 602, is not what checkpoint 603 signs",
	} {
		l := whole.clone()
		l.entries[index][40] ^= 1
		if _, err := CheckTail(context.Background(), l, UnderKey(l.verifier(t)), 400); err == nil || err.Error() != want {
			t.Errorf("entry %d: %v, want %s", index, err, want)
		}
	}
	l := whole.clone()
	l.tiles[tileKey{0, 0}][40] ^= 1 // older than what is looked at
	if _, err := CheckTail(context.Background(), l, UnderKey(l.verifier(t)), 1); err == nil || err.Error() != "entry 512: it, or one up to 602, is not what checkpoint 603 signs" {
		t.Errorf("an older tile: %v", err)
	}
}
