package necessity

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	cedar "github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
)

// The floor and the schema ship inside the binary; the defaults are the
// permits that are in force until an operator gives others.
var (
	//go:embed floor.cedar
	floorText []byte
	//go:embed schema.cedarschema
	schemaText []byte
	//go:embed defaults/*.cedar
	defaultFiles embed.FS
)

// ErrPoliciesInvalid says that a set of policies may not come into force.
var ErrPoliciesInvalid = errors.New("policies invalid")

// Problem is one thing that is wrong with a set of policies. Line is 0 when it
// is no single line's fault.
type Problem struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Message string `json:"message"`
}

func (p Problem) String() string {
	if p.Line == 0 {
		return fmt.Sprintf("%s: %s", p.File, p.Message)
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message)
}

// InvalidError lists every problem of a set; it is an ErrPoliciesInvalid.
type InvalidError struct{ Problems []Problem }

func (e *InvalidError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return ErrPoliciesInvalid.Error() + ": " + strings.Join(lines, "; ")
}

// Unwrap makes every InvalidError an ErrPoliciesInvalid.
func (e *InvalidError) Unwrap() error { return ErrPoliciesInvalid }

// rule is one policy with what its annotations say.
type rule struct {
	id      string
	why     string
	file    string
	policy  *cedar.Policy
	reads   Bits // the conditions that its text mentions
	modes   bool // its text mentions who decides
	ground  Ground
	expires Expiry
	views   int
	auto    bool
	contact string
	only    bool
	relay   bool
	reach   []fieldSet     // by place: the fields for which it can hold at all; nil for a forbid
	holds   map[spot]truth // where it can hold: when it does; likewise
}

func (r *rule) problem(format string, args ...any) Problem {
	return Problem{r.file, r.policy.Position().Line, fmt.Sprintf(format, args...)}
}

// fieldSet is a set of fields, a bit for each place in fieldTable.
type fieldSet uint8

func (s fieldSet) has(f int) bool { return s&(1<<f) != 0 }

// reader gives the permits of a set, as far as they can be read.
type reader func() ([]*rule, []Problem)

func folderOf(fsys fs.FS, dir string) reader {
	return func() ([]*rule, []Problem) { return readFolder(fsys, dir) }
}

// readFolder reads every *.cedar file of a folder, in the order of the names.
func readFolder(fsys fs.FS, dir string) ([]*rule, []Problem) {
	names, err := fs.Glob(fsys, path.Join(dir, "*.cedar"))
	if err != nil || len(names) == 0 {
		return nil, []Problem{{dir, 0, "no *.cedar file here: nothing could ever be granted"}}
	}
	var rules []*rule
	var problems []Problem
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			problems = append(problems, Problem{name, 0, "cannot be read: " + err.Error()})
			continue
		}
		r, p := parse(name, text)
		rules, problems = append(rules, r...), append(problems, p...)
	}
	if len(rules) == 0 && len(problems) == 0 {
		problems = append(problems, Problem{dir, 0, "no policy in any file: nothing could ever be granted"})
	}
	return rules, problems
}

// parse reads one file. The parser does not know the file's name: it says
// <input>, and the place is taken out of its message.
func parse(name string, text []byte) ([]*rule, []Problem) {
	list, err := cedar.NewPolicyListFromBytes(name, text)
	if err != nil {
		return nil, []Problem{parseProblem(name, err)}
	}
	rules := make([]*rule, len(list))
	for i, p := range list {
		rules[i] = &rule{id: string(p.Annotations()["id"]), why: string(p.Annotations()["why"]), file: name, policy: p}
		rules[i].reads, rules[i].modes = mentions(p)
	}
	return rules, nil
}

func parseProblem(name string, err error) Problem {
	const mark = "parse error at <input>:"
	message := err.Error()
	_, rest, found := strings.Cut(message, mark)
	if !found {
		return Problem{name, 0, message}
	}
	line, rest, _ := strings.Cut(rest, ":")
	n, err := strconv.Atoi(line)
	if err != nil {
		return Problem{name, 0, message}
	}
	return Problem{name, n, "column " + rest}
}

