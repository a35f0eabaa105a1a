package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"

	"bauta.dev/bauta/broker/necessity"
)

// settings are what all commands find the broker's data by, so that a command
// beside a running broker has the same data before it.
type settings struct {
	DataDir        string `name:"data-dir" env:"BAUTA_DATA_DIR" default:"./.bauta" placeholder:"DIR" help:"Where the private PostgreSQL lives (${default})."`
	DatabaseURL    string `name:"database-url" env:"BAUTA_DATABASE_URL" placeholder:"URL" help:"A PostgreSQL of your own, postgres://USER@HOST/NAME, in place of the private one. With a password in it, use the variable: flags can be read by every user of the machine."`
	Keys           string `env:"BAUTA_KEYS" placeholder:"DIR" help:"The key folder (default: one under your configuration folder, made by the first start)."`
	Origin         string `env:"BAUTA_ORIGIN" placeholder:"NAME" help:"The log's name, like example.com/bauta; fixed by the first start, and changed by ledger succeed alone."`
	Policies       string `env:"BAUTA_POLICIES" placeholder:"DIR" help:"Cedar files in place of the shipped permits; the floor stays."`
	CheckpointFile string `name:"checkpoint-file" env:"BAUTA_CHECKPOINT_FILE" placeholder:"FILE" help:"An append-only file of checkpoints, outside of the data directory; what does not extend it is not signed."`
	Witnesses      string `env:"BAUTA_WITNESSES" placeholder:"FILE" help:"A C2SP tlog-policy with lines witness NAME VKEY URL: who is asked to cosign checkpoints."`
	LogLevel       string `name:"log-level" env:"BAUTA_LOG_LEVEL" enum:"debug,info,warn,error" default:"info" placeholder:"LEVEL" help:"debug, info, warn or error (${default})."`
	LogFormat      string `name:"log-format" env:"BAUTA_LOG_FORMAT" enum:"text,json" default:"text" placeholder:"FORMAT" help:"text or json (${default}), on stderr."`
}

func (s *settings) logger(w *sink) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(s.LogLevel)) // one of the enum
	options := &slog.HandlerOptions{Level: level}
	if s.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// engine is the policy set that the settings name.
func (s *settings) engine() (*necessity.Engine, error) {
	if s.Policies == "" {
		return necessity.Default()
	}
	return loadPolicies(s.Policies)
}

// loadPolicies names the folder, which the problems of a set do not.
func loadPolicies(dir string) (*necessity.Engine, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("load policies: %s is not a folder that can be read; give one with *.cedar files in it", dir)
	}
	e, err := necessity.Load(os.DirFS(dir))
	if err != nil {
		return nil, fmt.Errorf("load policies of %s (bauta policy check %s lists every problem): %w", dir, dir, err)
	}
	return e, nil
}

// loopback says whether only this machine can reach an address. A name other
// than localhost could become anything: it can not.
func loopback(addr string) (bool, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil || port == "" {
		return false, fmt.Errorf("the address %q is not HOST:PORT, like 127.0.0.1:8080", addr)
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback(), nil
}

// forgetLibpq removes the variables by which libpq, and the driver like it,
// would connect to another place than the private cluster.
func forgetLibpq() error {
	var errs []error
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "PG") {
			errs = append(errs, os.Unsetenv(name))
		}
	}
	return errors.Join(errs...)
}
