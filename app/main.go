// Command bauta is the broker: it decides what was asked of it, with which
// settings, and puts the parts together. It holds the only clock and the only
// randomness of the house; everybody else is handed them.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"slices"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"bauta.dev/bauta/masking/fault"
)

// version is set by the linker: -ldflags "-X main.version=v1.2.3".
var version = "unreleased"

// commands is the whole command line. Flags win over the environment, and the
// environment over the defaults.
type commands struct {
	settings `embed:"" group:"Settings of all commands:"`

	Serve      serveCommand      `cmd:"" help:"Run the broker."`
	Key        keyCommands       `cmd:"" help:"API keys: create, list, revoke."`
	Handler    handlerCommands   `cmd:"" help:"Accounts of dispute handlers and other people of yours."`
	Import     importCommand     `cmd:"" help:"Import parties, transactions and performances from CSV."`
	Policy     policyCommands    `cmd:"" help:"What is necessary: print, check and compare policies."`
	Ledger     ledgerCommands    `cmd:"" help:"Verify the log, and print the key that verifies it."`
	Verify     verifyCommand     `cmd:"" help:"Verify a receipt, offline."`
	Webhooks   webhookCommands   `cmd:"" help:"Who is told what happens: add, list, remove, rotate, replay, test."`
	Identifier identifierCommand `cmd:"" help:"Say whether numbers can be those of businesses, a JSON object a line."`
	DB         dbCommands        `cmd:"" name:"db" help:"The running broker's database."`

	Version kong.VersionFlag `help:"Print the version and exit."`
}

// program is what a command is handed: its settings and the outside world.
type program struct {
	*settings
	stdin          io.Reader
	stdout, stderr io.Writer
	now            func() time.Time
	random         io.Reader
	log            *slog.Logger
}

// What the process says by its exit status.
const (
	exitOK     = 0
	exitFailed = 1 // it was tried, and did not work out
	exitUsage  = 2 // it was not understood

	exitUnanchored = 2 // of verify: all is right in itself, and nobody vouches for it
)

// The heap is small, and what a request allocates is garbage a millisecond
// later: collecting at a hundredth of what the broker may use is work for
// nothing. Collecting more often again when memory gets short is the runtime's
// own business.
const (
	gcPercent   = 800
	memoryLimit = 120 << 20 // bytes; the broker is to stay within 150 MiB
)

// perCore is how many goroutines run at once for each core. With one, an answer
// of PostgreSQL waits until somebody else has finished computing; with three, the
// kernel shares the core between them. Measured: 5 % more disclosures, 7 % more reads.
const perCore = 3

func main() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(perCore * runtime.GOMAXPROCS(0))
	}
	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(memoryLimit)
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(args []string, stdout, stderr io.Writer) int {
	var cli commands
	parser, err := kong.New(&cli,
		kong.Name("bauta"), kong.Description(about), kong.Writers(stdout, stderr),
		kong.Vars{"version": "bauta " + version},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 110}))
	if err != nil {
		return complain(stderr, err)
	}
	if len(args) > 0 && args[0] == "help" { // of a command, too
		args = append(slices.Clone(args[1:]), "--help")
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		_ = complain(stderr, err)
		_, _ = fmt.Fprintln(stderr, `Run "bauta --help" for what there is.`)
		return exitUsage
	}
	// The first signal asks for an orderly end, the second one has its usual effect.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)

	sink := newSink(stderr)
	defer sink.Close()
	p := &program{
		settings: &cli.settings, stdin: os.Stdin, stdout: stdout, stderr: stderr,
		now: clock(), random: rand.Reader, log: cli.logger(sink),
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	err = parsed.Run(p)
	sink.Close() // what was logged comes before what is said last
	if errors.Is(err, errUnanchored) {
		_ = complain(stderr, err)
		return exitUnanchored
	}
	if err != nil {
		return complain(stderr, err)
	}
	return exitOK
}

// complain says what went wrong. What a fault keeps from callers is for the
// operator, who reads this.
func complain(stderr io.Writer, err error) int {
	_, _ = fmt.Fprintln(stderr, "bauta: "+explain(err))
	return exitFailed
}

func explain(err error) string {
	said := err.Error()
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Unwrap() != nil {
		said += ": " + explain(f.Unwrap())
	}
	return said
}

const about = `A transaction privacy broker for a marketplace: buyer and seller stay masked to each other until one of
them has performed part of the transaction and asks; then the broker decides, reveals only what is necessary, and writes
down what it revealed in a log that nobody can quietly change.

Every setting is a flag or an environment variable.

    bauta serve --demo                                  # try it: prints URLs and keys
    bauta key create --scope marketplace                # a key for the marketplace
    bauta key create --scope attest --source payment    # a key for who attests payments
    bauta ledger check                                  # verify the whole log
    pg_dump "$(bauta db url)" -N keys                   # dump the data without its keys
`