// annotate reads a permit's annotations, and says what is wrong with them.
func (r *rule) annotate() []Problem {
	var problems []Problem
	wrong := func(format string, args ...any) { problems = append(problems, r.problem(format, args...)) }
	notes := r.policy.Annotations()
	for _, key := range []string{"id", "ground", "expires", "views", "decide", "why"} {
		if _, ok := notes[types.AnnotationKey(key)]; !ok {
			wrong("@%s is missing", key)
		}
	}
	for key := range notes {
		if !slices.Contains([]string{"id", "ground", "expires", "views", "decide", "why", "contact", "channel"}, string(key)) {
			wrong("@%s is not an annotation of a permit", key)
		}
	}
	if len(problems) > 0 {
		return problems
	}
	if r.ground = Ground(notes["ground"]); !slices.Contains(groundTable, r.ground) {
		wrong("@ground %q is not one of %v", r.ground, groundTable)
	}
	var err error
	if r.expires, err = ParseExpiry(string(notes["expires"])); err != nil {
		wrong("@expires: %v", err)
	}
	if r.views, err = strconv.Atoi(string(notes["views"])); err != nil || r.views < 1 || r.views > maxViews {
		wrong("@views %q is not a number from 1 to %d", notes["views"], maxViews)
	}
	if r.why == "" {
		wrong("@why is empty")
	}
	problems = append(problems, r.annotateChoices(notes)...)
	return append(problems, r.cited()...)
}

// cited bounds the term of a permit under 3g (clause 3g). That a person decides
// is the floor's to see to.
func (r *rule) cited() []Problem {
	if r.ground == Ground3g && (r.expires.Event != EventRequest || r.expires.After > mostCited) {
		return []Problem{r.problem("@expires: under 3g it is request+, and at most request+30d")}
	}
	return nil
}

// annotateChoices reads the annotations that are one of a list.
func (r *rule) annotateChoices(notes cedar.Annotations) []Problem {
	var problems []Problem
	switch decide := notes["decide"]; decide {
	case "auto", "person":
		r.auto = decide == "auto"
	default:
		problems = append(problems, r.problem("@decide %q is neither auto nor person", decide))
	}
	if channel, ok := notes["channel"]; ok {
		r.relay = true
		if channel != ChannelRelay {
			problems = append(problems, r.problem("@channel %q is not %s", channel, ChannelRelay))
		}
	}
	r.contact = ContactOwn
	if contact, ok := notes["contact"]; ok {
		r.contact, r.only = strings.CutSuffix(string(contact), " only")
		known := []string{ContactDelivery, ContactInvoice, ContactPickup, ContactReturn, ContactOwn}
		if !slices.Contains(known, r.contact) || r.only && r.contact == ContactOwn {
			problems = append(problems, r.problem("@contact %q is not one of %v, with \" only\" after it for all but own", contact, known))
		}
	}
	return problems
}

// ids refuses an id that is missing, ill-formed, taken twice or a floor's.
func ids(rules, floor []*rule) []Problem {
	// It stands in API answers, so it is short and plain.
	form := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := map[string]*rule{}
	for _, r := range floor {
		seen[r.id] = r
	}
	var problems []Problem
	for _, r := range rules {
		if r.id == "" {
			continue // said by annotate
		}
		if !form.MatchString(r.id) || len(r.id) > 64 {
			problems = append(problems, r.problem("@id %q is not lower-case words joined by -, at most 64 characters", r.id))
		}
		if first, ok := seen[r.id]; ok {
			problems = append(problems, r.problem("@id %q is taken in %s:%d", r.id, first.file, first.policy.Position().Line))
			continue
		}
		seen[r.id] = r
	}
	return problems
}
