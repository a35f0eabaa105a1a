package identifiers

import "strings"

// AllCodes are the codes in the order of the documents.
func AllCodes() []Code {
	var all []Code
	for _, m := range meanings {
		all = append(all, m.Code)
	}
	return all
}

// IBANStructures are the registry's rows, for the document.
func IBANStructures() map[string]string { return ibanStructures }

// Lengths are those that a structure asks for.
func Lengths(structure string) int { return 4 + lengthOf(structure) }

// Persons are the kinds of persons' numbers, and where each is refused, for the document.
func Persons() [][]string {
	const named = "beside its name"
	ways := map[strength]string{rare: named + ", and where its people live", likely: named + ", and as it is written where its people live", common: named, faint: named}
	var all [][]string
	for _, k := range unmistakable {
		all = append(all, []string{k.country, k.name, "everywhere", k.law})
	}
	for i := range kinds {
		k := &kinds[i]
		where := ways[k.strength]
		if k.trade {
			where += ", if it is no company's"
		}
		all = append(all, []string{strings.ReplaceAll(k.countries, " ", ", "), k.name, where, k.law})
	}
	return all
}
