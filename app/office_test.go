package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"bauta.dev/bauta/disputes"
)

// A calendar counts the hours of its zone, on the day that clocks change as well.
func TestOfficeCalendar(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "office.json")
	if err := os.WriteFile(path, []byte(`{"zone":"Europe/Berlin","hours":{"monday":"09:00-17:00","sunday":"00:00-24:00"},"off":["2026-03-30"]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	o, err := readOffice(path)
	if err != nil {
		t.Fatal(err)
	}
	saturday := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
	// Of Sunday the 29th there are 23 hours; Monday the 30th is off; two hours of the Sunday after it are left.
	if got, want := o.Add(saturday, 25*time.Hour), time.Date(2026, 4, 5, 0, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("%v, want %v", got, want)
	}
	if o, err := readOffice(""); o != nil || err != nil {
		t.Error(o, err)
	}
}

func TestBadOfficeCalendars(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]error{
		``: nil, `[]`: nil, `{"zone":"Mars/Olympus","hours":{"monday":"09:00-17:00"}}`: nil, `{"zone":"Local","hours":{"monday":"09:00-17:00"}}`: nil,
		`{"zone":"UTC"}`: disputes.ErrOffice, `{"zone":"UTC","hours":{"montag":"09:00-17:00"}}`: errOfficeDay, `{"zone":"UTC","hours":{"monday":"9-17"}}`: errOfficeHours,
		`{"zone":"UTC","hours":{"monday":"17:00-09:00"}}`: errOfficeHours, `{"zone":"UTC","hours":{"monday":"09:00-24:30"}}`: errOfficeHours,
		`{"zone":"UTC","hours":{"monday":"09:00-17:00"},"off":["25.12.2026"]}`: errOfficeOff, `{"zone":"UTC","hours":{"monday":"09:00-17:00"},"holidays":[]}`: nil,
	} {
		if _, err := parseOffice([]byte(content)); err == nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%s: %v", content, err)
		}
	}
	if _, err := readOffice(t.TempDir()); err == nil {
		t.Error("a folder was taken")
	}
}
