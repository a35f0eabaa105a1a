package identifiers

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

// Persons are the rows of people, for the document.
func Persons() [][3]string {
	var all [][3]string
	for _, p := range people {
		all = append(all, [3]string{p.Country, p.Name, p.Standard})
	}
	return all
}
