package pages

import (
	"bytes"
	"testing"
)

// halfway names a template that needs more than it has.
type halfway struct{ Shell }

func (halfway) template() string { return "first_sight" }

func TestRenderIsWholeOrAbsent(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := Render(&b, halfway{Shell{Title: "Half"}}); err == nil {
		t.Error("no error for a page that fails half way")
	}
	if b.Len() != 0 {
		t.Errorf("%d bytes of a failed page were written", b.Len())
	}
}
