package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// oldest is the first major version whose defaults this package relies on
// (nobody but the owner may create in schema public).
const oldest = 15

// binaries is one installed PostgreSQL.
type binaries struct {
	dir   string
	major int
	text  string // as it names itself
}

// findBinaries chooses the programs to run: those of the major version that
// the data was made by, else the newest.
func findBinaries(ctx context.Context, made int) (binaries, error) {
	var found []binaries
	for _, dir := range candidates(ctx) {
		if b, err := inspect(ctx, dir); err == nil && b.major >= oldest {
			found = append(found, b)
		}
	}
	if err := ctx.Err(); err != nil {
		return binaries{}, fmt.Errorf("find PostgreSQL: %w", err)
	}
	return choose(found, made)
}

func choose(found []binaries, made int) (binaries, error) {
	if len(found) == 0 {
		return binaries{}, ErrNoBinaries
	}
	// Stable, so that of equals the place that was looked at first wins.
	slices.SortStableFunc(found, func(a, b binaries) int { return b.major - a.major })
	if made == 0 {
		return found[0], nil
	}
	for _, b := range found {
		if b.major == made {
			return b, nil
		}
	}
	return binaries{}, fmt.Errorf("%w: it needs PostgreSQL %d and the newest installed is %d; install version %d, or move the data with pg_dump and pg_restore",
		ErrVersion, made, found[0].major, made)
}

// candidates are the folders where distributions put the server's programs.
func candidates(ctx context.Context) []string {
	var dirs []string
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin",
		"/usr/pgsql-*/bin",
		"/usr/libexec/postgresql*",
		"/usr/local/pgsql/bin",
		"/opt/homebrew/opt/postgresql*/bin",
		"/usr/local/opt/postgresql*/bin",
	} {
		matches, _ := filepath.Glob(pattern) // the patterns are well formed
		dirs = append(dirs, matches...)
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	return append(dirs, filepath.SplitList(os.Getenv("PATH"))...)
}

func inspect(ctx context.Context, dir string) (binaries, error) {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return binaries{}, fmt.Errorf("find initdb: %w", err)
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return binaries{}, fmt.Errorf("ask version: %w", err)
	}
	major, text, err := parseVersion(string(out))
	return binaries{dir: dir, major: major, text: text}, err
}

// parseVersion reads "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)".
func parseVersion(line string) (major int, text string, err error) {
	m := regexp.MustCompile(`\(PostgreSQL\) ((\d+)\S*)`).FindStringSubmatch(line)
	if m == nil {
		return 0, "", errors.New("ask version: the answer is not one of PostgreSQL")
	}
	major, err = strconv.Atoi(m[2])
	return major, m[1], err
}
