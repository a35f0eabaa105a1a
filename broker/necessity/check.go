package necessity

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	cedar "github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema"
	"github.com/cedar-policy/cedar-go/x/exp/schema/resolved"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"
)

// maxConditions bounds a cell: above it the engine could not be exhausted.
const maxConditions = 10

// Check says everything that is wrong with the *.cedar files of a folder, in
// the order of files and lines; an empty list means that Load takes them.
func Check(fsys fs.FS) []Problem {
	_, problems := build(floorText, folderOf(fsys, "."))
	return problems
}

// build reads, checks and prepares an engine; it is nil if there are problems.
func build(floorText []byte, read reader) (*Engine, []Problem) {
	floor, problems := readFloor(floorText)
	if len(problems) > 0 {
		return nil, problems
	}
	rules, problems := read()
	problems = append(problems, ids(rules, floor)...)
	known, err := vocabulary()
	if err != nil {
		return nil, append(problems, Problem{"schema.cedarschema", 0, err.Error()})
	}
	sound := true
	for _, r := range rules {
		p := r.annotate()
		if r.policy.Effect() != cedar.Permit {
			p = []Problem{r.problem("only permits can stand here; what no permit can lift is the floor")}
		}
		p = append(p, validatePolicy(known, r)...)
		if len(p) == 0 {
			p = r.explore()
		}
		sound = sound && len(p) == 0
		problems = append(problems, p...)
	}
	var e *Engine
	if sound {
		var p []Problem
		e, p = newEngine(floor, rules)
		problems = append(problems, p...)
	}
	if len(problems) > 0 {
		slices.SortStableFunc(problems, func(a, b Problem) int {
			if c := strings.Compare(a.File, b.File); c != 0 {
				return c
			}
			return a.Line - b.Line
		})
		return nil, problems
	}
	return e, nil
}

// readFloor is checked like an operator's set: a floor that is not what the
// schema speaks of would be no floor.
func readFloor(text []byte) ([]*rule, []Problem) {
	rules, problems := parse("floor.cedar", text)
	known, err := vocabulary()
	if err != nil {
		return nil, []Problem{{"schema.cedarschema", 0, err.Error()}}
	}
	for _, r := range rules {
		if r.policy.Effect() != cedar.Forbid || r.id == "" || r.why == "" {
			problems = append(problems, r.problem("the floor has forbids only, each with @id and @why"))
		}
		problems = append(problems, validatePolicy(known, r)...)
	}
	return rules, append(problems, ids(rules, nil)...)
}

// vocabulary is the schema, resolved.
func vocabulary() (*resolved.Schema, error) {
	var s schema.Schema
	s.SetFilename("schema.cedarschema")
	if err := s.UnmarshalCedar(schemaText); err != nil {
		return nil, fmt.Errorf("parse schema: %w", err)
	}
	known, err := s.Resolve()
	if err != nil {
		return nil, fmt.Errorf("resolve schema: %w", err)
	}
	return known, nil
}

// validatePolicy checks a policy against the schema, strictly, and closes what
// the validator leaves open: a value that no enumeration has, and the context
// read as a whole, which would hide which conditions a policy mentions.
func validatePolicy(known *resolved.Schema, r *rule) []Problem {
	var problems []Problem
	if err := validate.New(known, validate.WithStrict()).Policy("", policyAST(r.policy)); err != nil {
		said := map[string]bool{}
		for line := range strings.Lines(err.Error()) {
			// Said once for each action: once is enough.
			line, _, each := strings.Cut(strings.TrimSpace(line), " in context for Action")
			if each {
				line += " is not in the schema"
			}
			if !said[line] {
				said[line] = true
				problems = append(problems, r.problem("%s", line))
			}
		}
	}
	for _, uid := range entities(r.policy) {
		enum, ok := known.Enums[uid.Type]
		_, action := known.Actions[uid]
		if !action && (!ok || !slices.Contains(enum.Values, uid)) {
			problems = append(problems, r.problem("unknown %s", uid))
		}
	}
	whole := 0
	inspect(r.policy, func(n ast.IsNode) {
		switch n := n.(type) {
		case ast.NodeTypeVariable:
			if n.Name == "context" {
				whole++
			}
		case ast.NodeTypeAccess:
			if v, ok := n.Arg.(ast.NodeTypeVariable); ok && v.Name == "context" {
				whole--
			}
		}
	})
	if whole != 0 {
		problems = append(problems, r.problem("the context can only be read as context.NAME"))
	}
	return problems
}

func policyAST(p *cedar.Policy) *ast.Policy { return (*ast.Policy)(p.AST()) }

// inspect visits every node of a policy's conditions.
func inspect(p *cedar.Policy, visit func(ast.IsNode)) {
	for _, c := range policyAST(p).Conditions {
		ast.Inspect(ast.NewNode(c.Body), func(n ast.IsNode) bool {
			visit(n)
			return true
		})
	}
}

// mentions reads off the syntax tree which conditions a policy can depend on,
// and whether it depends on who decides.
func mentions(p *cedar.Policy) (reads Bits, modes bool) {
	inspect(p, func(n ast.IsNode) {
		access, ok := n.(ast.NodeTypeAccess)
		if !ok {
			return
		}
		if access.Value == "decide" {
			modes = true
		}
		for c := range conditionCount {
			if c.String() == string(access.Value) {
				reads |= c.Bit()
			}
		}
	})
	return reads, modes
}

// entities are all the entities that a policy names, in scope and conditions.
func entities(p *cedar.Policy) []types.EntityUID {
	var list []types.EntityUID
	tree := policyAST(p)
	for _, scope := range []any{tree.Principal, tree.Action, tree.Resource} {
		switch s := scope.(type) {
		case ast.ScopeTypeEq:
			list = append(list, s.Entity)
		case ast.ScopeTypeIn:
			list = append(list, s.Entity)
		case ast.ScopeTypeInSet:
			list = append(list, s.Entities...)
		case ast.ScopeTypeIsIn:
			list = append(list, s.Entity)
		}
	}
	inspect(p, func(n ast.IsNode) {
		value, ok := n.(ast.NodeValue)
		if !ok {
			return
		}
		if uid, ok := value.Value.(types.EntityUID); ok {
			list = append(list, uid)
		}
	})
	return list
}
