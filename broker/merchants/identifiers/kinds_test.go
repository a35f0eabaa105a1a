package identifiers

import (
	"fmt"
	"strings"
	"testing"
)

// persons are numbers that are made up, or published as examples: one of each kind, in the
// order of the kinds; and one that has no such number's check digits or date.
var personVectors = []struct{ given, wrong string }{
	{"1237 010180", "2237010180"},
	{"85.07.30-033.28", "85073003329"},
	{"7523169263", "7523169264"},
	{"00123123T", "00123123A"},
	{"850615/1236", "8506151237"},
	{"850615/1236", "8526151238"},
	{"530615/123", "540615123"},
	{"86 095 742 719", "86095742718"},
	{"15 070649 C 103", "15070649C104"},
	{"010190-1234", "320190-1234"},
	{"36805280109", "36805280108"},
	{"161175-19997", "16117519998"},
	{"93.471.790-C", "93471790D"},
	{"28/12345678/40", "281234567841"},
	{"131052-308T", "131052308U"},
	{"0123456789211", "0123456789037"},
	{"2 69 05 49 588 157", "3690549588157"},
	{"010130-99997", "01013099998"},
	{"094259216", "094259217"},
	{"94577403194", "94577403195"},
	{"0101006500006", "0101006500007"},
	{"50223054", "50223055"},
	{"8071592153", "8071592154"},
	{"1-630615-1236", "16306151239"},
	{"111111110", "111111111"},
	{"6433435F", "6433435E"},
	{"1893 12 01 05732", "1893120105742"},
	{"0123456M", "0123456N"},
	{"111222333", "111222334"},
	{"44051401359", "44051401358"},
	{"123456789", "123456788"},
	{"00000000 0 ZZ4", "000000000ZZ3"},
	{"1 800101 221144", "1800101221145"},
	{"811218-9876", "8112189877"},
	{"AB 12 34 56 C", "AB123456E"},
	{"9434765870", "9434765871"},
	{"1955839661", "2955839661"},
	{"078-05-1120", "666-05-1120"},
	{"756.9217.0769.85", "7569217076984"},
	{"151086-95088", "15108695077"},
	{"120174-3399", "1201743389"},
	{"17291716060", "17291716050"},
	{"1759013776", "1759013770"},
	{"123456789047", "123456789037"},
	{"112-233-445-95", "11223344596"},
	{"529.982.247-25", "52998224726"},
	{"120.56412.54-5", "12056412548"},
	{"GODE 561231 GR8", "GODE561231GR7"},
	{"20-05536168-2", "20055361683"},
	{"12.531.909-2", "125319093"},
	{"10101174102", "10101174103"},
	{"171430710-3", "1714307104"},
	{"9710139019902", "9713139019902"},
	{"123456789018", "123456789019"},
	{"A123456789", "A123456788"},
	{"A123456(3)", "A1234564"},
	{"S1234567D", "S1234567E"},
	{"234123412346", "234123412347"},
	{"3-1006-00445-63-5", "3100600445636"},
	{"770305-02-1234", "771305-02-1234"},
	{"7503305044089", "7503305044088"},
	{"039337423", "039337422"},
	{"123-456-782", "123456783"},
	{"123 456 782", "123456783"},
}

// Every kind has a number that is found beside its name, wherever it is; and where its
// people live, as they write it. Without its check digits it is none.
func TestKinds(t *testing.T) {
	t.Parallel()
	if len(kinds) != len(personVectors) || len(kinds) > 64 {
		t.Fatalf("%d kinds, and numbers of %d", len(kinds), len(personVectors))
	}
	for i := range kinds {
		k, v := &kinds[i], personVectors[i]
		t.Run(k.countries+" "+k.name, func(t *testing.T) {
			t.Parallel()
			k.found(t, v.given)
			if bare := strings.Map(unmarked, v.wrong); len(bare) <= longestKind && fitting(bare, 1<<i) != 0 {
				t.Errorf("%s fits as well", v.wrong)
			}
		})
	}
}

func (k *kind) found(t *testing.T, given string) {
	t.Helper()
	for name := range strings.SplitSeq(k.names, "|") {
		want := Proved
		if k.trade {
			want = Alike
		}
		if text := "Shop " + strings.ToLower(name) + ": " + given; name != "" && InText(Whose{Countries: []string{"XK"}}, text) < want {
			t.Errorf("%q: %d, want %d", text, InText(Whose{Countries: []string{"XK"}}, text), want)
		}
		if text := "Shop " + name + " " + given; name != "" && InText(Whose{Countries: []string{"XK"}, Person: true}, text) != Proved {
			t.Errorf("%q is no person's", text)
		}
	}
	for country := range strings.FieldsSeq(k.countries) {
		want := Alike
		if k.strength > common {
			want = Proved
		}
		_, bare, _ := strings.Cut(fmt.Sprint(given, " "), " ")
		got := InText(Whose{Countries: []string{country}}, "Shop "+given)
		if k.strength == likely && k.written == nil && bare == "" { // its people do not write it apart
			want = Alike
		}
		if got < want {
			t.Errorf("%s at home in %s: %d, want %d", given, country, got, want)
		}
	}
}
