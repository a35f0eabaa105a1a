package necessity

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
)

// Comparison is what one set answers differently from another.
type Comparison struct {
	From, To string   // their versions
	Changes  []Change // as Diff has them
	Reveals  int      // how many of them may reveal more
	Hash     string   // names just this comparison: "sha256:" and the hash of versions and changes
}

// Compare holds another set against this one, by exhausting both.
func (e *Engine) Compare(other *Engine) Comparison {
	c := Comparison{From: e.version, To: other.version, Changes: e.Diff(other)}
	h := sha256.New()
	_, _ = io.WriteString(h, "bauta policy diff v1\n"+c.From+"\n"+c.To+"\n")
	for _, x := range c.Changes {
		if x.Reveals {
			c.Reveals++
		}
		_, _ = io.WriteString(h, x.String()+"\n")
	}
	c.Hash = "sha256:" + hex.EncodeToString(h.Sum(nil))
	return c
}
