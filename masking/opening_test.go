package masking

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// What OpenCommitment gives is what the commitment was made of, and it does not print.
func TestOpenCommitment(t *testing.T) {
	t.Parallel()
	k, err := NewKey(bytes.NewReader(bytes.Repeat([]byte{1}, KeySize)))
	if err != nil {
		t.Fatal(err)
	}
	l := Label{Origin: "bauta.example/log", Owner: "party/b-1", Field: Name, Version: 3}
	s, err := SealValue(k, l, Value{Text: NewText("Ada Hartwell")}, bytes.NewReader(bytes.Repeat([]byte{2}, KeySize)))
	if err != nil {
		t.Fatal(err)
	}
	o, err := OpenCommitment(k, l, s)
	if err != nil {
		t.Fatal(err)
	}
	key, canonical := o.Reveal()
	again, err := KeyOf(key)
	if err != nil || string(canonical) != "Ada Hartwell" || !bytes.Equal(commit(again, l, canonical), s.Commitment) {
		t.Errorf("the commitment is to something else, %v", err)
	}
	clear(key) // a copy: the opening is as it was
	if second, _ := o.Reveal(); bytes.Equal(second, key) {
		t.Error("the secret was handed out itself")
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "opening", o)
	encoded, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{fmt.Sprint(o), fmt.Sprintf("%+v %#v %s %q %d %x %t", o, o, o, o, o, o, o), log.String(), string(encoded), fmt.Sprintf("%+v", []*Opening{&o})} {
		if strings.Contains(text, "Ada") || strings.Contains(text, fmt.Sprintf("%x", "Ada")) || strings.Contains(text, "0202") {
			t.Errorf("an opening prints: %s", text)
		}
	}
	l.Version = 4
	if _, err := OpenCommitment(k, l, s); !errors.Is(err, ErrUnreadable) {
		t.Errorf("under another label: %v", err)
	}
}
