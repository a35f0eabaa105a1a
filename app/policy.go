package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"bauta.dev/bauta/broker/necessity"
)

// policyCommands are about sets: table, check and diff need no database, for a
// set is a folder of files; the others are about the broker's own.
type policyCommands struct {
	Table    policyTableCommand    `cmd:"" help:"Print every cell of the necessity matrix, by exhausting the engine."`
	Check    policyCheckCommand    `cmd:"" help:"Say everything that is wrong with policies."`
	Diff     policyDiffCommand     `cmd:"" help:"Show which disclosures a change newly allows or forbids."`
	Simulate policySimulateCommand `cmd:"" help:"Replay all past requests under other policies."`
	List     policyListCommand     `cmd:"" help:"List the sets that were in force or proposed."`
	Show     policyShowCommand     `cmd:"" help:"Print the text of a set."`
	Approve  policyApproveCommand  `cmd:"" help:"Put a set into force that newly reveals something."`
	Withdraw policyWithdrawCommand `cmd:"" help:"End a proposal."`
}

type policyTableCommand struct {
	Format string `enum:"md,csv,json" default:"md" placeholder:"FORMAT" help:"md, csv or json (${default})."`
}

// Help of policy table.
func (*policyTableCommand) Help() string {
	return `The table is of the set that --policies names, else of the shipped one.

    bauta policy table                                  # to read
    bauta policy table --format csv > matrix.csv
    bauta policy table --format json --policies ./mine  # every cell of a set of your own`
}

// Run prints the table.
func (c *policyTableCommand) Run(p *program) error {
	e, err := p.engine()
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(p.stdout, 64<<10)
	return errors.Join(necessity.WriteTable(w, e, c.Format), w.Flush())
}

type policyCheckCommand struct {
	Paths []string `arg:"" name:"path" help:"A folder is a set; files that are named are one set together."`
}

// Help of policy check.
func (*policyCheckCommand) Help() string {
	return `    bauta policy check ./policies
    bauta policy check ./policies/*.cedar`
}

var errPolicies = errors.New("the policies may not come into force; nothing has changed")

// Run checks each set and says all that is wrong, in the order of the paths.
func (c *policyCheckCommand) Run(p *program) error {
	var files fileSet
	bad := false
	for _, path := range c.Paths {
		info, err := os.Stat(path)
		if err != nil {
			return fmt.Errorf("check policies: %w", err)
		}
		if !info.IsDir() {
			files = append(files, path)
			continue
		}
		bad = p.report(path, path, necessity.Check(os.DirFS(path))) || bad
	}
	if len(files) > 0 {
		bad = p.report("", fmt.Sprintf("%d file(s)", len(files)), necessity.Check(files)) || bad
	}
	if bad {
		return errPolicies
	}
	return nil
}

// report prints problems as compilers do, FILE:LINE: MESSAGE.
func (p *program) report(dir, name string, problems []necessity.Problem) (bad bool) {
	for _, x := range problems {
		x.File = filepath.Join(dir, x.File)
		_, _ = fmt.Fprintln(p.stderr, x)
	}
	if len(problems) == 0 {
		_, _ = fmt.Fprintf(p.stdout, "%s: ok\n", name)
	}
	return len(problems) > 0
}

// fileSet makes one set of files that were named, wherever they are.
type fileSet []string

// Open opens a named file.
func (f fileSet) Open(name string) (fs.File, error) { return os.Open(name) } //nolint:gosec // the operator named it

// Glob gives all of them: the operator has chosen already.
func (f fileSet) Glob(string) ([]string, error) { return f, nil }

// ReadFile reads a named file.
func (f fileSet) ReadFile(name string) ([]byte, error) { return os.ReadFile(name) } //nolint:gosec // the operator named it

type policyDiffCommand struct {
	Old string `arg:"" help:"A folder; - or default for the shipped set."`
	New string `arg:"" help:"Likewise."`
}

// Help of policy diff.
func (*policyDiffCommand) Help() string {
	return `A line with + may reveal more than before, to somebody, sooner or longer; one with - does not.

    bauta policy diff default ./policies`
}

// Run prints the changes.
func (c *policyDiffCommand) Run(p *program) error {
	before, err := namedPolicies(c.Old)
	if err != nil {
		return err
	}
	after, err := namedPolicies(c.New)
	if err != nil {
		return err
	}
	return printComparison(p.stdout, before.Compare(after))
}

func namedPolicies(name string) (*necessity.Engine, error) {
	if name == "-" || name == "default" {
		return necessity.Default()
	}
	return loadPolicies(name)
}
