package web

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// showPermits answers GET /desk/ledger/policies: the policy set in force, and two sets side
// by side.
func (s *Server) showPermits(c *call) (sight, error) {
	if err := c.admitPerson(caseReaders()); err != nil {
		return sight{}, err
	}
	sets, err := s.Broker.PolicySets(c.ctx)
	if err != nil {
		return sight{}, err
	}
	version := s.Broker.PolicyVersion()
	permits, err := s.Broker.PermitsOf(c.ctx, version)
	if err != nil {
		return sight{}, err
	}
	p := pages.PermitTable{
		Shell: pages.Shell{Title: "The policy table"}, Places: c.places(permitsDesk), InForce: version, Count: len(permits),
		Fields: each(masking.Fields(), func(f *masking.Field) string { return headWords(string(*f)) }), Matrix: permitMatrix(permits), Kinds: permitKinds(permits),
	}
	p.From = pages.Select{Name: "from", Label: "What changed from", Chosen: c.params["from"], Options: setChoices(sets)}
	p.To = pages.Select{Name: "to", Label: "to", Chosen: c.params["to"], Options: setChoices(sets)}
	if c.params["from"] == "" && c.params["to"] == "" {
		p.To.Chosen, p.From.Chosen = version, before(sets, version)
		return seen(p)
	}
	err = s.comparePermits(c, &p)
	if errors.Is(err, broker.ErrNotFound) {
		p.Unknown, p.Title = "There is no such set. Choose two of those that are listed.", "Error: "+p.Title
		return c.refused(fault.At("/from", "unknown_policy", "there is no such set"), p)
	}
	if err != nil {
		return sight{}, err
	}
	return seen(p)
}

// before is the set that another one followed, or the same where it was the first.
func before(sets []broker.PolicySet, version string) string {
	was := version
	for i := range sets {
		if sets[i].State != broker.InForce {
			continue
		}
		if sets[i].Version == version {
			return was
		}
		was = sets[i].Version
	}
	return was
}

// setChoices are the sets that there were, the newest first, each once.
func setChoices(sets []broker.PolicySet) []pages.Choice {
	var all []pages.Choice
	for _, p := range slices.Backward(sets) {
		if slices.ContainsFunc(all, func(c pages.Choice) bool { return c.Code == p.Version }) {
			continue
		}
		name := strings.TrimPrefix(p.Version, "sha256:")
		all = append(all, pages.Choice{Code: p.Version, Text: p.Change.Statement.At.UTC().Format("2 Jan 2006") + ", " + plainly(string(p.State)) + ", " + name[:min(12, len(name))]})
	}
	return all
}

func (s *Server) comparePermits(c *call, p *pages.PermitTable) error {
	was, err := s.Broker.PermitsOf(c.ctx, c.params["from"])
	if err != nil {
		return err
	}
	is, err := s.Broker.PermitsOf(c.ctx, c.params["to"])
	if err != nil {
		return err
	}
	p.Compared = true
	for _, x := range necessity.ComparePermits(was, is) {
		p.Changes = append(p.Changes, permitChange(x))
	}
	return nil
}

// permitChange is one permit in words, before and after.
func permitChange(x necessity.PermitChange) pages.PermitChange {
	change := pages.PermitChange{ID: x.ID(), What: "changed", Chip: "chip-ready"}
	was, is := permitLines(x.Was), permitLines(x.Is)
	switch {
	case x.Was == nil:
		change.What, change.Chip = "added", "chip-waiting"
	case x.Is == nil:
		change.What, change.Chip = "removed", "chip-masked"
	}
	for i, name := range permitNames() {
		change.Lines = append(change.Lines, pages.PermitDiff{Name: name, Was: was[i], Is: is[i], Changed: was[i] != is[i]})
	}
	return change
}

// permitNames are what is said of a permit; permitLines says it.
func permitNames() []string {
	return []string{"Kinds of order", "Who asks", "To", "Fields", "Ground", "Ends", "Looks", "Who decides", "From", "Conditions", "Why"}
}

func permitLines(p *necessity.Permit) []string {
	lines := make([]string, len(permitNames()))
	if p == nil {
		return lines
	}
	return []string{
		wordList(p.Kinds), wordList(p.Roles), wordList(p.Purposes), wordList(p.Fields), string(p.Ground), p.Expires, strconv.Itoa(p.Views),
		permitDecides(p), permitSource(p), p.When, p.Why,
	}
}

func wordList[W ~string](all []W) string {
	return strings.Join(each(all, func(w *W) string { return plainly(string(*w)) }), ", ")
}

func permitDecides(p *necessity.Permit) string {
	if p.Person {
		return "a person"
	}
	return "the engine"
}

func permitSource(p *necessity.Permit) string {
	source := map[bool]string{true: "the party’s own", false: "the order’s " + p.Contact + " contact"}[p.Contact == necessity.ContactOwn]
	switch {
	case p.Relay:
		return "an alias of " + source
	case p.Only:
		return source + " alone"
	}
	return source
}

// permitMatrix says for which purposes which fields may go out at all.
func permitMatrix(permits []necessity.Permit) []pages.PermitLine {
	var all []pages.PermitLine
	for _, purpose := range necessity.Purposes() {
		line := pages.PermitLine{Purpose: headWords(string(purpose))}
		for _, field := range masking.Fields() {
			cell := pages.PermitCell{}
			for i := range permits {
				p := &permits[i]
				if !slices.Contains(p.Purposes, purpose) || !slices.Contains(p.Fields, field) {
					continue
				}
				if p.Person {
					cell.Person++
				} else {
					cell.Auto++
				}
			}
			line.Cells = append(line.Cells, cell)
		}
		all = append(all, line)
	}
	return all
}

func permitKinds(permits []necessity.Permit) []pages.PermitKind {
	var all []pages.PermitKind
	for _, kind := range necessity.Kinds() {
		k := pages.PermitKind{Name: headWords(string(kind))}
		for i := range permits {
			if p := &permits[i]; slices.Contains(p.Kinds, kind) {
				k.Rows = append(k.Rows, pages.PermitRow{
					ID: p.ID, Why: p.Why, Who: wordList(p.Roles), Purposes: wordList(p.Purposes), Fields: wordList(p.Fields), Ends: p.Expires,
					Decides: permitDecides(p), Source: permitSource(p), When: p.When, Views: p.Views,
				})
			}
		}
		all = append(all, k)
	}
	return all
}
