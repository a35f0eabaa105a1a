package ledger

import (
	"context"
	"testing"
)

// BenchmarkEntry is the hot path of one disclosure: the sealed statement, the
// digests of its parts and the leaf. Salts are given; each costs an HMAC more
// (BenchmarkSalt).
func BenchmarkEntry(b *testing.B) {
	salt := make([]byte, SaltSize)
	s := exampleStatement()
	b.ReportAllocs()
	for b.Loop() {
		e, _, err := s.Record([16]byte{}, func(Audience) ([]byte, error) { return salt, nil })
		if err != nil {
			b.Fatal(err)
		}
		_ = e.Marshal()
	}
}

func BenchmarkSalt(b *testing.B) {
	key := make([]byte, 32)
	b.ReportAllocs()
	for b.Loop() {
		Salt(key, Parties, [16]byte{})
	}
}

func BenchmarkVerify(b *testing.B) {
	s, nonce := exampleStatement(), exampleNonce()
	e, err := s.Entry(nonce, exampleSalt(nonce))
	if err != nil {
		b.Fatal(err)
	}
	salt, _ := exampleSalt(nonce)(Parties)
	content, err := s.Content(Parties)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := e.Verify(Parties, salt, content); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	e, entry := NewEdge(), testEntry(0)
	b.ReportAllocs()
	for b.Loop() {
		e.Append(entry)
	}
}

func BenchmarkClone(b *testing.B) {
	e := newLog(b, 65_535).edge
	b.ReportAllocs()
	for b.Loop() {
		e.Clone()
	}
}

func BenchmarkSign(b *testing.B) {
	l := newLog(b, 1000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := l.signer.Sign(l.edge.Size(), l.edge.Root()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLoadEdge reads the most that a log of two levels can need: 255
// entries and 255 tiles.
func BenchmarkLoadEdge(b *testing.B) {
	l := newLog(b, 65_535)
	for b.Loop() {
		if _, err := LoadEdge(context.Background(), l.edge.Size(), l); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCheck reads 200,000 entries in commits of 100, and 200 in commits of 1.
func BenchmarkCheck(b *testing.B) {
	for name, size := range map[string]int{"commits=100": 100, "commits=1": 1} {
		var commits []int
		for range 200 * min(size, 10) {
			commits = append(commits, size)
		}
		l := newLog(b, commits...)
		v := UnderKey(l.verifier(b))
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Check(context.Background(), l, v, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(l.edge.Size())*float64(b.N)/b.Elapsed().Seconds(), "entries/s")
		})
	}
}
