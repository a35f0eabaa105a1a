package masking_test

import (
	"testing"

	. "bauta.dev/bauta/masking"
)

// A telephone is written with its country, or with the zero of its region where there is
// one; elsewhere it has to be one.
func TestDialled(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]bool{
		"DE +49 40 123456": true, "DE 040 123456": true, "DE (040) 123456": true, "DE 08 040376 G 318": false, "FI 040 123 4567": true, "DE 40 123456": false, "DE 86 095 742 719": false, "HU 06 30 123 4567": true, "HU 30 123 4567": true, "HU 314947466": true,
		"ES 934 717 901": true, "ES 93471790": false, "PT 212 345 678": true, "PT 123 456 789": false, "DK 12 34 56 78": false, "DK 32 12 34 56": true, "US (312) 555-0100": true, "US 312 555 0100": true,
		"BR 11 98765-4321": true, "BR 52998224725": false, "PL 44051401359": false, "ZZ 123456": false, "ZZ +123456": true, "DE ": false,
	} {
		if got := Dialled(written[3:], written[:2]); got != want {
			t.Errorf("%s: %t", written, got)
		}
	}
}
