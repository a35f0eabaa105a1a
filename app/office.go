package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // an office's zone is known on every machine

	"github.com/go-json-experiment/json"

	"bauta.dev/bauta/disputes"
)

// officeFile is the calendar of the people who decide cases, as an operator writes it.
type officeFile struct {
	Zone  string            `json:"zone"`  // like Europe/Berlin
	Hours map[string]string `json:"hours"` // by weekday: "monday": "09:00-17:30"; left out: nobody works
	Off   []string          `json:"off"`   // days like 2026-12-25
}

// mostOffice bounds the file: ten years of holidays have less.
const mostOffice = 256 << 10

var (
	errOfficeDay   = errors.New("hours are by weekday, monday to sunday, in lower case")
	errOfficeHours = errors.New("hours are like 09:00-17:30, of one day")
	errOfficeOff   = errors.New("off lists days like 2026-12-25")
)

// readOffice reads a calendar; without a file the office is at work always.
func readOffice(path string) (*disputes.Office, error) {
	if path == "" {
		return nil, nil //nolint:nilnil // at work always
	}
	content, err := readSmall(path)
	if err != nil {
		return nil, fmt.Errorf("read --office-calendar %s: %w", path, err)
	}
	o, err := parseOffice(content)
	if err != nil {
		return nil, fmt.Errorf("--office-calendar %s: %w", path, err)
	}
	return o, nil
}

func readSmall(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	if !info.Mode().IsRegular() || info.Size() > mostOffice {
		return nil, fs.ErrInvalid
	}
	return os.ReadFile(path) //nolint:gosec // the operator's own file
}

func parseOffice(content []byte) (*disputes.Office, error) {
	var f officeFile
	if err := json.Unmarshal(content, &f, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("this is not JSON with zone, hours and off: %w", err)
	}
	o := &disputes.Office{Off: map[string]bool{}}
	var err error
	if o.Zone, err = time.LoadLocation(f.Zone); err != nil || f.Zone == "" || f.Zone == "Local" {
		return nil, fmt.Errorf("the zone %q is none of the IANA database, like Europe/Berlin", f.Zone)
	}
	for day, hours := range f.Hours {
		at := weekday(day)
		if at < 0 {
			return nil, fmt.Errorf("%q: %w", day, errOfficeDay)
		}
		if o.Hours[at], err = parseHours(hours); err != nil {
			return nil, fmt.Errorf("%s: %w", day, err)
		}
	}
	for _, day := range f.Off {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return nil, fmt.Errorf("%q: %w", day, errOfficeOff)
		}
		o.Off[day] = true
	}
	return o, o.Check()
}

func weekday(name string) int {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if strings.ToLower(d.String()) == name {
			return int(d)
		}
	}
	return -1
}

// parseHours reads 09:00-17:30; 24:00 is the end of a day.
func parseHours(s string) (disputes.Hours, error) {
	m := regexp.MustCompile(`^([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)$`).FindStringSubmatch(s)
	if m == nil {
		return disputes.Hours{}, errOfficeHours
	}
	var n [4]int
	for i := range n {
		n[i], _ = strconv.Atoi(m[i+1]) // two digits
	}
	h := disputes.Hours{From: n[0]*60 + n[1], Until: n[2]*60 + n[3]}
	if h.From >= h.Until || h.Until > 24*60 {
		return disputes.Hours{}, errOfficeHours
	}
	return h, nil
}
