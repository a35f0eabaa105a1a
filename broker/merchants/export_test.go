package merchants

// The words of the documents.
func ConditionWords() (rows [][2]string) {
	for _, w := range conditionWords {
		rows = append(rows, [2]string{string(w.Condition), w.Says})
	}
	return rows
}

func RuleWords() (rows [][2]string) {
	for _, w := range ruleWords {
		rows = append(rows, [2]string{w.Rule, w.Says})
	}
	return rows
}

func CodeWords() (rows [][2]string) {
	for _, w := range codeWords {
		rows = append(rows, [2]string{w.Code, w.Says})
	}
	return rows
}

// Conditions are all that a pack can name.
func Conditions() (all []Condition) {
	for c := range conditions {
		all = append(all, c)
	}
	return append(append(all, facts...), certified...)
}
