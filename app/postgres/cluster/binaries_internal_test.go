package cluster

import (
	"errors"
	"testing"
)

func TestParseVersion(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		line  string
		major int
		ok    bool
	}{
		{"postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n", 15, true},
		{"postgres (PostgreSQL) 18beta1", 18, true},
		{"postgres (PostgreSQL) 9.6.24", 9, true},
		{"mysqld 8.0", 0, false},
		{"", 0, false},
	} {
		major, _, err := parseVersion(test.line)
		if major != test.major || (err == nil) != test.ok {
			t.Errorf("parseVersion(%q) = %d, %v", test.line, major, err)
		}
	}
}

// The newest by number, not by text; the maker's own where there is data.
func TestChoose(t *testing.T) {
	t.Parallel()
	installed := []binaries{{dir: "a", major: 15}, {dir: "b", major: 9}, {dir: "c", major: 17}, {dir: "d", major: 17}}
	for _, test := range []struct {
		name  string
		found []binaries
		made  int
		dir   string
		err   error
	}{
		{"newest", installed, 0, "c", nil},
		{"of the data", installed, 15, "a", nil},
		{"missing", installed, 16, "", ErrVersion},
		{"none", nil, 0, "", ErrNoBinaries},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b, err := choose(test.found, test.made)
			if b.dir != test.dir || !errors.Is(err, test.err) {
				t.Errorf("choose = %q, %v; want %q, %v", b.dir, err, test.dir, test.err)
			}
		})
	}
}
